/** The cart panel: lines, coupon, points, totals; whoever changes it, it follows. */

import { anew, busy, complain, count, fill, filled, h, icon, money, toast, words } from "./dom.js"
import { picture, stepper, variantName } from "./cards.js"
import { cart, clock, me, on, souk } from "./shop.js"

// Who presses faster than this goes on pressing.
const REST_MS = 250

let panel
let close

/** Fills the panel and keeps it true. */
export function cartPanel(place, shut) {
  panel = place
  close = shut
  render()
  on("cart", render)
  on("me", render)
  setInterval(countDown, 1000)
}

function render() {
  anew(panel, () => draw(cart.value))
}

function draw(now) {
  fill(panel,
    h("div.panel-head", null,
      h("h2", { tabIndex: -1 }, "Cart"),
      now?.items.length > 0 && h("p.note", null, count(units(now), "thing")),
      h("button.tool", { type: "button", "aria-label": "Close the cart", onclick: close }, icon("close"))),
    now === null ? waiting() : now.items.length ? contents(now) : empty())
}

const units = (now) => now.items.reduce((sum, each) => sum + each.quantity, 0)

function waiting() {
  return h("div.panel-body", { "aria-busy": "true" },
    h("div.line.ghost"), h("div.line.ghost"))
}

function empty() {
  return h("div.panel-body.state", null,
    h("span.big-icon", null, icon("cart")),
    h("p", null, "Nothing in it yet."),
    h("p.note", null, "What you or the shopkeeper put in shows up here at once, in every tab."))
}

function contents(now) {
  return [
    h("div.panel-body", null,
      h("ul.lines", null, now.items.map(line)),
      now.clamped.length > 0 && h("p.note", null, "Some things were left out when your carts were joined: there are not enough of them."),
      terms(now)),
    h("div.panel-foot", null, totals(now), goOn(now)),
  ]
}

function line(each) {
  const short = each.quantity > each.available
  const max = Math.min(100, Math.max(each.available, each.quantity))
  return h("li.line", { "data-keep": each.id },
    h("a", { href: `#/p/${each.product_id}`, tabIndex: -1, "aria-hidden": "true" }, picture(each.sku)),
    h("div.line-text", null,
      h("a", { href: `#/p/${each.product_id}` }, each.product_name),
      h("p.note", null, variantName(each)),
      each.hold_expires_at && h("p.held", null, "Held for you ", runsOut(each.hold_expires_at)),
      short && h("p.complaint", null, each.available ? `Only ${each.available} left.` : "Sold out.")),
    h("p.price", null, money(each.subtotal, cart.value.currency)),
    h("div.line-foot", null,
      stepper(each.quantity, { max, label: each.product_name, rest: REST_MS, changed: (to) => change(() => cart.put(each, to)) }),
      h("button.plain", {
        type: "button", "aria-label": `Remove ${each.product_name}`,
        onclick: () => change(() => cart.remove(each)),
      }, icon("bin"))))
}

async function change(work) {
  try {
    await work()
  } catch (problem) {
    toast(problem.message, "bad")
    render()
  }
}

/** Coupon and points: what may lower the price. */
function terms(now) {
  const said = h("div.wrong", { role: "status" })
  const submit = (work) => (event) => {
    event.preventDefault()
    const form = event.target
    busy(form.querySelector("button"), async () => {
      try {
        const answer = await work(filled(form))
        // It was drawn anew meanwhile, with all that was written in it.
        for (const { id } of form.querySelectorAll("input")) {
          const field = panel.querySelector(`#${id}`)
          if (field) field.value = ""
        }
        toast(answer.message, "good")
      } catch (problem) {
        complain(said, problem)
      }
    })
  }
  const apply = submit(({ code }) => cart.change("POST", "/api/loyalty/apply-coupon", { coupon_code: code }))
  const redeem = submit(({ points }) => cart.change("POST", "/api/loyalty/redeem-points", { points: Number(points), cart_id: now.id }))
  return h("div.terms", null,
    now.coupons.map((each) => applied(
      each.code,
      each.inactive_reason ? words(each.inactive_reason.replace(/^coupon_/, "")) : `−${money(each.discount, now.currency)}`,
      `Take ${each.code} off`,
      () => cart.change("DELETE", `/api/loyalty/coupons/${encodeURIComponent(each.code)}`),
    )),
    h("form.inline", { onsubmit: apply },
      h("label.hidden", { htmlFor: "coupon" }, "Coupon code"),
      h("input", { id: "coupon", name: "code", placeholder: "Coupon code", required: true, maxLength: 40, autocomplete: "off" }),
      h("button.button", { type: "submit" }, "Apply")),
    now.points_discount > 0
      ? applied("Points", `−${money(now.points_discount, now.currency)}`, "Take the points off",
        () => cart.change("DELETE", "/api/loyalty/redeem-points"))
      : me.value?.loyalty_points >= 100 && h("form.inline", { onsubmit: redeem },
        h("label.hidden", { htmlFor: "points" }, "Points to redeem"),
        h("input", { id: "points", name: "points", type: "number", min: 100, max: me.value.loyalty_points, step: 1, required: true, placeholder: `Of ${count(me.value.loyalty_points, "point")}` }),
        h("button.button", { type: "submit" }, "Redeem")),
    said)
}

/** What lowers the price, and a way to take it off. */
function applied(name, effect, label, off) {
  return h("p.applied", null, h("strong", null, name), h("span", null, effect),
    h("button.plain", { type: "button", "aria-label": label, onclick: () => change(off) }, icon("close")))
}

/** The lines of a checkout or an order, in small; a link would lead out of a checkout. */
export function smallLines({ items, currency }, { linked = false } = {}) {
  const name = (each) => (linked ? h("a", { href: `#/p/${each.product_id}` }, each.product_name) : h("p", null, each.product_name))
  return h("ul.small-lines", null, items.map((each) => h("li", null, picture(each.sku),
    h("div", null, name(each),
      h("p.note", null, [count(each.quantity, "piece"), variantName(each)].filter(Boolean).join(" · "))),
    h("p.price", null, money(each.subtotal, currency)))))
}

/** The sums of a cart, a checkout or an order: only what is not zero. */
export function sums(of, { full = false } = {}) {
  const row = (name, amount, sign = "") => h("div", null, h("dt", null, name), h("dd", null, sign + money(amount, of.currency)))
  return h("dl.sums", null,
    row("Subtotal", of.subtotal),
    of.loyalty_discount > 0 && row("Tier discount", of.loyalty_discount, "−"),
    of.discount > 0 && row("Coupon", of.discount, "−"),
    of.points_discount > 0 && row("Points", of.points_discount, "−"),
    full && row("Shipping", of.shipping),
    full && row("Tax", of.tax),
    h("div.total", null, h("dt", null, "Total"), h("dd", null, money(of.total, of.currency))))
}

function totals(now) {
  return [sums(now), h("p.note", null, "Shipping and tax come at the checkout.")]
}

function goOn(now) {
  const gone = now.items.some((each) => each.quantity > each.available)
  const account = souk.who === "account"
  const href = account ? "#/checkout" : "#/sign-up?back=%2Fcheckout"
  return [
    h("a.button.primary.wide", { href, class: gone ? "off" : "", "aria-disabled": gone ? "true" : null }, account ? "Check out" : "Sign up to check out"),
    !account && h("p.note", null, "Your cart and your talk come along."),
  ]
}

/** A clock that runs down to `until`; it tells `over` at the end. */
export function runsOut(until, props = {}) {
  return h("time", { "data-until": until, ...props }, left(until))
}

function left(until) {
  const seconds = Math.max(0, Math.round((Date.parse(until) - clock.now()) / 1000))
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`
}

function countDown() {
  for (const clock of document.querySelectorAll("time[data-until]")) {
    const text = left(clock.dataset.until)
    if (clock.textContent !== text) clock.textContent = text
    if (text === "0:00" && !clock.dataset.over) {
      clock.dataset.over = "true"
      clock.dispatchEvent(new Event("over", { bubbles: true }))
    }
  }
}
