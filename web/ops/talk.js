/** One conversation as the operator who took it has it: what was said, and saying more. */

import { awhile, busy, fill, h, toast } from "../dom.js"
import { souk } from "./desk.js"

const SAID_BY = { user: "Customer", assistant: "Assistant", system: "Note" }
const LINES = { open: "", closed: "This conversation is no longer yours.", connecting: "Connecting …" }

export class Talk {
  #chat
  #lines = h("ol.talk", { "aria-live": "polite", tabIndex: 0, "aria-label": "What was said" })
  #typing = h("p.note", { hidden: true, role: "status" }, "The customer is typing …")
  #line = h("p.note", { role: "status" })
  #text
  #mine = new Map()
  #read = 0

  constructor({ session_id: id, title }, giveBack) {
    this.#chat = souk.chat(id)
    this.#text = h("input", {
      name: "text", required: true, maxLength: 4000, autocomplete: "off", "aria-label": "What you say",
      oninput: () => this.#chat.typing(),
    })
    this.shown = h("section.block", { "aria-label": "Conversation" },
      h("div.head", null, h("h2", null, title || id), this.#line,
        h("button.button", { type: "button", onclick: ({ target }) => busy(target, giveBack) }, "Give back to the assistant")),
      this.#lines, this.#typing,
      h("form.inline", { onsubmit: (event) => this.#say(event) }, this.#text, h("button.button.primary", { type: "submit" }, "Say")))
  }

  /** Opens the line; the field to write in has the focus. */
  begin() {
    const heard = (type, hear) => this.#chat.addEventListener(type, ({ detail }) => hear(detail))
    heard("state", ({ state }) => { this.#line.textContent = LINES[state] ?? "The line dropped. Reconnecting …" })
    heard("reset", () => fill(this.#lines))
    heard("welcome", ({ read }) => this.#seen(read.user ?? 0))
    heard("read", ({ who, seq }) => who === "user" && this.#seen(seq))
    heard("typing", ({ who }) => who === "user" && awhile(this.#typing, 3000))
    heard("recorded", (frame) => this.#hear(frame))
    this.#chat.connect()
    this.#text.focus()
  }

  leave() { this.#chat.leave() }

  #hear(frame) {
    if (!(frame.type in SAID_BY) || !frame.content) return
    const mine = frame.author === "operator"
    const mark = mine && h("span.seen")
    if (mine) this.#mine.set(frame.seq, mark)
    if (frame.type === "user") this.#typing.hidden = true
    this.#lines.append(h("li", { class: mine ? "mine" : frame.type },
      h("span.note", null, mine ? "You" : SAID_BY[frame.type]), h("p", null, frame.content), mark))
    this.#lines.scrollTop = this.#lines.scrollHeight
    this.#seen(this.#read)
    if (!document.hidden) this.#chat.read(frame.seq)
  }

  /** The customer has seen everything up to here; the last of ours says so. */
  #seen(seq) {
    this.#read = Math.max(seq, this.#read)
    const last = [...this.#mine.keys()].findLast((each) => each <= this.#read)
    for (const [each, mark] of this.#mine) mark.textContent = each === last ? "Seen" : ""
  }

  #say(event) {
    event.preventDefault()
    const said = this.#text.value
    this.#text.value = ""
    this.#chat.say(said).catch((problem) => {
      this.#text.value ||= said
      toast(problem.message, "bad")
    })
  }
}
