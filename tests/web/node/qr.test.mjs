// A reader of QR codes, written from the standard's other end, reads what we draw.
import assert from "node:assert/strict"
import { test } from "node:test"
import { modules } from "../../../web/qr.js"

const BLOCKS = { 1: [1, 10], 2: [1, 16], 3: [1, 26], 4: [2, 18], 5: [2, 24], 6: [4, 16], 7: [4, 18], 8: [4, 22], 9: [5, 22], 10: [5, 26] }
const CENTRES = { 7: [6, 22, 38], 8: [6, 24, 42], 9: [6, 26, 46], 10: [6, 28, 50] }
const MASKS = [
  (r, c) => (r + c) % 2 === 0, (r) => r % 2 === 0, (r, c) => c % 3 === 0, (r, c) => (r + c) % 3 === 0,
  (r, c) => (Math.floor(r / 2) + Math.floor(c / 3)) % 2 === 0, (r, c) => ((r * c) % 2) + ((r * c) % 3) === 0,
  (r, c) => (((r * c) % 2) + ((r * c) % 3)) % 2 === 0, (r, c) => (((r + c) % 2) + ((r * c) % 3)) % 2 === 0,
]

function isFunction(r, c, size, version) {
  if (r === 6 || c === 6) return true
  if ((r < 9 && c < 9) || (r < 9 && c >= size - 8) || (r >= size - 8 && c < 9)) return true
  if (version >= 7 && ((r < 6 && c >= size - 11) || (c < 6 && r >= size - 11))) return true
  const centres = version === 1 ? [] : (CENTRES[version] ?? [6, size - 7])
  return centres.some((y) => centres.some((x) => {
    const corner = (x === 6 && y === 6) || (x === 6 && y === size - 7) || (x === size - 7 && y === 6)
    return !corner && Math.abs(r - y) <= 2 && Math.abs(c - x) <= 2
  }))
}

function product(a, b) {
  let sum = 0
  for (let left = a, right = b; right; right >>= 1) {
    if (right & 1) sum ^= left
    left = left & 128 ? (left << 1) ^ 0x11d : left << 1
  }
  return sum
}

function read(rows) {
  const size = rows.length
  const version = (size - 17) / 4
  let format = 0
  for (const [r, c] of [[8, 0], [8, 1], [8, 2], [8, 3], [8, 4], [8, 5], [8, 7], [8, 8], [7, 8], [5, 8], [4, 8], [3, 8], [2, 8], [1, 8], [0, 8]]) {
    format = (format << 1) | Number(rows[r][c])
  }
  const told = format ^ 0x5412
  assert.equal(told >> 13, 0, "level M")
  const mask = MASKS[(told >> 10) & 7]
  const bits = []
  for (let right = size - 1, up = true; right > 0; right -= 2, up = !up) {
    if (right === 6) right -= 1
    for (let step = 0; step < size; step += 1) {
      const r = up ? size - 1 - step : step
      for (const c of [right, right - 1]) {
        if (!isFunction(r, c, size, version)) bits.push(Number(rows[r][c] !== mask(r, c)))
      }
    }
  }
  const words = Array.from({ length: Math.floor(bits.length / 8) }, (_, at) => Number.parseInt(bits.slice(at * 8, at * 8 + 8).join(""), 2))
  const [count, checks] = BLOCKS[version]
  const data = words.length - count * checks
  const short = Math.floor(data / count)
  const longs = data % count
  const blocks = Array.from({ length: count }, () => [])
  let at = 0
  for (let place = 0; place <= short; place += 1) {
    for (let each = 0; each < count; each += 1) {
      if (place < short || each >= count - longs) blocks[each].push(words[at++])
    }
  }
  const payload = blocks.flat()
  for (let place = 0; place < checks; place += 1) for (const block of blocks) block.push(words[at++])
  // A whole block is a multiple of its generator: each syndrome is zero.
  for (const block of blocks) {
    let root = 1
    for (let power = 0; power < checks; power += 1) {
      assert.equal(block.reduce((sum, each) => product(sum, root) ^ each, 0), 0, `syndrome ${power}`)
      root = product(root, 2)
    }
  }
  const stream = payload.map((each) => each.toString(2).padStart(8, "0")).join("")
  assert.equal(stream.slice(0, 4), "0100", "bytes")
  const head = version < 10 ? 12 : 20
  const length = Number.parseInt(stream.slice(4, head), 2)
  const bytes = Array.from({ length }, (_, place) => Number.parseInt(stream.slice(head + place * 8, head + place * 8 + 8), 2))
  return new TextDecoder().decode(Uint8Array.from(bytes))
}

const PAYLOAD = "upi://pay?pa=souk@mock&pn=Souk&am=129.99&cu=USD&tr=pay_0123456789abcdef01234567&tn=Order%20ord_0123456789"

for (const text of ["HELLO", PAYLOAD, "é✓".repeat(20), ...[14, 26, 42, 62, 84, 106, 122, 152, 180, 213].map((length) => "x".repeat(length))]) {
  test(`${text.length} characters are read again: ${text.slice(0, 12)}`, () => {
    assert.equal(read(modules(text)), text)
  })
}

test("what is too long for a code has none", () => {
  assert.equal(modules("x".repeat(214)), null)
})
