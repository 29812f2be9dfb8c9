/** Tables that come from a list, and the states of a list: on its way, empty, broken. */

import { fill, h } from "../dom.js"

/** A table in a box that scrolls by itself; `columns` are names, "" for buttons. */
export function table(label, columns, rows) {
  return h("div.scroll", { tabIndex: 0, role: "region", "aria-label": label },
    h("table", null,
      h("thead", null, h("tr", null, columns.map((each) =>
        h("th", { scope: "col" }, each || h("span.hidden", null, "What to do"))))),
      h("tbody", null, rows.map((row) => h("tr", null, row.map((each) => h("td", null, each)))))))
}

/**
 * Shows in `place` what `load` brings, and says so if that is nothing, or a problem.
 * Where nobody asked for it (`news`), it leaves alone what somebody is writing in.
 */
export async function listed(place, load, draw, empty, news = false) {
  place.setAttribute("aria-busy", "true")
  try {
    const items = await load()
    if (news && place.contains(document.activeElement)) return
    fill(place, items.length ? draw(items) : h("p.note", null, empty))
  } catch (problem) {
    fill(place, h("p.complaint", { role: "alert" }, problem.message),
      h("button.button", { type: "button", onclick: () => listed(place, load, draw, empty) }, "Try again"))
  } finally {
    place.removeAttribute("aria-busy")
  }
}

/** A state in a word: green for what is well, amber for what waits, red for trouble. */
export function badge(text, kind = "") { return h("span.badge", { class: kind }, text) }
