/**
 * souk.js — the reference client of a Souk shop. One file, no dependencies.
 *
 *     import { Souk } from "/static/souk.js"
 *
 *     const souk = new Souk()                        // this origin, localStorage
 *     await souk.guest()                             // or signUp({…}), signIn({…})
 *     const { items, total } = await souk.page("/api/products?limit=12")
 *     await souk.post("/api/cart/items", { sku: "AUD-009-COR", quantity: 2 })
 *
 *     const chat = souk.chat("my-chat")
 *     chat.addEventListener("recorded", ({ detail: frame }) => …)  // in order, once
 *     chat.addEventListener("preview", ({ detail }) => …)          // words so far
 *     chat.addEventListener("cart_update", ({ detail }) => …)      // and so on
 *     chat.connect()
 *     await chat.say("waterproof speakers under 50")  // durable when it resolves
 *
 * What it takes care of:
 * - tokens: kept in the storage, refreshed before they end, by one tab and one request
 *   at a time (a refresh token works once; long after, twice ends the whole sign-in);
 * - errors: every answer that is no success throws a `Problem` with `code`, `detail`…;
 * - repeats: reads, and writes with an idempotency key, are sent again when the network
 *   or the server is away for a moment;
 * - the socket: opened by one-use tickets, reconnected with jitter, resumed where it
 *   broke off, watched by a heartbeat; what each close code asks for is done;
 * - messages: each has an id and is sent again until acknowledged, so it is said once;
 * - previews: joined by their offset in code points; what is missing is asked for.
 *
 * Events of a `Souk`: `signed` {who} when somebody signs in or out, in any tab.
 * Events of a `Conversation`: `state` {state, why}, `recorded` (a frame), `preview`
 * {turn_id, text, thinking}, `welcome` (the first frame of every socket), `reset` (begin again from nothing: history was lost or too
 * much missed), and every passing frame of docs/protocol.md by its type.
 */

/** What a server said no with: RFC 9457, or status 0 where none could be reached. */
export class Problem extends Error {
  constructor(status, body = {}, retryAfterMs = null) {
    super(body.detail ?? (status ? `The shop answered ${status}.` : "The shop cannot be reached."))
    this.name = "Problem"
    this.status = status
    this.code = body.code ?? (status ? "unknown" : "unreachable")
    this.detail = this.message
    this.details = body.details ?? {}
    this.errors = body.errors ?? []
    this.declineCode = body.decline_code ?? null
    this.requestId = body.request_id ?? null
    this.retryAfterMs = retryAfterMs
  }
}

/** The outside world; tests hand in another one. */
export const browser = {
  fetch: (...given) => fetch(...given),
  socket: (url) => new WebSocket(url),
  get storage() { return localStorage },
  now: () => Date.now(),
  random: () => Math.random(),
  bytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
  later(work, ms) {
    const timer = setTimeout(work, ms)
    return () => clearTimeout(timer)
  },
  // One tab at a time where the browser has locks (https and localhost have).
  alone: (name, work) => globalThis.navigator?.locks?.request(name, work) ?? work(),
  // The lock of another tab may be here before what that tab kept is.
  caughtUp: () => new Promise((done) => setTimeout(done, 100)),
  listen(name, heard) {
    globalThis.addEventListener?.(name, heard)
    return () => globalThis.removeEventListener?.(name, heard)
  },
}

const TOKENS = "souk.tokens"
// A token that ends sooner than this is changed before it is used.
const FRESH_MS = 30_000
const TRIES = 3
// The server pings every 25 s; after two that never came the line is dead.
const SILENCE_MS = 60_000
const SLOWEST_MS = 15_000
// Who types says so at most this often.
const TYPING_MS = 2500
// Long enough to gather what is read at once, as after a resume.
const READ_MS = 250

/** How long to wait before the attempt with this number: full jitter, doubling. */
export function backoff(attempt, random) {
  return random() * Math.min(SLOWEST_MS, 250 * 2 ** attempt)
}

/** What to do when a socket closed with `code`; docs/protocol.md, close codes. */
export function afterClose(code) {
  return {
    4401: "refresh",
    4403: "give up",
    4404: "give up",
    1009: "give up",
    4408: "sleep",
    4429: "slow down",
  }[code] ?? "reconnect"
}

/** A name that nobody used before. */
export function freshId(world = browser) {
  return [...world.bytes(12)].map((each) => each.toString(16).padStart(2, "0")).join("")
}

/** A shop, and who we are in it. */
export class Souk extends EventTarget {
  #refreshing = null
  #last = Promise.resolve()

  constructor({ origin = globalThis.location?.origin, world = browser } = {}) {
    super()
    this.origin = origin
    this.world = world
    // Another tab signed in or out; new tokens for the same visit are no news.
    world.listen("storage", ({ key, oldValue, newValue }) => {
      if (key === TOKENS && visitOf(oldValue) !== visitOf(newValue)) this.#tell("signed", { who: this.who })
    })
  }

  /** "nobody", "guest" or "account". */
  get who() {
    const tokens = this.#tokens()
    if (!tokens) return "nobody"
    return tokens.guest ? "guest" : "account"
  }

  /** Signs up; a guest's cart and chat come along. `{email, username, password, full_name?}` */
  signUp(details) { return this.#enter("/api/auth/signup", details) }

  /** Signs in; a guest's cart and chat come along. `{email, password}` */
  signIn(details) { return this.#enter("/api/auth/signin", details) }

  /** Becomes an anonymous shopper, unless we are somebody already. */
  guest() {
    // Two tabs opening at once are one guest.
    return this.#alone(async () => {
      if (this.who === "nobody") await this.world.caughtUp()
      if (this.who === "nobody") await this.#admit("/api/auth/guest", undefined, true)
    })
  }

  /** Signs out everywhere this sign-in is used; the tokens are forgotten in any case. */
  async signOut() {
    const mine = this.#tokens()?.visit
    try {
      await this.post("/api/auth/logout")
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem
    } finally {
      // The socket may have heard of it first, and somebody else be here by now.
      if (this.#tokens()?.visit === mine) this.#keep(null)
    }
  }

  get(path, options) { return this.send("GET", path, options) }
  post(path, body, options) { return this.send("POST", path, { body, ...options }) }
  put(path, body, options) { return this.send("PUT", path, { body, ...options }) }
  delete(path, options) { return this.send("DELETE", path, options) }

  /** One page of a list: `{items, total}`. */
  async page(path, options) {
    const { told, headers } = await this.#answer("GET", path, options ?? {})
    return { items: told, total: Number(headers.get("X-Total-Count") ?? 0) }
  }

  /**
   * Sends a request as whoever we are and returns the JSON of the answer.
   *
   * `key` is an Idempotency-Key: make one (`freshId`) per intention, not per request.
   * `ifMatch` is the version that was seen. Throws `Problem`, or the signal's abort.
   */
  async send(method, path, options = {}) {
    return (await this.#answer(method, path, options)).told
  }

  /** A one-use ticket for a socket's URL. */
  async ticket() { return (await this.post("/api/auth/ws-ticket")).ticket }

  /** The conversation of this id; call its `connect()`. */
  chat(sessionId) { return new Conversation(this, sessionId) }

  /** An access token that will not end within half a minute, or null for nobody. */
  async token() {
    const tokens = this.#tokens()
    if (!tokens) return null
    if (tokens.ends - this.world.now() > FRESH_MS) return tokens.access
    return this.renew(tokens.access)
  }

  /** Changes the tokens for new ones, if `used` is still ours; one request at a time. */
  renew(used) {
    this.#refreshing ??= this.#alone(() => this.#refresh(used))
      .finally(() => { this.#refreshing = null })
    return this.#refreshing
  }

  /** What changes the tokens happens one after the other, in this tab and all others. */
  #alone(work) {
    const turn = this.#last.then(() => this.world.alone(TOKENS, work))
    this.#last = turn.catch(() => {})
    return turn
  }

  async #refresh(used) {
    // While we waited another tab may have done it.
    await this.world.caughtUp()
    const tokens = this.#tokens()
    if (!tokens || (used && tokens.access !== used)) return tokens?.access ?? null
    try {
      const { told } = await this.#repeated("/api/auth/refresh", { refresh_token: tokens.refresh }, tokens.key)
      const { guest, visit } = tokens
      this.#change(tokens, { ...told, guest, visit })
    } catch (problem) {
      if (problem.status !== 401) throw problem
      this.#change(tokens, null)
    }
    return this.#tokens()?.access ?? null
  }

  /** Posts again at once what has no answer: by its key the shop takes it for the same. */
  async #repeated(path, body, key) {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#once("POST", path, { body, key })
      } catch (problem) {
        if (attempt >= TRIES || !isPassing(problem)) throw problem
        await this.#pause(problem.retryAfterMs ?? backoff(attempt, this.world.random))
      }
    }
  }

  /** Keeps what came of `old`, unless somebody went or came in meanwhile. */
  #change(old, told) {
    if (this.#tokens()?.refresh === old.refresh) this.#keep(told, told === null)
  }

  async #enter(path, details) {
    const token = this.who === "guest" ? await this.token() : null
    await this.#alone(async () => {
      try {
        // By now an account may be here, by another tab.
        const mine = this.who === "guest" ? { guest_token: token } : {}
        await this.#admit(path, { ...details, ...mine }, false)
      } catch (problem) {
        // The guest is over, and nothing of theirs could come along.
        if (problem.code !== "invalid_guest_token") throw problem
        await this.#admit(path, details, false)
      }
    })
  }

  async #admit(path, body, guest) {
    const { told } = await this.#once("POST", path, { body })
    this.#keep({ ...told, guest, visit: freshId(this.world) })
  }

  async #answer(method, path, options) {
    const { auth = true, key } = options
    const repeatable = method === "GET" || key
    for (let attempt = 1; ; attempt += 1) {
      const token = auth ? await this.token() : null
      try {
        return await this.#once(method, path, options, token)
      } catch (problem) {
        if (!(problem instanceof Problem) || attempt >= TRIES) throw problem
        if (problem.status === 401 && token && attempt === 1) {
          if (!(await this.renew(token))) throw problem
          continue
        }
        const wait = problem.retryAfterMs ?? backoff(attempt, this.world.random)
        // A shop that is away for an hour is better said than waited for.
        if (!repeatable || !isPassing(problem) || wait > SLOWEST_MS) throw problem
        await this.#pause(wait)
      }
    }
  }

  async #once(method, path, { body, key, ifMatch, signal } = {}, token = null) {
    const headers = {}
    if (token) headers.Authorization = `Bearer ${token}`
    if (body !== undefined) headers["Content-Type"] = "application/json"
    if (key) headers["Idempotency-Key"] = key
    if (ifMatch !== undefined) headers["If-Match"] = `"${ifMatch}"`
    const sent = body === undefined ? undefined : JSON.stringify(body)
    let answer, told
    try {
      answer = await this.world.fetch(this.origin + path, { method, headers, body: sent, signal })
      // The line may break in the midst of an answer, and who answers may be no shop.
      const text = await answer.text()
      told = answer.ok && text ? JSON.parse(text) : parsed(() => text)
    } catch (error) {
      if (error.name === "AbortError") throw error
      throw new Problem(0)
    }
    if (answer.ok) return { told, headers: answer.headers }
    throw problemOf(answer, told)
  }

  #pause(ms) { return new Promise((done) => this.world.later(done, ms)) }

  #tokens() { return parsed(() => this.world.storage.getItem(TOKENS)) }

  #keep(told, announce = true) {
    if (told === null) {
      this.world.storage.removeItem(TOKENS)
    } else {
      const { access_token: access, refresh_token: refresh, expires_in: seconds, guest, visit } = told
      const ends = this.world.now() + seconds * 1000
      // Of all tabs, and after a reload: whoever changes these tokens does it by this key.
      const key = freshId(this.world)
      this.world.storage.setItem(TOKENS, JSON.stringify({ access, refresh, ends, guest, visit, key }))
    }
    if (announce) this.#tell("signed", { who: this.who })
  }

  #tell(type, detail) { this.dispatchEvent(new CustomEvent(type, { detail })) }
}

function parsed(read) {
  try {
    return JSON.parse(read())
  } catch {
    return null
  }
}

/** Which visit kept tokens are of; it begins when somebody comes in. */
function visitOf(kept) {
  const tokens = parsed(() => kept)
  return tokens && (tokens.visit ?? "")
}

/** Whether what came of a request is not known, or the same one may do better soon. */
export function isPassing(problem) {
  return problem.status === 0 || problem.status === 503 || problem.code === "request_in_flight"
}

function problemOf(answer, told) {
  const seconds = Number(answer.headers.get("Retry-After"))
  return new Problem(answer.status, told ?? {}, seconds ? seconds * 1000 : null)
}

/** Text that grows by pieces with offsets in code points, pieces lost or repeated. */
export class Growing {
  text = ""
  length = 0

  /** Takes a piece; false: there is a hole before it, and it was not taken. */
  take(offset, content) {
    if (offset > this.length) return false
    const points = [...content]
    const news = points.slice(this.length - offset)
    this.text += news.join("")
    this.length += news.length
    return true
  }

  clear() {
    this.text = ""
    this.length = 0
  }
}

/** One conversation over one socket after another. */
export class Conversation extends EventTarget {
  /** "idle", "connecting", "open", "waiting" (to reconnect), "asleep" or "closed". */
  state = "idle"
  epoch = null
  lastSeq = 0
  #socket = null
  #attempt = 0
  #token = null
  #cancelTimer = null
  #cancelSilence = null
  #cancelRead = null
  #deafen = null
  #openings = 0
  #typed = -Infinity
  #read = 0
  #unsent = new Map()
  #turn = null
  #reply = new Growing()
  #thought = new Growing()

  constructor(souk, sessionId) {
    super()
    this.souk = souk
    this.sessionId = sessionId
    this.world = souk.world
  }

  /** Opens a socket and keeps one open until `leave()`. */
  connect() {
    this.#deafen ??= this.world.listen("online", () => this.wake())
    if (this.state === "idle" || this.state === "closed") this.#open()
  }

  /** Reconnects at once if it waits or sleeps: the shopper is back. */
  wake() {
    if (this.state === "waiting" || this.state === "asleep") this.#open()
  }

  /** Closes; what was not acknowledged stays to be said at the next `connect()`. */
  leave() {
    this.#deafen?.()
    this.#deafen = null
    this.#settle("closed", "left")
    this.#drop(1000)
  }

  /** Says `text` exactly once, under `id`; resolves with its seq when it is durable. */
  say(text, id = freshId(this.world)) {
    const said = new Promise((resolve, reject) => {
      this.#unsent.set(id, { frame: { type: "message", message: text, id }, resolve, reject })
    })
    this.#send(this.#unsent.get(id).frame)
    this.wake()
    return said
  }

  /** Stops the running reply; what was said of it stays. */
  cancel() { this.#send({ type: "cancel" }) }

  /** Answers a `confirm_request`: "approve" or "decline". False: we are not connected. */
  confirm(quoteId, decision) {
    return this.#send({ type: "confirm", quote_id: quoteId, decision })
  }

  /** Tells the others that we type; call it as often as you like. */
  typing() {
    if (this.world.now() - this.#typed < TYPING_MS) return
    if (this.#send({ type: "typing" })) this.#typed = this.world.now()
  }

  /** Tells that all up to `seq` was seen; of many in a row only the last is told. */
  read(seq) {
    this.#read = seq
    this.#cancelRead ??= this.world.later(() => {
      this.#cancelRead = null
      this.#send({ type: "read", seq: this.#read })
    }, READ_MS)
  }

  /** Older frames, over HTTP: the oldest first. */
  async history(beforeSeq, limit = 50) {
    const id = encodeURIComponent(this.sessionId)
    return (await this.souk.get(`/api/chat/${id}/messages?before_seq=${beforeSeq}&limit=${limit}`)).messages
  }

  async #open() {
    this.#cancelTimer?.()
    this.#settle("connecting")
    this.#watch()
    const mine = (this.#openings += 1)
    const over = () => mine !== this.#openings || this.state !== "connecting"
    let ticket
    try {
      this.#token = await this.souk.token()
      ticket = await this.souk.ticket()
    } catch (problem) {
      if (over()) return
      this.#drop()
      if (problem.status === 401) this.#settle("closed", "not signed in")
      else this.#wait()
      return
    }
    if (over()) return
    const id = encodeURIComponent(this.sessionId)
    const url = `${this.souk.origin.replace(/^http/, "ws")}/ws/chat/${id}?ticket=${ticket}`
    const socket = this.world.socket(url)
    this.#socket = socket
    socket.onopen = () => this.#ask()
    socket.onmessage = ({ data }) => socket === this.#socket && this.#hear(JSON.parse(data))
    socket.onclose = ({ code }) => socket === this.#socket && this.#closed(code)
  }

  /** Asks for what was missed; the server waits a moment for that before it goes on. */
  #ask() {
    if (!this.epoch) return
    const known = this.#turn ? { turn_id: this.#turn, offset: this.#reply.length } : {}
    this.#socket.send(
      JSON.stringify({ type: "resume", epoch: this.epoch, last_seq: this.lastSeq, ...known }),
    )
  }

  #hear(frame) {
    this.#watch()
    if (frame.type === "system" && frame.history) return this.#welcome(frame)
    if (frame.seq !== undefined && frame.turn_id !== undefined) return this.#record(frame)
    switch (frame.type) {
      case "ping": return this.#send({ type: "pong" })
      case "ack": return this.#acked(frame.id, frame.seq)
      case "assistant_delta": return this.#preview(frame, this.#reply)
      case "thinking_delta": return this.#preview(frame, this.#thought)
      case "resync": return this.#begin(frame.snapshot)
      case "error": return this.#fault(frame)
      case "system": if (frame.code === "token_expiring") this.#renew()
    }
    this.#tell(frame.type, frame)
  }

  #welcome(frame) {
    this.#tell("welcome", frame)
    if (this.epoch === null) this.#begin(frame)
    this.#attempt = 0
    this.#settle("open")
    // Their answers are told by id, whether the first sending arrived or not.
    for (const { frame: said } of this.#unsent.values()) this.#send(said)
  }

  /** Begins with a welcome or a snapshot, forgetting what was before. */
  #begin({ epoch, last_seq: last, history }) {
    if (this.epoch !== null) this.#tell("reset", {})
    this.#forgetPreview()
    this.epoch = epoch
    this.lastSeq = history.length ? history[0].seq - 1 : last
    for (const frame of history) this.#record(frame)
  }

  #record(frame) {
    if (frame.seq <= this.lastSeq) return
    // A hole: everything from it on comes again, in order.
    if (frame.seq > this.lastSeq + 1) return this.#ask()
    this.lastSeq = frame.seq
    if (frame.type === "user" && frame.id) this.#acked(frame.id, frame.seq)
    if (frame.type === "assistant" || frame.type === "run_finished") this.#forgetPreview()
    if (frame.type === "thinking") this.#thought.clear()
    this.#tell("recorded", frame)
  }

  #preview({ turn_id: turn, offset, content }, growing) {
    if (turn !== this.#turn) this.#forgetPreview()
    this.#turn = turn
    if (!growing.take(offset, content)) {
      // Only a reply can be had again; a thought is recorded whole anyway.
      if (growing === this.#reply) this.#ask()
      return
    }
    this.#tell("preview", { turn_id: turn, text: this.#reply.text, thinking: this.#thought.text })
  }

  #forgetPreview() {
    this.#turn = null
    this.#reply.clear()
    this.#thought.clear()
  }

  #acked(id, seq) {
    this.#unsent.get(id)?.resolve(seq)
    this.#unsent.delete(id)
  }

  #fault(frame) {
    const said = this.#unsent.get(frame.id)
    if (said && ["unavailable", "too_fast", "internal_error"].includes(frame.code)) {
      this.world.later(() => this.#unsent.has(frame.id) && this.#send(said.frame), 1000)
    } else if (said) {
      this.#unsent.delete(frame.id)
      said.reject(new Problem(400, { code: frame.code, detail: frame.content }))
    }
    this.#tell("error", frame)
  }

  async #renew() {
    this.#token = await this.souk.renew(this.#token).catch(() => null)
    if (this.#token) this.#send({ type: "auth", access_token: this.#token })
  }

  async #closed(code) {
    this.#drop()
    const what = afterClose(code)
    if (what === "give up") return this.#settle("closed", code)
    if (what === "sleep") return this.#settle("asleep", code)
    if (what === "refresh") {
      this.#settle("waiting", code)
      const token = await this.souk.renew(this.#token).catch(() => undefined)
      if (this.state !== "waiting") return undefined
      if (token === null) return this.#settle("closed", "not signed in")
    }
    if (what === "slow down") this.#attempt = Math.max(this.#attempt, 5)
    return this.#wait(code)
  }

  #wait(why) {
    this.#settle("waiting", why)
    this.#cancelTimer = this.world.later(() => this.wake(), backoff(this.#attempt, this.world.random))
    this.#attempt += 1
  }

  /** Takes a line for dead on which nothing came for two pings, or not even a ticket. */
  #watch() {
    this.#cancelSilence?.()
    this.#cancelSilence = this.world.later(() => {
      this.#drop(4000)
      this.#wait("silence")
    }, SILENCE_MS)
  }

  #drop(code) {
    this.#cancelSilence?.()
    this.#cancelTimer?.()
    const socket = this.#socket
    this.#socket = null
    if (code) socket?.close(code)
  }

  #send(frame) {
    const open = this.#socket?.readyState === 1 && this.state === "open"
    if (open) this.#socket.send(JSON.stringify(frame))
    return open
  }

  #settle(state, why = null) {
    this.state = state
    this.#tell("state", { state, why })
  }

  #tell(type, detail) { this.dispatchEvent(new CustomEvent(type, { detail })) }
}
