/**
 * Elements from JavaScript, and how things are written: money, times, counts.
 *
 * Text is always set as text, never as HTML: nothing a supplier, a model or a shopper
 * wrote can become markup.
 */

/**
 * An element: `h("button.primary", { onclick: buy }, "Buy")`.
 *
 * Properties that begin with `on` are listeners; those the element knows are set as
 * properties, others as attributes. `null`, `undefined` and `false` are left out, among
 * properties and children alike.
 */
export function h(what, props, ...children) {
  const [tag, ...classes] = what.split(".")
  const made = document.createElement(tag)
  if (classes.length) made.className = classes.join(" ")
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value)
    else if (name === "class") made.className = `${made.className} ${value}`.trim()
    else if (name in made && !name.startsWith("aria") && name !== "list" && name !== "form") made[name] = value
    else made.setAttribute(name, value === true ? "" : value)
  }
  append(made, children)
  return made
}

function append(parent, children) {
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) parent.append(child)
  }
}

/** Puts `children` in place of what `parent` holds. */
export function fill(parent, ...children) {
  parent.replaceChildren()
  append(parent, children)
  return parent
}

/** What tells a control from all others beside it, however often it is drawn anew. */
function nameOf(control) {
  const said = control.id || control.getAttribute("aria-label") || control.textContent
  const one = control.type === "radio" ? control.value : ""
  return [control.closest("[data-keep]")?.dataset.keep, control.tagName, said, control.name, one].join("\n")
}

/**
 * Draws `place` anew by `work`. Who was at a control in it is at the same one then, or,
 * where that is gone, at another of the same `data-keep` or at the heading; what was
 * being written in a field with an id stays.
 */
export function anew(place, work) {
  const at = document.activeElement
  const was = place.contains(at) ? { name: nameOf(at), keep: at.closest("[data-keep]")?.dataset.keep } : null
  const written = [...place.querySelectorAll("input[id]")].map(({ id, value }) => [id, value])
  work()
  for (const [id, value] of written) {
    const field = place.querySelector(`#${CSS.escape(id)}`)
    if (field) field.value = value
  }
  if (!was) return
  const all = [...place.querySelectorAll("a, button, input, select, summary")].filter((each) => !each.disabled)
  const next = all.find((each) => nameOf(each) === was.name)
    ?? all.find((each) => was.keep && each.tagName === "BUTTON" && each.closest("[data-keep]")?.dataset.keep === was.keep)
    ?? place.querySelector("h2")
  next?.focus({ preventScroll: true })
}

const SVG = "http://www.w3.org/2000/svg"
const ICONS = new URL("icons.svg", import.meta.url)

/** One of the drawings in icons.svg; it says nothing to those who do not see it. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg")
  svg.setAttribute("class", "icon")
  svg.setAttribute("aria-hidden", "true")
  const use = document.createElementNS(SVG, "use")
  use.setAttribute("href", `${ICONS.pathname}#${name}`)
  svg.append(use)
  return svg
}

const formats = new Map()

/** An amount in major units: 1299.99 -> $1,299.99. */
export function money(amount, currency = "USD") {
  if (!formats.has(currency)) {
    formats.set(currency, new Intl.NumberFormat("en-US", { style: "currency", currency }))
  }
  return formats.get(currency).format(amount)
}

const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric" })
const MOMENT = new Intl.DateTimeFormat("en-GB", {
  day: "numeric", month: "short", hour: "2-digit", minute: "2-digit",
})

export const day = (text) => DAY.format(new Date(text))
export const moment = (text) => MOMENT.format(new Date(text))

/** `1 point`, `2 points`. */
export function count(number, word) {
  return `${number.toLocaleString("en-US")} ${word}${number === 1 ? "" : "s"}`
}

/** `out_of_stock` -> `Out of stock`. */
export function words(code) {
  const text = String(code).replaceAll("_", " ")
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** A fact as the shop states it, as a sentence: `lamp: 5 left` -> `Lamp: 5 left.` */
export function sentence(fact) {
  const text = fact.charAt(0).toUpperCase() + fact.slice(1)
  return /[.!?…]$/.test(text) ? text : `${text}.`
}

/** Says something in passing, to eyes and to screen readers. */
export function toast(text, kind = "plain") {
  const shown = h("p.toast", { class: kind }, sentence(text))
  const all = document.querySelector("#toasts")
  // More than two hide the page.
  while (all.children.length > 1) all.firstElementChild.remove()
  all.append(shown)
  setTimeout(() => shown.remove(), 5000)
}

/** Shows `element` for so long from now on. */
export function awhile(element, ms) {
  element.hidden = false
  clearTimeout(element.fading)
  element.fading = setTimeout(() => { element.hidden = true }, ms)
}

/**
 * Runs `work` for a button: busy meanwhile, and what goes wrong is said. Pressing it
 * again meanwhile does nothing; it is not disabled, which would take the focus away.
 */
export async function busy(button, work) {
  if (button.hasAttribute("aria-busy")) return undefined
  button.setAttribute("aria-busy", "true")
  try {
    return await work()
  } catch (problem) {
    toast(problem.message, "bad")
    return undefined
  } finally {
    button.removeAttribute("aria-busy")
  }
}

/** A labelled input: `field("City", { name: "city", required: true })`. */
export function field(label, props, note) {
  const id = `f-${props.name}-${(field.count = (field.count ?? 0) + 1)}`
  return h("div.field", null,
    h("label", { htmlFor: id }, label),
    h("input", { id, type: "text", ...props }),
    note && h("p.note", null, note))
}

/** What a form holds, by name; empty fields are left out. */
export function filled(form) {
  return Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== ""))
}

/** Shows a problem where it happened; a message per field where the server named them. */
export function complain(place, problem) {
  const faults = (problem.errors ?? [])
    .filter(({ msg }) => !problem.message.includes(msg))
    .map(({ loc, msg }) => `${loc.at(-1)}: ${msg}`)
  fill(place, h("p.complaint", { role: "alert" }, sentence(problem.message)),
    faults.length > 0 && h("ul.complaint", null, faults.map((each) => h("li", null, each))))
}
