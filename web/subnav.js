/** The way around one's own things. */

import { h } from "./dom.js"

const PLACES = [["/me", "Profile"], ["/orders", "Orders"], ["/points", "Points"]]

export function subnav(here) {
  return h("nav.subnav", { "aria-label": "Your account" }, PLACES.map(([path, name]) =>
    h("a.tool", { href: `#${path}`, "aria-current": path === here ? "page" : null, class: path === here ? "here" : "" }, name)))
}
