/** What runs by itself, when next, how it went, and having it run now. */

import { busy, h, moment, toast, words } from "../dom.js"
import { souk } from "./desk.js"
import { badge, listed, table } from "./table.js"

export function show(page, { watch, signal }) {
  const place = h("div")
  page.append(h("section.block", null, place))
  const load = () => listed(place, () => souk.get("/api/admin/jobs"), draw, "There are no jobs.")
  load()
  // The socket brings what changed: a run that ended shows without being asked for.
  let seen = ""
  watch.addEventListener("ops", ({ detail: { vitals } }) => {
    const now = JSON.stringify(vitals.books?.jobs)
    if (seen && now !== seen && !place.contains(document.activeElement)) load()
    seen = now
  }, { signal })
}

function draw(jobs) {
  return table("Jobs", ["Job", "When", "Next", "Last", "Went", "Found", ""], jobs.map((job) => [
    h("strong", null, words(job.name)),
    h("code", null, job.schedule),
    moment(job.next_run),
    job.last_run ? `${moment(job.last_run)} (${job.last_took_ms} ms)` : "never",
    outcome(job),
    Object.entries(job.report).map(([name, value]) => `${words(name)}: ${told(value)}`).join(", "),
    h("button.button", { type: "button", onclick: ({ target }) => run(target, job) }, "Run now"),
  ]))
}

const told = (value) => (typeof value === "object" ? JSON.stringify(value) : value)

function outcome(job) {
  if (job.runner) return badge("Running", "warn")
  if (job.last_error) return h("span", { title: job.last_error }, badge(`Failed ${job.failures} times`, "bad"))
  return job.last_outcome ? badge(words(job.last_outcome), "good") : badge("Not yet")
}

const run = (button, job) => busy(button, async () => {
  await souk.post(`/api/admin/jobs/${encodeURIComponent(job.name)}/run`)
  toast(`${words(job.name)} runs.`, "good")
})
