/**
 * QR codes (ISO/IEC 18004): bytes, level M, versions 1 to 10, which is 213 bytes.
 *
 * Written here because nothing is fetched from elsewhere and nothing is bundled; a UPI
 * payload is all it is for. The names are the standard's.
 */

// Per version: error correction codewords per block, then data codewords of each block.
const BLOCKS = [
  [10, [16]], [16, [28]], [26, [44]], [18, [32, 32]], [24, [43, 43]], [16, [27, 27, 27, 27]],
  [18, [31, 31, 31, 31]], [22, [38, 38, 39, 39]], [22, [36, 36, 36, 37, 37]], [26, [43, 43, 43, 43, 44]],
]
const ALIGNMENT = [[], [18], [22], [26], [30], [34], [22, 38], [24, 42], [26, 46], [28, 50]]

// GF(256) by its powers of two, modulo x^8 + x^4 + x^3 + x^2 + 1.
const EXP = []
const LOG = []
for (let power = 0, value = 1; power < 255; power += 1) {
  EXP[power] = value
  LOG[value] = power
  value = value & 128 ? (value << 1) ^ 0x11d : value << 1
}
const times = (a, b) => (a && b ? EXP[(LOG[a] + LOG[b]) % 255] : 0)

function corrections(data, count) {
  let generator = [1]
  for (let power = 0; power < count; power += 1) {
    generator = [...generator, 0].map((each, at) => each ^ (at ? times(generator[at - 1], EXP[power]) : 0))
  }
  const rest = [...data, ...Array(count).fill(0)]
  for (let at = 0; at < data.length; at += 1) {
    const lead = rest[at]
    if (lead) generator.forEach((each, offset) => { rest[at + offset] ^= times(each, lead) })
  }
  return rest.slice(data.length)
}

/** The codewords of `bytes` in the order in which they are drawn. */
function codewords(bytes, version) {
  const [count, sizes] = BLOCKS[version - 1]
  const room = sizes.reduce((sum, each) => sum + each)
  const length = version < 10 ? 8 : 16
  let bits = "0100" + bytes.length.toString(2).padStart(length, "0")
  for (const each of bytes) bits += each.toString(2).padStart(8, "0")
  bits = `${bits}0000`.slice(0, room * 8)
  bits = bits.padEnd(Math.ceil(bits.length / 8) * 8, "0")
  const data = bits.match(/.{8}/g).map((each) => Number.parseInt(each, 2))
  for (let at = 0; data.length < room; at += 1) data.push(at % 2 ? 17 : 236)
  let from = 0
  const blocks = sizes.map((size) => data.slice(from, (from += size)))
  const checks = blocks.map((each) => corrections(each, count))
  const woven = (rows) => Array.from({ length: Math.max(...rows.map((each) => each.length)) }, (_, at) =>
    rows.filter((each) => at < each.length).map((each) => each[at])).flat()
  return [...woven(blocks), ...woven(checks)]
}

const remainder = (value, generator, bits) => {
  let rest = value << bits
  for (let at = 31; at >= bits; at -= 1) if ((rest >>> at) & 1) rest ^= generator << (at - bits)
  return (value << bits) | rest
}

const MASKS = [
  (x, y) => (x + y) % 2, (x, y) => y % 2, (x) => x % 3, (x, y) => (x + y) % 3,
  (x, y) => (Math.floor(y / 2) + Math.floor(x / 3)) % 2, (x, y) => ((x * y) % 2) + ((x * y) % 3),
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2, (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2,
]

/** Everything that does not depend on the data: rows of true, false, or null for free. */
function frame(version) {
  const size = 17 + 4 * version
  const rows = Array.from({ length: size }, () => Array(size).fill(null))
  const put = (x, y, dark) => { if (rows[y]?.[x] !== undefined) rows[y][x] = dark }
  const square = (cx, cy, reach, dark) => {
    for (let y = -reach; y <= reach; y += 1) {
      for (let x = -reach; x <= reach; x += 1) put(cx + x, cy + y, dark(Math.max(Math.abs(x), Math.abs(y))))
    }
  }
  const centres = version > 1 ? [6, ...ALIGNMENT[version - 1]] : []
  for (const cy of centres) {
    for (const cx of centres) {
      const taken = [[6, 6], [6, size - 7], [size - 7, 6]].some(([x, y]) => x === cx && y === cy)
      if (!taken) square(cx, cy, 2, (ring) => ring !== 1)
    }
  }
  for (let at = 8; at < size - 8; at += 1) {
    put(at, 6, at % 2 === 0)
    put(6, at, at % 2 === 0)
  }
  for (const [x, y] of [[3, 3], [size - 4, 3], [3, size - 4]]) square(x, y, 4, (ring) => ring !== 2 && ring !== 4)
  put(8, size - 8, true)
  if (version >= 7) {
    const told = remainder(version, 0x1f25, 12)
    for (let at = 0; at < 18; at += 1) {
      const dark = ((told >> at) & 1) === 1
      put(Math.floor(at / 3), size - 11 + (at % 3), dark)
      put(size - 11 + (at % 3), Math.floor(at / 3), dark)
    }
  }
  return rows
}

/** Where the two copies of the format stand, from its lowest bit on. */
function formatPlaces(size) {
  const first = [0, 1, 2, 3, 4, 5, 7, 8].map((y) => [8, y]).concat([7, 5, 4, 3, 2, 1, 0].map((x) => [x, 8]))
  const second = Array.from({ length: 8 }, (_, at) => [size - 1 - at, 8])
    .concat(Array.from({ length: 7 }, (_, at) => [8, size - 7 + at]))
  return [first, second]
}

function masked(base, bits, mask) {
  const rows = base.map((row) => [...row])
  const size = rows.length
  const format = remainder(mask, 0x537, 10) ^ 0x5412
  for (const places of formatPlaces(size)) {
    places.forEach(([x, y], at) => { rows[y][x] = ((format >> at) & 1) === 1 })
  }
  let next = 0
  let up = true
  for (let right = size - 1; right > 0; right -= 2) {
    if (right === 6) right -= 1
    for (let step = 0; step < size; step += 1) {
      const y = up ? size - 1 - step : step
      for (const x of [right, right - 1]) {
        if (rows[y][x] !== null) continue
        rows[y][x] = (bits[next] === "1") !== (MASKS[mask](x, y) === 0)
        next += 1
      }
    }
    up = !up
  }
  return rows
}

/** How hard it is to read: long runs, blocks, look-alikes of the finders, imbalance. */
function penalty(rows) {
  const size = rows.length
  const lines = [...rows, ...rows.map((_, x) => rows.map((row) => row[x]))]
    .map((line) => line.map((each) => (each ? "1" : "0")).join(""))
  let sum = 0
  for (const line of lines) {
    for (const [run] of line.matchAll(/0{5,}|1{5,}/g)) sum += run.length - 2
    sum += 40 * [...line.matchAll(/(?=10111010000|00001011101)/g)].length
  }
  for (let y = 1; y < size; y += 1) {
    for (let x = 1; x < size; x += 1) {
      const four = Number(rows[y][x]) + rows[y - 1][x] + rows[y][x - 1] + rows[y - 1][x - 1]
      if (four === 0 || four === 4) sum += 3
    }
  }
  const dark = rows.flat().filter(Boolean).length / size ** 2
  return sum + 10 * Math.floor(Math.abs(dark - 0.5) * 20)
}

/** Rows of true (dark) and false, or null if `text` is too long. */
export function modules(text) {
  const bytes = [...new TextEncoder().encode(text)]
  const version = BLOCKS.findIndex(([, sizes], at) =>
    sizes.reduce((sum, each) => sum + each) * 8 >= 4 + (at < 9 ? 8 : 16) + bytes.length * 8) + 1
  if (!version) return null
  const bits = codewords(bytes, version).map((each) => each.toString(2).padStart(8, "0")).join("")
  const base = frame(version)
  for (const places of formatPlaces(base.length)) for (const [x, y] of places) base[y][x] = false
  const free = base.map((row) => [...row])
  return MASKS.map((_, mask) => masked(free, bits, mask))
    .reduce((best, each) => (penalty(each) < penalty(best) ? each : best))
}

/** The code as a picture that scales; null if `text` is too long for one. */
export function qr(text, label) {
  const rows = modules(text)
  if (!rows) return null
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg")
  svg.setAttribute("viewBox", `0 0 ${rows.length} ${rows.length}`)
  svg.setAttribute("role", "img")
  svg.setAttribute("aria-label", label)
  svg.setAttribute("shape-rendering", "crispEdges")
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path")
  path.setAttribute("d", rows.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ""))).join(""))
  svg.append(path)
  return svg
}
