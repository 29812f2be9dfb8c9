/**
 * The two panels beside the page: cart and shopkeeper.
 *
 * On a wide screen they are columns and may both be open. On a narrow one they lie over
 * the page, one at a time, and keep the focus until they are closed.
 */

const WIDE = matchMedia("(min-width: 1180px)")

export class Panels {
  constructor(parts) {
    this.parts = parts
    this.scrim = document.querySelector(".scrim")
  }

  /** Fills the panels and opens what was open at the last visit. */
  begin() {
    for (const [name, fill] of Object.entries(this.parts)) {
      fill(this.#panel(name), () => this.close(name))
      this.#opener(name).addEventListener("click", () => this.toggle(name))
    }
    this.scrim.addEventListener("click", () => this.closeAll())
    addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !WIDE.matches) this.closeAll()
    })
    addEventListener("hashchange", () => {
      if (!WIDE.matches) this.closeAll()
      // The checkout shows what is in the cart itself.
      else if (location.hash === "#/checkout") this.#set("cart", false)
    })
    addEventListener("souk:open", ({ detail }) => this.open(detail))
    WIDE.addEventListener("change", () => this.#settle())
    this.#settle()
  }

  isOpen(name) { return !this.#panel(name).hidden }

  toggle(name) {
    if (this.isOpen(name)) this.close(name)
    else this.open(name)
  }

  open(name) {
    if (!WIDE.matches) for (const other of this.#names) this.#set(other, false)
    this.#set(name, true)
    this.#arrange()
    const panel = this.#panel(name)
    const first = panel.querySelector("[data-first]") ?? panel.querySelector("h2")
    first?.focus({ preventScroll: true })
  }

  close(name) {
    this.#set(name, false)
    this.#arrange()
    this.#opener(name).focus({ preventScroll: true })
  }

  closeAll() { for (const name of this.#names) if (this.isOpen(name)) this.close(name) }

  /** Where there is room the shopkeeper is there; a column becomes no sheet by itself. */
  #settle() {
    if (WIDE.matches && localStorage.getItem("souk.chat") !== "closed") this.#set("chat", true)
    const idle = this.#names.filter((name) => !this.#panel(name).matches(":focus-within"))
    if (!WIDE.matches) for (const name of idle) this.#set(name, false)
    this.#arrange()
  }

  #set(name, open) {
    this.#panel(name).hidden = !open
    this.#opener(name).setAttribute("aria-expanded", String(open))
    if (name === "chat" && WIDE.matches) localStorage.setItem("souk.chat", open ? "open" : "closed")
  }

  #arrange() {
    const over = !WIDE.matches && this.#names.some((name) => this.isOpen(name))
    this.scrim.hidden = !over
    for (const behind of document.querySelectorAll(".top, #page")) behind.inert = over
    document.documentElement.classList.toggle("still", over)
  }

  get #names() { return Object.keys(this.parts) }
  #panel(name) { return document.getElementById(name) }
  #opener(name) { return document.getElementById(`open-${name}`) }
}

/** Opens a panel from anywhere. */
export function openPanel(name) { dispatchEvent(new CustomEvent("souk:open", { detail: name })) }
