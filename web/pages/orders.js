/** One's orders, the newest first. */

import { busy, count, day, fill, h, icon, money, words } from "../dom.js"
import { picture } from "../cards.js"
import { on, souk } from "../shop.js"
import { subnav } from "../subnav.js"

const AT_ONCE = 10

export async function show(page, { signal }) {
  const { items, total } = await souk.page(`/api/orders?limit=${AT_ONCE}`)
  if (signal.aborted) return
  if (!total) {
    return fill(page, subnav("/orders"), h("section.state", null, h("span.big-icon", null, icon("truck")), h("h1", null, "No orders yet"),
      h("p", null, "What you buy shows up here, and moves as it does."), h("a.button.primary", { href: "#/" }, "To the shop")))
  }
  const list = h("ul.blocks")
  const told = h("p.note")
  const cards = new Map()
  // Each order once: one that was placed meanwhile moves the others to the next page.
  const put = (order) => {
    const known = cards.get(order.id)
    const place = known?.place ?? h("li")
    cards.set(order.id, { place, at: order.created_at })
    fill(place, card(order))
    if (known) return
    const older = [...cards.values()].find(({ at }) => at < order.created_at)
    list.insertBefore(place, older?.place ?? null)
  }
  const take = (now) => {
    for (const order of now.items) put(order)
    told.textContent = count(now.total, "order")
    more.hidden = cards.size >= now.total
  }
  const more = h("button.button", {
    type: "button",
    onclick: () => busy(more, async () => take(await souk.page(`/api/orders?limit=${AT_ONCE}&offset=${cards.size}`))),
  }, "Earlier orders")
  take({ items, total })
  const renew = () => souk.page(`/api/orders?limit=${AT_ONCE}`).then(take, () => {})
  // News of an order that is not here: it is new, or of a page that nobody asked for.
  on("orders", (order) => (cards.has(order.id) ? put(order) : renew()), signal)
  on("again", renew, signal)
  fill(page, subnav("/orders"), h("div.page-head", null, h("h1", null, "Orders"), told), list, h("div.more", null, more))
}

function card(order) {
  // A return that came to nothing leaves the order as it was.
  const back = order.return_status && !["cancelled", "rejected"].includes(order.return_status)
  return h("a.order-card", { href: `#/orders/${order.id}` },
    h("span.pile", null, order.items.slice(0, 3).map((each) => picture(each.sku))),
    h("span", null, h("strong", null, order.order_number), " ", h("span.status", { "data-status": order.status }, words(back ? `return_${order.return_status}` : order.status)),
      h("span.note", null, h("br"), day(order.created_at))),
    h("span.price", null, money(order.total, order.currency)))
}
