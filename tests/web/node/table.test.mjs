// The operators' lists: how often they ask while news come in.
import assert from "node:assert/strict"
import { mock, test } from "node:test"

mock.timers.enable({ apis: ["setTimeout"] })

const { soon } = await import("../../../web/ops/table.js")

test("much news at once is asked for once, and later news once more", () => {
  let asked = 0
  const news = soon(() => { asked += 1 })

  for (let each = 0; each < 30; each += 1) news()
  assert.equal(asked, 0)
  mock.timers.tick(1000)
  assert.equal(asked, 1)
  news()
  mock.timers.tick(1000)

  assert.equal(asked, 2)
})
