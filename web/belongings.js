/** Addresses and means to pay: how they are written, and the forms that make them. */

import { brand } from "./cards.js"
import { busy, complain, field, filled, h } from "./dom.js"
import { souk } from "./shop.js"

export const addressLine = (each) =>
  [each.street, `${each.city}, ${each.state} ${each.zip_code}`, each.country].join(" · ")

export function methodLine(each) {
  if (each.type === "card") return `${brand(each.brand)} •••• ${each.last_four}`
  // Of a UPI id the last letters of the name are kept, and whose it is.
  if (each.type === "upi") return `UPI •••${each.last_four}@${each.brand}`
  return `Gift card •••• ${each.last_four}`
}

/** A form that keeps what it is filled with: `send` gets its fields, `done` the answer. */
function form(fields, { submit, send, done, cancel }) {
  const said = h("div.wrong")
  const button = h("button.button.primary", { type: "submit" }, submit)
  return h("form.form", {
    onsubmit: (event) => {
      event.preventDefault()
      busy(button, async () => {
        try {
          done(await send(filled(event.target)))
        } catch (problem) {
          complain(said, problem)
        }
      })
    },
  }, fields, said, h("p.actions", null, button, cancel && h("button.button", { type: "button", onclick: cancel }, "Never mind")))
}

/** A new address, or a change of `old`. */
export function addressForm(done, { old = null, cancel = null } = {}) {
  const has = (name) => ({ name, required: true, maxLength: 100, value: old?.[name] ?? "" })
  return form([
    field("Street", { ...has("street"), maxLength: 200, autocomplete: "street-address" }),
    h("div.form-row", null,
      field("City", { ...has("city"), autocomplete: "address-level2" }),
      field("State", { ...has("state"), autocomplete: "address-level1" })),
    h("div.form-row", null,
      field("ZIP code", { ...has("zip_code"), maxLength: 20, autocomplete: "postal-code" }),
      field("Country", { ...has("country"), value: old?.country ?? "US", autocomplete: "country" })),
    h("label.switch", null, h("input", { type: "checkbox", name: "is_default", checked: old?.is_default ?? false }), "Send things here unless I say otherwise"),
  ], {
    submit: old ? "Change it" : "Keep this address",
    cancel,
    done,
    send(told) {
      const body = { ...told, is_default: Boolean(told.is_default) }
      return old ? souk.put(`/api/users/addresses/${old.id}`, body) : souk.post("/api/users/addresses", body)
    },
  })
}

/** A new card. Its number goes to the provider and is kept nowhere. */
export function cardForm(done, cancel = null) {
  return form([
    field("Card number", { name: "number", required: true, inputMode: "numeric", autocomplete: "cc-number", maxLength: 23, placeholder: "4242 4242 4242 4242" },
      "The bank is a mock: 4242 4242 4242 4242 pays, 4000 0027 6000 3184 asks you at the bank, 4000 0000 0000 0002 is declined."),
    h("div.form-row", null,
      field("Month", { name: "exp_month", type: "number", min: 1, max: 12, required: true, autocomplete: "cc-exp-month", placeholder: "12" }),
      field("Year", { name: "exp_year", type: "number", min: 2024, max: 2099, required: true, autocomplete: "cc-exp-year", placeholder: "2030" }),
      field("Code", { name: "cvc", required: true, inputMode: "numeric", autocomplete: "cc-csc", maxLength: 4, placeholder: "123" })),
  ], {
    submit: "Keep this card",
    cancel,
    done,
    send: (told) => souk.post("/api/users/payment-methods", {
      type: "card", number: told.number.replaceAll(" ", ""), cvc: told.cvc,
      exp_month: Number(told.exp_month), exp_year: Number(told.exp_year),
    }),
  })
}

export function upiForm(done, cancel = null) {
  return form(
    field("UPI ID", { name: "vpa", required: true, autocomplete: "off", placeholder: "success@mock", maxLength: 100 }, "success@mock pays after a moment; pending@mock waits for you."),
    { submit: "Keep this UPI ID", cancel, done, send: ({ vpa }) => souk.post("/api/users/payment-methods", { type: "upi", vpa }) })
}
