/** Orders, and the next step of each. */

import { busy, field, filled, h, moment, money, toast, words } from "../dom.js"
import { souk } from "./desk.js"
import { badge, listed, table } from "./table.js"

const STATUSES = ["confirmed", "processing", "shipped", "delivered", "pending", "cancelled", "returned"]
const KINDS = { confirmed: "warn", processing: "warn", shipped: "good", delivered: "good", cancelled: "bad" }

export function show(page, { watch, signal }) {
  const place = h("div")
  const choice = h("select", { "aria-label": "Which orders", onchange: () => load() },
    h("option", { value: "" }, "All orders"), STATUSES.map((each) => h("option", { value: each }, words(each))))
  page.append(h("section.block", null, h("div.head", null, choice), place))
  const load = (news) => listed(place,
    async () => (await souk.page(`/api/admin/orders?limit=50${choice.value && `&status=${choice.value}`}`)).items,
    (orders) => table("Orders", ["Order", "Status", "What", "Total", "Since", ""], orders.map((each) => row(each, load))),
    "No orders here.", news === true)
  load()
  watch.addEventListener("order_update", () => {
    load(true)
  }, { signal })
}

function row(order, again) {
  return [
    h("strong", null, order.order_number),
    h("span", null, badge(words(order.status), KINDS[order.status]), order.attention && badge(words(order.attention), "bad")),
    order.items.map((each) => `${each.quantity} × ${each.product_name}`).join(", "),
    money(order.total, order.currency),
    moment(order.created_at),
    steps(order, again),
  ]
}

function steps(order, again) {
  const path = `/api/admin/orders/${encodeURIComponent(order.id)}`
  const step = (label, way, body) => h("button.button", {
    type: "button", onclick: ({ target }) => move(target, `${path}/${way}`, body, again),
  }, label)
  const cancel = () => step("Cancel", "cancel", { reason: "Cancelled by the shop" })
  switch (order.status) {
    case "confirmed": return h("div.actions", null, step("Pack", "process"), cancel())
    case "processing": return h("div.actions", null, shipping(path, again), cancel())
    case "shipped": return step("Delivered", "deliver")
    default: return null
  }
}

function shipping(path, again) {
  return h("form.actions", {
    onsubmit: (event) => {
      event.preventDefault()
      move(event.submitter, `${path}/ship`, filled(event.target), again)
    },
  },
  field("Tracking number", { name: "tracking_number", required: true, maxLength: 100 }),
  field("Carrier", { name: "carrier", required: true, maxLength: 60 }),
  h("button.button", { type: "submit" }, "Ship"))
}

const move = (button, path, body, again) => busy(button, async () => {
  const order = await souk.post(path, body)
  toast(`${order.order_number} is ${order.status}.`, "good")
  await again()
})
