// What the pages share, in a browser of our own: answers come when a test lets them.
import assert from "node:assert/strict"
import { test } from "node:test"

const kept = new Map()
const asked = []
const sockets = []
const listeners = []

class Line {
  readyState = 0
  constructor() { sockets.push(this) }
  send() {}
  close() {}
  welcome(more) {
    this.readyState = 1
    this.onopen()
    const frame = { type: "system", epoch: "e", last_seq: 0, history: [], ...more }
    this.onmessage({ data: JSON.stringify(frame) })
  }
}

Object.assign(globalThis, {
  location: { origin: "http://shop" },
  WebSocket: Line,
  addEventListener: (name, heard) => listeners.push({ name, heard }),
  fetch: (url, { method }) => new Promise((done) => {
    const answer = (status, body) => done(new Response(JSON.stringify(body), { status }))
    asked.push({ what: `${method} ${url.slice("http://shop".length)}`, answer })
  }),
})
Object.defineProperty(globalThis, "localStorage", { value: {
  getItem: (name) => kept.get(name) ?? null,
  setItem: (name, value) => kept.set(name, value),
  removeItem: (name) => kept.delete(name),
} })

const { cart, clock, me, on, shelf, signOut, souk, talk } = await import("../../../web/shop.js")

const turn = () => new Promise((done) => setImmediate(done))

/** The next request of this kind, once it is made; it waits for its answer. */
async function request(what) {
  for (;;) {
    const at = asked.findIndex((each) => each.what === what)
    if (at >= 0) return asked.splice(at, 1)[0]
    await turn()
  }
}

const CART = { id: "c", version: 3, items: [] }
const pair = (name) => ({ access_token: `a ${name}`, refresh_token: `r ${name}`, expires_in: 3600 })

/** Ada comes in, and sees her cart in her line. */
async function ada() {
  kept.clear()
  asked.length = sockets.length = 0
  const inside = souk.signIn({ email: "ada@example.com", password: "…" })
  ;(await request("POST /api/auth/signin")).answer(200, pair("ada"))
  await inside
  ;(await request("GET /api/auth/me")).answer(200, { username: "ada" })
  ;(await request("POST /api/auth/ws-ticket")).answer(200, { ticket: "t" })
  while (!sockets.length) await turn()
}

/** Ada leaves, and a guest stands where she stood. */
async function adaLeaves() {
  const out = signOut()
  ;(await request("POST /api/auth/logout")).answer(200, {})
  await out
  ;(await request("POST /api/auth/guest")).answer(201, pair("guest"))
  while (souk.who !== "guest") await turn()
}

test("an answer that comes after its asker has left is shown to nobody", async () => {
  await ada()
  const adding = cart.add({ sku: "lamp" })
  const slow = [await request("POST /api/cart/items")]
  const loading = Promise.all([cart.load(), me.load()])
  slow.push(await request("GET /api/cart"), await request("GET /api/auth/me"))

  await adaLeaves()
  slow[0].answer(201, { cart: CART })
  slow[1].answer(200, CART)
  slow[2].answer(200, { username: "ada" })
  await Promise.all([adding, loading])

  assert.deepEqual([cart.value, me.value], [null, null])
})

test("each new line brings the shop's time and asks what was missed", async () => {
  await ada()
  const told = []
  on("again", () => told.push("again"))

  sockets[0].welcome({ server_now: new Date(Date.now() + 600_000).toISOString() })
  ;(await request("GET /api/cart")).answer(200, CART)
  while (!cart.value) await turn()

  assert.deepEqual(told, ["again"])
  assert.ok(Math.abs(clock.now() - Date.now() - 600_000) < 60_000)
  talk.chat.leave()
})

test("two tabs that begin a conversation at once go on in one", async () => {
  await ada()
  const mine = talk.chat.sessionId
  const told = (key) => listeners.filter(({ name }) => name === "storage").forEach(({ heard }) => heard({ key }))

  told("souk.session")
  assert.equal(talk.chat.sessionId, mine)
  kept.set("souk.session", "theirs")
  told("souk.session")

  assert.equal(talk.chat.sessionId, "theirs")
  talk.chat.leave()
})

const lamp = (stock, status) => ({
  id: "LAMP", stock, stock_status: status, variants: [{ sku: "LAMP-R", stock, stock_status: status }],
})
const news = (units, status, version) =>
  shelf.changed({ product_id: "LAMP", sku: "LAMP-R", new_quantity: units, stock_status: status, version })
const standing = (product) => [product.stock, product.stock_status, product.variants[0].stock]

test("a list that news of stock have overtaken does not bring back what was", async () => {
  const listing = shelf.list("/api/products?limit=1")
  const slow = await request("GET /api/products?limit=1")
  news(0, "out_of_stock", 7)
  slow.answer(200, [lamp(9, "low_stock")])

  const { items: [first] } = await listing
  assert.deepEqual(standing(first), [0, "out_of_stock", 0])

  const reading = shelf.read("LAMP")
  ;(await request("GET /api/products/LAMP")).answer(200, lamp(4, "low_stock"))
  assert.deepEqual(standing(await reading), [4, "low_stock", 4])
  assert.equal(shelf.news.size, 0)
})
