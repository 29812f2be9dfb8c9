"""The same thing twenty times at once: it is done once, or as often as there is enough.

One key, one cart, one gift card, one balance of points; and twenty different things
that come first into one cart, of which none is lost.
"""

import asyncio

from bench.buyers import Answer, Buyer, listed, stock_up, together
from bench.stage import CLOCK, SETTLED_WITHIN_S, SKU, Stage, in_flight

TIMES = 20
# One card of 50.00 that everybody has the code of.
GIFT, GIFT_CENTS = "GIFT-5000-AAAA", 5000
# So many units, the most of one order, earn points for three redemptions, not twenty.
BOUGHT = 10
POINTS_A_TIME = 100

ORDERS = "/api/admin/orders"


async def repeated(stage: Stage) -> dict[str, list[str]]:
    """Do each thing many times at once; return what is wrong, by name."""
    await stock_up(stage.by, SKU, TIMES * 5)
    one, other, third, fourth = stage.crowd[:4]
    return {
        "one key, 20 orders at once": await _one_order(stage, one, "once"),
        "one cart, 20 orders without a key": await _one_order(stage, other, None),
        "first adds at once to one cart": await _adds(third),
        "one gift card, 20 buyers at once": await _one_gift_card(stage),
        "one balance of points, 20 redemptions at once": await _points(stage, fourth),
    }


async def _one_order(stage: Stage, buyer: Buyer, key: str | None) -> list[str]:
    await buyer.fill(SKU)
    before = await stage.settled()
    answers = await together((_known(buyer, key) for _ in range(TIMES)), TIMES)
    after = await stage.settled()
    ids = {each.body["id"] for each in answers if each.status == 201}
    refused = [each for each in answers if each.status != 201]
    wrong = []
    if len(ids) != 1 or (key and refused):
        wrong.append(f"{len(ids)} orders were answered, {len(refused)} refused")
    if key and len({str(each.body) for each in answers}) != 1:
        wrong.append("one key was answered in several ways")
    if (new := len(after.confirmed) - len(before.confirmed)) != 1:
        wrong.append(f"{new} orders were made")
    return wrong


async def _known(buyer: Buyer, key: str | None) -> Answer:
    while in_flight(answer := await buyer.order(key)):
        await CLOCK.sleep(0.05)
    return answer


async def _adds(buyer: Buyer) -> list[str]:
    """Let twenty things come first into one cart, each a line of its own."""
    await buyer.sure("DELETE", "/api/cart")
    products = await buyer.sure("GET", f"/api/products?in_stock=true&limit={TIMES}")
    skus = [next(v["sku"] for v in each["variants"] if v["stock"]) for each in products]
    adds = (buyer.ask("POST", "/api/cart/items", {"sku": sku}) for sku in skus)
    await together(adds, TIMES)
    there = {each["sku"] for each in (await buyer.sure("GET", "/api/cart"))["items"]}
    return [f"{sku} is not there" for sku in set(skus) - there]


async def _one_gift_card(stage: Stage) -> list[str]:
    """Let twenty redeem one balance at once, and their cards pay the rest."""
    crowd = stage.crowd[-TIMES:]
    await together(each.fill(SKU) for each in crowd)
    before = await stage.settled()
    answers = await together((stage.bought(each, GIFT) for each in crowd), TIMES)
    after = await stage.settled()
    ids = {each.body["id"] for each in answers if each.status == 201}
    wrong = []
    if ids != after.confirmed.keys() - before.confirmed.keys():
        wrong.append("orders were made that nobody was told of, or lost")
    spent = sum(
        round((each["captured"] - each["refunded"]) * 100)
        for each in await listed(stage.by, "/api/admin/payments")
        if each["tenders"][0]["type"] == "gift_card"
    )
    if not 0 < spent <= GIFT_CENTS:
        wrong.append(f"{spent} of {GIFT_CENTS} cents were spent")
    return wrong


async def _points(stage: Stage, buyer: Buyer) -> list[str]:
    """Let one customer redeem one balance from twenty places at once."""
    await _earn(stage, buyer)
    async with asyncio.timeout(SETTLED_WITHIN_S):
        while not (earned := await _available(buyer)):
            await CLOCK.sleep(0.1)
    answers = await together((_redeem(stage, buyer) for _ in range(TIMES)), TIMES)
    await stage.settled()
    left = await _available(buyer)
    ledger = await buyer.sure("GET", "/api/loyalty/history?limit=100")
    spent = -sum(each["points"] for each in ledger if each["points"] < 0)
    off = sum(
        round(each.body["points_discount"] * 100)
        for each in answers
        if each.status == 201
    )
    wrong = []
    if not 0 < spent <= earned or left != earned - spent:
        wrong.append(f"{spent} of {earned} points were spent, {left} are left")
    if spent != off:
        wrong.append(f"{spent} points were spent, {off} cents came off orders")
    return wrong


async def _available(buyer: Buyer) -> int:
    profile = await buyer.sure("GET", "/api/loyalty/profile")
    return int(profile["points_available"])


async def _earn(stage: Stage, buyer: Buyer) -> None:
    """Buy and get so much that there are points to spend."""
    await buyer.sure("DELETE", "/api/cart")
    await buyer.sure("POST", "/api/cart/items", {"sku": SKU, "quantity": BOUGHT})
    order = f"{ORDERS}/{(await stage.bought(buyer)).body['id']}"
    await stage.by.sure("POST", f"{order}/process")
    await stage.by.sure(
        "POST", f"{order}/ship", {"tracking_number": "T1", "carrier": "Post"}
    )
    await stage.by.sure("POST", f"{order}/deliver")


async def _redeem(stage: Stage, buyer: Buyer) -> Answer:
    """Put a thing and points into the cart and order, whatever the others do."""
    await buyer.ask("POST", "/api/cart/items", {"sku": SKU})
    points = {"points": POINTS_A_TIME, "cart_id": buyer.cart_id}
    await buyer.ask("POST", "/api/loyalty/redeem-points", points)
    return await stage.bought(buyer)
