/** What runs low, one variant's shelves, and correcting what is on them. */

import { busy, complain, field, fill, filled, h, toast } from "../dom.js"
import { souk } from "./desk.js"
import { Listing, badge, soon } from "./table.js"

export function show(page, { watch, signal }) {
  const shelf = new Shelf()
  const search = h("form.actions", {
    onsubmit: (event) => {
      event.preventDefault()
      busy(event.submitter, () => shelf.look(filled(event.target).sku.trim()))
    },
  }, field("SKU of a variant", { name: "sku", required: true, placeholder: "AUD-009-COR" }), h("button.button.primary", { type: "submit" }, "Look"))
  const low = new Listing("Low stock", ["Variant", "Left", ""], {
    id: ({ sku }) => sku,
    cells: ({ sku, available }) => [
      h("strong", null, sku), badge(available || "sold out", available ? "warn" : "bad"),
      h("button.button", { type: "button", "aria-label": `Look at ${sku}`, onclick: ({ target }) => busy(target, () => shelf.look(sku)) }, "Look"),
    ],
    empty: "Nothing runs low.",
  })
  const more = h("p.note")
  page.append(
    h("section.block", null, h("h2", null, "One variant"), search, shelf.shown),
    h("section.block", null, h("h2", null, "Running low"), low.shown, more))

  watch.addEventListener("ops", ({ detail: { vitals } }) => {
    const others = vitals.low_stock_count - vitals.low_stock.length
    low.show(vitals.low_stock)
    more.textContent = others > 0 ? `and ${others} more` : ""
  }, { signal })
  // Orders hold, commit and give back: the numbers follow, what is written stays.
  const news = soon(() => shelf.renew())
  for (const type of ["order_update", "stock_low", "again"]) watch.addEventListener(type, news, { signal })
}

/** One variant, counted by warehouse. */
class Shelf {
  shown = h("div.shelves")
  #sku = null
  #looks = 0
  #left = h("span", { "aria-live": "polite" })
  #houses = new Listing("Shelves", ["Warehouse", "On hand", "Held", "Committed", "Available"], {
    id: ({ house }) => house,
    cells: (each) => [each.house, each.on_hand, each.held, each.committed, each.available],
    empty: "No warehouse has had it yet.",
  })

  /** Shows this variant. */
  async look(sku) {
    const mine = (this.#looks += 1)
    try {
      const [stock, places] = await Promise.all([this.#count(sku), souk.get("/api/admin/warehouses")])
      // Somebody looked at another one meanwhile.
      if (mine !== this.#looks) return
      this.#sku = sku
      fill(this.shown, h("h3", null, sku, " ", this.#left), this.#houses.shown, this.#adjusting(stock, places))
      this.#tell(stock)
      this.shown.scrollIntoView({ block: "nearest" })
    } catch (problem) {
      if (mine !== this.#looks) return
      this.#sku = null
      complain(this.shown, problem)
    }
  }

  /** Counts again; where that fails, the next news counts. */
  async renew() {
    const sku = this.#sku
    const stock = sku && await this.#count(sku).catch(() => null)
    if (stock && sku === this.#sku) this.#tell(stock)
  }

  #path(sku) { return `/api/admin/inventory/${encodeURIComponent(sku)}` }

  #count(sku) { return souk.get(this.#path(sku)) }

  #tell(stock) {
    fill(this.#left, badge(`${stock.total_available} to sell`, stock.total_available ? "good" : "bad"))
    this.#houses.show(houses(stock).map((house) => ({
      house,
      on_hand: stock.on_hand[house],
      held: stock.held[house] ?? 0,
      committed: stock.committed[house] ?? 0,
      available: stock.available[house] ?? 0,
    })))
  }

  /** Units come to any warehouse, also to one that never had this; they leave from all. */
  #adjusting(stock, places) {
    const all = [...new Set([...places.map(({ id }) => id), ...houses(stock)])].sort()
    const said = h("div.wrong")
    const adjust = async ({ delta, ...rest }) => {
      try {
        await souk.post(this.#path(stock.sku), { ...rest, delta: Number(delta) })
        fill(said)
        toast(`${stock.sku}: ${delta} in ${rest.warehouse}.`, "good")
      } catch (problem) {
        complain(said, problem)
      }
      await this.renew()
    }
    return [
      h("form.actions", {
        onsubmit: (event) => {
          event.preventDefault()
          busy(event.submitter, () => adjust(filled(event.target)))
        },
      },
      h("div.field", null, h("label", { htmlFor: "house" }, "Warehouse"),
        h("select", { id: "house", name: "warehouse" }, all.map((each) => h("option", { value: each }, each)))),
      field("More or fewer", { name: "delta", type: "number", step: "1", required: true, value: "1" }),
      field("Why", { name: "reason", required: true, maxLength: 100, value: "Counted by hand" }),
      h("button.button", { type: "submit" }, "Adjust")),
      said,
    ]
  }
}

const houses = (stock) => Object.keys(stock.on_hand).sort()
