/** One product: its variants, what is left of them, and more like it. */

import { anew, busy, fill, h, icon, money, toast } from "../dom.js"
import { named, picture, productCard, rating, stepper, stockBadge } from "../cards.js"
import { ask } from "../chat.js"
import { cart, on, shelf, souk } from "../shop.js"
import { openPanel } from "../panels.js"

export async function show(page, { params, query, signal }) {
  fill(page, h("div.product", { "aria-busy": "true" }, h("div.big.picture.ghost"), h("div.product-text", null, h("div.line.ghost"), h("div.line.ghost"))))
  const product = await shelf.product(params.id)
  if (signal.aborted) return
  const first = product.variants.find((each) => each.sku === query.get("sku"))
    ?? product.variants.find((each) => each.stock > 0) ?? product.variants[0]
  const picked = { color: first.color, size: first.size, quantity: 1 }
  const place = h("div.product")
  const draw = () => anew(place, () => paint(place, product, picked, draw))
  draw()
  on("stock", (changed) => {
    if (changed.id !== product.id) return
    // How many one may take is drawn; the rest follows by itself.
    if (most(product, variantOf(product, picked)) !== picked.most) draw()
    else available(place, product, picked)
  }, signal)
  fill(page,
    h("a.crumb", { href: `#/?category=${encodeURIComponent(product.category)}` }, icon("back"), product.category),
    place, related(product, signal))
}

const variantOf = (product, { color, size }) =>
  product.variants.find((each) => each.color === color && each.size === size)

/** How many of a variant go into a cart at once. */
const most = (product, variant) => Math.min(product.max_per_order, Math.max(1, variant?.stock ?? 0))

function paint(place, product, picked, draw) {
  const variant = variantOf(product, picked)
  picked.most = most(product, variant)
  // What is shown is what is put into the cart.
  picked.quantity = Math.min(picked.quantity, picked.most)
  fill(place,
    h("div", null, picture(variant?.sku ?? product.id, { alt: `${product.name}${picked.color ? `, ${picked.color}` : ""}`, eager: true, class: "big" })),
    h("div.product-text", null,
      h("div", null, h("p.card-brand", null, product.brand), h("h1", null, named(product))),
      h("div.facts", null, rating(product), variant ? stockBadge(product, variant.sku) : null,
        variant?.limited && h("span.status", null, "Limited: held for you in the cart")),
      h("p.price", null, money(product.price, product.currency)),
      product.colors.length > 0 && colours(product, picked, draw),
      product.sizes.length > 0 && sizes(product, picked, draw),
      buy(product, picked, variant, draw),
      h("p", null, product.description),
      h("div.warehouses"),
      h("p.tags", null, product.tags.map((each) => h("a", { href: `#/?q=${encodeURIComponent(each)}` }, each)))))
  available(place, product, picked)
  warehouses(place.querySelector(".warehouses"), product, variant)
}

function colours(product, picked, draw) {
  return h("fieldset", null, h("legend", null, `Colour: ${picked.color}`),
    h("div.choices", null, product.colors.map((color) => {
      const sku = product.variants.find((each) => each.color === color)?.sku
      return h("label.choice", { title: color },
        h("input", { type: "radio", name: "color", value: color, checked: color === picked.color, "aria-label": color, onchange: () => { picked.color = color; draw() } }),
        picture(sku ?? product.id))
    })))
}

function sizes(product, picked, draw) {
  return h("fieldset", null, h("legend", null, "Size"),
    h("div.choices", null, product.sizes.map((size) => {
      const variant = variantOf(product, { ...picked, size })
      return h("label.choice", null,
        h("input", { type: "radio", name: "size", value: size, checked: size === picked.size, disabled: !variant, onchange: () => { picked.size = size; draw() } }),
        h("span", { "data-sku": variant?.sku }, size))
    })))
}

function buy(product, picked, variant, draw) {
  const button = h("button.button.primary.add", {
    type: "button",
    onclick: () => busy(button, async () => {
      await cart.add({ sku: variant.sku }, picked.quantity)
      openPanel("cart")
    }),
  }, icon("cart"), "Add to cart")
  return h("div.buy", { "data-keep": "buy" },
    stepper(picked.quantity, { max: picked.most, label: product.name, changed: (to) => { picked.quantity = to; draw() } }),
    button, variant && waiting(variant.sku),
    h("button.button", { type: "button", onclick: () => ask(`Tell me about the ${product.name}`) }, icon("chat"), "Ask about it"))
}

/** For what is sold out: who waits is told when it is back. */
function waiting(sku) {
  const button = h("button.button.wait", {
    type: "button", hidden: true, onclick: () => busy(button, async () => {
      await souk.post("/api/waitlist", { sku })
      toast("You will hear of it as soon as it is back.", "good")
    }),
  }, icon("clock"), "Tell me when it is back")
  return button
}

/** What can be bought may change while somebody looks. */
function available(place, product, picked) {
  const variant = variantOf(product, picked)
  const button = place.querySelector(".add")
  button.disabled = !variant || variant.stock === 0
  const wait = place.querySelector(".wait")
  if (wait) wait.hidden = variant.stock > 0
  button.lastChild.textContent = variant?.stock === 0 ? "Sold out" : "Add to cart"
  for (const mark of place.querySelectorAll("[data-sku]")) {
    const each = product.variants.find(({ sku }) => sku === mark.dataset.sku)
    mark.title = each.stock ? "" : "Sold out"
    mark.style.opacity = each.stock ? "" : ".5"
  }
}

/** Says where it is in `place`: its own, so that a late answer is not of another variant. */
async function warehouses(place, product, variant) {
  if (!variant?.stock) return
  try {
    const known = await souk.get(`/api/products/inventory/${product.id}`, { auth: false })
    const { by_warehouse: there = {} } = known.variants.find((each) => each.sku === variant.sku) ?? {}
    const from = Object.entries(there).filter(([, units]) => units > 0)
    if (!from.length) return
    fill(place, h("p.note.facts", null, icon("truck"), `Ready to ship from ${from.map(([name, units]) => `${name} (${units})`).join(", ")}`))
  } catch {
    // It is an extra: the page is whole without it.
  }
}

function related(product, signal) {
  const grid = h("ul.grid")
  shelf.list(`/api/products?limit=5&sort=rating&category=${encodeURIComponent(product.category)}`, { signal })
    .then(({ items }) => fill(grid, items.filter((each) => each.id !== product.id).slice(0, 4).map((each) => productCard(each))), () => {})
  return h("section.related", null, h("h2", null, `More in ${product.category}`), grid)
}
