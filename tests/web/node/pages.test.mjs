// The pages of the shop: what is shown, what is sent, and where the focus is.
import assert from "node:assert/strict"
import { test } from "node:test"
import { document, place } from "./dom.mjs"
import { asked, button, opened, request, turn, until } from "./visit.mjs"

const { cart, shelf } = await import("../../../web/shop.js")
const { show: showProduct } = await import("../../../web/pages/product.js")
const { stockBadge } = await import("../../../web/cards.js")
const { show: showCheckout } = await import("../../../web/pages/checkout.js")
const { show: showMe } = await import("../../../web/pages/me.js")
const { cartPanel } = await import("../../../web/cart.js")

const variant = (sku, color, stock) => ({ sku, color, size: null, stock, stock_status: "in_stock", limited: false })

let products = 0

/** A lamp in two colours, and its page. */
async function lamp({ red, blue }) {
  const id = `LAMP-${(products += 1)}`
  const variants = [variant(`${id}-R`, "Red", red), variant(`${id}-B`, "Blue", blue)]
  const product = {
    id, name: "Lamp", brand: "Lumo", description: "", category: "Home", price: 10, currency: "USD", tags: [],
    images: [], colors: ["Red", "Blue"], sizes: [], stock: red + blue, stock_status: "in_stock", max_per_order: 10,
    rating: 4, reviews_count: 1, variants,
  }
  const shown = opened()
  showProduct(shown.page, { params: { id }, query: new URLSearchParams(), signal: shown.signal })
  ;(await request(`GET /api/products/${id}`)).answer(200, product)
  await until(() => shown.page.querySelector(".add"))
  const counted = () => request(`GET /api/products/inventory/${id}`)
  const choose = (color) => {
    const choice = shown.page.querySelectorAll("input").find((each) => each.value === color)
    choice.focus()
    choice.dispatchEvent(new Event("change"))
  }
  const changes = (sku, units, version) => shelf.changed({
    product_id: id, sku, new_quantity: units, stock_status: units ? "in_stock" : "out_of_stock", version,
  })
  return { ...shown, id, choose, counted, changes }
}

const inventory = (sku, house) => ({ variants: [{ sku, by_warehouse: { [house]: 5 } }] })

test("as many go into the cart as the page shows, whatever was chosen before", async () => {
  const { page, choose, id } = await lamp({ red: 5, blue: 2 })
  for (let at = 1; at < 5; at += 1) button(page, "More: Lamp").click()
  assert.equal(page.querySelector("output").textContent, "5")

  choose("Blue")
  assert.equal(page.querySelector("output").textContent, "2")
  page.querySelector(".add").click()

  const adding = await request("POST /api/cart/items")
  assert.deepEqual(adding.body, { sku: `${id}-B`, quantity: 2 })
})

test("what is back may be had in any number at once, and what is less in no more", async () => {
  const { page, id, changes } = await lamp({ red: 1, blue: 0 })
  const output = () => page.querySelector("output").textContent
  button(page, "More: Lamp").focus()
  assert.ok(button(page, "More: Lamp").disabled)

  changes(`${id}-R`, 3, 2)
  button(page, "More: Lamp").click()
  button(page, "More: Lamp").click()
  assert.equal(output(), "3")
  changes(`${id}-R`, 2, 3)

  assert.equal(output(), "2")
})

test("who chooses more than there is by keyboard is still at the number", async () => {
  const { page } = await lamp({ red: 2, blue: 0 })
  button(page, "More: Lamp").focus()

  button(page, "More: Lamp").click()

  assert.equal(document.activeElement, button(page, "Fewer: Lamp"))
})

test("where a variant is sent from is never told of another", async () => {
  const { page, id, choose, counted } = await lamp({ red: 5, blue: 5 })
  const first = await counted()
  choose("Blue")
  ;(await counted()).answer(200, inventory(`${id}-B`, "west"))
  await until(() => page.querySelector(".warehouses").textContent)
  first.answer(200, inventory(`${id}-R`, "east"))
  for (let at = 0; at < 10; at += 1) await turn()

  assert.match(page.querySelector(".warehouses").textContent, /west/)
})

test("a variant that its product lost keeps no other badge from the news", async () => {
  const { page, id, changes } = await lamp({ red: 5, blue: 5 })
  const whole = stockBadge(shelf.products.get(id))
  page.append(whole)
  const reading = shelf.read(id)
  ;(await request(`GET /api/products/${id}`)).answer(200, {
    ...shelf.products.get(id), variants: [variant(`${id}-B`, "Blue", 5)],
  })
  await reading

  changes(`${id}-B`, 4, 2)

  assert.equal(whole.textContent, "Only 4 left")
})

const line = (quantity) => ({
  id: "l1", product_id: "LAMP", sku: "LAMP-R", product_name: "Lamp", color: "Red", size: null,
  quantity, price: 10, subtotal: 10 * quantity, available: 9,
})
let version = 0

/** A cart that somebody changed. */
const changed = (...items) => cart.take({
  id: "c", version: (version += 1), currency: "USD", items, coupons: [], clamped: [],
  subtotal: 10, discount: 0, loyalty_discount: 0, points_discount: 0, total: 10,
})

const panel = place("aside", "cart")
cartPanel(panel, () => {})

test("who presses in the cart goes on at the same button when it was changed", () => {
  changed(line(1))
  button(panel, "More: Lamp").focus()

  changed(line(2))
  assert.equal(document.activeElement, button(panel, "More: Lamp"))
  changed()

  assert.equal(document.activeElement.textContent, "Cart")
})

test("a code that is being written stays while the cart changes, and goes when it counts", async () => {
  changed(line(1))
  const field = () => panel.querySelector("#coupon")
  field().value = "SAVE"
  field().focus()

  changed(line(2))
  assert.deepEqual([field().value, document.activeElement], ["SAVE", field()])
  panel.querySelector("form").submit({ code: "SAVE10" })
  const applying = await request("POST /api/loyalty/apply-coupon")
  assert.equal(applying.body.coupon_code, "SAVE10")
  applying.answer(200, { message: "Applied", cart: { ...cart.value, version: (version += 1) } })
  await until(() => field().value === "")
})

const SESSION = { id: "s", shipping: 5, tax: 1, total: 16, expires_at: "2100-01-01T00:00:00Z" }
let sessions = 0

/** Answers the request for a session as the shop does: the cart as it is, held. */
async function held() {
  const asked = await request("POST /api/cart/checkout")
  const id = `s${(sessions += 1)}`
  const now = new Date().toISOString()
  asked.answer(200, { ...cart.value, ...SESSION, session_id: id, cart_id: "c", coupons: [], server_now: now, checkout: undefined })
  return id
}

const again = (more) => cart.take({ ...cart.value, version: (version += 1), ...more })
const pays = (page) => page.querySelectorAll("button").find((each) => /^Pay /.test(each.textContent))

/** A checkout of one lamp, by somebody who has these means to pay. */
async function checkout(methods = [{ id: "m1", type: "card", brand: "visa", last_four: "4242", is_default: true }]) {
  changed(line(1))
  const shown = opened()
  const at = showCheckout(shown.page, { signal: shown.signal })
  const address = { id: "a1", street: "1 Road", city: "Town", state: "NY", zip_code: "1", country: "US", is_default: true }
  ;(await request("GET /api/users/addresses")).answer(200, [address])
  ;(await request("GET /api/users/payment-methods")).answer(200, methods)
  ;(await request("GET /api/cart")).answer(200, cart.value)
  const id = await held()
  await at
  again({ checkout: id })
  return { ...shown, id }
}

test("two tabs that check out do not take it from each other for ever", async () => {
  const { page, leave } = await checkout()

  again({ checkout: null })
  again({ checkout: "theirs" })

  assert.match(page.querySelector("[role=alert]").textContent, /another tab/)
  await turn()
  assert.deepEqual(asked.filter(({ what }) => what === "POST /api/cart/checkout"), [])
  button(page, "Hold it again").click()
  again({ checkout: await held() })
  await until(() => pays(page))
  leave()
})

test("a cart that changed is priced and held anew", async () => {
  const { page, leave } = await checkout()

  again({ checkout: null, items: [line(2)], subtotal: 20 })
  await held()

  await until(() => /Your cart changed/.test(page.textContent))
  leave()
})

test("an order whose answer was lost is the same order at the next press", async () => {
  const { page, leave } = await checkout()
  const keys = []
  const ordered = async (...answer) => {
    const order = await request("POST /api/orders")
    keys.push(order.headers["Idempotency-Key"])
    order.answer(...answer)
  }
  pays(page).click()
  await ordered(500, { detail: "Out of order" })
  await until(() => page.querySelector("[role=alert]"))

  pays(page).click()
  await ordered(402, { detail: "Declined" })
  again({ checkout: await held() })
  await until(() => pays(page) && /Declined/.test(page.textContent))
  pays(page).click()
  await ordered(201, { id: "o1", payment: {} })
  await until(() => location.hash === "#/orders/o1?new")

  assert.equal(keys[0], keys[1])
  assert.notEqual(keys[1], keys[2])
  leave()
})

test("nothing pays that is not shown: a gift card is told by its code", async () => {
  const { page, leave } = await checkout([{ id: "g", type: "gift_card", brand: "gift", last_four: "AAAA", is_default: true }])

  await until(() => pays(page))

  assert.ok(pays(page).disabled)
  leave()
})

test("of two forms for an address only one is open", async () => {
  const shown = opened()
  const at = showMe(shown.page, { signal: shown.signal })
  const profile = { username: "ada", full_name: "", email: "a@b.c", phone: "", loyalty_tier: "gold", loyalty_points: 1 }
  const address = (id) => ({ id, street: `${id} Road`, city: "T", state: "NY", zip_code: "1", country: "US", is_default: false })
  ;(await request("GET /api/users/profile")).answer(200, profile)
  ;(await request("GET /api/users/addresses")).answer(200, [address("1"), address("2")])
  ;(await request("GET /api/users/payment-methods")).answer(200, [])
  await at
  const forms = () => shown.page.querySelectorAll("form").filter((each) => each.querySelector("[name=street]"))

  button(shown.page, "Change 1 Road").click()
  button(shown.page, "Change 2 Road").click()

  assert.deepEqual(forms().map((each) => each.querySelector("[name=street]").value), ["2 Road"])
})
