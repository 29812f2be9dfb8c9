// The page around the pages: who may see what, where one is led, what is typed above.
import assert from "node:assert/strict"
import { test } from "node:test"
import { document, place } from "./dom.mjs"
import { asked, button, kept, listeners, request, turn, until } from "./visit.mjs"

const page = place("main", "page")
for (const [tag, id] of [["aside", "cart"], ["aside", "chat"], ["a", "account"], ["span", "cart-count"]]) place(tag, id)
for (const id of ["theme", "open-cart", "open-chat"]) place("button", id)
place("header", "top").className = "top"
place("div", "scrim").className = "scrim"
const form = place("form", "search")
form.className = "search"
form.q = document.createElement("input")
form.append(form.q)
globalThis.history = { replaceState: (_, __, to) => { location.hash = to } }

/** Tells the page that something happened around it. */
const happens = (type, event = {}) =>
  listeners.filter(({ name }) => name === type).forEach(({ heard }) => heard({ type, ...event }))

/** Goes where a link would lead. */
function goes(to) {
  location.hash = to
  happens("hashchange")
}

/** What another tab kept. */
function keeps(tokens) {
  const oldValue = kept.get("souk.tokens")
  const newValue = tokens && JSON.stringify({ access: "b", refresh: "s", ends: 9e15, guest: false, ...tokens })
  if (tokens) kept.set("souk.tokens", newValue)
  else kept.delete("souk.tokens")
  happens("storage", { key: "souk.tokens", oldValue, newValue })
}

// What the page does when somebody has stopped typing for a moment.
let typed = null
const { setTimeout: later } = globalThis
globalThis.setTimeout = (work, ms) => {
  if (ms !== 140) return later(work, ms)
  typed = work
  return work
}
globalThis.clearTimeout = (timer) => { if (timer === typed) typed = () => {} }

location.hash = "#/orders"
const { souk } = await import("../../../web/shop.js")
await import("../../../web/main.js")

const order = (number) => ({
  id: number, order_number: `SO-${number}`, status: "confirmed", created_at: `2026-01-0${number}T12:00:00Z`,
  items: [], total: 10, currency: "USD", return_status: null,
})
const list = (...numbers) => [200, numbers.map(order), { "X-Total-Count": "9" }]
const shown = () => page.querySelectorAll("strong").map((each) => each.textContent)
const LIST = "GET /api/orders?limit=10"

test("an order stands in the list once, the newest first, whatever was placed meanwhile", async () => {
  ;(await request(LIST)).answer(...list(4, 3))
  await until(() => button(page, "Earlier orders"))

  button(page, "Earlier orders").click()
  ;(await request(`${LIST}&offset=2`)).answer(...list(3, 2))
  await until(() => shown().length > 2)

  assert.deepEqual(shown(), ["SO-4", "SO-3", "SO-2"])
})

test("one's own page goes with who signs out in another tab, and comes back with them", async () => {
  assert.ok(shown().length)
  keeps(null)

  assert.deepEqual(shown(), [])
  ;(await request(LIST)).answer(401, {})
  await until(() => location.hash.startsWith("#/sign-in"))
  assert.equal(location.hash, "#/sign-in?back=%2Forders")
  happens("hashchange")
  await until(() => page.querySelector("form"))

  ;(await request("POST /api/auth/guest")).answer(503, {})
  asked.length = 0
  keeps({ visit: "w" })
  ;(await request("GET /api/auth/me")).answer(200, { username: "bob" })
  await until(() => location.hash === "#/orders")
  assert.equal(souk.who, "account")
})

test("who goes elsewhere is not called away by what they were typing", async () => {
  goes("#/nowhere")
  form.q.value = "lamp"
  form.q.dispatchEvent(new Event("input"))
  goes("#/nowhere/else")
  typed()

  assert.equal(location.hash, "#/nowhere/else")
  assert.equal(form.q.value, "")
})

test("who goes back finds in the field above what they see below", async () => {
  goes("#/?q=lamp")
  assert.equal(form.q.value, "lamp")
  form.q.focus()
  goes("#/sign-in")

  assert.equal(form.q.value, "")
  await turn()
  asked.length = 0
})
