/** Products as they are shown everywhere: picture, price, stock, quantity. */

import { count, h, icon, money, toast, busy } from "./dom.js"
import { cart, on, shelf } from "./shop.js"

/** The picture of a product or variant; a square that is there before it is. */
export function picture(sku, { alt = "", eager = false, class: more } = {}) {
  return h("img.picture", {
    src: `/static/products/${encodeURIComponent(sku)}.svg`,
    alt, width: 200, height: 200, decoding: "async", loading: eager ? "eager" : "lazy", class: more,
  })
}

const STOCK = {
  in_stock: () => "In stock",
  low_stock: (units) => `Only ${units} left`,
  out_of_stock: () => "Sold out",
}

/** A badge that follows the stock of `product`, or of one of its variants. */
export function stockBadge(product, sku = null) {
  const badge = h("span.stock")
  const show = (flash) => {
    const shown = sku ? product.variants.find((each) => each.sku === sku) : product
    // It does not come so any more: the last word stands.
    if (!shown) return
    badge.dataset.status = shown.stock_status
    badge.textContent = STOCK[shown.stock_status](shown.stock)
    if (flash) {
      badge.classList.remove("flash")
      void badge.offsetWidth
      badge.classList.add("flash")
    }
  }
  show(false)
  followed.set(badge, { id: product.id, show })
  return badge
}

// Badges that left the page are forgotten at the next news.
const followed = new Map()
on("stock", (product) => {
  for (const [badge, { id, show }] of followed) {
    if (!badge.isConnected) followed.delete(badge)
    else if (id === product.id) show(true)
  }
})

// The first line opens upon a page that was read a moment ago.
let lines = 0
on("again", () => {
  const shown = [...followed].filter(([badge]) => badge.isConnected)
  if ((lines += 1) > 1) shelf.renew(new Set(shown.map(([, { id }]) => id)))
})

/** The stars of a product, said in words too. */
export function rating(product) {
  return h("span.rating", null, icon("star"),
    h("span.hidden", null, "Rated "), product.rating.toFixed(1),
    h("span.reviews", null, ` (${product.reviews_count.toLocaleString("en-US")})`))
}

/** Puts a product into the cart where it comes in one variant; else shows it. */
export function addButton(product, sku = null) {
  const only = sku ?? (product.variants.length === 1 ? product.variants[0].sku : null)
  if (!only) {
    return h("a.button", { href: `#/p/${product.id}`, "aria-label": `Choose a variant of ${product.name}` }, "Choose")
  }
  const button = h("button.button.primary", {
    type: "button", "aria-label": `Add ${product.name} to the cart`,
    onclick: () => busy(button, async () => {
      await cart.add({ sku: only })
      toast(`${product.name} is in your cart.`, "good")
    }),
  }, icon("plus"), "Add")
  return button
}

/** One product in a grid. */
export function productCard(product, eager = false) {
  return h("li.card", null,
    h("a.card-link", { href: `#/p/${product.id}`, "aria-label": product.name },
      picture(product.id, { eager })),
    h("div.card-text", null,
      h("p.card-brand", null, product.brand),
      h("h3", null, h("a", { href: `#/p/${product.id}`, tabIndex: -1 }, named(product))),
      h("p.card-facts", null, rating(product), stockBadge(product))),
    h("div.card-foot", null,
      h("p.price", null, money(product.price, product.currency)),
      addButton(product)))
}

/** The name without the brand that stands above it anyway. */
export function named(product) {
  return product.name.startsWith(`${product.brand} `)
    ? product.name.slice(product.brand.length + 1) : product.name
}

/** Squares where cards will be, so that nothing jumps when they come. */
export function ghosts(number) {
  return Array.from({ length: number }, () => h("li.card.ghost", { "aria-hidden": "true" }))
}

/**
 * Minus, number, plus. Calls `changed` with the number that is wanted, once nothing was
 * pressed for `rest` milliseconds, so that many presses in a row are one change.
 */
export function stepper(value, { max, label, changed, min = 1, rest = 0 }) {
  const shown = h("output")
  const step = (by) => h("button", {
    type: "button", "aria-label": `${by < 0 ? "Fewer" : "More"}: ${label}`, onclick: () => go(by),
  }, icon(by < 0 ? "minus" : "plus"))
  const [fewer, more] = [step(-1), step(1)]
  let timer = null
  function go(by) {
    value += by
    if (!rest) return changed(value)
    draw()
    clearTimeout(timer)
    timer = setTimeout(() => changed(value), rest)
    return undefined
  }
  function draw() {
    shown.textContent = value
    shown.setAttribute("aria-label", count(value, "piece"))
    fewer.disabled = value <= min
    more.disabled = value >= max
  }
  draw()
  return h("div.stepper", { role: "group", "aria-label": `Quantity: ${label}` }, fewer, shown, more)
}

/** `Coral, size M`. */
export function variantName({ color, size }) {
  return [color, size && (/^[\d]/.test(size) ? `size ${size}` : size)].filter(Boolean).join(", ")
}

/** `visa` -> `Visa`: who made a card. */
export function brand(name) {
  return name === "amex" ? "American Express" : name.charAt(0).toUpperCase() + name.slice(1)
}
