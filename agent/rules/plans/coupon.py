"""Plans about coupons: which there are, which is best, put one on, take one off."""

from agent.rules import say
from agent.rules.forms import messages, newest
from agent.rules.plan import Part, Plan, use
from agent.rules.reading import Reading
from agent.rules.recall import Data, Memory
from agent.sums import money

_ANY = frozenset({"best", "any", "a", "biggest", "highest", "max", "koi", "sabse"})

_ASKS = frozenset(
    {"why", "which", "if", "is", "does", "will", "what", "how", "kyu", "kyun"}
)

_VERBS = frozenset({"apply", "use", "try", "put", "add", "laga", "lagao"})

REFUSALS = {
    "coupon_not_found": "“{code}” isn't valid here.",
    "coupon_inactive": "“{code}” isn't active any more.",
    "coupon_not_started": "“{code}” isn't valid yet.",
    "coupon_expired": "“{code}” has expired.",
    "coupon_tier_required": "“{code}” is for {min_tier} members and above.",
    "coupon_first_order_only": "“{code}” is for a first order only.",
    "coupon_user_limit": "You have used “{code}” as often as one may.",
    "coupon_limit_reached": "“{code}” was used as often as it may be: it is gone.",
    "coupon_already_applied": "“{code}” is on your cart already.",
    "coupon_not_stackable": "“{code}” can't be combined with {other}.",
    "coupon_no_eligible_items": "“{code}” is for nothing that is in your cart.",
    "coupon_min_purchase": (
        "“{code}” takes a purchase of {min_purchase}: {missing} is still missing."
    ),
    "coupon_no_effect": "“{code}” would take nothing off this cart.",
}


def coupons(_: Reading, __: Memory) -> Plan:
    """Tell the coupons for this shopper, the one that saves most first."""
    result = yield from use("list_coupons")
    return say.error(result) or _listed(result)


def haggle(reading: Reading, memory: Memory) -> Plan:
    """Refuse another price, and name the coupon that lowers it."""
    told = yield from coupons(reading, memory)
    return f"I can't change prices or give discounts of my own. {told}"


def coupon(reading: Reading, memory: Memory) -> Plan:
    """Put a coupon on the cart: the one named, pointed at, or the best."""
    code = newest(messages(reading, memory, "coupon"), lambda each: each.coupon)
    code = code or _pointed_at(reading, memory)
    begins = [each for each in reading.words if each in _ASKS | _VERBS][:1]
    if code is not None and _ASKS & reading.opening and _ASKS & {*begins}:
        told = yield from _explained(code)
        if told:
            return told
    if code is None:
        result = yield from use("list_coupons")
        if error := say.error(result):
            return error
        if not _wants_any(reading) or not result["best"]:
            return _listed(result)
        code = result["best"]
    return (yield from _applied(str(code)))


def _explained(code: str) -> Part[str | None]:
    """Answer a question about a coupon by what is listed of it, changing nothing."""
    result = yield from use("list_coupons")
    if error := say.error(result):
        return error
    for each in result["coupons"]:
        if each["code"] != code:
            continue
        if each["saving_cents"]:
            return (
                f"{code} would take {each['saving']} off. Shall I put it on your cart?"
            )
        no = each["not_eligible_because"]
        text = REFUSALS.get(no["code"], "")
        return text.format(code=code, other="the one on it", **_amounts(no))
    return None


def uncoupon(reading: Reading, _: Memory) -> Plan:
    """Take a coupon off the cart: the one named, or the one that is on it."""
    code = reading.coupon
    if code is None:
        result = yield from use("get_cart")
        if error := say.error(result):
            return error
        on_it = [each["code"] for each in result["cart"]["coupons"]]
        if not on_it:
            return "There is no coupon on your cart."
        if len(on_it) > 1 and not reading.has("all"):
            return f"Your cart has {say.listed(on_it)}. Which one shall I take off?"
        code = on_it[0]
    result = yield from use("remove_coupon", code=code)
    if "error" in result:
        return refused(result)
    return f"Took {code} off. {say.all_in(result['cart'])}"


def _applied(code: str) -> Part[str]:
    result = yield from use("apply_coupon", code=code)
    if "error" in result:
        return f"{refused(result)} I left your cart as it is."
    cart = result["cart"]
    mine = [each for each in cart["coupons"] if each["code"] == result["applied"]]
    if not mine or mine[0]["inactive_reason"]:
        return f"{code} is on your cart, but takes nothing off just now."
    return f"{code} takes {mine[0]['discount']} off. {say.all_in(cart)}"


def refused(result: Data) -> str:
    """Say why a coupon may not be used."""
    template = REFUSALS.get(result["error"])
    if template is None:
        return say.error(result) or ""
    asked = str(result["asked"].get("code", "")).strip().upper()
    details = result["details"]
    return template.format(**{"code": asked, **details, **_amounts(details)})


def _amounts(told: Data) -> dict[str, str]:
    """Return the amounts that are told in cents, ready to be said."""
    return {
        name.removesuffix("_cents"): money(each)
        for name, each in told.items()
        if name.endswith("_cents")
    }


def _pointed_at(reading: Reading, memory: Memory) -> str | None:
    codes = memory.codes
    for place in reading.ordinals:
        if -len(codes) <= place <= len(codes):
            return codes[place - 1 if place > 0 else place]
    agreed = reading.has("yes") or reading.refers
    return codes[0] if codes and agreed and not _wants_any(reading) else None


def _wants_any(reading: Reading) -> bool:
    return reading.has("best", "anycolour") or not _ANY.isdisjoint(reading.words)


def _listed(result: Data) -> str:
    on_it = [each["code"] for each in result["cart"]["coupons"]]
    fitting = [each for each in result["coupons"] if each["saving_cents"]]
    fitting = [each for each in fitting if each["code"] not in on_it]
    has = f"Your cart has {say.listed(on_it)} on it already. " if on_it else ""
    if fitting:
        best, *others = fitting
        text = f"{has}{best['code']} saves you the most on this cart: {best['saving']}."
        if others:
            told = [f"{each['code']} ({each['saving']})" for each in others[:2]]
            text += f" Then {say.listed(told)}."
        return f"{text} Shall I put {best['code']} on your cart?"
    if not result["coupons"]:
        return f"{has}There is no coupon for you just now."
    told = [_terms(each) for each in result["coupons"][:3]]
    lead = "None saves anything on your cart as it is. " if not on_it else ""
    return f"{has}{lead}There is {say.listed(told)}."


def _terms(each: Data) -> str:
    no = each["not_eligible_because"]
    if no and "missing_cents" in no:
        return f"{each['code']} ({_amounts(no)['missing']} more in your cart)"
    least = f"from {each['min_purchase']}" if each["min_purchase_cents"] else ""
    until = f"until {each['valid_until'][:10]}"
    return f"{each['code']} ({', '.join(part for part in (least, until) if part)})"
