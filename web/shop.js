/** What all parts of the page share: who we are, the cart, the shelf, the talk. */

import { Problem, Souk, freshId } from "./souk.js"

export const souk = new Souk()
const news = new EventTarget()

/**
 * Hears `type` until `signal` aborts; types: cart, stock, me, orders, chat, back, and
 * again: a line is open, what changed while there was none was told to nobody.
 */
export function on(type, heard, signal) {
  news.addEventListener(type, ({ detail }) => heard(detail), { signal })
}

function tell(type, detail) { news.dispatchEvent(new CustomEvent(type, { detail })) }

/** What the time is in the shop; the browser's clock may be wrong by hours. */
export const clock = {
  ahead: 0,
  now() { return Date.now() + this.ahead },
  set(serverNow) { this.ahead = Date.parse(serverNow) - Date.now() },
}

let visits = 0

/** Takes what was asked for, unless somebody came or went meanwhile: then it is another's. */
async function ours(asked, take) {
  const mine = visits
  const answer = await asked
  if (mine === visits) take(answer)
  return answer
}

/** The cart: the newest version of it that anybody told us. */
export const cart = {
  value: null,

  take(next) {
    if (this.value?.id === next.id && next.version < this.value.version) return
    this.value = next
    tell("cart", next)
  },

  forget() {
    this.value = null
    tell("cart", null)
  },

  async load() { await ours(souk.get("/api/cart"), (next) => this.take(next)) },

  async change(method, path, body) {
    // Who presses before the shop has let them in is let in first.
    await souk.guest()
    try {
      return await ours(souk.send(method, path, { body }), (answer) => this.take(answer.cart ?? answer))
    } catch (problem) {
      if (problem.code === "cart_changed") this.take(problem.details.cart ?? this.value)
      throw problem
    }
  },

  add(goods, quantity = 1) { return this.change("POST", "/api/cart/items", { ...goods, quantity }) },

  put(line, quantity) {
    return this.change("PUT", `/api/cart/items/${encodeURIComponent(line.id)}`, { quantity })
  },

  remove(line) { return this.change("DELETE", `/api/cart/items/${encodeURIComponent(line.id)}`) },
}

/** Products as far as they were seen, their stock kept to the moment. */
export const shelf = {
  products: new Map(),
  versions: new Map(),
  // What was heard while answers are on their way, by sku; and how much ever was.
  news: new Map(),
  heard: 0,
  asking: 0,

  /** One page of a list of products, as `souk.page` gives it. */
  list(path, options) {
    return this.asked(souk.page(path, { ...options, auth: false }), ({ items, total }, since) =>
      ({ items: this.take(items, since), total }))
  },

  async product(id) { return this.products.get(id) ?? this.read(id) },

  read(id) {
    const path = `/api/products/${encodeURIComponent(id)}`
    return this.asked(souk.get(path, { auth: false }), (product, since) => this.take([product], since)[0])
  },

  /** Takes an answer; news that overtook it count for more than what it says. */
  async asked(answer, take) {
    const since = this.heard
    this.asking += 1
    try {
      return take(await answer, since)
    } finally {
      this.asking -= 1
      if (!this.asking) this.news.clear()
    }
  },

  take(products, since) {
    // One object per product: what shows it must hear of it, whichever list came last.
    return products.map((each) => {
      const known = Object.assign(this.products.get(each.id) ?? {}, each)
      this.products.set(each.id, known)
      for (const { sku } of known.variants) {
        const news = this.news.get(sku)
        if (news?.heard > since) count(known, news)
      }
      return known
    })
  },

  /** Reads again what is shown, and forgets the rest until somebody looks at it. */
  renew(shown) {
    for (const id of this.products.keys()) if (!shown.has(id)) this.products.delete(id)
    for (const id of shown) this.read(id).then((product) => tell("stock", product), () => {})
  },

  /** Takes one `inventory_update`; what nobody looks at is left alone. */
  changed({ product_id: id, sku, new_quantity: units, stock_status: status, version }) {
    if (version < (this.versions.get(sku) ?? 0)) return
    this.heard += 1
    const news = { sku, units, status, heard: this.heard }
    if (this.asking) this.news.set(sku, news)
    const product = this.products.get(id)
    if (!product || !count(product, news)) return
    this.versions.set(sku, version)
    tell("stock", product)
  },
}

/** Takes over how many of a variant there are; false: the product does not come so. */
function count(product, { sku, units, status }) {
  const variant = product.variants.find((each) => each.sku === sku)
  if (!variant) return false
  variant.stock = units
  variant.stock_status = status
  product.stock = product.variants.reduce((sum, each) => sum + each.stock, 0)
  product.stock_status = product.stock === 0 ? "out_of_stock" : product.stock < 10 ? "low_stock" : "in_stock"
  return true
}

/** Us, if we have an account. */
export const me = {
  value: null,

  async load() {
    await ours(souk.who === "account" ? souk.get("/api/auth/me") : null, (next) => {
      this.value = next
      tell("me", next)
    })
  },
}

const SESSION = "souk.session"

/** The conversation of this browser; all its tabs are in the same one. */
export const talk = {
  chat: null,

  open() {
    this.chat?.leave()
    const id = localStorage.getItem(SESSION) ?? freshId()
    localStorage.setItem(SESSION, id)
    const chat = (this.chat = souk.chat(id))
    chat.addEventListener("cart_update", ({ detail }) => cart.take({ ...detail.cart, actor: detail.actor }))
    chat.addEventListener("inventory_update", ({ detail }) => shelf.changed(detail))
    chat.addEventListener("order_update", ({ detail }) => tell("orders", detail.order))
    chat.addEventListener("back_in_stock", ({ detail }) => tell("back", detail))
    chat.addEventListener("welcome", ({ detail }) => {
      clock.set(detail.server_now)
      cart.load().catch(() => {})
      tell("again")
    })
    chat.addEventListener("state", ({ detail }) => {
      // Somebody else's conversation: begin one of our own, unless another tab has.
      if (detail.state !== "closed" || detail.why !== 4404) return
      if (localStorage.getItem(SESSION) === id) localStorage.removeItem(SESSION)
      this.open()
    })
    tell("chat", chat)
    chat.connect()
  },
}

// Two tabs may have begun one each, as after a sign-out: the one that was kept is it.
addEventListener("storage", ({ key }) => {
  const id = key === SESSION && localStorage.getItem(SESSION)
  if (id && talk.chat && id !== talk.chat.sessionId) talk.open()
})

let entries = 0

/** Becomes somebody, and everything around follows: cart, account, conversation. */
export async function enter() {
  const mine = (entries += 1)
  try {
    await souk.guest()
    await me.load()
    // Whoever came in meanwhile opens the conversation.
    if (mine === entries) talk.open()
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem
    tell("trouble", problem)
    setTimeout(() => mine === entries && enter(), problem.retryAfterMs ?? 3000)
  }
}

/** Signs out; the next guest here begins a conversation of their own. */
export async function signOut() {
  localStorage.removeItem(SESSION)
  await souk.signOut()
}

souk.addEventListener("signed", () => {
  visits += 1
  cart.forget()
  enter()
})
