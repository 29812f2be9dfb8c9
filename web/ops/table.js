/** Lists that stay true while somebody works in them. */

import { busy, complain, fill, h } from "../dom.js"

// One page of a list, as it is asked for.
const AT_ONCE = 50

// News come faster than lists: what came within so long is asked for once.
const SOON_MS = 300

/** Returns what may be called for each piece of news: it does `work` soon, once for many. */
export function soon(work) {
  let timer = null
  return () => {
    timer ??= setTimeout(() => {
      timer = null
      work()
    }, SOON_MS)
  }
}

/** A table in a box that scrolls by itself; `columns` are names, "" for buttons. */
function table(label, columns) {
  // What is to be done must not hide behind the edge of a phone.
  const tasks = columns.includes("") && columns.length > 3
  return h("div.scroll", { tabIndex: 0, role: "region", "aria-label": label },
    h("table", { class: tasks && "tasks" },
      h("thead", null, h("tr", null, columns.map((each) =>
        h("th", { scope: "col" }, each || h("span.hidden", null, "What to do"))))),
      h("tbody")))
}

/**
 * A list as a table, and its states: on its way, empty, broken.
 *
 * A row is drawn anew only where its item changed: whatever somebody writes in another
 * one stays, news or not. Answers that overtake each other never lead back in time.
 */
export class Listing {
  #rows = new Map()
  #asked = 0
  #drawn = 0
  #pages = 1
  #said = h("div.wrong")
  #empty
  #table
  #body
  #more

  /**
   * `id` and `cells` are of one item; `load`, where there is one, brings the page that
   * `limit=…&offset=…` names, as `souk.page` does.
   */
  constructor(label, columns, { id, cells, empty, load = null }) {
    this.columns = columns
    this.id = id
    this.cells = cells
    this.load = load
    this.#empty = h("p.note", { hidden: true }, empty)
    this.#table = table(label, columns)
    this.#table.hidden = true
    this.#body = this.#table.querySelector("tbody")
    this.#more = h("button.button", { type: "button", hidden: true, onclick: () => this.#further() }, "Show more")
    this.shown = h("div.listing", { "aria-busy": "true" }, this.#said, this.#empty, this.#table, this.#more)
  }

  /** Begins with the first page again: something else is asked for. */
  begin() {
    this.#pages = 1
    return this.renew()
  }

  /** Asks for the list and shows it, or what went wrong. */
  async renew() {
    const asked = (this.#asked += 1)
    this.shown.setAttribute("aria-busy", "true")
    try {
      const pages = await Promise.all(Array.from({ length: this.#pages }, (_, at) =>
        this.load(`limit=${AT_ONCE}&offset=${at * AT_ONCE}`)))
      if (asked > this.#drawn) {
        this.show(pages.flatMap(({ items }) => items), asked)
        this.#more.hidden = pages.at(-1).total <= pages.length * AT_ONCE
      }
    } catch (problem) {
      if (asked === this.#asked) this.#trouble(problem)
    } finally {
      if (asked === this.#asked) this.shown.removeAttribute("aria-busy")
    }
  }

  /** Shows these items; `asked` is the number of the question that they answer. */
  show(items, asked = this.#drawn) {
    this.#drawn = asked
    fill(this.#said)
    this.#empty.hidden = items.length > 0
    this.#table.hidden = items.length === 0
    this.shown.removeAttribute("aria-busy")
    const known = this.#rows
    this.#rows = new Map(items.map((each) => [this.id(each), this.#row(each, known.get(this.id(each)))]))
    for (const [id, { drawn }] of known) if (!this.#rows.has(id)) drawn.remove()
    let at = this.#body.firstElementChild
    for (const { drawn } of this.#rows.values()) {
      // What is in its place is not touched: a move would take the focus away.
      if (drawn === at) at = at.nextElementSibling
      else this.#body.insertBefore(drawn, at)
    }
  }

  #further() {
    this.#pages += 1
    return busy(this.#more, () => this.renew())
  }

  #row(item, old) {
    const told = JSON.stringify(item)
    if (old?.told === told) return old
    // Where there is no room for a head, each cell says what it is.
    const drawn = h("tr", null, this.cells(item).map((each, at) => h("td", { "data-name": this.columns[at] }, each)))
    const focused = old?.drawn.contains(document.activeElement)
    old?.drawn.replaceWith(drawn)
    // Who had pressed something here goes on with what comes next.
    if (focused) drawn.querySelector("input, button")?.focus()
    return { told, drawn }
  }

  #trouble(problem) {
    complain(this.#said, problem)
    this.#said.append(h("button.button", { type: "button", onclick: () => this.renew() }, "Try again"))
  }
}

/** A state in a word: green for what is well, amber for what waits, red for trouble. */
export function badge(text, kind = "") { return h("span.badge", { class: kind }, text) }
