// The shop's pages in a document of our own; answers come when a test lets them.
import { place } from "./dom.mjs"

export const asked = []
export const kept = new Map()
export const listeners = []

const { setTimeout: later } = globalThis

Object.assign(globalThis, {
  setTimeout: (...given) => later(...given).unref(),
  location: { origin: "http://shop", hash: "", replace(to) { this.hash = to } },
  WebSocket: class { send() {} close() {} },
  matchMedia: () => ({ matches: true, addEventListener() {} }),
  addEventListener: (name, heard) => listeners.push({ name, heard }),
  dispatchEvent: () => true,
  // Nothing here is waited for by the hour: what a test leaves behind ends with it.
  setInterval: () => 0,
  scrollTo() {},
  fetch: (url, { method, body, headers }) => new Promise((done) => {
    const told = body ? JSON.parse(body) : null
    const answer = (status, what, more = {}) => done(new Response(JSON.stringify(what), { status, headers: more }))
    asked.push({ what: `${method} ${url.slice("http://shop".length)}`, body: told, headers, answer })
  }),
})
Object.defineProperty(globalThis, "localStorage", { value: {
  getItem: (name) => kept.get(name) ?? null,
  setItem: (name, value) => kept.set(name, value),
  removeItem: (name) => kept.delete(name),
} })
for (const name of ["souk.tokens", "ops.souk.tokens"]) {
  kept.set(name, JSON.stringify({ access: "a", refresh: "r", ends: 9e15, guest: false, visit: "v" }))
}

export const turn = () => new Promise((done) => setImmediate(done))

/** Waits until `fact` holds. */
export async function until(fact) { while (!fact()) await turn() }

/** The next request of this kind, once it is made; it waits for its answer. */
export async function request(what) {
  for (;;) {
    const at = asked.findIndex((each) => each.what === what)
    if (at >= 0) return asked.splice(at, 1)[0]
    await turn()
  }
}

/** A page of its own, and how to leave it. */
export function opened(id = `page-${listeners.length}-${Math.random()}`) {
  const leaving = new AbortController()
  return { page: place("main", id), signal: leaving.signal, leave: () => leaving.abort() }
}

/** The button in `where` that says this, or is labelled so. */
export function button(where, said) {
  return where.querySelectorAll("button").find((each) =>
    (each.getAttribute("aria-label") ?? each.textContent) === said)
}
