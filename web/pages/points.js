/** Points and tiers: how far one is, what one may use, where every point came from. */

import { busy, count, day, fill, h, money, toast, words } from "../dom.js"
import { cart, souk } from "../shop.js"
import { openPanel } from "../panels.js"
import { subnav } from "../subnav.js"

export async function show(page, { signal }) {
  const [profile, tiers, { items: ledger, total }] = await Promise.all([
    souk.get("/api/loyalty/profile"), souk.get("/api/loyalty/tiers", { auth: false }), souk.page("/api/loyalty/history?limit=20"),
  ])
  if (signal.aborted) return
  const rows = h("tbody", null, ledger.map(entry))
  const more = h("button.button", {
    type: "button", hidden: rows.children.length >= total,
    onclick: () => busy(more, async () => {
      const next = await souk.page(`/api/loyalty/history?limit=20&offset=${rows.children.length}`)
      rows.append(...next.items.map(entry))
      more.hidden = rows.children.length >= next.total
    }),
  }, "Earlier")
  fill(page, subnav("/points"), h("div.page-head", null, h("h1", null, "Points")),
    h("div.blocks", null,
      standing(profile, tiers),
      h("section.block", null, h("h2", null, "The tiers"), h("ol.steps-of-tiers", null, tiers.map((each) =>
        h("li", { "aria-current": each.id === profile.tier ? "true" : null }, h("strong", null, each.name), h("p.note", null, `from ${count(each.min_points, "point")}`),
          h("ul", null, each.benefits.map((benefit) => h("li", null, benefit))))))),
      coupons(profile.available_coupons),
      h("section.block", null, h("h2", null, "Every point"),
        ledger.length ? h("div.table", { tabIndex: 0, role: "region", "aria-label": "Ledger" }, h("table", null,
          h("thead", null, h("tr", null,
            h("th", { scope: "col" }, "When"), h("th", { scope: "col" }, "What"),
            h("th.number", { scope: "col" }, "Points"), h("th.number", { scope: "col" }, "Pending"))), rows))
          : h("p.note", null, "Nothing yet. Points come with the first order, and count once it is delivered."),
        more)))
}

function standing(profile, tiers) {
  const { next_tier: next, tier } = profile
  const here = tiers.find((each) => each.id === tier)
  const way = next ? next.min_points - here.min_points : 1
  const gone = next ? Math.max(0, way - next.points_needed) : 1
  return h("section.tier", { "data-tier": tier },
    h("h2", null, here.name),
    h("p.points", null, profile.points_balance.toLocaleString("en-US")),
    h("p", null, `points, worth ${money(profile.points_balance / 100)}`, profile.points_pending > 0 && `; ${profile.points_pending.toLocaleString("en-US")} more pending`),
    h("progress", { max: way, value: gone, "aria-label": next ? `On the way to ${next.name}` : "Highest tier" }),
    h("p", null, next ? `${count(next.points_needed, "point")} to ${next.name}` : "There is nothing above this."),
    profile.points_expiring > 0 && h("p", null, `${count(profile.points_expiring, "point")} will be lost, the first on ${day(profile.expires_next)}.`))
}

function coupons(offers) {
  return h("section.block", null, h("h2", null, "Coupons for you"), offers.length ? h("ul.rows", null, offers.map((each) => {
    const button = h("button.button", {
      type: "button", "aria-label": `Use ${each.code}`, onclick: () => busy(button, async () => {
        const answer = await cart.change("POST", "/api/loyalty/apply-coupon", { coupon_code: each.code })
        toast(answer.message, "good")
        openPanel("cart")
      }),
    }, "Use")
    return h("li", null, h("span.grow", null, h("strong", null, each.code), h("br"), h("span.note", null, each.description)), button)
  })) : h("p.note", null, "None at the moment."))
}

function entry(each) {
  const signed = (value) => (value > 0 ? `+${value}` : value || "")
  return h("tr", null, h("td", null, day(each.at)),
    h("td", null, words(each.kind), each.order_id && h("span", null, " ", h("a", { href: `#/orders/${each.order_id}` }, "of an order")), each.note && h("p.note", null, each.note)),
    h("td.number", null, String(signed(each.points))), h("td.number", null, String(signed(each.pending))))
}
