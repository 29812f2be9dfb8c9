// The client module against a small world of its own: no network, a clock one turns.
import assert from "node:assert/strict"
import { test } from "node:test"
import { Growing, Problem, Souk, afterClose, backoff } from "../../../web/souk.js"

/** A world in which nothing happens but what a test lets happen. */
class World {
  kept = new Map()
  asked = []
  answers = []
  sockets = []
  timers = []
  time = 0
  listeners = {}
  storage = {
    getItem: (name) => this.kept.get(name) ?? null,
    setItem: (name, value) => this.kept.set(name, value),
    removeItem: (name) => this.kept.delete(name),
  }

  now = () => this.time
  random = () => 0.5
  bytes = (count) => new Uint8Array(count).map(() => (this.next = ((this.next ?? 0) + 1) % 256))
  alone = (name, work) => work()
  caughtUp = async () => {}
  listen = (name, heard) => {
    this.listeners[name] = heard
    return () => { delete this.listeners[name] }
  }

  later = (work, ms) => {
    const timer = { work, at: this.time + ms }
    this.timers.push(timer)
    return () => { this.timers = this.timers.filter((each) => each !== timer) }
  }

  fetch = async (url, options) => {
    this.asked.push({ url, ...options })
    const [status, body, headers = {}] = this.answers.shift() ?? [200, { ticket: "t" }]
    if (status === 0) throw new TypeError("no network")
    return new Response(JSON.stringify(body), { status, headers })
  }

  socket = (url) => {
    const made = new FakeSocket(url)
    this.sockets.push(made)
    return made
  }

  async turn(ms) {
    this.time += ms
    const due = this.timers.filter((each) => each.at <= this.time)
    this.timers = this.timers.filter((each) => each.at > this.time)
    for (const { work } of due) work()
    await settled()
  }
}

class FakeSocket {
  readyState = 0
  sent = []
  constructor(url) { this.url = url }
  send(text) { this.sent.push(JSON.parse(text)) }
  close(code) { this.closed = code }
  open() { this.readyState = 1; this.onopen() }
  hear(frame) { this.onmessage({ data: JSON.stringify(frame) }) }
  end(code) { this.readyState = 3; this.onclose({ code }) }
  of(type) { return this.sent.filter((each) => each.type === type) }
}

const settled = async () => { for (let at = 0; at < 20; at += 1) await null }
const PAIR = { access_token: "a1", refresh_token: "r1", expires_in: 3600 }
const OTHERS = JSON.stringify({ access: "b", refresh: "s", ends: 9e9, guest: false })
const NEXT = { access_token: "a2", refresh_token: "r2", expires_in: 3600 }

async function signedIn() {
  const world = new World()
  const souk = new Souk({ origin: "http://shop", world })
  world.answers.push([200, PAIR])
  await souk.signIn({ email: "ada@example.com", password: "…" })
  world.asked.length = 0
  return { world, souk }
}

const welcome = (more = {}) => ({ type: "system", epoch: "e", last_seq: 0, history: [], ...more })
const recorded = (seq, type, more = {}) => ({ type, seq, turn_id: "t", ...more })

async function talking(history = []) {
  const { world, souk } = await signedIn()
  const chat = souk.chat("s")
  const heard = []
  for (const type of ["recorded", "preview", "state", "reset"]) {
    chat.addEventListener(type, ({ detail }) => heard.push([type, detail]))
  }
  chat.connect()
  await settled()
  world.sockets[0].open()
  world.sockets[0].hear(welcome({ history, last_seq: history.at(-1)?.seq ?? 0 }))
  const frames = () => heard.filter(([type]) => type === "recorded").map(([, frame]) => frame.seq)
  const words = () => heard.findLast(([type]) => type === "preview")?.[1].text
  return { world, souk, chat, heard, frames, words, socket: world.sockets[0] }
}

async function again(world) {
  await world.turn(60_000)
  await settled()
  const socket = world.sockets.at(-1)
  socket.open()
  return socket
}

test("a refused request is a problem with the shop's code", async () => {
  const { world, souk } = await signedIn()
  world.answers.push([400, { code: "cart_full", detail: "20 lines", details: { lines: 20 } }])

  await assert.rejects(souk.post("/api/cart/items", {}), (problem) => {
    assert.ok(problem instanceof Problem)
    assert.deepEqual([problem.status, problem.code, problem.details.lines], [400, "cart_full", 20])
    return true
  })
})

test("many requests with an old token refresh it once", async () => {
  const { world, souk } = await signedIn()
  await world.turn(3_590_000)
  world.answers.push([200, NEXT], [200, {}], [200, {}], [200, {}])

  await Promise.all([souk.get("/1"), souk.get("/2"), souk.get("/3")])

  const refreshes = world.asked.filter((each) => each.url.endsWith("/refresh"))
  assert.equal(refreshes.length, 1)
  assert.deepEqual(world.asked.slice(1).map((each) => each.headers.Authorization), Array(3).fill("Bearer a2"))
})

test("a token that another tab changed is not refreshed again", async () => {
  const { world, souk } = await signedIn()
  world.storage.setItem("souk.tokens", OTHERS)

  assert.equal(await souk.renew("a1"), "b")
  assert.deepEqual(world.asked, [])
})

test("tokens that another tab kept a moment ago are waited for", async () => {
  const { world, souk } = await signedIn()
  world.caughtUp = async () => world.storage.setItem("souk.tokens", OTHERS)

  assert.equal(await souk.renew("a1"), "b")
  assert.deepEqual(world.asked, [])
})

test("a refresh that is refused ends nothing that another tab kept meanwhile", async () => {
  const { world, souk } = await signedIn()
  world.answers.push([401, {}])
  const { fetch } = world
  world.fetch = (url, options) => {
    world.storage.setItem("souk.tokens", OTHERS)
    return fetch(url, options)
  }

  assert.equal(await souk.renew("a1"), "b")
  assert.equal(souk.who, "account")
})

test("who signed out while their tokens were changed is not brought back", async () => {
  const { world, souk } = await signedIn()
  world.answers.push([200, NEXT])
  const { fetch } = world
  world.fetch = (url, options) => {
    world.storage.removeItem("souk.tokens")
    return fetch(url, options)
  }

  assert.equal(await souk.renew("a1"), null)
  assert.equal(souk.who, "nobody")
})

test("signing out leaves alone who came in before its answer was here", async () => {
  const { world, souk } = await signedIn()
  const { fetch } = world
  world.fetch = (url, options) => {
    world.storage.setItem("souk.tokens", OTHERS)
    return fetch(url, options)
  }
  world.answers.push([200, {}])

  await souk.signOut()

  assert.equal(await souk.token(), "b")
})

test("another tab is told who came and went, not that tokens were changed", async () => {
  const { world, souk } = await signedIn()
  const told = []
  souk.addEventListener("signed", ({ detail }) => told.push(detail.who))
  const kept = () => world.storage.getItem("souk.tokens")
  const hears = (oldValue, newValue) => world.listeners.storage({ key: "souk.tokens", oldValue, newValue })
  const first = kept()
  world.answers.push([200, NEXT])
  await souk.renew("a1")

  hears(first, kept())
  assert.deepEqual(told, [])

  hears(kept(), OTHERS)
  hears(OTHERS, null)
  assert.equal(told.length, 2)
})

test("a guest that another tab became a moment ago is waited for", async () => {
  const world = new World()
  world.caughtUp = async () => world.storage.setItem("souk.tokens", OTHERS)
  const souk = new Souk({ origin: "http://shop", world })

  await souk.guest()

  assert.deepEqual(world.asked, [])
})

test("a 401 is answered by a refresh and the same request", async () => {
  const { world, souk } = await signedIn()
  world.answers.push([401, {}], [200, NEXT], [200, { fine: true }])

  assert.deepEqual(await souk.get("/api/cart"), { fine: true })
})

test("a refresh whose answer was lost is asked for once more", async () => {
  const { world, souk } = await signedIn()
  world.answers.push([0], [503, {}], [200, NEXT])

  const renewed = souk.renew("a1")
  for (let at = 0; at < 2; at += 1) {
    await settled()
    await world.turn(1000)
  }

  assert.equal(await renewed, "a2")
  assert.deepEqual(world.asked.map((each) => JSON.parse(each.body).refresh_token), ["r1", "r1", "r1"])
})

test("a refresh is repeated by the key that was kept beside its tokens", async () => {
  const { world, souk } = await signedIn()
  world.answers.push([200, NEXT])
  await souk.renew("a1")
  const { key } = JSON.parse(world.storage.getItem("souk.tokens"))
  world.answers.push([0], [200, PAIR])

  const renewed = souk.renew("a2")
  await settled()
  await world.turn(1000)
  await renewed

  assert.ok(key)
  assert.deepEqual(world.asked.slice(1).map((each) => each.headers["Idempotency-Key"]), [key, key])
  assert.notEqual(JSON.parse(world.storage.getItem("souk.tokens")).key, key)
})

test("a refresh token that is no good makes nobody of us", async () => {
  const { world, souk } = await signedIn()
  const told = []
  souk.addEventListener("signed", ({ detail }) => told.push(detail.who))
  world.answers.push([401, {}], [401, {}])

  await assert.rejects(souk.get("/api/cart"), { status: 401 })
  assert.deepEqual([souk.who, told], ["nobody", ["nobody"]])
})

test("a read is repeated when the network is away, a bare write is not", async () => {
  const { world, souk } = await signedIn()
  world.answers.push([0], [200, [1]])
  const read = souk.get("/api/products")
  await settled()
  await world.turn(20_000)
  assert.deepEqual(await read, [1])

  world.answers.push([0])
  await assert.rejects(souk.post("/api/cart/items", {}), { status: 0, code: "unreachable" })
})

test("a write with a key is repeated under the same key", async () => {
  const { world, souk } = await signedIn()
  world.answers.push([503, {}, { "Retry-After": "2" }], [201, { id: 1 }])
  const order = souk.post("/api/orders", {}, { key: "k" })
  await settled()
  await world.turn(2000)

  assert.deepEqual(await order, { id: 1 })
  assert.deepEqual(world.asked.map((each) => each.headers["Idempotency-Key"]), ["k", "k"])
})

test("an answer that breaks off is as good as none", async () => {
  const { world, souk } = await signedIn()
  const { fetch } = world
  world.fetch = async () => {
    world.fetch = fetch
    return { ok: true, headers: new Headers(), text: () => Promise.reject(new TypeError("terminated")) }
  }
  world.answers.push([200, [1]])

  const read = souk.get("/api/products")
  await settled()
  await world.turn(20_000)

  assert.deepEqual(await read, [1])
})

test("a shop that is away for an hour is not waited for in silence", async () => {
  const { world, souk } = await signedIn()
  world.answers.push([503, {}, { "Retry-After": "3600" }])

  await assert.rejects(souk.get("/api/products"), { status: 503, retryAfterMs: 3_600_000 })
})

test("a guest's token goes along when they sign up", async () => {
  const world = new World()
  const souk = new Souk({ origin: "http://shop", world })
  world.answers.push([201, PAIR], [201, NEXT])
  await souk.guest()
  await souk.guest()
  assert.equal(souk.who, "guest")

  await souk.signUp({ email: "ada@example.com" })

  assert.equal(souk.who, "account")
  assert.equal(JSON.parse(world.asked.at(-1).body).guest_token, "a1")
  assert.equal(world.asked.length, 2)
})

test("who signs in as a guest that is over comes in without it", async () => {
  const world = new World()
  const souk = new Souk({ origin: "http://shop", world })
  world.answers.push([201, PAIR], [401, { code: "invalid_guest_token" }], [200, NEXT])
  await souk.guest()

  await souk.signIn({ email: "ada@example.com" })

  assert.equal(souk.who, "account")
  assert.deepEqual(world.asked.map(({ body }) => JSON.parse(body ?? "{}").guest_token), [undefined, "a1", undefined])
})

test("an account that came in meanwhile is not taken for a guest", async () => {
  const world = new World()
  const souk = new Souk({ origin: "http://shop", world })
  world.answers.push([201, PAIR])
  await souk.guest()
  await world.turn(3_590_000)
  world.caughtUp = async () => world.storage.setItem("souk.tokens", OTHERS)
  world.answers.push([200, NEXT])

  await souk.signIn({ email: "ada@example.com" })

  assert.equal(JSON.parse(world.asked.at(-1).body).guest_token, undefined)
})

test("frames come in order and once, whatever is sent twice", async () => {
  const { socket, frames } = await talking([recorded(1, "user"), recorded(2, "assistant")])

  for (const seq of [3, 3, 2, 4]) socket.hear(recorded(seq, "system"))

  assert.deepEqual(frames(), [1, 2, 3, 4])
})

test("a hole in the numbers is asked for, and nothing behind it is told", async () => {
  const { socket, frames } = await talking([recorded(1, "user")])

  socket.hear(recorded(3, "system"))

  assert.deepEqual(frames(), [1])
  assert.deepEqual(socket.of("resume"), [{ type: "resume", epoch: "e", last_seq: 1 }])
  socket.hear(recorded(2, "system"))
  socket.hear(recorded(3, "system"))
  assert.deepEqual(frames(), [1, 2, 3])
})

test("previews are joined by code points, whatever is lost or doubled", async () => {
  const { socket, words } = await talking()
  const piece = (offset, content) => socket.hear({ type: "assistant_delta", turn_id: "t", offset, content })

  piece(0, "Jus 🍋 ")
  piece(4, "🍋 for")
  assert.equal(words(), "Jus 🍋 for")
  piece(20, "lost")

  assert.equal(words(), "Jus 🍋 for")
  assert.deepEqual(socket.of("resume").at(-1), { type: "resume", epoch: "e", last_seq: 0, turn_id: "t", offset: 9 })
})

test("a dropped line is resumed where it broke off", async () => {
  const { world, socket } = await talking([recorded(1, "user")])
  socket.hear({ type: "assistant_delta", turn_id: "t", offset: 0, content: "Let me" })
  socket.end(1006)

  const second = await again(world)

  assert.deepEqual(second.sent, [{ type: "resume", epoch: "e", last_seq: 1, turn_id: "t", offset: 6 }])
})

test("a message is sent again under its id until it is acknowledged", async () => {
  const { world, socket, chat } = await talking()
  const said = chat.say("hello")
  const [{ id }] = socket.of("message")
  socket.end(1006)

  const second = await again(world)
  second.hear(welcome())
  assert.deepEqual(second.of("message").map((each) => each.id), [id])
  second.hear({ type: "ack", id, seq: 7 })
  assert.equal(await said, 7)

  second.end(1006)
  const third = await again(world)
  third.hear(welcome())
  assert.deepEqual(third.of("message"), [])
})

test("a message that is refused is told so and not sent again", async () => {
  const { socket, chat } = await talking()
  const said = chat.say("hello")
  const [{ id }] = socket.of("message")

  socket.hear({ type: "error", code: "reply_underway", content: "one at a time", id })

  await assert.rejects(said, { code: "reply_underway", message: "one at a time" })
})

test("what was missed too long begins anew from the snapshot", async () => {
  const { socket, heard, frames } = await talking([recorded(1, "user")])

  socket.hear({ type: "resync", snapshot: { epoch: "f", last_seq: 9, history: [recorded(9, "user")] } })

  assert.equal(heard.filter(([type]) => type === "reset").length, 1)
  assert.deepEqual(frames(), [1, 9])
})

test("older frames are a list, the oldest first", async () => {
  const { world, chat } = await talking()
  world.answers.push([200, { session_id: "s", messages: [recorded(1, "user"), recorded(2, "assistant")], more: false }])

  assert.deepEqual((await chat.history(3)).map(({ seq }) => seq), [1, 2])
})

test("two pings that do not come are a dead line", async () => {
  const { world, socket, chat } = await talking()
  await world.turn(50_000)
  socket.hear({ type: "ping" })
  assert.deepEqual(socket.sent, [{ type: "pong" }])
  await world.turn(50_000)
  assert.equal(chat.state, "open")

  await world.turn(10_000)

  assert.equal(socket.closed, 4000)
  assert.equal(chat.state, "waiting")
})

test("a token that is over is changed before the next socket", async () => {
  const { world, socket, chat } = await talking()
  world.answers.push([200, NEXT])
  socket.end(4401)
  await settled()

  assert.equal(world.asked.at(-1).url, "http://shop/api/auth/refresh")
  await again(world)
  assert.equal(chat.state, "connecting")
})

test("a socket whose token ends soon is told a new one", async () => {
  const { world, socket } = await talking()
  world.answers.push([200, NEXT])

  socket.hear({ type: "system", code: "token_expiring", content: "…" })
  await settled()

  assert.deepEqual(socket.of("auth"), [{ type: "auth", access_token: "a2" }])
})

test("a sleeping line wakes when something is said", async () => {
  const { world, socket, chat } = await talking()
  socket.end(4408)
  assert.equal(chat.state, "asleep")
  await world.turn(600_000)
  assert.equal(world.sockets.length, 1)

  chat.say("still there?")
  await settled()

  assert.equal(world.sockets.length, 2)
})

test("who left is not connected again", async () => {
  const { world, chat } = await talking()
  chat.leave()
  await world.turn(600_000)

  assert.equal(world.sockets.length, 1)
  assert.equal(chat.state, "closed")
})

test("a conversation that was left listens to nothing any more", async () => {
  const { world, chat } = await talking()
  assert.ok(world.listeners.online)

  chat.leave()
  assert.equal(world.listeners.online, undefined)
  chat.connect()

  assert.ok(world.listeners.online)
})

test("who leaves and comes back at once has one line", async () => {
  const { world, souk } = await signedIn()
  const chat = souk.chat("s")

  chat.connect()
  chat.leave()
  chat.connect()
  await settled()

  assert.equal(world.sockets.length, 1)
})

test("a line whose ticket never comes is dead, too", async () => {
  const { world, souk } = await signedIn()
  const { fetch } = world
  world.fetch = () => new Promise(() => {})
  const chat = souk.chat("s")
  chat.connect()
  await settled()

  await world.turn(60_000)
  assert.equal(chat.state, "waiting")

  world.fetch = fetch
  await again(world)
  assert.equal(world.sockets.length, 1)
})

test("of all that was read at once only the last is told", async () => {
  const { world, chat, socket } = await talking()

  for (let seq = 1; seq <= 40; seq += 1) chat.read(seq)
  await world.turn(1000)
  chat.read(41)
  await world.turn(1000)

  assert.deepEqual(socket.of("read").map(({ seq }) => seq), [40, 41])
})

test("typing is told now and then, however many keys are pressed", async () => {
  const { world, chat, socket } = await talking()

  for (let key = 0; key < 20; key += 1) chat.typing()
  assert.equal(socket.of("typing").length, 1)
  await world.turn(3000)
  chat.typing()

  assert.equal(socket.of("typing").length, 2)
})

test("typing that nobody could hear does not keep the next from being told", async () => {
  const { world, souk } = await signedIn()
  const chat = souk.chat("s")
  chat.typing()
  chat.connect()
  await settled()
  world.sockets[0].open()
  world.sockets[0].hear(welcome())

  chat.typing()

  assert.equal(world.sockets[0].of("typing").length, 1)
})

test("each close code does what the protocol asks for", () => {
  const told = [1001, 1006, 1009, 4401, 4403, 4404, 4408, 4429, 4503].map(afterClose)

  assert.deepEqual(told, [
    "reconnect", "reconnect", "give up", "refresh", "give up", "give up", "sleep", "slow down", "reconnect",
  ])
})

test("waiting doubles, has jitter, and has an end", () => {
  assert.deepEqual([0, 1, 2, 20].map((attempt) => backoff(attempt, () => 1)), [250, 500, 1000, 15_000])
  assert.equal(backoff(3, () => 0), 0)
})

test("growing text takes any split of itself", () => {
  const whole = [..."Crème brûlée 🍮 für 2"]
  for (let cut = 0; cut <= whole.length; cut += 1) {
    const growing = new Growing()
    assert.ok(growing.take(0, whole.slice(0, cut).join("")))
    assert.ok(growing.take(Math.floor(cut / 2), whole.slice(Math.floor(cut / 2)).join("")))
    assert.equal(growing.text, whole.join(""))
  }
})
