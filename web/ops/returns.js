/** What customers send back, from the first word to the refund. */

import { busy, h, money, toast, words } from "../dom.js"
import { souk } from "./desk.js"
import { Listing, badge, soon } from "./table.js"

const STATUSES = ["requested", "approved", "in_transit", "received", "refunded", "rejected", "cancelled"]
const KINDS = { refunded: "good", rejected: "bad", cancelled: "" }

export function show(page, { watch, signal }) {
  const choice = h("select", { "aria-label": "Which returns", onchange: () => returns.renew() },
    h("option", { value: "" }, "All returns"), STATUSES.map((each) => h("option", { value: each }, words(each))))
  const returns = new Listing("Returns", ["Return", "Status", "Why", "Units", "Refund", ""], {
    id: (each) => each.return_id,
    cells: (each) => cells(each, returns),
    empty: "No returns here.",
    load: async () => (await souk.page(`/api/admin/returns?limit=50${choice.value && `&status=${choice.value}`}`)).items,
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
    type: "button",
    onclick: ({ target }) => busy(target, async () => {
      try {
        await souk.post(`${path}/${way}`, body)
        toast(`Return ${each.return_id}: ${label.toLowerCase()}.`, "good")
      } finally {
        await returns.renew()
      }
    }),
  }, label)
  const inspected = (resellable) => ({ items: each.items.map(({ id, quantity }) => ({ id, quantity, resellable })) })
  switch (each.status) {
    case "requested": return h("div.actions", null, step("Approve", "approve"), step("Reject", "reject", {}))
    case "approved":
    case "in_transit": return step("It arrived", "receive", {})
    case "received": return h("div.actions", null,
      step("All as new", "inspect", inspected(true)), step("All damaged", "inspect", inspected(false)), step("Reject", "reject", {}))
    default: return null
  }
}
