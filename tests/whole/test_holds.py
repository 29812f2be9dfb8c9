"""A limited item, held in a cart: everybody sees it, and no power cut forgets it."""

from tests.whole.shop import Shop, Visitor, make_operator

WATCH = "WCH-012"
"""There is one of it."""


async def test_a_limited_item_is_held_for_whoever_was_first(
    shop: Shop, visitor: Visitor
) -> None:
    await visitor.enter("/api/auth/guest")
    other = Visitor(visitor.http, shop)
    await other.enter("/api/auth/guest")
    mine, theirs = await visitor.socket("mine"), await other.socket("theirs")

    # The first one holds it, and sees until when.
    status, answer = await visitor.request("POST", "/api/cart/items", {"sku": WATCH})
    assert status == 201, answer
    hold = await mine.type("hold")
    (item,) = answer["cart"]["items"]
    assert (hold["sku"], hold["quantity"]) == (WATCH, 1)
    assert hold["server_now"] < hold["expires_at"]
    assert item["hold_expires_at"] == hold["expires_at"]

    # Everybody else sees that it is gone.
    gone = await theirs.until(_of_watch)
    assert (gone["new_quantity"], gone["stock_status"]) == (0, "out_of_stock")
    status, refused = await other.request("POST", "/api/cart/items", {"sku": WATCH})
    assert (status, refused["code"]) == (400, "insufficient_stock")

    # The power goes; it is still held, and operators see where.
    await shop.kill()
    await shop.start()
    operator = Visitor(visitor.http, shop)
    await make_operator(operator)
    path = f"/api/admin/inventory/{WATCH}"
    status, stock = await operator.request("GET", path)
    assert (stock["held"], stock["total_available"]) == ({"east": 1}, 0)

    # Given back, it can be had again.
    theirs = await other.socket("theirs")
    status, _ = await visitor.request("DELETE", f"/api/cart/items/{WATCH}")
    assert status == 200
    assert (await theirs.until(_of_watch))["new_quantity"] == 1
    status, _ = await other.request("POST", "/api/cart/items", {"sku": WATCH})
    assert status == 201


def _of_watch(frame: dict[str, object]) -> bool:
    return frame["type"] == "inventory_update" and frame["sku"] == WATCH
