/** The shopkeeper's panel: one conversation, the same in every tab. */

import { awhile, busy, fill, h, icon, money, toast } from "./dom.js"
import { addButton, brand, picture, variantName } from "./cards.js"
import { runsOut } from "./cart.js"
import { openPanel } from "./panels.js"
import { clock, on, shelf } from "./shop.js"
import { freshId } from "./souk.js"
import { Transcript, blocks, working } from "./transcript.js"

const IDEAS = ["Waterproof speakers under $50", "A gift for someone who runs", "What is in my cart?"]
const STATES = {
  connecting: "Connecting…",
  waiting: "The line dropped. Reconnecting…",
  asleep: "Resting. Write and we are back.",
  closed: "Not connected.",
}
const WHO = { bot: "Here", waiting: "Calling a person…", human: "A person is here" }
const TYPES = { user: "Somebody types in another tab…", operator: "The person is typing…" }
// A little longer than the pause between two such news.
const TYPES_MS = 3000

let transcript = new Transcript()
let chat = null
// What was said while the shop was still opening.
const early = []
let body, list, line, form, older, typing, seen
const shown = new Map()

/** Fills the panel and follows whatever conversation is open. */
export function chatPanel(place, close) {
  list = h("ol.turns")
  line = h("p.line-state", { role: "status" })
  older = h("button.button.older", { type: "button", hidden: true, onclick: () => busy(older, loadOlder) }, "Earlier words")
  seen = h("p.note.right", { hidden: true }, "Seen")
  typing = h("p.typing", { hidden: true })
  body = h("div.panel-body.talk", { role: "log", "aria-label": "Conversation", tabIndex: 0 }, older, list, seen, typing)
  form = composer()
  fill(place,
    h("div.panel-head", null,
      h("h2", { tabIndex: -1 }, "Shopkeeper"), line,
      h("button.tool", { type: "button", "aria-label": "Close the shopkeeper", onclick: close }, icon("close"))),
    body,
    form)
  on("chat", follow)
  on("trouble", (problem) => tellState("waiting", problem.message))
  renderAll()
}

/** Says `text` to the shopkeeper from anywhere. */
export function ask(text) {
  openPanel("chat")
  say(text)
}

function follow(next) {
  // Who signs in goes on in the same conversation, with what was still on its way.
  const unsent = next.sessionId === chat?.sessionId ? transcript.turns.filter((each) => each.expected) : []
  chat = next
  transcript = new Transcript()
  renderAll()
  tellState(chat.state)
  const mine = (type, heard) => chat.addEventListener(type, ({ detail }) => next === chat && heard(detail))
  mine("state", ({ state }) => tellState(state))
  mine("recorded", (frame) => {
    const turn = transcript.take(frame)
    for (const each of [turn, ...transcript.hushed.splice(0)]) update(each)
    if (frame.quote_id) renderAll({ stay: true })
    if (frame.mode) tellState(chat.state)
    if (frame.type === "assistant") typing.hidden = true
    tellSeen()
    if (frame.type === "assistant" && !document.hidden && body.offsetParent) chat.read(frame.seq)
  })
  mine("preview", (words) => {
    const turn = transcript.hear(words)
    if (turn) update(turn)
  })
  mine("reset", () => {
    transcript = new Transcript()
    renderAll()
  })
  mine("welcome", ({ history, mode, read }) => {
    transcript.seen = Math.max(transcript.seen, read.operator ?? 0)
    older.hidden = !(history[0]?.seq > 1)
    // Where the last turn of events is not told, the welcome says who answers.
    if (!history.some((each) => each.mode)) transcript.mode = mode ?? "bot"
  })
  mine("error", (fault) => { if (!fault.id && fault.seq === undefined) toast(fault.content, "bad") })
  mine("typing", ({ who }) => {
    typing.textContent = TYPES[who]
    awhile(typing, TYPES_MS)
  })
  mine("read", ({ who, seq }) => {
    if (who === "operator") transcript.seen = seq
    tellSeen()
  })
  unsent.forEach((each) => say(each.said, each.expected))
  early.splice(0).forEach((text) => say(text))
}

/** Whether the person who answers has seen what was said last. */
function tellSeen() { seen.hidden = !transcript.lastIsSeen }

function tellState(state, why) {
  line.dataset.state = state
  line.textContent = state === "open" ? WHO[transcript.mode] : (why ?? STATES[state] ?? "")
  form?.classList.toggle("off", state !== "open")
}

function composer() {
  const input = h("textarea", {
    name: "text", rows: 1, maxLength: 4000, placeholder: "Ask for anything", "aria-label": "Message to the shopkeeper",
    "data-first": "", oninput: grow,
    onkeydown: (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault()
        made.requestSubmit()
      }
    },
  })
  const stop = h("button.round.stop", { type: "button", hidden: true, "aria-label": "Stop the reply", onclick: () => chat.cancel() }, icon("stop"))
  const made = h("form.composer", {
    onsubmit: (event) => {
      event.preventDefault()
      const text = input.value.trim()
      if (!text) return
      input.value = ""
      grow()
      say(text)
    },
  }, input, stop, h("button.round.primary", { type: "submit", "aria-label": "Send" }, icon("send")))
  function grow() {
    input.style.height = "auto"
    input.style.height = `${Math.min(input.scrollHeight, 140)}px`
    if (input.value) chat?.typing()
  }
  return made
}

async function say(text, id = freshId()) {
  if (!chat) early.push(text)
  const turn = transcript.expect(id, text)
  update(turn)
  tellSeen()
  body.scrollTop = body.scrollHeight
  if (!chat) return
  try {
    await chat.say(text, id)
  } catch (problem) {
    turn.expected = null
    turn.status = "failed"
    turn.notes.push({ kind: "error", text: problem.message })
    update(turn)
  }
}

async function loadOlder() {
  const mine = transcript
  const frames = await chat.history(mine.turns.find((each) => each.first)?.first)
  // By now it may be another conversation.
  if (mine !== transcript) return
  transcript.precede(frames)
  older.hidden = !(frames[0]?.seq > 1)
  renderAll({ stay: true })
}

function renderAll({ stay = false } = {}) {
  shown.clear()
  const from = body.scrollHeight - body.scrollTop
  fill(list, transcript.turns.length ? null : greeting())
  for (const turn of transcript.turns) update(turn)
  body.scrollTop = stay ? body.scrollHeight - from : body.scrollHeight
}

function greeting() {
  return h("li.greeting", null,
    h("p", null, "I know everything in this shop: what fits, what is left, what it costs. I can fill your cart while you watch."),
    h("p.ideas", null, IDEAS.map((each) => h("button.chip", { type: "button", onclick: () => say(each) }, each))))
}

/** Draws one turn anew; the list stays where the reader is, or at its end. */
function update(turn) {
  const atEnd = body.scrollHeight - body.scrollTop - body.clientHeight < 60
  let place = shown.get(turn)
  if (!place) {
    list.querySelector(".greeting")?.remove()
    place = h("li.turn")
    shown.set(turn, place)
    const next = transcript.turns[transcript.turns.indexOf(turn) + 1]
    list.insertBefore(place, shown.get(next) ?? null)
  }
  draw(place, turn)
  form.querySelector(".stop").hidden = !transcript.running
  if (atEnd) body.scrollTop = body.scrollHeight
}

function draw(place, turn) {
  const wasOpen = place.querySelector("details")?.open ?? false
  const text = turn.reply ?? turn.preview
  const busy = working(turn)
  place.setAttribute("aria-busy", String(busy))
  fill(place,
    turn.said && h("p.said", { class: turn.expected ? "unsent" : "" }, turn.said),
    turn.expected && chat?.state !== "open" && h("p.note.right", null, "Will be sent once we are back."),
    steps(turn, wasOpen),
    turn.author === "operator" && h("p.note", null, "A person of the shop"),
    text && h("div.reply", null, prose(text), busy && h("span.caret", { "aria-hidden": "true" })),
    busy && !text && h("p.dots", { role: "img", "aria-label": "The shopkeeper is at it" }, h("i"), h("i"), h("i")),
    turn.products.length > 0 && h("ul.finds", null, turn.products.map(find)),
    turn.question && question(turn),
    turn.notes.map((each) => h("p.note", { class: each.kind }, each.text)),
    turn.status === "cancelled" && h("p.note", null, "Stopped."),
    turn.status === "failed" && turn.reason !== "rolled_back" && h("p.note.error", null, "This reply broke off. ",
      h("button.plain", { type: "button", onclick: () => say(turn.said) }, "Ask again")))
}

/** Thoughts and tool calls, folded; the one that runs is the summary. */
function steps(turn, open) {
  const { steps: done, thinking } = turn
  if (!done.length && !thinking) return null
  const last = thinking || done.at(-1).text
  const summary = turn.status || turn.reply ? `${done.length === 1 ? "One step" : `${done.length} steps`}` : last
  return h("details.steps", { open },
    h("summary", null, summary),
    h("ul", null, done.map((each) => h(`li.${each.kind}`, { "data-state": each.state }, each.text,
      each.found !== undefined && h("span.note", null, ` ${each.found} found`)))))
}

function prose(text) {
  const line = (runs) => runs.map((each) => (each.strong ? h("strong", null, each.text) : each.text))
  return blocks(text).map((each) => {
    if (each.kind === "words") return h("p", null, line(each.runs))
    const items = each.items.map((runs) => h("li", null, line(runs)))
    return each.kind === "numbers" ? h("ol", { start: each.from }, items) : h("ul", null, items)
  })
}

/** A product as a card; what one can add right away is known once it was looked up. */
function find(product) {
  const foot = h("div.find-foot", null, h("p.price", null, product.price))
  shelf.product(product.id).then((known) => foot.append(addButton(known)), () => {})
  return h("li.find", null,
    h("a", { href: `#/p/${product.id}`, tabIndex: -1, "aria-hidden": "true" }, picture(product.id)),
    h("div", null, h("a", { href: `#/p/${product.id}` }, product.name), foot))
}

const QUESTIONS = {
  confirm_purchase: ["Buy this?", "Buy now", "Total"],
  confirm_cancel: ["Cancel this order?", "Cancel the order", "Comes back"],
  confirm_return: ["Send this back?", "Send it back", "Comes back"],
}

/** What the shopkeeper may not do on its own: the shopper presses, or it lapses. */
function question(turn) {
  const { quote_id: id, quote, expires_at: until } = turn.question
  const [title, yes, sum] = QUESTIONS[quote.type]
  const over = Date.parse(until) < clock.now()
  const answer = (decision) => () => {
    if (!chat.confirm(id, decision)) toast("Not connected: try again in a moment.", "bad")
  }
  const line = (each) => h("li", null,
    h("span", null, `${each.quantity} × ${each.product_name}`, h("span.note", null, ` ${variantName(each)}`)),
    h("span", null, money(each.subtotal, quote.currency)))
  const paidWith = [quote.payment_brand && brand(quote.payment_brand), quote.payment_last4 && `•••• ${quote.payment_last4}`].filter(Boolean)
  const gifts = quote.gift_cards ?? []
  return h("section.question", { "aria-label": title },
    h("h3", null, title),
    h("ul", null, quote.lines.map(line)),
    h("dl", null,
      quote.order_number && row("Order", quote.order_number),
      quote.address && row("To", [quote.address.street, quote.address.city].join(", ")),
      quote.shipping > 0 && row("Shipping", money(quote.shipping, quote.currency)),
      quote.tax > 0 && row("Tax", money(quote.tax, quote.currency)),
      gifts.map((each) => row(`Gift card •••• ${each.last4}`, money(each.amount, quote.currency))),
      paidWith.length > 0 && quote.payment_type !== "gift_card" && row("With", paidWith.join(" ")),
      row(sum, h("strong", null, money(quote.total, quote.currency)))),
    turn.answered ? h("p.note", null, turn.answered === "approve" ? "You said yes." : "You said no.")
      : over ? h("p.note", null, "This question has lapsed.")
        : h("p.actions", null,
          h("button.button.primary", { type: "button", onclick: answer("approve") }, yes),
          h("button.button", { type: "button", onclick: answer("decline") }, "No"),
          runsOut(until, { class: "note", onover: () => update(turn) })))
}

const row = (name, value) => h("div", null, h("dt", null, name), h("dd", null, value))
