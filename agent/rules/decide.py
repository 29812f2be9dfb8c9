"""From a conversation to what to do next: tools to use, or a reply."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from agent.conversation import Conversation
from agent.rules.edits import parted
from agent.rules.fixed import REPLIES, THOUGHTS
from agent.rules.intent import intended
from agent.rules.plan import Plan, Use, just
from agent.rules.plans import (
    account,
    add,
    cart,
    checkout,
    compare,
    coupon,
    look,
    order,
    points,
    policy,
    refine,
    returns,
    search,
    swap,
    traits,
)
from agent.rules.reading import Reading
from agent.rules.recall import Memory
from agent.rules.remember import remember
from agent.rules.settle import settled

PLANS: Mapping[str, Callable[[Reading, Memory], Plan]] = {
    "search": search.search,
    "refine": refine.refine,
    "more": refine.more,
    "recommend": search.recommend,
    "pick": look.pick,
    "details": look.details,
    "property": traits.property_of,
    "price": look.price,
    "compare": compare.compare,
    "stock": look.stock,
    "cart": cart.cart,
    "add": add.add,
    "quantity": cart.quantity,
    "remove": cart.remove,
    "clear": cart.clear,
    "clear_sure": cart.clear_sure,
    "correct": swap.correct,
    "swap": swap.swap,
    "undo": cart.undo,
    "coupons": coupon.coupons,
    "coupon": coupon.coupon,
    "uncoupon": coupon.uncoupon,
    "haggle": coupon.haggle,
    "loyalty": points.loyalty,
    "redeem": points.redeem,
    "unredeem": points.unredeem,
    "policy": policy.policy,
    "unsaid": policy.unsaid,
    "addresses": account.addresses,
    "instruments": account.instruments,
    "waitlist": account.waitlist,
    "person": account.person,
    "buy": checkout.buy,
    "checkout": checkout.checkout,
    "orders": order.orders,
    "order": order.order,
    "track": order.track,
    "cancel_order": order.cancel,
    "refund": order.refund,
    "placed": order.placed_already,
    "return": returns.send_back,
}


def several(reading: Reading, memory: Memory) -> Plan:
    """Do what the parts of a message ask for, one after the other."""
    texts = []
    for each in parted(reading.text):
        texts += [(yield from PLANS[intended(each, memory)](each, memory))]
    return "\n".join(texts)


class Decision(NamedTuple):
    """What to do next: use tools, or say `reply`, without what was said already."""

    thought: str = ""
    uses: tuple[Use, ...] = ()
    reply: str = ""


def decide(conversation: Conversation) -> Decision:
    """Return what comes next in the last turn of `conversation`."""
    memory, now = remember(conversation)
    reading = settled(now.reading, memory)
    intent = intended(reading, memory)
    if intent == "repeat":
        return Decision(reply=memory.told or REPLIES["unknown"])
    plan = _planned(intent, reading, memory)
    results = [each.content for each in now.used]
    thought = "" if results or now.said else THOUGHTS.get(intent, "")
    try:
        uses = next(plan)
        while len(results) >= len(uses):
            answers, results = results[: len(uses)], results[len(uses) :]
            uses = plan.send(tuple(answers))
    except StopIteration as end:
        told = f"{_careful(reading)}{end.value}"
        return Decision(thought, reply=told.removeprefix(now.said))
    return Decision(thought, uses)


def _careful(reading: Reading) -> str:
    """Ask whoever wrote a card's number not to; it is masked before we read it."""
    return REPLIES["card_number"] if "[card ending" in reading.text else ""


def _planned(intent: str, reading: Reading, memory: Memory) -> Plan:
    if intent == "several":
        return several(reading, memory)
    return PLANS[intent](reading, memory) if intent in PLANS else just(REPLIES[intent])
