/** The checkout: everything in the cart is held while the customer decides. */

import { busy, complain, fill, h, icon, money, sentence, toast } from "../dom.js"
import { addressForm, addressLine, cardForm, methodLine, upiForm } from "../belongings.js"
import { runsOut, smallLines, sums } from "../cart.js"
import { cart, clock, on, souk } from "../shop.js"
import { freshId, isPassing } from "../souk.js"

const GIFT_CARDS = 2
// Another tab that checks out lets go of what this one holds, so long before it holds it.
const ELSEWHERE_MS = 2000
const SHIPPING = { standard: "Standard, 3 to 5 days", express: "Express, next day" }

export async function show(page, { signal }) {
  fill(page, h("div.page-head", null, h("h1", null, "Checkout")), h("div.sheet", { "aria-busy": "true" }, h("div.block.ghost.card"), h("div.block.ghost.card")))
  const [addresses, methods] = await Promise.all([souk.get("/api/users/addresses"), souk.get("/api/users/payment-methods"), cart.load()])
  if (signal.aborted) return
  await new Checkout(page, { addresses, methods }, signal).begin()
}

class Checkout {
  constructor(page, { addresses, methods }, signal) {
    this.page = page
    this.signal = signal
    this.addresses = addresses
    // Gift cards are told by their codes, below: nothing pays that is not shown.
    this.methods = methods.filter(({ type }) => type !== "gift_card")
    this.address = addresses.find((each) => each.is_default)?.id ?? addresses[0]?.id ?? null
    this.method = (this.methods.find((each) => each.is_default) ?? this.methods[0])?.id ?? null
    this.shipping = "standard"
    this.gifts = []
    this.session = null
    // Every session that this page began, and the order that it asked for last.
    this.mine = new Set()
    this.intent = {}
    this.opening = Promise.resolve()
    this.busy = 0
    this.placed = false
    this.parts = { address: h("section.block"), shipping: h("section.block"), pay: h("section.block"), sum: h("aside.block", { "aria-label": "Summary" }) }
  }

  async begin() {
    if (!cart.value.items.length) return this.nothing()
    const { address, shipping, pay, sum } = this.parts
    fill(this.page, h("div.page-head", null, h("h1", null, "Checkout")),
      h("div.sheet", null, h("div.blocks", null, address, shipping, pay), sum))
    this.drawAddress()
    this.drawShipping()
    this.drawPay()
    this.drawSum()
    on("cart", (now) => this.cartChanged(now), this.signal)
    this.page.addEventListener("over", () => this.lapsed(), { signal: this.signal })
    this.signal.addEventListener("abort", () => this.leave())
    await this.reopen()
  }

  nothing() {
    fill(this.page, h("section.state", null, h("span.big-icon", null, icon("cart")), h("h1", null, "Nothing to check out"),
      h("p", null, "Your cart is empty."), h("a.button.primary", { href: "#/" }, "To the shop")))
  }

  /** Holds everything anew, as it is to be sent; one after the other. */
  reopen(note = null) {
    this.busy += 1
    this.opening = this.opening.then(async () => {
      if (this.signal.aborted) return
      try {
        const session = await souk.post("/api/cart/checkout", { shipping_method: this.shipping, address_id: this.address })
        clock.set(session.server_now)
        this.session = session
        this.mine.add(session.session_id)
        this.trouble = null
      } catch (problem) {
        this.session = null
        this.trouble = problem
      } finally {
        this.busy -= 1
      }
      if (note) this.note = note
      this.drawSum()
    })
    return this.opening
  }

  /** Who walks away gives back what was held, also what was only asked for. */
  async leave() {
    await this.opening
    const isBack = location.hash === "#/checkout"
    if (this.session && !this.placed && !isBack) souk.delete("/api/cart/checkout").catch(() => {})
  }

  cartChanged(now, rested = false) {
    if (this.signal.aborted || this.busy || this.placed || !this.session || now?.checkout === this.session.session_id) return
    if (!now?.items.length) return this.nothing()
    if (priced(now) !== priced(this.session)) return this.reopen("Your cart changed, so everything was priced and held anew.")
    if (!now.checkout && rested) this.reopen("Everything was let go, so it was priced and held anew.")
    // Another tab may be about to hold it; two that took it from each other would never end.
    else if (!now.checkout) setTimeout(() => this.cartChanged(cart.value, true), ELSEWHERE_MS)
    else if (!this.mine.has(now.checkout)) this.lapsed("You check out in another tab, which holds your things now.")
  }

  lapsed(message = "The time is over, and what was held has been given back.") {
    this.session = null
    this.trouble = { message, again: true }
    this.drawSum()
  }

  drawAddress() {
    const { address } = this.parts
    const keep = (kept) => {
      this.addresses.push(kept)
      this.address = kept.id
      this.drawAddress()
      this.reopen()
    }
    const pick = (id) => () => {
      this.address = id
      this.reopen()
    }
    fill(address, h("h2", null, "Where to"),
      this.addresses.map((each) => option("address", addressLine(each), each.id === this.address, pick(each.id))),
      this.addresses.length ? h("div.actions", null, adding("Another address", () => addressForm(keep, { cancel: () => this.drawAddress() }))) : addressForm(keep))
  }

  drawShipping() {
    fill(this.parts.shipping, h("h2", null, "How"), Object.entries(SHIPPING).map(([name, text]) =>
      option("shipping", text, name === this.shipping, () => {
        this.shipping = name
        this.reopen()
      })))
  }

  drawPay() {
    const kept = (method) => {
      if (!this.methods.some((each) => each.id === method.id)) this.methods.push(method)
      this.method = method.id
      this.drawPay()
      this.drawSum()
    }
    const back = () => this.drawPay()
    const pick = (id) => () => {
      this.method = id
      this.drawSum()
    }
    fill(this.parts.pay, h("h2", null, "Pay with"),
      this.methods.map((each) => option("pay", methodLine(each), each.id === this.method, pick(each.id))),
      this.gifts.length > 0 && option("pay", "The gift cards alone", this.method === null, pick(null)),
      this.methods.length === 0 ? cardForm(kept) : null,
      h("div.actions", null,
        this.methods.length > 0 && adding("Another card", () => cardForm(kept, back)),
        adding("A UPI ID", () => upiForm(kept, back))),
      this.giftCards())
  }

  giftCards() {
    return h("div.terms", null,
      this.gifts.map((code) => h("p.applied", null, icon("gift"), h("strong", null, `•••• ${code.slice(-4)}`), h("span"),
        h("button.plain", { type: "button", "aria-label": `Take gift card ending ${code.slice(-4)} off`, onclick: () => this.giftsAre(this.gifts.filter((each) => each !== code)) }, icon("close")))),
      this.gifts.length < GIFT_CARDS && h("form.inline", {
        onsubmit: (event) => {
          event.preventDefault()
          const code = event.target.code.value.trim().toUpperCase()
          if (code) this.giftsAre([...new Set([...this.gifts, code])])
        },
      }, h("label.hidden", { htmlFor: "gift" }, "Gift card code"),
      h("input", { id: "gift", name: "code", placeholder: "Gift card, e.g. GIFT-5000-AAAA", autocomplete: "off", maxLength: 64 }),
      h("button.button", { type: "submit" }, "Use")))
  }

  giftsAre(codes) {
    this.gifts = codes
    this.drawPay()
    this.drawSum()
  }

  drawSum() {
    const { sum } = this.parts
    const { session, trouble, note } = this
    this.note = null
    sum.setAttribute("aria-busy", String(this.busy > 0))
    if (trouble) {
      return fill(sum, h("h2", null, "Not held"), h("p.complaint", { role: "alert" }, sentence(trouble.message)),
        h("p.actions", null,
          h("button.button.primary", { type: "button", onclick: () => this.reopen() }, trouble.again ? "Hold it again" : "Try again"),
          trouble.code === "checkout_in_progress" && h("a.button", { href: "#/orders" }, "To the order")))
    }
    if (!session) return fill(sum, h("h2", null, "Holding your things…"), h("div.line.ghost"), h("div.line.ghost"))
    const said = h("div.wrong")
    const free = session.total === 0
    const ready = this.address && (free || this.method || this.gifts.length > 0)
    const button = h("button.button.primary.wide", { type: "button", disabled: !ready, onclick: () => busy(button, () => this.place(said)) },
      free ? "Place the order" : `Pay ${money(session.total, session.currency)}`)
    fill(sum,
      h("p.clock", null, h("span", null, "Held for you"), runsOut(session.expires_at, { role: "timer" })),
      note && h("p.note", { role: "status" }, note),
      smallLines(session),
      sums(session, { full: true }), said, button,
      !ready && h("p.note", null, free ? "Say where it goes." : "Say where it goes and how you pay."))
  }

  /** One key per intention: an order whose answer was lost is asked for under the same. */
  keyOf(wanted) {
    const told = JSON.stringify(wanted)
    if (this.intent.told !== told) this.intent = { told, key: freshId() }
    return this.intent.key
  }

  async place(said) {
    const pressed = this.session
    await this.opening
    const { session } = this
    // Nobody pays what they have not seen; of what is not held any more the page tells.
    if (!session) return undefined
    if (seen(session) !== seen(pressed)) return toast("Something changed: look at it before you pay.")
    this.placed = true
    const wanted = {
      cart_id: session.cart_id, checkout_session_id: session.session_id, expected_total: session.total,
      delivery_address_id: this.address, payment_method_id: this.method, shipping_method: this.shipping, gift_cards: this.gifts,
    }
    try {
      const order = await souk.post("/api/orders", wanted, { key: this.keyOf(wanted) })
      const next = order.payment.next_action
      if (next?.url?.startsWith("/")) location.assign(next.url)
      else location.hash = `#/orders/${order.id}?new`
      return undefined
    } catch (problem) {
      this.placed = false
      if (isUnknown(problem)) return complain(said, problem)
      this.intent = {}
      // An attempt that failed ended the session: hold everything for the next one.
      await this.reopen()
      if (this.session) complain(this.parts.sum.insertBefore(h("div"), this.parts.sum.lastElementChild), problem)
      else toast(problem.message, "bad")
      return undefined
    }
  }
}

/** Whether it may have been ordered: then the next press must be the same order. */
const isUnknown = (problem) => isPassing(problem) || problem.status >= 500

/** What a cart and a checkout of it have in common: the lines, and what lowers the price. */
const priced = ({ items, coupons, subtotal, discount, loyalty_discount: tier, points_discount: points }) => JSON.stringify([
  items.map(({ sku, quantity }) => [sku, quantity]).sort(),
  coupons.filter((each) => !each.inactive_reason).map((each) => each.code ?? each).sort(),
  subtotal, discount, tier, points,
])

/** What a customer goes by who presses: what it is, and what it costs. */
const seen = ({ total, items }) => JSON.stringify([total, items.map(({ sku, quantity }) => [sku, quantity])])

function option(name, text, checked, chosen) {
  return h("label.option", null, h("input", { type: "radio", name, checked, onchange: chosen }), h("span", null, text))
}

/** A button that a form takes the place of. */
function adding(text, form) {
  const button = h("button.button", {
    type: "button",
    onclick: () => {
      const made = form()
      button.closest(".actions").replaceWith(made)
      made.querySelector("input").focus()
    },
  }, icon("plus"), text)
  return button
}
