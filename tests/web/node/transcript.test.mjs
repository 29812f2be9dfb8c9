// Recorded frames become turns, whatever order things are said in.
import assert from "node:assert/strict"
import { test } from "node:test"
import { Transcript, blocks, working } from "../../../web/transcript.js"

const frame = (seq, type, more = {}) => ({ seq, type, turn_id: "t1", ...more })

function told(...frames) {
  const transcript = new Transcript()
  for (const each of frames) transcript.take(each)
  return transcript
}

test("a turn gathers what came of one message", () => {
  const { turns } = told(
    frame(1, "user", { content: "speakers" }),
    frame(2, "thinking", { content: "Looking." }),
    frame(3, "tool_call", { tool: "search_products", arguments: { query: "speakers" }, call_id: "c" }),
    frame(4, "tool_result", { call_id: "c", content: { products: [1, 2] } }),
    frame(5, "assistant", { content: "Two.", products: [{ id: "A" }] }),
    frame(6, "run_finished", { status: "done" }),
  )

  assert.equal(turns.length, 1)
  const [turn] = turns
  assert.deepEqual([turn.said, turn.reply, turn.status, turn.products.length], ["speakers", "Two.", "done", 1])
  assert.deepEqual(turn.steps.map((each) => each.text), ["Looking.", "Searching the shelves: speakers"])
  assert.deepEqual([turn.steps[1].state, turn.steps[1].found], ["done", 2])
})

test("a preview is shown while the run lasts and never after it", () => {
  const transcript = told(frame(1, "user", { content: "hi" }))

  assert.equal(transcript.hear({ turn_id: "t1", text: "Hel", thinking: "" }).preview, "Hel")
  assert.ok(transcript.running)
  transcript.take(frame(2, "run_finished", { status: "failed" }))

  assert.equal(transcript.hear({ turn_id: "t1", text: "Hello", thinking: "" }), null)
  assert.deepEqual([transcript.turns[0].preview, transcript.running], ["", false])
})

test("what was just said takes the place of its recorded frame", () => {
  const transcript = new Transcript()
  const expected = transcript.expect("m1", "hi")
  assert.equal(working(expected), false)

  transcript.take(frame(1, "user", { content: "hi", id: "m1" }))

  assert.deepEqual(transcript.turns, [expected])
  assert.deepEqual([expected.id, expected.expected], ["t1", null])
})

test("what is on its way stays behind what is recorded", () => {
  const transcript = new Transcript()
  transcript.expect("m1", "later")

  transcript.take(frame(1, "user", { content: "other tab", id: "x" }))

  assert.deepEqual(transcript.turns.map((each) => each.said), ["other tab", "later"])
})

test("a decision in any tab answers the question", () => {
  const { turns } = told(
    frame(1, "user", { content: "buy it" }),
    frame(2, "confirm_request", { quote_id: "q", quote: {}, expires_at: "" }),
    frame(3, "user", { turn_id: "t2", content: "Confirmed.", quote_id: "q", decision: "approve" }),
  )

  assert.equal(turns[0].answered, "approve")
})

test("with a person at the other end nothing of ours is under way", () => {
  const transcript = told(
    frame(1, "system", { content: "Anna is here.", mode: "human" }),
    frame(2, "user", { turn_id: "t2", content: "hello" }),
    frame(3, "assistant", { turn_id: "t3", content: "Hello!", author: "operator" }),
  )

  assert.equal(transcript.mode, "human")
  assert.equal(transcript.running, false)
  assert.equal(transcript.turns.at(-1).author, "operator")
})

test("what waited when a person was called is not under way any more", () => {
  const transcript = told(
    frame(1, "user", { content: "a person please" }),
    frame(2, "user", { content: "hello?", turn_id: "t2" }),
    frame(3, "system", { content: "A person will join you.", mode: "waiting" }),
    frame(4, "run_finished", { status: "done" }),
  )

  assert.equal(transcript.running, false)
  assert.deepEqual(transcript.hushed.map(({ id }) => id), ["t2"])
})

test("what was said before a finished turn is not under way, whoever it was said to", () => {
  const transcript = told(
    frame(7, "user", { content: "thanks, Anna" }),
    frame(8, "user", { content: "speakers", turn_id: "t2" }),
    frame(9, "run_finished", { status: "done", turn_id: "t2" }),
  )

  assert.equal(transcript.running, false)
})

test("a turn that is cut by the end of a page is one turn again", () => {
  const transcript = told(
    frame(3, "tool_result", { call_id: "c", content: {} }),
    frame(4, "assistant", { content: "Two." }),
    frame(5, "run_finished", { status: "done" }),
  )

  transcript.precede([
    frame(1, "user", { content: "thanks, Anna", turn_id: "t0" }),
    frame(2, "user", { content: "speakers" }),
  ])

  assert.deepEqual(transcript.turns.map(({ said, reply, first }) => [said, reply, first]), [
    ["thanks, Anna", null, 1], ["speakers", "Two.", 2],
  ])
  assert.equal(transcript.running, false)
})

test("a reply is paragraphs and lists, and never markup", () => {
  assert.deepEqual(blocks("Two:\n1. **A**, $5\n2. <b>\n\nWhich?"), [
    { kind: "words", runs: [{ text: "Two:", strong: false }] },
    {
      kind: "numbers", from: 1,
      items: [[{ text: "A", strong: true }, { text: ", $5", strong: false }], [{ text: "<b>", strong: false }]],
    },
    { kind: "words", runs: [{ text: "Which?", strong: false }] },
  ])
})

test("what was said last is seen once a person has read it, and until they answer", () => {
  const transcript = told(
    frame(1, "user", { content: "a person please" }),
    frame(2, "system", { content: "A person is here.", mode: "human", turn_id: null }),
    frame(3, "user", { content: "hello?", turn_id: "t2" }),
  )
  assert.equal(transcript.lastIsSeen, false)

  transcript.seen = 3
  assert.equal(transcript.lastIsSeen, true)
  transcript.expect("m1", "are you there?")
  assert.equal(transcript.lastIsSeen, false)
  transcript.take(frame(4, "user", { content: "are you there?", id: "m1", turn_id: "t3" }))
  assert.equal(transcript.lastIsSeen, false)
})
