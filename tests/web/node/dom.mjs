// As much of a document as the pages need: a tree, selectors, events, the focus.

class Style {}

class Node {
  parentNode = null
  childNodes = []

  get isConnected() { return this === document.root || Boolean(this.parentNode?.isConnected) }
  get parentElement() { return this.parentNode }
  get textContent() { return this.childNodes.map((each) => each.textContent).join("") }
  set textContent(text) { this.replaceChildren(String(text ?? "")) }
  get firstElementChild() { return this.children[0] ?? null }
  get lastElementChild() { return this.children.at(-1) ?? null }
  get lastChild() { return this.childNodes.at(-1) ?? null }
  get children() { return this.childNodes.filter((each) => each instanceof Element) }

  get nextElementSibling() {
    const all = this.parentNode?.children ?? []
    return all[all.indexOf(this) + 1] ?? null
  }

  contains(other) {
    for (let at = other; at; at = at.parentNode) if (at === this) return true
    return false
  }

  append(...news) { for (const each of news) this.insertBefore(each, null) }

  insertBefore(news, before) {
    const node = news instanceof Node ? news : new Text(news)
    node.remove()
    const at = before ? this.childNodes.indexOf(before) : this.childNodes.length
    this.childNodes.splice(at, 0, node)
    node.parentNode = this
    return node
  }

  replaceWith(other) {
    const { parentNode } = this
    parentNode.insertBefore(other, this)
    this.remove()
  }

  replaceChildren(...news) {
    for (const each of [...this.childNodes]) each.remove()
    this.append(...news)
  }

  remove() {
    if (!this.parentNode) return
    const all = this.parentNode.childNodes
    all.splice(all.indexOf(this), 1)
    this.parentNode = null
    // Who is taken out of the page has the focus no more.
    if (this.contains(document.activeElement)) document.activeElement = document.body
  }
}

class Text extends Node {
  constructor(text) { super(); this.text = String(text) }
  get textContent() { return this.text }
  set textContent(text) { this.text = text }
}

// What a browser's elements know as properties.
const KNOWN = {
  hidden: false, disabled: false, checked: false, href: "", src: "", htmlFor: "", id: "", type: "", name: "",
  title: "", value: "", required: false, placeholder: "", tabIndex: -1, alt: "", maxLength: -1, min: "", max: "",
  open: false, selected: false, autocomplete: "", inert: false, onclick: null, scrollTop: 0,
}

class Element extends Node {
  attributes = new Map()
  listeners = []
  dataset = {}
  style = new Style()
  className = ""

  constructor(tag) {
    super()
    this.tagName = tag.toUpperCase()
    Object.assign(this, KNOWN)
    this.classList = {
      add: (name) => { if (!this.has(name)) this.className += ` ${name}` },
      remove: (name) => { this.className = this.className.split(" ").filter((each) => each !== name).join(" ") },
      toggle: (name, on) => (on ? this.classList.add(name) : this.classList.remove(name)),
    }
    if (tag === "form") this.elements = new Proxy({}, { get: (_, name) => this.querySelector(`[name=${String(name)}]`) })
  }

  has(name) { return this.className.split(" ").includes(name) }

  setAttribute(name, value) {
    this.attributes.set(name, String(value))
    if (name.startsWith("data-")) this.dataset[name.slice(5).replace(/-(.)/g, (_, letter) => letter.toUpperCase())] = String(value)
  }

  getAttribute(name) { return this.attributes.get(name) ?? null }
  hasAttribute(name) { return this.attributes.has(name) }
  removeAttribute(name) { this.attributes.delete(name) }

  addEventListener(type, heard, { signal } = {}) {
    const each = { type, heard }
    this.listeners.push(each)
    signal?.addEventListener("abort", () => { this.listeners = this.listeners.filter((one) => one !== each) })
  }

  dispatchEvent(event) {
    Object.defineProperty(event, "target", { value: this, configurable: true })
    for (let at = this; at; at = event.bubbles ? at.parentNode : null) {
      for (const { type, heard } of [...at.listeners]) if (type === event.type) heard(event)
    }
    return !event.defaultPrevented
  }

  click() { if (!this.disabled) this.dispatchEvent(new Event("click", { bubbles: true })) }

  /** Sends a form as Enter would. */
  submit(fields = {}) {
    for (const [name, value] of Object.entries(fields)) this.querySelector(`[name=${name}]`).value = value
    const event = new Event("submit", { cancelable: true })
    event.submitter = this.querySelector("button")
    this.dispatchEvent(event)
  }

  focus() { if (this.isConnected && !this.disabled) document.activeElement = this }
  scrollIntoView() {}
  getBoundingClientRect() { return { top: 0, bottom: 0 } }
  setSelectionRange() {}
  matches(selector) { return selector.split(",").some((each) => fits(this, each.trim().split(/\s+/))) }

  closest(selector) {
    for (let at = this; at instanceof Element; at = at.parentNode) if (at.matches(selector)) return at
    return null
  }

  querySelector(selector) { return this.querySelectorAll(selector)[0] ?? null }

  querySelectorAll(selector) {
    const all = (node) => node.children.flatMap((each) => [each, ...all(each)])
    return all(this).filter((each) => each.matches(selector))
  }
}

function fits(element, path) {
  const [last, ...before] = path.toReversed()
  if (!simple(element, last)) return false
  if (!before.length) return true
  for (let at = element.parentNode; at instanceof Element; at = at.parentNode) {
    if (fits(at, before.toReversed())) return true
  }
  return false
}

const PARTS = /^[\w-]+|\.[\w-]+|#[\w-]+|\[[^\]]+\]|:not\([^)]+\)|:[\w-]+/g

function simple(element, selector) {
  return selector.match(PARTS).every((part) => {
    if (part.startsWith(".")) return element.has(part.slice(1))
    if (part.startsWith("#")) return element.id === part.slice(1)
    if (part.startsWith(":not(")) return !simple(element, part.slice(5, -1))
    if (part === ":disabled") return element.disabled
    if (part === ":checked") return element.checked
    if (part.startsWith("[")) {
      const [, name, value] = /^\[([\w-]+)(?:="?([^"]*)"?)?\]$/.exec(part)
      const has = element.attributes.has(name) ? element.attributes.get(name) : element[name]
      return value === undefined ? Boolean(has) || element.attributes.has(name) : String(has) === value
    }
    return element.tagName === part.toUpperCase()
  })
}

class Fields {
  constructor(form) {
    this.told = form.querySelectorAll("[name]")
      .filter((each) => !each.disabled && (!["checkbox", "radio"].includes(each.type) || each.checked))
      .map((each) => [each.name, valueOf(each)])
  }

  [Symbol.iterator]() { return this.told[Symbol.iterator]() }
}

/** What a field holds; a choice nobody made is its first one. */
function valueOf(field) {
  if (field.tagName !== "SELECT" || field.value) return field.value
  const all = field.querySelectorAll("option")
  return (all.find((each) => each.selected) ?? all[0])?.value ?? ""
}

export const document = {
  root: null,
  body: null,
  activeElement: null,
  hidden: false,
  createElement: (tag) => new Element(tag),
  createElementNS: (_, tag) => new Element(tag),
  querySelector: (selector) => document.root.querySelector(selector),
  querySelectorAll: (selector) => document.root.querySelectorAll(selector),
  getElementById: (id) => document.root.querySelector(`#${id}`),
}
document.root = new Element("html")
document.documentElement = document.root
document.body = new Element("body")
document.root.append(document.body)
document.activeElement = document.body

/** An element of this kind and id, in the page. */
export function place(tag, id) {
  const made = document.createElement(tag)
  made.id = id
  document.body.append(made)
  return made
}

Object.assign(globalThis, { document, FormData: Fields, CSS: { escape: (text) => text } })
place("div", "toasts")
