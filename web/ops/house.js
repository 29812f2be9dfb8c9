/** How this node does: vitals with their last minute, actors by kind, what went wrong. */

import { busy, fill, h, moment, toast, words } from "../dom.js"
import { souk } from "./desk.js"
import { Spark } from "./spark.js"
import { Listing, badge } from "./table.js"

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
  const database = h("p", null, badge("Looking …"))
  const crowd = new Listing("Actors", ["Kind", "Awake", "Messages waiting", "Oldest waits"], {
    id: ({ kind }) => kind,
    cells: (each) => [each.kind, each.count, each.mailbox, `${each.oldest_s.toFixed(2)} s`],
    empty: "Nobody is awake.",
  })
  const troubles = new Listing("Troubles", ["What", "Times"], {
    id: ([name]) => name, cells: ([name, times]) => [words(name), times], empty: "None.",
  })
  const letters = new Listing("Dead letters", ["To", "What", "Why", "When", ""], {
    id: (each) => each.id,
    cells: (each) => letter(each, letters),
    empty: "None. Whatever had to arrive, arrived.",
    load: (page) => souk.page(`/api/admin/dead-letters?${page}`),
  })
  let died = null
  page.append(
    database,
    h("section.tiles", { "aria-label": "Vitals" }, tiles.map((each) => each.shown)),
    h("section.block", null, h("h2", null, "Actors by kind"), crowd.shown),
    h("section.block", null, h("h2", null, "Troubles since this node started"), troubles.shown),
    h("section.block", null, h("h2", null, "Mail that was given up"), letters.shown))

  watch.addEventListener("ops", ({ detail: { vitals } }) => {
    for (const { read, spark, number } of tiles) {
      const value = read(vitals)
      number.textContent = value.toLocaleString("en-US")
      spark.add(value)
    }
    fill(database, vitals.database ? badge("Database answers", "good") : badge("Database is away", "bad"))
    crowd.show(vitals.actors)
    troubles.show(Object.entries(vitals.errors))
    if (died !== vitals.errors.dead_letters) letters.renew()
    died = vitals.errors.dead_letters
  }, { signal })
}

function letter(each, letters) {
  const path = `/api/admin/dead-letters/${encodeURIComponent(each.id)}`
  const button = (text, work, said) => h("button.button", {
    type: "button", onclick: ({ target }) => busy(target, async () => {
      try {
        await work()
        toast(said, "good")
      } finally {
        await letters.renew()
      }
    }),
  }, text)
  return [
    `${each.kind} ${each.key}`, h("code", null, JSON.stringify(each.command)), each.error, moment(each.at),
    h("div.actions", null,
      button("Send again", () => souk.post(`${path}/retry`), "Sent again."),
      button("Forget", () => souk.delete(path), "Forgotten.")),
  ]
}
