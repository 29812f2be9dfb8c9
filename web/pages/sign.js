/** Signing up and in; the address may say where to go back to. */

import { busy, complain, field, fill, filled, h, toast } from "../dom.js"
import { souk } from "../shop.js"

export function show(page, { query }) {
  const back = query.get("back") ?? "/"
  form(page, {
    title: "Welcome back",
    fields: [mail(), password("current-password")],
    submit: "Sign in",
    send: (details) => souk.signIn(details),
    back,
    other: ["New here?", "Make an account", `#/sign-up?back=${encodeURIComponent(back)}`],
  })
}

export function showSignUp(page, { query }) {
  const back = query.get("back") ?? "/"
  form(page, {
    title: "Make an account",
    fields: [
      mail(),
      field("User name", { name: "username", autocomplete: "username", required: true, minLength: 3, maxLength: 32, pattern: "[A-Za-z0-9]+" }, "3 to 32 letters and digits."),
      field("Your name, if you like", { name: "full_name", autocomplete: "name", maxLength: 100 }),
      password("new-password"),
    ],
    submit: "Sign up",
    send: (details) => souk.signUp(details),
    back,
    other: ["Been here before?", "Sign in", `#/sign-in?back=${encodeURIComponent(back)}`],
  })
}

const mail = () => field("Mail address", { name: "email", type: "email", autocomplete: "email", required: true })

const password = (kind) => field("Password", { name: "password", type: "password", autocomplete: kind, required: true, minLength: 8, maxLength: 72 },
  kind === "new-password" && "At least 8 characters, and none that anybody would try first.")

function form(page, { title, fields, submit, send, back, other }) {
  const said = h("div.wrong")
  const button = h("button.button.primary.wide", { type: "submit" }, submit)
  const [question, answer, href] = other
  fill(page, h("div.narrow-page", null,
    h("div.page-head", null, h("h1", null, title)),
    h("form.block.form", {
      onsubmit: (event) => {
        event.preventDefault()
        busy(button, async () => {
          try {
            await send(filled(event.target))
          } catch (problem) {
            return complain(said, problem)
          }
          toast("Good to see you. Your cart and your talk came along.", "good")
          // Only within the shop: an address from elsewhere leads nowhere.
          location.hash = back.startsWith("/") ? `#${back}` : "#/"
        })
      },
    }, fields, said, button,
    h("p.note", null, question, " ", h("a", { href }, answer)))))
}
