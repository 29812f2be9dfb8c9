/** The page around the pages: addresses, header, panels, colours. */

import { cartPanel } from "./cart.js"
import { chatPanel } from "./chat.js"
import { fill, h, icon, sentence, toast } from "./dom.js"
import { Panels } from "./panels.js"
import { cart, enter, me, on, shelf, souk, talk } from "./shop.js"
import { show as showCatalogue } from "./pages/catalogue.js"

const page = document.querySelector("#page")

// What is not the first view is fetched when somebody goes there; `OWN` is one's own alone.
const OWN = true
const PAGES = [
  [/^\/$/, () => showCatalogue],
  [/^\/p\/(?<id>[\w.-]+)$/, async () => (await import("./pages/product.js")).show],
  [/^\/checkout$/, async () => (await import("./pages/checkout.js")).show, OWN],
  [/^\/orders$/, async () => (await import("./pages/orders.js")).show, OWN],
  [/^\/orders\/(?<id>[\w.-]+)$/, async () => (await import("./pages/order.js")).show, OWN],
  [/^\/points$/, async () => (await import("./pages/points.js")).show, OWN],
  [/^\/me$/, async () => (await import("./pages/me.js")).show, OWN],
  [/^\/sign-in$/, async () => (await import("./pages/sign.js")).show],
  [/^\/sign-up$/, async () => (await import("./pages/sign.js")).showSignUp],
]

let leaving = new AbortController()
let shown = null
let isOwn = false

/** Shows what the address says; the page before it is told to stop. */
async function go() {
  const [path, search] = (location.hash.slice(1) || "/").split("?")
  const [pattern, load, own] = PAGES.find(([each]) => each.test(path)) ?? []
  leaving.abort()
  leaving = new AbortController()
  const { signal } = leaving
  const first = shown === null
  const same = shown === path
  shown = path
  isOwn = Boolean(own)
  page.dataset.page = path.split("/")[1] || "catalogue"
  if (!same) page.setAttribute("aria-busy", "true")
  try {
    if (!load) throw Object.assign(new Error("There is no such page."), { status: 404 })
    const show = await fetched(load)
    const params = { ...pattern.exec(path).groups }
    await show(page, { params, query: new URLSearchParams(search), signal, same })
  } catch (problem) {
    if (!signal.aborted) trouble(problem)
  }
  if (signal.aborted) return
  page.removeAttribute("aria-busy")
  const heading = page.querySelector("h1")
  document.title = heading && path !== "/" ? `${heading.textContent} · Souk` : "Souk"
  if (same || first) return
  scrollTo({ top: 0 })
  page.focus({ preventScroll: true })
}

/** A part of this page. The shop may be a newer one by now, which has no such part. */
async function fetched(load) {
  try {
    return await load()
  } catch {
    throw Object.assign(new Error("This part of the shop could not be fetched."), { reload: true })
  }
}

/** Says what went wrong, and what can be done about it. */
function trouble(problem) {
  if (problem.status === 401 || problem.status === 403) {
    const back = encodeURIComponent(location.hash.slice(1))
    location.replace(`#/sign-in?back=${back}`)
    return
  }
  const lost = problem.status === 404
  fill(page, h("section.state", null,
    h("h1", null, lost ? "Not here" : "That did not work"),
    h("p", null, sentence(problem.message)),
    problem.requestId && h("p.note", null, `Request ${problem.requestId}`),
    h("p.actions", null,
      !lost && h("button.button.primary", { type: "button", onclick: problem.reload ? () => location.reload() : go }, "Try again"),
      h("a.button", { href: "#/" }, "To the shop"))))
}

const panels = new Panels({ cart: cartPanel, chat: chatPanel })

function header() {
  const tool = document.querySelector("#account")
  const [text, href] = me.value ? [me.value.username, "#/me"] : ["Sign in", "#/sign-in"]
  tool.href = href
  fill(tool, icon("person"), h("span.tool-name", null, text))
}

function counted() {
  const badge = document.querySelector("#cart-count")
  const units = cart.value?.items.reduce((sum, each) => sum + each.quantity, 0) ?? 0
  badge.hidden = units === 0
  badge.textContent = units
  const opener = document.querySelector("#open-cart")
  opener.setAttribute("aria-label", units ? `Cart, ${units} in it` : "Cart")
}

function searching() {
  const form = document.querySelector(".search")
  let waiting = 0
  let ours = null
  const rest = () => {
    clearTimeout(waiting)
    waiting = 0
  }
  const tell = () => {
    const text = new URLSearchParams(location.hash.split("?")[1]).get("q") ?? ""
    if (form.q.value.trim() !== text) form.q.value = text
  }
  const look = () => {
    rest()
    const [path, search] = (location.hash.slice(1) || "/").split("?")
    const query = new URLSearchParams(path === "/" ? search : "")
    const text = form.q.value.trim()
    if (text) query.set("q", text)
    else query.delete("q")
    const next = `#/${query.size ? `?${query}` : ""}`
    if (next === (location.hash || "#/")) return
    // Typing is one visit, not one per letter.
    if (path === "/") {
      history.replaceState(null, "", next)
      go()
    } else {
      ours = location.hash = next
    }
  }
  form.addEventListener("submit", (event) => { event.preventDefault(); look() })
  form.q.addEventListener("input", () => {
    rest()
    waiting = setTimeout(look, 140)
  })
  addEventListener("hashchange", () => {
    // Whoever goes elsewhere, or back, is not called away by what they were typing.
    if (location.hash !== ours) {
      rest()
      tell()
    }
    ours = null
  })
  addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.target.closest("input, textarea, select")) return
    event.preventDefault()
    form.q.focus()
  })
  tell()
}

function colours() {
  const button = document.querySelector("#theme")
  const dark = matchMedia("(prefers-color-scheme: dark)")
  const root = document.documentElement
  const isDark = () => (root.dataset.theme ?? (dark.matches ? "dark" : "light")) === "dark"
  const tell = () => {
    button.setAttribute("aria-label", isDark() ? "Change to light colours" : "Change to dark colours")
    fill(button, icon(isDark() ? "sun" : "moon"))
  }
  button.onclick = () => {
    root.dataset.theme = isDark() ? "light" : "dark"
    localStorage.setItem("souk.theme", root.dataset.theme)
    tell()
  }
  dark.addEventListener("change", tell)
  tell()
}

on("cart", counted)
on("me", header)
// They came in by another tab.
on("me", () => {
  if (souk.who !== "account" || !["sign-in", "sign-up"].includes(page.dataset.page)) return
  const back = new URLSearchParams(location.hash.split("?")[1]).get("back")
  location.replace(back?.startsWith("/") ? `#${back}` : "#/")
})
// What is one's own is shown to nobody who comes after, in whatever tab they do.
souk.addEventListener("signed", () => {
  if (!isOwn) return
  fill(page)
  go()
})
on("back", async ({ product_id: id, available }) => {
  const { name } = await shelf.product(id)
  toast(`${name} is back: ${available} to be had.`, "good")
})
addEventListener("hashchange", go)
addEventListener("visibilitychange", () => { if (!document.hidden) talk.chat?.wake() })
// Who never writes is let go after a while, but what they look at shall be true.
for (const sign of ["pointerdown", "keydown"]) {
  addEventListener(sign, () => { if (talk.chat?.state === "asleep") talk.chat.wake() })
}
colours()
searching()
panels.begin()
go()
enter()
