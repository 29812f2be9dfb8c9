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
  const cards = new Map()
  const add = (orders) => {
    for (const order of orders) {
      const place = h("li")
      cards.set(order.id, place)
      list.append(fill(place, card(order)))
    }
  }
  add(items)
  const changed = (order) => cards.has(order.id) && fill(cards.get(order.id), card(order))
  on("orders", changed, signal)
  on("again", () => souk.page(`/api/orders?limit=${AT_ONCE}`).then((now) => now.items.forEach(changed), () => {}), signal)
  const more = h("button.button", {
    type: "button", hidden: cards.size >= total,
    onclick: () => busy(more, async () => {
      add((await souk.page(`/api/orders?limit=${AT_ONCE}&offset=${cards.size}`)).items)
      more.hidden = cards.size >= total
    }),
  }, "Earlier orders")
  fill(page, subnav("/orders"), h("div.page-head", null, h("h1", null, "Orders"), h("p.note", null, count(total, "order"))), list, h("div.more", null, more))
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
