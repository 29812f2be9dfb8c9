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

function places(addresses) {
  const block = h("section.block")
  const draw = async (changed) => {
    // The default moves by rules of the shop's: ask it.
    if (changed) addresses = await souk.get("/api/users/addresses")
    fill(block, h("h2", null, "Addresses"),
      addresses.length ? h("ul.rows", null, addresses.map((each) => h("li", null,
        h("span.grow", null, addressLine(each), " ", each.is_default && h("span.status", null, "Default")),
        h("button.plain", { type: "button", "aria-label": `Change ${each.street}`, onclick: () => swap(block, addressForm(() => draw(true), { old: each, cancel: () => draw() })) }, "Change"),
        forget(`Forget ${each.street}`, () => souk.delete(`/api/users/addresses/${each.id}`), () => draw(true))))) : h("p.note", null, "None yet."),
      h("p.actions", null, h("button.button", { type: "button", onclick: () => swap(block, addressForm(() => draw(true), { cancel: () => draw() })) }, icon("plus"), "Add an address")))
  }
  draw()
  return block
}

function means(methods) {
  const block = h("section.block")
  const draw = async (changed) => {
    if (changed) methods = await souk.get("/api/users/payment-methods")
    fill(block, h("h2", null, "Means to pay"),
      methods.length ? h("ul.rows", null, methods.map((each) => h("li", null,
        h("span.grow", null, methodLine(each), " ", each.is_default && h("span.status", null, "Default"), each.exp_month && h("span.note", null, ` until ${each.exp_month}/${each.exp_year}`)),
        forget(`Forget ${methodLine(each)}`, () => souk.delete(`/api/users/payment-methods/${each.id}`), () => draw(true))))) : h("p.note", null, "None yet. A number is sent to the provider and kept nowhere."),
      h("p.actions", null,
        h("button.button", { type: "button", onclick: () => swap(block, cardForm(() => draw(true), () => draw())) }, icon("plus"), "Add a card"),
        h("button.button", { type: "button", onclick: () => swap(block, upiForm(() => draw(true), () => draw())) }, icon("plus"), "Add a UPI ID")))
  }
  draw()
  return block
}

function swap(block, form) {
  block.querySelector(".actions").replaceWith(form)
  form.querySelector("input").focus()
}

function forget(label, work, done) {
  const button = h("button.plain", { type: "button", "aria-label": label, onclick: () => busy(button, async () => { await work(); await done() }) }, icon("bin"))
  return button
}
