/**
 * A conversation as it is read: turns made of recorded frames. Pure, no document here.
 *
 * A turn is what the shopper said and everything that came of it: thoughts and tool
 * calls as steps, the reply, the products and questions that go with it.
 */

/** What a tool does, in the shop's words; unknown tools go by their own name. */
const DOES = {
  search_products: "Searching the shelves",
  get_product: "Reading about a product",
  compare_products: "Comparing",
  check_stock: "Counting stock",
  get_recommendations: "Thinking of what goes with it",
  get_cart: "Looking into your cart",
  add_to_cart: "Putting into your cart",
  update_cart_item: "Changing your cart",
  remove_cart_item: "Taking out of your cart",
  clear_cart: "Emptying your cart",
  list_coupons: "Looking for coupons",
  apply_coupon: "Trying a coupon",
  remove_coupon: "Taking a coupon off",
  get_loyalty: "Counting your points",
  redeem_points: "Using your points",
  remove_points: "Taking your points off",
  list_addresses: "Looking up your addresses",
  list_payment_methods: "Looking up how you pay",
  quote_checkout: "Pricing it all",
  place_order: "Placing your order",
  list_orders: "Looking up your orders",
  get_order: "Looking up your order",
  track_order: "Following your order",
  cancel_order: "Cancelling your order",
  start_return: "Starting a return",
  join_waitlist: "Putting you on the waiting list",
  get_policy: "Reading the shop's rules",
  handoff_to_human: "Calling a person",
}

export class Transcript {
  turns = []
  /** Who answers: "bot", "waiting" (for a person) or "human". */
  mode = "bot"
  /** Up to which seq the person who answers has read. */
  seen = 0
  /** Turns that turned out to get no reply; whoever shows them takes them out. */
  hushed = []

  /** Takes a recorded frame and returns the turn it changed. */
  take(frame) {
    const turn = this.#turn(frame)
    turn.first ??= frame.seq
    switch (frame.type) {
      case "user":
        turn.said = frame.content
        // A person answers in their own time: no reply is under way.
        turn.quiet = this.mode !== "bot"
        if (frame.quote_id) this.#decided(frame)
        break
      case "thinking":
        turn.steps.push({ kind: "thought", text: frame.content })
        turn.thinking = ""
        break
      case "tool_call":
        turn.steps.push({ kind: "tool", id: frame.call_id, text: does(frame), state: "running" })
        break
      case "tool_result":
        settle(turn, frame)
        break
      case "assistant":
        turn.reply = frame.content
        turn.preview = ""
        turn.products = frame.products ?? []
        turn.author = frame.author ?? "agent"
        break
      case "confirm_request":
        turn.question = frame
        break
      case "system":
        turn.notes.push({ kind: "system", text: frame.content })
        // Nothing waits for the agent any more where somebody else answers.
        if (frame.mode) this.#hush(this.turns.filter((each) => each !== turn))
        this.mode = frame.mode ?? this.mode
        break
      case "error":
        turn.notes.push({ kind: "error", text: frame.content })
        break
      case "run_finished":
        turn.status = frame.status
        turn.reason = frame.reason ?? null
        if (turn.reason === "rolled_back" && !turn.answered) turn.question = null
        turn.preview = ""
        turn.thinking = ""
        // Turns are answered in their order.
        this.#hush(this.turns.slice(0, this.turns.indexOf(turn)))
    }
    return turn
  }

  /** Takes a page of older frames; it may end in the midst of our first turn. */
  precede(frames) {
    const before = new Transcript()
    for (const frame of frames) before.take(frame)
    const [last, first] = [before.turns.at(-1), this.turns[0]]
    if (last && last.id === first?.id) {
      before.turns.pop()
      Object.assign(first, { first: last.first, said: last.said || first.said, question: first.question ?? last.question })
      first.steps.unshift(...last.steps)
      first.notes.unshift(...last.notes)
    }
    before.#hush(before.turns)
    this.turns.unshift(...before.turns)
  }

  /** Takes the words so far of a running turn; null where no such turn is known. */
  hear({ turn_id: id, text, thinking }) {
    const turn = this.turns.findLast((each) => each.id === id)
    if (!turn || turn.status) return null
    turn.preview = text
    turn.thinking = thinking
    return turn
  }

  /** Says something that is on its way: shown at once, replaced when it is recorded. */
  expect(id, text) {
    const turn = { ...blank(`expected ${id}`), said: text, expected: id }
    this.turns.push(turn)
    return turn
  }

  /** Whether what the shopper said last was read by a person. */
  get lastIsSeen() {
    const last = this.turns.at(-1)
    const recorded = last?.said && last.first && last.reply === null
    return this.mode === "human" && Boolean(recorded) && last.first <= this.seen
  }

  get running() { return this.turns.some(working) }

  #hush(turns) {
    for (const turn of turns.filter((each) => working(each) && !each.steps.length && !each.preview)) {
      turn.quiet = true
      this.hushed.push(turn)
    }
  }

  #decided({ quote_id: id, decision }) {
    const asked = this.turns.find((each) => each.question?.quote_id === id)
    if (asked) asked.answered = decision
  }

  #turn(frame) {
    const known = this.turns.findLast((each) => each.id === frame.turn_id)
    if (known && frame.turn_id) return known
    // The shopper's own words, said a moment ago in this tab.
    const expected = frame.type === "user" && this.turns.find((each) => each.expected && each.expected === frame.id)
    if (expected) {
      expected.id = frame.turn_id
      expected.expected = null
      return expected
    }
    const turn = blank(frame.turn_id ?? `alone ${frame.seq}`)
    // What is only on its way comes after all that is recorded.
    const at = this.turns.findIndex((each) => each.expected)
    this.turns.splice(at < 0 ? this.turns.length : at, 0, turn)
    return turn
  }
}

function blank(id) {
  return {
    id, first: null, said: "", steps: [], thinking: "", preview: "", reply: null, author: "agent", products: [],
    question: null, answered: null, notes: [], status: null, reason: null, expected: null, quiet: false,
  }
}

/** Whether the agent is at it, as far as we know. */
export function working(turn) {
  return Boolean(turn.said && !turn.status && !turn.expected && !turn.quiet)
}

function does({ tool, arguments: given }) {
  const text = DOES[tool] ?? tool.replaceAll("_", " ")
  const about = given.query ?? given.sku ?? given.product_id ?? given.code
  return about ? `${text}: ${about}` : text
}

function settle(turn, frame) {
  const step = turn.steps.find((each) => each.id === frame.call_id)
  if (!step) return
  const { content } = frame
  const failed = Boolean(content && typeof content === "object" && content.error)
  step.state = failed ? "failed" : "done"
  if (Array.isArray(content?.products)) step.found = content.products.length
}

/**
 * A reply as blocks: paragraphs and lists of runs, a run being text that may be strong.
 * Models write a little Markdown, ours writes numbered lines; nothing else is read.
 */
export function blocks(text) {
  const made = []
  for (const line of text.split("\n")) {
    const item = /^\s*(?:[-*•]|(?<number>\d+)[.)])\s+(?<rest>.*)$/.exec(line)
    const last = made.at(-1)
    if (item) {
      const kind = item.groups.number ? "numbers" : "points"
      const list = last?.kind === kind ? last : { kind, items: [], from: Number(item.groups.number ?? 1) }
      list.items.push(runs(item.groups.rest))
      if (list !== last) made.push(list)
    } else if (line.trim()) {
      made.push({ kind: "words", runs: runs(line.replace(/^#+\s+/, "")) })
    }
  }
  return made
}

function runs(text) {
  return text.split(/\*\*(.+?)\*\*/g)
    .map((part, at) => ({ text: part, strong: at % 2 === 1 }))
    .filter((each) => each.text)
}
