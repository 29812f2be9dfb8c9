// The operators' line, in a browser of our own: time stands until a test turns it.
import assert from "node:assert/strict"
import { mock, test } from "node:test"

const kept = new Map()
const sockets = []
const listeners = []
let tickets = []

class Line {
  constructor() { sockets.push(this) }
  hear(frame) { this.onmessage({ data: JSON.stringify(frame) }) }
  close(code) { this.closed = code ?? 1000 }
}

Object.assign(globalThis, {
  location: { origin: "http://shop" },
  WebSocket: Line,
  addEventListener: (name, heard) => listeners.push({ name, heard }),
  fetch: () => new Promise((done) => tickets.push(() => done(new Response(JSON.stringify({ ticket: "t" }))))),
})
Object.defineProperty(globalThis, "localStorage", { value: {
  getItem: (name) => kept.get(name) ?? null,
  setItem: (name, value) => kept.set(name, value),
  removeItem: (name) => kept.delete(name),
} })
mock.timers.enable({ apis: ["setTimeout"] })

const { Watch, souk } = await import("../../../web/ops/desk.js")

const settled = async () => { for (let at = 0; at < 50; at += 1) await null }

let last = null

/** A watch whose ticket is on its way, and what it tells; the one before is over. */
function watching() {
  last?.stop()
  kept.set("ops.souk.tokens", JSON.stringify({ access: "a", refresh: "r", ends: 9e15, guest: false }))
  sockets.length = 0
  tickets = []
  const watch = (last = new Watch())
  const told = []
  watch.addEventListener("line", ({ detail }) => told.push(detail.state))
  watch.addEventListener("again", () => told.push("again"))
  watch.connect()
  return { watch, told }
}

/** Lets the tickets that were asked for arrive. */
async function admitted() {
  await settled()
  for (const answer of tickets.splice(0)) answer()
  while (!sockets.length) await new Promise((done) => setImmediate(done))
}

test("a watch that is over by the time of its ticket opens no line", async () => {
  const { watch } = watching()
  await settled()
  watch.stop()
  for (const answer of tickets.splice(0)) answer()
  await new Promise((done) => setImmediate(done))
  await settled()

  assert.equal(sockets.length, 0)
})

test("a line on which nothing comes any more is lost, and the next asks again", async () => {
  const { told } = watching()
  await admitted()
  sockets[0].hear({ type: "ops", vitals: {} })
  assert.deepEqual(told.splice(0), ["again", "live"])

  mock.timers.tick(60_000)
  assert.ok(sockets[0].closed)
  assert.deepEqual(told.splice(0), ["lost"])

  sockets[0].hear({ type: "ops", vitals: {} })
  sockets.length = 0
  mock.timers.tick(15_000)
  await admitted()
  sockets[0].hear({ type: "ops", vitals: {} })
  assert.deepEqual(told, ["again", "live"])
})

test("a ticket that never comes is a line lost, and one that comes late opens none", async () => {
  const { told } = watching()
  await settled()
  const [late] = tickets.splice(0)

  mock.timers.tick(60_000)
  assert.deepEqual(told, ["lost"])
  mock.timers.tick(15_000)
  late()
  await admitted()

  assert.equal(sockets.length, 1)
})

test("who comes and goes at the desk is heard in all its tabs, who does in the shop in none", () => {
  const told = []
  souk.addEventListener("signed", ({ detail }) => told.push(detail.who))
  const visit = (name) => JSON.stringify({ access: "a", refresh: "r", visit: name })
  const kept = (key, oldValue, newValue) =>
    listeners.filter(({ name }) => name === "storage").forEach(({ heard }) => heard({ key, oldValue, newValue }))

  kept("souk.tokens", visit("one"), null)
  assert.deepEqual(told, [])
  kept("ops.souk.tokens", visit("one"), visit("two"))

  assert.equal(told.length, 1)
})
