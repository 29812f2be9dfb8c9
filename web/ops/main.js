/** The operators' page: a door, six rooms, and one socket for all of them. */

import { busy, complain, field, fill, filled, h } from "../dom.js"
import { Watch, souk } from "./desk.js"
import * as chats from "./chats.js"
import * as house from "./house.js"
import * as jobs from "./jobs.js"
import * as orders from "./orders.js"
import * as returns from "./returns.js"
import * as stock from "./stock.js"

const ROOMS = {
  "": ["House", house],
  orders: ["Orders", orders],
  returns: ["Returns", returns],
  stock: ["Stock", stock],
  chats: ["Chats", chats],
  jobs: ["Jobs", jobs],
}
const LINES = { live: "Live", lost: "Connecting again …", closed: "Not connected" }

const page = document.querySelector("#page")
const rooms = document.querySelector("#rooms")
const line = document.querySelector("#line")
const leave = document.querySelector("#leave")

let watch = null
let me = null
let left = new AbortController()
let begun = 0

// Drawn once: whoever goes through them by keyboard stays where they are.
fill(rooms, Object.entries(ROOMS).map(([each, [label]]) =>
  h("a", { href: `#/${each}`, "data-room": label }, label, h("span.count", { id: `count-${each || "house"}`, hidden: true }))))
leave.addEventListener("click", () => souk.signOut())
addEventListener("hashchange", enter)
souk.addEventListener("signed", start)
start()

async function start() {
  const mine = (begun += 1)
  watch?.stop()
  watch = null
  let trouble = null
  const who = souk.who === "account"
    ? await souk.get("/api/auth/me").catch((problem) => { trouble = problem })
    : null
  // Somebody signed in or out meanwhile: whoever comes next shows who sits here.
  if (mine !== begun) return
  if (trouble && trouble.status !== 401) return wait(trouble)
  me = who
  const allowed = me?.role === "operator"
  rooms.hidden = leave.hidden = !allowed
  line.textContent = ""
  if (!allowed) return door()
  watch = new Watch()
  watch.addEventListener("line", ({ detail }) => {
    line.dataset.state = detail.state
    if (line.textContent !== LINES[detail.state]) line.textContent = LINES[detail.state]
  })
  watch.addEventListener("ops", ({ detail }) => count(detail.vitals))
  watch.connect()
  enter()
}

/** Shows the room that the address names; what the last one listened to ends. */
function enter() {
  if (!watch) return
  left.abort()
  left = new AbortController()
  const name = location.hash.replace(/^#\/?/, "")
  const [title, room] = Object.hasOwn(ROOMS, name) ? ROOMS[name] : ROOMS[""]
  document.title = `${title} · Souk operations`
  for (const link of rooms.querySelectorAll("a")) {
    if (link.dataset.room === title) link.setAttribute("aria-current", "page")
    else link.removeAttribute("aria-current")
  }
  fill(page, h("h1", null, title))
  room.show(page, { watch, me, signal: left.signal })
}

/** What waits, beside the name of the room where it does. */
function count(vitals) {
  mark("chats", vitals.books?.waiting_chats)
  mark("stock", vitals.low_stock_count)
  mark("orders", vitals.books?.orders?.confirmed)
  mark("returns", vitals.books?.returns?.requested)
}

function mark(name, number) {
  const badge = document.querySelector(`#count-${name}`)
  if (!badge) return
  badge.hidden = !number
  if (number) badge.textContent = number
}

/** Whoever sits here is signed in, but nobody can say so now. */
function wait(problem) {
  left.abort()
  const said = h("div.wrong")
  complain(said, problem)
  fill(page, h("section.block", null, said, h("button.button", { type: "button", onclick: start }, "Try again")))
}

function door() {
  left.abort()
  document.title = "Souk operations"
  const said = h("div.wrong")
  const button = h("button.button.primary.wide", { type: "submit" }, "Sign in")
  fill(page, h("form.door", {
    onsubmit: (event) => {
      event.preventDefault()
      busy(button, () => souk.signIn(filled(event.target)).catch((problem) => complain(said, problem)))
    },
  },
  h("h1", null, "Who runs the shop?"),
  me && h("p.complaint", { role: "alert" }, `${me.username} is no operator.`),
  field("Mail address", { name: "email", type: "email", autocomplete: "email", required: true }),
  field("Password", { name: "password", type: "password", autocomplete: "current-password", required: true }),
  said, button,
  h("p.note", null, "Operators are made on the command line: ", h("code", null, "python -m server user create --role operator"))))
}
