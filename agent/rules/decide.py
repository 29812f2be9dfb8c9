"""From a conversation to what to do next: tools to use, or a reply."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from agent.conversation import Conversation
from agent.rules import (
    add_plans,
    cart_plans,
    compare_plans,
    look_plans,
    refine_plans,
    search_plans,
)
from agent.rules.fixed import REPLIES, THOUGHTS
from agent.rules.intent import intended
from agent.rules.plan import Plan, Use, just
from agent.rules.reading import Reading
from agent.rules.recall import Memory
from agent.rules.remember import remember
from agent.rules.settle import settled

PLANS: Mapping[str, Callable[[Reading, Memory], Plan]] = {
    "search": search_plans.search,
    "refine": refine_plans.refine,
    "more": refine_plans.more,
    "recommend": search_plans.recommend,
    "pick": look_plans.pick,
    "details": look_plans.details,
    "property": look_plans.property_of,
    "price": look_plans.price,
    "compare": compare_plans.compare,
    "stock": look_plans.stock,
    "cart": cart_plans.cart,
    "add": add_plans.add,
    "quantity": cart_plans.quantity,
    "remove": cart_plans.remove,
    "clear": cart_plans.clear,
    "clear_sure": cart_plans.clear_sure,
    "correct": add_plans.correct,
    "undo": cart_plans.undo,
}


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
    plan = PLANS[intent](reading, memory) if intent in PLANS else just(REPLIES[intent])
    results = [each.content for each in now.used]
    thought = "" if results or now.said else THOUGHTS.get(intent, "")
    try:
        uses = next(plan)
        while len(results) >= len(uses):
            answers, results = results[: len(uses)], results[len(uses) :]
            uses = plan.send(tuple(answers))
    except StopIteration as end:
        return Decision(thought, reply=str(end.value).removeprefix(now.said))
    return Decision(thought, uses)
