/** One's profile, addresses and means to pay. */

import { busy, complain, count, fill, field, filled, h, icon, toast } from "../dom.js"
import { addressForm, addressLine, cardForm, methodLine, upiForm } from "../belongings.js"
import { me, signOut, souk } from "../shop.js"
import { subnav } from "../subnav.js"

export async function show(page, { signal }) {
  const [profile, addresses, methods] = await Promise.all([
    souk.get("/api/users/profile"), souk.get("/api/users/addresses"), souk.get("/api/users/payment-methods"),
  ])
  if (signal.aborted) return
  const out = h("button.button", {
    type: "button", onclick: () => busy(out, async () => {
      await signOut()
      location.hash = "#/"
      toast("Signed out. Until next time.")
    }),
  }, "Sign out")
  fill(page, subnav("/me"),
    h("div.page-head", null, h("div", null, h("h1", null, profile.full_name || profile.username), h("p.note", null, profile.email)), out),
    h("div.sheet", null,
      h("div.blocks", null, about(profile), places(addresses), means(methods)),
      h("aside.block", { "aria-label": "In short" },
        h("h2", null, `${profile.loyalty_tier[0].toUpperCase()}${profile.loyalty_tier.slice(1)}`),
        h("p", null, count(profile.loyalty_points, "point")),
        h("p.actions", null, h("a.button", { href: "#/points" }, "Points"), h("a.button", { href: "#/orders" }, "Orders")))))
}

function about(profile) {
  const said = h("div.wrong")
  const button = h("button.button.primary", { type: "submit" }, "Save")
  return h("section.block", null, h("h2", null, "About you"),
    h("form.form", {
      onsubmit: (event) => {
        event.preventDefault()
        const { full_name = null, phone = null } = filled(event.target)
        busy(button, async () => {
          try {
            await souk.put("/api/users/profile", { full_name, phone })
            fill(said)
            toast("Saved.", "good")
            await me.load()
          } catch (problem) {
            complain(said, problem)
          }
        })
      },
    }, field("Name", { name: "full_name", value: profile.full_name ?? "", autocomplete: "name", maxLength: 100 }),
    field("Phone", { name: "phone", type: "tel", value: profile.phone ?? "", autocomplete: "tel", placeholder: "+1 555 010 0100" }),
    said, h("p.actions", null, button)))
}

const places = (addresses) => kept("Addresses", "/api/users/addresses", addresses, {
  none: "None yet.",
  name: (each) => each.street,
  line: addressLine,
  change: (old, done, cancel) => addressForm(done, { old, cancel }),
  forms: [["Add an address", (done, cancel) => addressForm(done, { cancel })]],
})

const means = (methods) => kept("Means to pay", "/api/users/payment-methods", methods, {
  none: "None yet. A number is sent to the provider and kept nowhere.",
  name: methodLine,
  line: (each) => [methodLine(each), each.exp_month && h("span.note", null, ` until ${each.exp_month}/${each.exp_year}`)],
  forms: [["Add a card", cardForm], ["Add a UPI ID", upiForm]],
})

/** What one keeps here: each can be forgotten, some changed, more added by `forms`. */
function kept(title, path, items, { none, name, line, change = null, forms }) {
  const block = h("section.block")
  // The default moves by rules of the shop's: ask it what it is now.
  const renew = async () => {
    items = await souk.get(path)
    draw()
  }
  const instead = (form) => {
    // One form at a time: another that is open gives way.
    draw()
    block.lastElementChild.replaceWith(form)
    form.querySelector("input").focus()
  }
  const row = (each) => {
    const bin = h("button.plain", {
      type: "button", "aria-label": `Forget ${name(each)}`,
      onclick: () => busy(bin, async () => {
        await souk.delete(`${path}/${each.id}`)
        await renew()
      }),
    }, icon("bin"))
    return h("li", null,
      h("span.grow", null, line(each), " ", each.is_default && h("span.status", null, "Default")),
      change && h("button.plain", {
        type: "button", "aria-label": `Change ${name(each)}`, onclick: () => instead(change(each, renew, draw)),
      }, "Change"),
      bin)
  }
  const adding = ([text, form]) =>
    h("button.button", { type: "button", onclick: () => instead(form(renew, draw)) }, icon("plus"), text)
  function draw() {
    fill(block, h("h2", null, title),
      items.length ? h("ul.rows", null, items.map(row)) : h("p.note", null, none),
      h("p.actions", null, forms.map(adding)))
  }
  draw()
  return block
}
