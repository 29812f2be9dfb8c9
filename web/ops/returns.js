/** What customers send back, from the first word to the refund. */

import { busy, h, money, toast, words } from "../dom.js"
import { souk } from "./desk.js"
import { badge, listed, table } from "./table.js"

export function show(page, { watch, signal }) {
  const place = h("div")
  page.append(h("section.block", null, place))
  const load = (news) => listed(place, async () => (await souk.page("/api/admin/returns?limit=50")).items,
    (found) => table("Returns", ["Return", "Status", "Why", "Units", "Refund", ""], found.map((each) => row(each, load))),
    "Nobody wants to send anything back.", news === true)
  load()
  watch.addEventListener("order_update", () => {
    load(true)
  }, { signal })
}

function row(each, again) {
  return [
    h("strong", null, each.return_id),
    badge(words(each.status), { refunded: "good", rejected: "bad", cancelled: "" }[each.status] ?? "warn"),
    h("span", null, words(each.reason), each.comments && h("span.note", null, ` “${each.comments}”`)),
    each.items.reduce((total, item) => total + item.quantity, 0),
    money(each.refund),
    steps(each, again),
  ]
}

function steps(each, again) {
  const path = `/api/admin/returns/${encodeURIComponent(each.return_id)}`
  const step = (label, way, body) => h("button.button", {
    type: "button",
    onclick: ({ target }) => busy(target, async () => {
      await souk.post(`${path}/${way}`, body)
      toast(`Return ${each.return_id}: ${label.toLowerCase()}.`, "good")
      await again()
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
