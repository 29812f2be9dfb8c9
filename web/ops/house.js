/** How this node does: vitals with their last minute, actors by kind, what went wrong. */

import { busy, fill, h, moment, toast, words } from "../dom.js"
import { souk } from "./desk.js"
import { Spark } from "./spark.js"
import { badge, listed, table } from "./table.js"

const TILES = [
  ["sockets", "Sockets", (vitals) => vitals.sockets],
  ["commits", "Commits a second", (vitals) => vitals.commits_per_s],
  ["batch", "Commits in one write", (vitals) => vitals.commit_batch],
  ["actors", "Actors awake", ({ actors }) => sum(actors, "count")],
  ["mailbox", "Messages waiting", ({ actors }) => sum(actors, "mailbox")],
  ["errors", "Troubles since start", ({ errors }) => Object.values(errors).reduce((a, b) => a + b, 0) - (errors.refused ?? 0)],
]

const sum = (all, name) => all.reduce((total, each) => total + each[name], 0)

export function show(page, { watch, signal }) {
  const tiles = TILES.map(([name, label, read]) => {
    const spark = new Spark()
    const number = h("strong", { id: `tile-${name}` }, "–")
    return { read, spark, number, shown: h("div.tile", null, h("span", null, label), number, spark.shown) }
  })
  const database = h("p")
  const crowd = h("div")
  const troubles = h("div")
  const letters = h("div")
  page.append(
    database,
    h("section.tiles", { "aria-label": "Vitals" }, tiles.map((each) => each.shown)),
    h("section.block", null, h("h2", null, "Actors by kind"), crowd),
    h("section.block", null, h("h2", null, "Troubles since this node started"), troubles),
    h("section.block", null, h("h2", null, "Mail that was given up"), letters))

  watch.addEventListener("ops", ({ detail: { vitals } }) => {
    for (const { read, spark, number } of tiles) {
      const value = read(vitals)
      number.textContent = value.toLocaleString("en-US")
      spark.add(value)
    }
    fill(database, vitals.database ? badge("Database answers", "good") : badge("Database is away", "bad"))
    fill(crowd, table("Actors", ["Kind", "Awake", "Messages waiting", "Oldest waits"], vitals.actors.map((each) =>
      [each.kind, each.count, each.mailbox, `${each.oldest_s.toFixed(2)} s`])))
    fill(troubles, table("Troubles", ["What", "Times"], Object.entries(vitals.errors).map(([name, times]) =>
      [words(name), times])))
  }, { signal })

  const load = () => listed(letters, async () => (await souk.page("/api/admin/dead-letters")).items,
    (items) => table("Dead letters", ["To", "What", "Why", "When", ""], items.map((each) => letter(each, load))),
    "None. Whatever had to arrive, arrived.")
  load()
}

function letter(each, again) {
  const path = `/api/admin/dead-letters/${encodeURIComponent(each.id)}`
  const done = (button, work, said) => busy(button, async () => {
    await work()
    toast(said, "good")
    await again()
  })
  return [
    `${each.kind} ${each.key}`, h("code", null, JSON.stringify(each.command)), each.error, moment(each.at),
    h("div.actions", null,
      h("button.button", { type: "button", onclick: ({ target }) => done(target, () => souk.post(`${path}/retry`), "Sent again.") }, "Send again"),
      h("button.button.danger", { type: "button", onclick: ({ target }) => done(target, () => souk.delete(path), "Forgotten.") }, "Forget")),
  ]
}
