"""Plans about points and tiers: how many, and spending them on the cart."""

from agent.rules import say
from agent.rules.forms import messages, newest
from agent.rules.plan import Part, Plan, use
from agent.rules.reading import Reading
from agent.rules.recall import Data, Memory


def loyalty(_: Reading, __: Memory) -> Plan:
    """Tell points, tier and the way to the next one."""
    result = yield from use("get_loyalty")
    if error := say.error(result):
        return error
    text = f"You have {result['points']} points, worth {result['points_worth']}."
    if result["points_pending"]:
        text += f" {result['points_pending']} more become active on delivery."
    text += f" You are {result['tier_name']}"
    if percent := result["tier_discount_percent"]:
        text += f", with {percent} percent off"
    text += "."
    if way := result["next_tier"]:
        text += f" {way['points_needed']} more earned points make you "
        text += f"{way['tier_name']}."
    if result["points_expiring"]:
        until = result["expires_next"][:10]
        text += f" {result['points_expiring']} points expire soon, first on {until}."
    return text


def redeem(reading: Reading, memory: Memory) -> Plan:
    """Offer points for the cart; asks how many if nothing says so."""
    said = messages(reading, memory, "redeem")
    points = newest(said, _points)
    if points is None:
        result = yield from use("get_loyalty")
        if error := say.error(result):
            return error
        if result["points"] < result["min_redeem"]:
            return (
                f"You have {result['points']} points; at least "
                f"{result['min_redeem']} can be redeemed at once."
            )
        if not any(each.has("all", "yes") for each in said):
            return (
                f"You have {result['points']} points, worth "
                f"{result['points_worth']}. How many shall I use on this cart?"
            )
        points = result["points"]
    return (yield from _offered(points))


def unredeem(_: Reading, __: Memory) -> Plan:
    """Take the points off the cart again."""
    result = yield from use("get_cart")
    if error := say.error(result):
        return error
    if not result["cart"]["points_offered"]:
        return "There are no points on your cart."
    result = yield from use("remove_points")
    if error := say.error(result):
        return error
    return f"Took your points off the cart. {say.all_in(result['cart'])}"


def _points(reading: Reading) -> int | None:
    if reading.most:
        return reading.most  # so many dollars off: a point is worth a cent
    if reading.quantity:
        return reading.quantity
    return int(reading.numbers[-1][:9]) if reading.numbers else None


def _offered(points: int) -> Part[str]:
    result = yield from use("redeem_points", points=points)
    if "error" in result:
        return _refused(result)
    cart = result["cart"]
    off = cart["breakdown"]["points_discount"]
    return (
        f"{points} points take {off} off. {say.all_in(cart)} "
        "They are spent when you order, not before."
    )


def _refused(result: Data) -> str:
    details = result["details"]
    match result["error"]:
        case "points_minimum":
            return f"At least {details['minimum']} points can be redeemed at once."
        case "insufficient_points":
            there = details["available"]
            if not there:
                return "You have no points to spend yet: you earn them with each order."
            return f"You have {there} points only. How many of them shall I use?"
        case _:
            return say.error(result) or ""
