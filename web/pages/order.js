/** One order: what is to be done, where it is, what was bought, and the way back. */

import { busy, complain, day, fill, filled, h, icon, moment, money, toast, words } from "../dom.js"
import { addressLine, methodLine } from "../belongings.js"
import { stepper } from "../cards.js"
import { runsOut, smallLines, sums } from "../cart.js"
import { me, on, souk } from "../shop.js"
import { qr } from "../qr.js"

const WAY = ["pending", "confirmed", "processing", "shipped", "delivered"]
const NAMES = { pending: "Placed", confirmed: "Confirmed", processing: "Packing", shipped: "On its way", delivered: "Delivered" }
const NOTHING_CAME_OF = ["rejected", "cancelled"]
const REASONS = [
  ["changed_mind", "I changed my mind"], ["damaged", "It came damaged"], ["wrong_item", "It is not what I ordered"],
  ["not_as_described", "It is not as described"], ["does_not_fit", "It does not fit"],
]

export async function show(page, { params, query, signal }) {
  const path = `/api/orders/${encodeURIComponent(params.id)}`
  const place = h("div")
  let loads = 0
  let drawn = null
  const load = async () => {
    const mine = (loads += 1)
    const [order, tracking, returns] = await Promise.all([souk.get(path), souk.get(`${path}/tracking`), souk.get(`${path}/returns`)])
    // Of two answers the later asked is the newer, whichever comes last.
    if (signal.aborted || mine !== loads) return
    // What did not change is not drawn anew: somebody may be filling in a form.
    const now = JSON.stringify([order, tracking, returns])
    if (now === drawn) return
    drawn = now
    draw(place, { order, tracking, returns, load, fresh: query.has("new") })
  }
  await load()
  if (signal.aborted) return
  fill(page, h("a.crumb", { href: "#/orders" }, icon("back"), "Orders"), place)
  on("orders", (order) => order.id === params.id && load().catch(() => {}), signal)
  on("again", () => load().catch(() => {}), signal)
}

function draw(place, shown) {
  const { order, tracking, returns, fresh } = shown
  const over = order.status === "cancelled"
  fill(place,
    h("div.page-head", null,
      h("div", null, h("h1", null, order.order_number), h("p.note", null, `Placed on ${day(order.created_at)}`)),
      h("span.status", { "data-status": order.status }, words(order.status))),
    h("div.sheet", null,
      h("div.blocks", null,
        fresh && order.status === "confirmed" && h("p.clock", { role: "status" }, h("span", null, "Thank you. It is yours."), icon("check")),
        order.status === "pending" && payment(order, shown.load),
        over ? h("section.block", null, h("h2", null, "Cancelled"), h("p", null, order.cancel_reason ? words(order.cancel_reason) : "Everything went back."))
          : h("section.block", null, h("h2", null, "Where it is"), track(order, tracking)),
        h("section.block", null, h("h2", null, "What happened"), events(tracking.history)),
        returns.map((each) => returned(order, each, shown.load)),
        order.status === "delivered" && sendBack(order, returns, shown.load)),
      summary(order, shown.load)))
  me.load().catch(() => {})
}

function track(order, tracking) {
  const at = WAY.indexOf(order.status === "returned" ? "delivered" : order.status)
  return [
    h("ol.track", null, WAY.map((each, step) => h("li", { "data-done": step <= at, "aria-current": step === at ? "step" : null }, NAMES[each]))),
    tracking.estimated_delivery && h("p.note", null, `Expected on ${day(tracking.estimated_delivery)}`),
    order.shipments.map((each) => each.tracking_number && h("p.note", null, icon("truck"), ` ${each.carrier} ${each.tracking_number}, from ${each.warehouse}`)),
  ]
}

const events = (history) => h("ol.events", null, history.toReversed().map((each) =>
  h("li", null, h("time", { dateTime: each.timestamp }, moment(each.timestamp)), h("p", null, words(each.description || each.status)))))

/** What the customer has to do before the money moves. */
function payment(order, load) {
  const next = order.payment.next_action
  if (!next) return h("section.block", null, h("h2", null, "Paying"), h("p", null, "The bank has been asked; its answer shows up here by itself."))
  const clock = h("p.clock", null, h("span", null, "Until it lapses"), runsOut(next.expires_at, { role: "timer" }))
  if (next.url?.startsWith("/")) {
    return h("section.block", null, h("h2", null, "Your bank wants to know"), clock,
      h("p", null, "Approve the payment on your bank's page; you come back here."),
      h("p.actions", null, h("a.button.primary", { href: next.url }, "To the bank")))
  }
  const payload = next.qr || next.url
  return h("section.block", null, h("h2", null, "Pay in your UPI app"), clock,
    payload ? h("div.qr", null, qr(payload, "Code to pay with a UPI app"), h("a.button", { href: payload }, "Open a UPI app on this device"))
      : h("p", null, "A request was sent to your UPI app."),
    pretend(order, load))
}

/** In development anybody may play the bank; in production the shop says 404. */
function pretend(order, load) {
  const play = (event, text) => {
    const button = h("button.button", {
      type: "button", onclick: () => busy(button, async () => {
        await souk.post(`/api/payments/${order.payment.id}/simulate`, { event })
        await load()
      }),
    }, text)
    return button
  }
  return h("p.actions", null, h("span.note", null, "There is no bank here, so play it:"), play("succeeded", "Paid"), play("failed", "Refused"))
}

function summary(order, load) {
  const cancel = h("button.button.danger", {
    type: "button", onclick: () => busy(cancel, async () => {
      await souk.post(`/api/orders/${order.id}/cancel`, { reason: "changed my mind" })
      toast("Cancelled. Your money is on its way back.", "good")
      await load()
    }),
  }, "Cancel the order")
  return h("aside.block", { "aria-label": "What was bought" },
    smallLines(order, { linked: true }),
    sums(order, { full: true }),
    order.payment.tenders.map((each) => tender(each, order.currency)),
    order.shipping_address && h("p.note", null, addressLine(order.shipping_address)),
    ["pending", "confirmed"].includes(order.status) && cancel)
}

function tender(each, currency) {
  const back = each.refunded > 0 ? `, ${money(each.refunded, currency)} came back` : ""
  return h("p.note", null, icon(each.type === "gift_card" ? "gift" : "card"), ` ${methodLine(each)}: ${money(each.amount, currency)}${back}`)
}

function returned(order, each, load) {
  const keep = h("button.button", {
    type: "button", onclick: () => busy(keep, async () => {
      toast((await souk.post(`/api/orders/${order.id}/returns/${each.return_id}/cancel`)).message, "good")
      await load()
    }),
  }, "Keep it after all")
  const open = ["requested", "approved", "in_transit"].includes(each.status)
  return h("section.block", null,
    h("div.page-head", null, h("h2", null, "Return"), h("span.status", { "data-status": each.status }, words(each.status))),
    h("p", null, each.items.map(({ id, quantity }) => `${quantity} × ${order.items.find((line) => line.id === id)?.product_name ?? id}`).join(", ")),
    each.refund > 0 && h("p.note", null, `${money(each.refund, order.currency)} ${each.status === "refunded" ? "came back" : "comes back when it is accepted"}`),
    events(each.history),
    open && h("p.actions", null, keep))
}

const gone = (going, line) => going.reduce((sum, { id, quantity }) => (id === line ? sum + quantity : sum), 0)

/** The form to send things back: how many of each line, and why. */
function sendBack(order, returns, load) {
  const going = returns.filter(({ status }) => !NOTHING_CAME_OF.includes(status)).flatMap(({ items }) => items)
  const left = new Map(order.items.map((each) => [each.id, each.quantity - gone(going, each.id)]))
  if (![...left.values()].some((units) => units > 0)) return null
  const wanted = new Map(order.items.map((each) => [each.id, 0]))
  const lines = h("ul.rows")
  const paint = () => fill(lines, order.items.filter((each) => left.get(each.id) > 0).map((each) => h("li", null,
    h("span.grow", null, each.product_name, h("span.note", null, ` of ${left.get(each.id)}`)),
    stepper(wanted.get(each.id), { min: 0, max: left.get(each.id), label: each.product_name, changed: (to) => { wanted.set(each.id, to); paint() } }))))
  paint()
  const said = h("div.wrong")
  const button = h("button.button.primary", { type: "submit" }, "Ask to send it back")
  return h("details.block", null, h("summary", null, h("strong", null, "Send something back")),
    h("form.form", {
      onsubmit: (event) => {
        event.preventDefault()
        const items = [...wanted].filter(([, quantity]) => quantity > 0).map(([id, quantity]) => ({ id, quantity }))
        if (!items.length) return complain(said, new Error("Say how many of what."))
        const { reason, comments } = filled(event.target)
        return busy(button, async () => {
          try {
            toast((await souk.post(`/api/orders/${order.id}/return`, { reason, comments, items })).message, "good")
            await load()
          } catch (problem) {
            complain(said, problem)
          }
        })
      },
    }, lines,
    h("label.field", null, "Why", h("select", { name: "reason" }, REASONS.map(([value, text]) => h("option", { value }, text)))),
    h("label.field", null, "Anything to add", h("textarea", { name: "comments", rows: 2, maxLength: 2000 })),
    said, h("p.actions", null, button)))
}
