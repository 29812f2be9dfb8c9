/** What customers send back, from the first word to the refund. */

import { busy, field, h, money, toast, words } from "../dom.js"
import { souk } from "./desk.js"
import { Listing, badge, soon } from "./table.js"

const STATUSES = ["requested", "approved", "in_transit", "received", "refunded", "rejected", "cancelled"]
const KINDS = { refunded: "good", rejected: "bad", cancelled: "" }

export function show(page, { watch, signal }) {
  const choice = h("select", { "aria-label": "Which returns", onchange: () => returns.begin() },
    h("option", { value: "" }, "All returns"), STATUSES.map((each) => h("option", { value: each }, words(each))))
  const returns = new Listing("Returns", ["Return", "Status", "Why", "Units", "Refund", ""], {
    id: (each) => each.return_id,
    cells: (each) => cells(each, returns),
    empty: "No returns here.",
    load: (page) => souk.page(`/api/admin/returns?${page}${choice.value && `&status=${choice.value}`}`),
  })
  page.append(h("section.block", null, h("div.head", null, choice), returns.shown))
  returns.renew()
  const news = soon(() => returns.renew())
  for (const type of ["order_update", "again"]) watch.addEventListener(type, news, { signal })
}

function cells(each, returns) {
  return [
    h("strong", null, each.return_id),
    badge(words(each.status), KINDS[each.status] ?? "warn"),
    h("span", null, words(each.reason), each.comments && h("span.note", null, ` “${each.comments}”`)),
    each.items.reduce((total, item) => total + item.quantity, 0),
    each.refund > 0 ? money(each.refund) : "–",
    steps(each, returns),
  ]
}

function steps(each, returns) {
  const path = `/api/admin/returns/${encodeURIComponent(each.return_id)}`
  const step = (label, way, body) => h("button.button", {
    type: "button", onclick: ({ target }) => move(target, each, label, `${path}/${way}`, body, returns),
  }, label)
  switch (each.status) {
    case "requested": return h("div.actions", null, step("Approve", "approve"), step("Reject", "reject", {}))
    case "approved":
    case "in_transit": return step("It arrived", "receive", {})
    case "received": return h("div.actions", null, inspecting(each, path, returns), step("Reject", "reject", {}))
    default: return null
  }
}

/** How many of each line came back fit to be sold again; the others are damaged. */
function inspecting(each, path, returns) {
  const items = (fit) => each.items.flatMap(({ id, quantity }, at) => [
    { id, resellable: true, quantity: fit[at] }, { id, resellable: false, quantity: quantity - fit[at] },
  ].filter((one) => one.quantity > 0))
  return h("form.actions", {
    onsubmit: (event) => {
      event.preventDefault()
      const fit = each.items.map((_, at) => Number(event.target.elements[`fit-${at}`].value))
      move(event.submitter, each, "Inspected", `${path}/inspect`, { items: items(fit) }, returns)
    },
  },
  each.items.map(({ product_name: name, quantity }, at) =>
    field(`As new, of ${quantity} × ${name}`, { name: `fit-${at}`, type: "number", min: 0, max: quantity, step: 1, required: true, value: quantity })),
  h("button.button", { type: "submit" }, "Inspected"))
}

const move = (button, { return_id: id }, label, path, body, returns) => busy(button, async () => {
  try {
    await souk.post(path, body)
    toast(`Return ${id}: ${label.toLowerCase()}.`, "good")
  } finally {
    await returns.renew()
  }
})
