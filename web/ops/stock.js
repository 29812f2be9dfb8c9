/** What runs low, one variant's shelves, and correcting what is on them. */

import { busy, complain, field, fill, filled, h, toast } from "../dom.js"
import { souk } from "./desk.js"
import { badge, table } from "./table.js"

export function show(page, { watch, signal }) {
  const low = h("div")
  const shelves = h("div.shelves", { "aria-live": "polite" })
  const search = h("form.actions", {
    onsubmit: (event) => {
      event.preventDefault()
      look(shelves, filled(event.target).sku)
    },
  }, field("SKU of a variant", { name: "sku", required: true, placeholder: "AUD-009-COR" }), h("button.button.primary", { type: "submit" }, "Look"))
  page.append(
    h("section.block", null, h("h2", null, "One variant"), search, shelves),
    h("section.block", null, h("h2", null, "Running low"), low))

  let seen = ""
  watch.addEventListener("ops", ({ detail: { vitals } }) => {
    const now = JSON.stringify(vitals.low_stock)
    if (now === seen || low.contains(document.activeElement)) return
    seen = now
    const rows = vitals.low_stock.map((each) => [
      h("strong", null, each.sku), badge(each.available || "sold out", each.available ? "warn" : "bad"),
      h("button.button", { type: "button", onclick: () => look(shelves, each.sku) }, "Look"),
    ])
    fill(low,
      rows.length ? table("Low stock", ["Variant", "Left", ""], rows) : h("p.note", null, "Nothing runs low."),
      vitals.low_stock_count > rows.length && h("p.note", null, `and ${vitals.low_stock_count - rows.length} more`))
  }, { signal })
}

async function look(place, sku) {
  const path = `/api/admin/inventory/${encodeURIComponent(sku)}`
  try {
    const stock = await souk.get(path)
    const said = h("div")
    const houses = Object.keys(stock.on_hand).sort()
    fill(place,
      h("h3", null, stock.sku, " ", badge(`${stock.total_available} to sell`, stock.total_available ? "good" : "bad")),
      table("Shelves", ["Warehouse", "On hand", "Held", "Committed", "Available"], houses.map((each) =>
        [each, stock.on_hand[each], stock.held[each] ?? 0, stock.committed[each] ?? 0, stock.available[each] ?? 0])),
      h("form.actions", {
        onsubmit: (event) => {
          event.preventDefault()
          const { delta, ...rest } = filled(event.target)
          busy(event.submitter, async () => {
            try {
              await souk.post(path, { ...rest, delta: Number(delta) })
            } catch (problem) {
              return complain(said, problem)
            }
            toast(`${sku}: ${delta} in ${rest.warehouse}.`, "good")
            await look(place, sku)
          })
        },
      },
      h("div.field", null, h("label", { htmlFor: "house" }, "Warehouse"),
        h("select", { id: "house", name: "warehouse" }, houses.map((each) => h("option", { value: each }, each)))),
      field("More or fewer", { name: "delta", type: "number", step: "1", required: true, value: "1" }),
      field("Why", { name: "reason", required: true, maxLength: 100, value: "Counted by hand" }),
      h("button.button", { type: "submit" }, "Adjust")),
      said)
    place.scrollIntoView({ block: "nearest" })
  } catch (problem) {
    fill(place, h("p.complaint", { role: "alert" }, problem.message))
  }
}
