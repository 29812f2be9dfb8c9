/** A line of the last minute: what a number did, at a glance. */

const SVG = "http://www.w3.org/2000/svg"
const POINTS = 60
const WIDTH = 120
const HEIGHT = 28

export class Spark {
  #values = []
  #path = document.createElementNS(SVG, "path")

  constructor() {
    this.shown = document.createElementNS(SVG, "svg")
    this.shown.setAttribute("class", "spark")
    this.shown.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`)
    this.shown.setAttribute("preserveAspectRatio", "none")
    // The number beside it says the same.
    this.shown.setAttribute("aria-hidden", "true")
    this.shown.append(this.#path)
  }

  /** Goes on with one more value. */
  add(value) {
    this.#values.push(value)
    if (this.#values.length > POINTS) this.#values.shift()
    const most = Math.max(...this.#values, 1)
    const step = WIDTH / (POINTS - 1)
    const first = POINTS - this.#values.length
    const points = this.#values.map((each, at) =>
      `${((first + at) * step).toFixed(1)} ${(HEIGHT - 2 - (each / most) * (HEIGHT - 4)).toFixed(1)}`)
    this.#path.setAttribute("d", `M${points.join("L")}`)
  }
}
