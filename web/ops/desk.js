/** Who sits here, and what the server tells every second. */

import { Souk, afterClose, backoff, browser } from "../souk.js"

// An operator who looks at the shop in another tab is somebody else there.
const APART = "ops."
const apart = {
  getItem: (name) => localStorage.getItem(APART + name),
  setItem: (name, value) => localStorage.setItem(APART + name, value),
  removeItem: (name) => localStorage.removeItem(APART + name),
}

/** What other tabs kept, by the names that it has here; what the shop's tabs did is nothing. */
function listen(name, heard) {
  if (name !== "storage") return browser.listen(name, heard)
  return browser.listen(name, ({ key, oldValue, newValue }) => {
    if (key?.startsWith(APART)) heard({ key: key.slice(APART.length), oldValue, newValue })
  })
}

const world = Object.create(browser, { storage: { value: apart }, listen: { value: listen } })

export const souk = new Souk({ world })

// The server tells something every second; a line this long silent is dead.
const SILENCE_MS = 60_000

/**
 * The operators' socket. Events: `ops` {vitals}, `stock_low`, `order_update`, `chat_mode` and what
 * else operators hear, by type; `line` {state} when it opens or is lost; `again` when it
 * is there (again): what changed before was told to nobody.
 */
export class Watch extends EventTarget {
  #socket = null
  #silence = null
  #attempt = 0
  #openings = 0
  #over = false
  #live = false

  async connect() {
    if (this.#over) return
    const mine = (this.#openings += 1)
    const late = () => this.#over || mine !== this.#openings
    // A ticket that never comes is a dead line, too.
    this.#listen()
    try {
      const ticket = await souk.ticket()
      if (late()) return
      const socket = new WebSocket(`${location.origin.replace("http", "ws")}/ws/ops?ticket=${ticket}`)
      this.#socket = socket
      socket.onmessage = ({ data }) => socket === this.#socket && this.#hear(JSON.parse(data))
      socket.onclose = ({ code }) => socket === this.#socket && this.#lost(code)
    } catch (problem) {
      if (!late()) this.#lost(problem.status === 401 ? 4404 : 1006)
    }
  }

  stop() {
    this.#over = true
    this.#hangUp()
  }

  #listen() {
    clearTimeout(this.#silence)
    this.#silence = setTimeout(() => this.#lost(4408), SILENCE_MS)
  }

  #hangUp() {
    this.#openings += 1
    clearTimeout(this.#silence)
    const socket = this.#socket
    this.#socket = null
    this.#live = false
    socket?.close()
  }

  #hear(frame) {
    this.#attempt = 0
    this.#listen()
    if (!this.#live) this.#tell("again", {})
    this.#live = true
    this.#tell("line", { state: "live" })
    this.#tell(frame.type, frame)
  }

  #lost(code) {
    if (this.#over) return
    this.#hangUp()
    const next = afterClose(code)
    this.#tell("line", { state: next === "give up" ? "closed" : "lost" })
    if (next !== "give up") setTimeout(() => this.connect(), backoff(this.#attempt++, Math.random))
  }

  #tell(type, detail) { this.dispatchEvent(new CustomEvent(type, { detail })) }
}
