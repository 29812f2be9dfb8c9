/** Orders, and the next step of each. */

import { busy, field, filled, h, moment, money, toast, words } from "../dom.js"
import { souk } from "./desk.js"
import { Listing, badge, soon } from "./table.js"

const STATUSES = ["confirmed", "processing", "shipped", "delivered", "pending", "cancelled", "returned"]
const KINDS = { confirmed: "warn", processing: "warn", shipped: "good", delivered: "good", cancelled: "bad" }

// What a person must look at has any status.
const ATTENTION = "attention=true"

export function show(page, { watch, signal }) {
  const choice = h("select", { "aria-label": "Which orders", onchange: () => orders.begin() },
    h("option", { value: "" }, "All orders"), h("option", { value: ATTENTION }, "That need a person"),
    STATUSES.map((each) => h("option", { value: `status=${each}` }, words(each))))
  const orders = new Listing("Orders", ["Order", "Status", "What", "Total", "Since", ""], {
    id: (each) => each.id,
    cells: (each) => cells(each, orders),
    empty: "No orders here.",
    load: (page) => souk.page(`/api/admin/orders?${[page, choice.value].filter(Boolean).join("&")}`),
  })
  page.append(h("section.block", null, h("div.head", null, choice), orders.shown))
  orders.renew()
  const news = soon(() => orders.renew())
  for (const type of ["order_update", "again"]) watch.addEventListener(type, news, { signal })
}

function cells(order, orders) {
  return [
    h("strong", null, order.order_number),
    h("span", null, badge(words(order.status), KINDS[order.status]), order.attention && badge(words(order.attention), "bad")),
    order.items.map((each) => `${each.quantity} × ${each.product_name}`).join(", "),
    money(order.total, order.currency),
    moment(order.created_at),
    steps(order, orders),
  ]
}

function steps(order, orders) {
  const path = `/api/admin/orders/${encodeURIComponent(order.id)}`
  const step = (label, way, body) => h("button.button", {
    type: "button", onclick: ({ target }) => move(target, `${path}/${way}`, body, orders),
  }, label)
  const cancel = () => step("Cancel", "cancel", { reason: "Cancelled by the shop" })
  const next = () => {
    switch (order.status) {
      case "confirmed": return [step("Pack", "process"), cancel()]
      case "processing": return [shipping(path, orders), cancel()]
      case "shipped": return [step("Delivered", "deliver")]
      default: return []
    }
  }
  // What no bank took back somebody gives back another way, and says so.
  const all = [order.attention && step("Paid back by hand", "paid-back"), ...next()].filter(Boolean)
  return all.length > 0 && h("div.actions", null, all)
}

function shipping(path, orders) {
  return h("form.actions", {
    onsubmit: (event) => {
      event.preventDefault()
      move(event.submitter, `${path}/ship`, filled(event.target), orders)
    },
  },
  field("Tracking number", { name: "tracking_number", required: true, maxLength: 100 }),
  field("Carrier", { name: "carrier", required: true, maxLength: 60 }),
  h("button.button", { type: "submit" }, "Ship"))
}

const move = (button, path, body, orders) => busy(button, async () => {
  try {
    const order = await souk.post(path, body)
    toast(`${order.order_number} is ${order.status}.`, "good")
  } finally {
    // Refused: somebody may have been here first, so show how it stands.
    await orders.renew()
  }
})
