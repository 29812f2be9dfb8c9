/** Customers who want a person: taking a conversation, writing in it, giving it back. */

import { busy, fill, h, moment, toast } from "../dom.js"
import { souk } from "./desk.js"
import { badge, listed, table } from "./table.js"

const SAID_BY = { user: "Customer", assistant: "Shop", system: "Note" }

export function show(page, { watch, signal }) {
  const place = h("div")
  const talk = h("section.block", { hidden: true, "aria-label": "Conversation" })
  page.append(h("section.block", null, place), talk)
  let open = null
  signal.addEventListener("abort", () => open?.leave())

  const load = () => listed(place, async () => (await souk.page("/api/admin/chats")).items,
    (items) => table("Conversations", ["Customer said", "For", "State", "Since", ""], items.map(row)),
    "Nobody waits for a person.")

  function row(each) {
    return [
      h("strong", null, each.title || each.session_id), each.summary,
      badge(each.mode === "waiting" ? "Waits" : "With a person", each.mode === "waiting" ? "warn" : "good"),
      moment(each.since),
      each.mode === "waiting"
        ? h("button.button.primary", { type: "button", onclick: ({ target }) => busy(target, () => take(each)) }, "Take")
        : h("button.button", { type: "button", onclick: () => sit(each) }, "Open"),
    ]
  }

  async function take(each) {
    await souk.post(`/api/admin/chats/${encodeURIComponent(each.session_id)}/take`)
    sit(each)
    await load()
  }

  function sit(each) {
    open?.leave()
    open = souk.chat(each.session_id)
    const lines = h("ol.talk", { "aria-live": "polite" })
    const text = h("input", { name: "text", required: true, maxLength: 4000, autocomplete: "off", "aria-label": "What you say" })
    open.addEventListener("reset", () => fill(lines))
    open.addEventListener("recorded", ({ detail: frame }) => {
      if (!(frame.type in SAID_BY) || !frame.content) return
      lines.append(h("li", { class: frame.type },
        h("span.note", null, frame.author === "operator" ? "You" : SAID_BY[frame.type]), h("p", null, frame.content)))
      lines.lastElementChild.scrollIntoView({ block: "nearest" })
    })
    open.connect()
    fill(talk, h("div.head", null, h("h2", null, each.title || each.session_id),
      h("button.button", { type: "button", onclick: ({ target }) => busy(target, () => giveBack(each)) }, "Give back to the assistant")),
    lines,
    h("form.inline", {
      onsubmit: (event) => {
        event.preventDefault()
        const said = text.value
        text.value = ""
        open.say(said).catch((problem) => {
          text.value = said
          toast(problem.message, "bad")
        })
      },
    }, text, h("button.button.primary", { type: "submit" }, "Say")))
    talk.hidden = false
    text.focus()
  }

  async function giveBack(each) {
    await souk.post(`/api/admin/chats/${encodeURIComponent(each.session_id)}/return`)
    open?.leave()
    talk.hidden = true
    await load()
  }

  load()
  let waiting = null
  watch.addEventListener("ops", ({ detail: { vitals } }) => {
    const now = vitals.books?.waiting_chats ?? 0
    if (waiting !== null && now !== waiting) load()
    waiting = now
  }, { signal })
}
