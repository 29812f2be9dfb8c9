/** What runs by itself, when next, how it went, and having it run now. */

import { busy, h, moment, toast, words } from "../dom.js"
import { souk } from "./desk.js"
import { Listing, badge } from "./table.js"

export function show(page, { watch, signal }) {
  const jobs = new Listing("Jobs", ["Job", "When", "Next", "Last", "Went", "Found", ""], {
    id: (each) => each.name,
    cells,
    empty: "There are no jobs.",
    load: () => souk.page("/api/admin/jobs"),
  })
  page.append(h("section.block", null, jobs.shown))
  jobs.renew()
  // The socket brings what changed: a run that ended shows without being asked for.
  let seen = ""
  watch.addEventListener("ops", ({ detail: { vitals } }) => {
    const now = JSON.stringify(vitals.books?.jobs)
    if (seen && now !== seen) jobs.renew()
    seen = now
  }, { signal })
}

const cells = (job) => [
  h("strong", null, words(job.name)),
  h("code", null, job.schedule),
  moment(job.next_run),
  job.last_run ? `${moment(job.last_run)} (${job.last_took_ms} ms)` : "never",
  outcome(job),
  found(job.report),
  h("button.button", { type: "button", "aria-label": `Run now: ${words(job.name)}`, onclick: ({ target }) => run(target, job) }, "Run now"),
]

function found(report) {
  const told = (value) => (typeof value === "object" ? JSON.stringify(value) : value)
  return Object.entries(report)
    .filter(([, value]) => typeof value !== "object" || Object.keys(value).length > 0)
    .map(([name, value]) => `${words(name)}: ${told(value)}`).join(", ")
}

function outcome(job) {
  if (job.runner) return badge("Running", "warn")
  if (job.failures) return h("span", { title: job.last_error }, badge(`Failed ${job.failures} times`, "bad"))
  return job.last_outcome ? badge(words(job.last_outcome), "good") : badge("Not yet")
}

const run = (button, job) => busy(button, async () => {
  await souk.post(`/api/admin/jobs/${encodeURIComponent(job.name)}/run`)
  toast(`${words(job.name)} runs.`, "good")
})
