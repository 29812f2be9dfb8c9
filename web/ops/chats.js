/** Customers who want a person: taking a conversation, and giving it back. */

import { busy, fill, h, moment } from "../dom.js"
import { souk } from "./desk.js"
import { Listing, badge, soon } from "./table.js"
import { Talk } from "./talk.js"

export function show(page, { watch, signal, me }) {
  const place = h("div", { hidden: true })
  let talk = null
  const chats = new Listing("Conversations", ["Customer said", "For", "State", "Since", ""], {
    id: (each) => each.session_id,
    cells: (each) => [
      h("strong", null, each.title || each.session_id), each.summary, state(each), moment(each.since), next(each),
    ],
    empty: "Nobody waits for a person.",
    load: (page) => souk.page(`/api/admin/chats?${page}`),
  })
  page.append(h("section.block", null, chats.shown), place)
  signal.addEventListener("abort", () => talk?.leave())

  function state({ mode, operator_id: who }) {
    if (mode === "waiting") return badge("Waits", "warn")
    return badge(who === me.id ? "With you" : "With another person", "good")
  }

  function next(each) {
    if (each.mode === "waiting") return h("button.button.primary", { type: "button", onclick: ({ target }) => busy(target, () => take(each)) }, "Take")
    return each.operator_id === me.id && h("button.button", { type: "button", onclick: () => sit(each) }, "Open")
  }

  async function take(each) {
    try {
      await souk.post(`/api/admin/chats/${encodeURIComponent(each.session_id)}/take`)
      sit(each)
    } finally {
      await chats.renew()
    }
  }

  function sit(each) {
    talk?.leave()
    talk = new Talk(each, () => giveBack(each))
    fill(place, talk.shown)
    place.hidden = false
    talk.begin()
  }

  async function giveBack(each) {
    await souk.post(`/api/admin/chats/${encodeURIComponent(each.session_id)}/return`)
    talk?.leave()
    place.hidden = true
    await chats.renew()
  }

  chats.renew()
  const news = soon(() => chats.renew())
  for (const type of ["chat_mode", "again"]) watch.addEventListener(type, news, { signal })
  let waiting = null
  watch.addEventListener("ops", ({ detail: { vitals } }) => {
    const now = vitals.books?.waiting_chats ?? 0
    if (waiting !== null && now !== waiting) chats.renew()
    waiting = now
  }, { signal })
}
