/** The front page: everything there is, narrowed by what the address says. */

import { anew, count, fill, h, icon, money } from "../dom.js"
import { ghosts, productCard } from "../cards.js"
import { ask } from "../chat.js"
import { shelf, souk } from "../shop.js"

const AT_ONCE = 12
const SORTS = [
  ["", "Best first"], ["price_asc", "Price: low first"], ["price_desc", "Price: high first"],
  ["rating", "Best rated"], ["newest", "Newest"], ["name", "A to Z"],
]
const IDEAS = ["A rain jacket that packs small", "Noise-cancelling headphones under $150", "What goes with an espresso machine?"]
// What narrows the list; each is a key of the address and of the API alike.
const NARROWS = ["category", "brand", "min_price", "max_price", "in_stock"]

let facets = null
// What the list shows: where it moved on meanwhile, the next page begins with some of it.
const listed = new Set()
let grid, told, more, side, head

/** Shows the catalogue; a change of the filters keeps the page and renews the list. */
export async function show(page, { query, signal, same }) {
  // While somebody types, the last list stays until the next one is there.
  if (!same || !grid?.isConnected) build(page)
  describe(query)
  grid.setAttribute("aria-busy", "true")
  // The list is what people wait for; the filters may come a moment later.
  const there = same && facets ? Promise.resolve() : loadFacets().catch(() => {})
  const filters = there.then(() => facets && !signal.aborted && narrowing(query))
  await load(query, 0, signal)
  // Who narrows a list down from its middle wants to see where the new one begins.
  const covered = document.querySelector(".top").getBoundingClientRect().bottom
  if (same && told.getBoundingClientRect().top < covered) told.scrollIntoView()
  await filters
}

function build(page) {
  grid = h("ul.grid", null, ghosts(AT_ONCE))
  told = h("p.note", { role: "status" })
  more = h("div.more")
  side = h("details.narrow")
  head = h("div")
  const columns = h("div.catalogue", null, side, h("section", { "aria-label": "Products" }, told, grid, more))
  fill(page, head, columns)
  // Beside the list there is room for it; above it, it would push the list away.
  side.open = getComputedStyle(columns).gridTemplateColumns.includes(" ")
}

function describe(query) {
  const text = query.get("q")
  const narrowed = text || NARROWS.some((each) => query.has(each))
  if (narrowed) {
    const title = text ? `“${text}”` : query.get("category") ?? query.get("brand") ?? "Some of it"
    fill(head, h("div.page-head", null, h("h1", null, title), h("a", { href: "#/" }, "Show everything")))
  } else if (!head.querySelector(".hero")) {
    fill(head, h("section.hero", null,
      h("h1", null, "The whole market, live."),
      h("p", null, "Stock and prices move while you watch. Tell the shopkeeper what you need."),
      h("p.ideas", null, IDEAS.map((each) => h("button.chip", { type: "button", onclick: () => ask(each) }, icon("chat"), each)))))
  }
}

/** Asks for what there is to narrow by: a page may be open for days. */
async function loadFacets() { facets = await souk.get("/api/products/facets", { auth: false }) }

async function load(query, offset, signal) {
  const { items, total } = await shelf.list(`/api/products?${apiQuery(query, offset)}`, { signal })
  if (signal.aborted) return
  if (offset === 0) listed.clear()
  const news = items.filter(({ id }) => !listed.has(id))
  for (const { id } of news) listed.add(id)
  // A hand's width of pictures is seen at once; the others may wait for the scroll.
  const cards = news.map((each, at) => productCard(each, offset + at < 4))
  if (offset === 0) fill(grid, cards)
  else grid.append(...cards)
  grid.removeAttribute("aria-busy")
  told.textContent = total ? count(total, "product") : ""
  if (total === 0) nothing(query)
  furtherOn(query, offset + items.length, total, signal)
}

function apiQuery(query, offset) {
  const asked = new URLSearchParams({ limit: AT_ONCE, offset })
  for (const name of [...NARROWS, "sort"]) if (query.get(name)) asked.set(name, query.get(name))
  if (query.get("q")) asked.set("search", query.get("q"))
  return asked
}

/** A button that presses itself when it comes near; without a mouse it is a button. */
function furtherOn(query, offset, total, signal) {
  if (offset >= total) return fill(more, total > AT_ONCE && h("p.note", null, "That is all of it."))
  const button = h("button.button", { type: "button" }, `Show more of ${total}`)
  let asked = false
  const go = async () => {
    if (asked) return
    asked = true
    button.setAttribute("aria-busy", "true")
    try {
      await load(query, offset, signal)
    } catch (problem) {
      if (signal.aborted) return
      asked = false
      button.removeAttribute("aria-busy")
      button.textContent = `${problem.message} Try again`
    }
  }
  button.onclick = go
  fill(more, button)
  const near = new IntersectionObserver((seen) => {
    if (!seen[0].isIntersecting) return
    near.disconnect()
    go()
  }, { rootMargin: "300px" })
  // Not before somebody scrolls: the first view stays light.
  const watch = () => near.observe(button)
  if (offset > AT_ONCE) watch()
  else addEventListener("scroll", watch, { once: true, passive: true, signal })
  signal.addEventListener("abort", () => near.disconnect())
}

function nothing(query) {
  const text = query.get("q")
  fill(grid, h("li.state", null,
    h("h2", null, "Nothing like that here"),
    h("p", null, "Fewer filters may help, or ask somebody who knows the shelves."),
    h("p.actions", null,
      h("a.button", { href: "#/" }, "Show everything"),
      text && h("button.button.primary", { type: "button", onclick: () => ask(text) }, "Ask the shopkeeper"))))
}

function narrowing(query) {
  const set = (changes) => {
    const next = new URLSearchParams(query)
    for (const [name, value] of Object.entries(changes)) {
      if (value) next.set(name, value)
      else next.delete(name)
    }
    return `#/${next.size ? `?${next}` : ""}`
  }
  const go = (changes) => { location.hash = set(changes) }
  const choice = (text, number, on, changes) =>
    h("li", null, h("a", { href: set(changes), "aria-current": on ? "true" : null }, text, h("span.note", null, String(number))))
  const link = (name, { value, count: number }) => {
    const on = query.get(name) === value
    return choice(value, number, on, { [name]: on ? null : value })
  }
  const bands = facets.price_bands.map(({ min, max, count: number }) => {
    const on = query.get("min_price") === asked(min) && query.get("max_price") === asked(max)
    const text = max === null ? `From ${money(min)}` : min ? `${money(min)} to ${money(max)}` : `Up to ${money(max)}`
    return choice(text, number, on, on ? { min_price: null, max_price: null } : { min_price: asked(min), max_price: asked(max) })
  })
  const scrolled = side.querySelector(".scroll")?.scrollTop ?? 0
  anew(side, () => fill(side,
    h("summary", null, icon("filter"), "Narrow down"),
    h("label.switch", null,
      h("input", { type: "checkbox", checked: query.get("in_stock") === "true", onchange: (event) => go({ in_stock: event.target.checked ? "true" : null }) }),
      "Only what is in stock"),
    h("label.field", null, "Sort",
      h("select", { onchange: (event) => go({ sort: event.target.value }) },
        SORTS.map(([value, text]) => h("option", { value, selected: (query.get("sort") ?? "") === value }, text)))),
    h("h2", null, "Category"), h("ul", null, facets.categories.map((each) => link("category", each))),
    h("h2", null, "Price"), h("ul", null, bands),
    h("h2", null, "Brand"), h("ul.scroll", { tabIndex: 0, "aria-label": "Brands" }, facets.brands.map((each) => link("brand", each)))))
  side.querySelector(".scroll").scrollTop = scrolled
}

const asked = (amount) => (amount === null ? null : String(amount))
