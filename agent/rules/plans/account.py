"""Plans about the shopper's own things: addresses, means to pay, waiting, a person."""

from agent.rules import say
from agent.rules.plan import Plan, use
from agent.rules.plans.look import missing, page_of
from agent.rules.reading import Reading
from agent.rules.recall import Data, Memory
from agent.rules.refer import the_product
from agent.rules.variants import choose


def addresses(_: Reading, __: Memory) -> Plan:
    """Tell the saved addresses."""
    result = yield from use("list_addresses")
    if error := say.error(result):
        return error
    if not result["addresses"]:
        return "You have no address saved yet: add one in your account."
    told = "\n".join(
        f"{at}. {say.address(each)}" for at, each in enumerate(result["addresses"], 1)
    )
    return f"Your addresses:\n{told}"


def instruments(_: Reading, __: Memory) -> Plan:
    """Tell the saved means to pay."""
    result = yield from use("list_payment_methods")
    if error := say.error(result):
        return error
    if not result["payment_methods"]:
        return "You have no way to pay saved yet: add one in your account."
    told = "\n".join(
        f"{at}. {say.means(each)}"
        for at, each in enumerate(result["payment_methods"], 1)
    )
    return f"You can pay with:\n{told}"


def waitlist(reading: Reading, memory: Memory) -> Plan:
    """Put the shopper on the list for a variant that is sold out."""
    meant = yield from the_product(reading, memory)
    page = yield from page_of(meant)
    if isinstance(page, str):
        return page
    pending = memory.pending
    words = pending.words if pending and pending.intent == "waitlist" else ()
    choice = choose(page, (*words, *reading.words), reading)
    if choice.missing:
        return missing(page, choice)
    own = [
        each for each in page["variants"] if each["sku"] in {memory.sku, reading.code}
    ]
    looked = own if not (reading.colour or reading.size) else []
    gone = looked or [each for each in choice.fitting if not each["available"]]
    if len(gone) > 1:
        looks = say.listed([say.look(each) for each in gone[:6]], "or")
        return f"Which {page['name']} are you waiting for: {looks}?"
    wanted = gone[0] if gone else choice.fitting[0]
    result = yield from use("join_waitlist", sku=wanted["sku"])
    return say.error(result) or _waiting(result)


def _waiting(result: Data) -> str:
    name = say.variant(result["name"], result)
    if not result["joined"]:
        left = say.units(result)
        return f"The {name} can be had now: {left}. Shall I put it into your cart?"
    eta = result["restock_eta"]
    when = f" It is expected back on {eta}." if eta else ""
    return f"Done: I'll let you know when the {name} is back.{when}"


def person(reading: Reading, memory: Memory) -> Plan:
    """Hand the conversation over to a person of the team."""
    result = yield from use("handoff_to_human", summary=_summary(reading, memory))
    return say.error(result) or (
        "I've asked a person from our team to take over; they see what we wrote here."
    )


def _summary(reading: Reading, memory: Memory) -> str:
    about = f" (about {memory.order})" if memory.order else ""
    return f"The shopper wrote: {reading.text[:300]}{about}"
