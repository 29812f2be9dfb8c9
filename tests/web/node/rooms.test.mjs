// The operators' rooms: what can be done in each, and what is sent.
import assert from "node:assert/strict"
import { test } from "node:test"
import { button, opened, request, until } from "./visit.mjs"

const { Listing } = await import("../../../web/ops/table.js")
const stock = await import("../../../web/ops/stock.js")
const orders = await import("../../../web/ops/orders.js")
const returns = await import("../../../web/ops/returns.js")

const words = (where, selector) => where.querySelectorAll(selector).map((each) => each.textContent)

/** A room of the desk, whose line is quiet. */
function enters(room) {
  const shown = opened()
  room.show(shown.page, { watch: new EventTarget(), me: { id: "otto" }, signal: shown.signal })
  return shown.page
}

const COUNT = { sku: "LAMP", on_hand: {}, held: {}, committed: {}, available: {}, total_available: 0, version: 1 }
const PLACES = [{ id: "west" }, { id: "east" }]

test("the first units of a variant can be put into any warehouse", async () => {
  const page = enters(stock)
  page.querySelector("form").submit({ sku: " LAMP " })
  ;(await request("GET /api/admin/inventory/LAMP")).answer(200, COUNT)
  ;(await request("GET /api/admin/warehouses")).answer(200, PLACES)
  await until(() => page.querySelector("select"))

  assert.deepEqual(words(page, "option"), ["east", "west"])
  page.querySelectorAll("form").at(-1).submit({ delta: "5" })
  const adjusting = await request("POST /api/admin/inventory/LAMP")

  assert.deepEqual(adjusting.body, { warehouse: "east", delta: 5, reason: "Counted by hand" })
})

test("of two variants that were looked at the later one is shown", async () => {
  const page = enters(stock)
  const look = page.querySelector("form")
  look.submit({ sku: "SLOW" })
  const slow = await request("GET /api/admin/inventory/SLOW")
  ;(await request("GET /api/admin/warehouses")).answer(200, PLACES)
  look.querySelector("button").removeAttribute("aria-busy")
  look.submit({ sku: "LAMP" })
  ;(await request("GET /api/admin/inventory/LAMP")).answer(200, COUNT)
  ;(await request("GET /api/admin/warehouses")).answer(200, PLACES)
  await until(() => page.querySelector("h3"))

  slow.answer(404, { detail: "SLOW is not sold here" })
  await until(() => !look.querySelector("button").hasAttribute("aria-busy"))

  assert.match(page.querySelector("h3").textContent, /^LAMP/)
})

const RETURN = {
  return_id: "r-1", status: "received", reason: "damaged", comments: "", refund: 0, history: [],
  items: [{ id: "l1", product_name: "Lamp", quantity: 3, resellable: 0 }, { id: "l2", product_name: "Rug", quantity: 1, resellable: 0 }],
}

test("of what came back some may be as new and the rest damaged", async () => {
  const page = enters(returns)
  ;(await request("GET /api/admin/returns?limit=50&offset=0")).answer(200, [RETURN], { "X-Total-Count": "1" })
  await until(() => page.querySelector("form"))
  assert.deepEqual(words(page, "label"), ["As new, of 3 × Lamp", "As new, of 1 × Rug"])

  page.querySelector("form").submit({ "fit-0": "2", "fit-1": "0" })
  const inspecting = await request("POST /api/admin/returns/r-1/inspect")

  assert.deepEqual(inspecting.body.items, [
    { id: "l1", resellable: true, quantity: 2 },
    { id: "l1", resellable: false, quantity: 1 },
    { id: "l2", resellable: false, quantity: 1 },
  ])
})

const ORDER = {
  id: "o1", order_number: "SO-1", status: "returned", attention: "refund_failed", items: [], total: 5,
  currency: "USD", created_at: "2026-01-01T12:00:00Z",
}

test("what no bank took back is found, and can be said to be paid back by hand", async () => {
  const page = enters(orders)
  ;(await request("GET /api/admin/orders?limit=50&offset=0")).answer(200, [], { "X-Total-Count": "0" })
  const choice = page.querySelector("select")
  choice.value = page.querySelectorAll("option").find((each) => each.textContent === "That need a person").value
  choice.dispatchEvent(new Event("change"))
  ;(await request("GET /api/admin/orders?limit=50&offset=0&attention=true")).answer(200, [ORDER], { "X-Total-Count": "1" })
  await until(() => button(page, "Paid back by hand"))

  button(page, "Paid back by hand").click()

  ;(await request("POST /api/admin/orders/o1/paid-back")).answer(200, ORDER)
})

test("a list goes on for as long as somebody asks for more of it", async () => {
  const every = Array.from({ length: 70 }, (_, at) => ({ id: `n${at}` }))
  const list = new Listing("Numbers", ["Number"], {
    id: ({ id }) => id, cells: ({ id }) => [id], empty: "None.",
    load: async (page) => {
      const asked = new URLSearchParams(page)
      const [limit, offset] = [Number(asked.get("limit")), Number(asked.get("offset"))]
      return { items: every.slice(offset, offset + limit), total: every.length }
    },
  })
  const { page } = opened()
  page.append(list.shown)

  await list.renew()
  assert.equal(words(page, "td").length, 50)
  button(page, "Show more").click()
  await until(() => words(page, "td").length === 70)
  await until(() => button(page, "Show more").hidden)

  await list.begin()
  assert.equal(words(page, "td").length, 50)
})
