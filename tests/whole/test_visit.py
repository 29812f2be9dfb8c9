"""One whole visit, over real HTTP and real sockets against a real mongod."""

from functools import partial
from typing import Any

from store.client import close, connect
from tests.whole.shop import Shop, Socket, Visitor, make_operator

ADA = {
    "email": "ada@example.com",
    "username": "ada",
    "password": "correct horse battery",
}

CORAL = "AUD-009-COR"


async def turn(socket: Socket, text: str) -> str:
    """Say something and return the whole reply."""
    await socket.say(text)
    reply = await socket.type("assistant")
    await socket.type("run_finished")
    return str(reply["content"])


async def test_a_visit_survives_a_power_cut(shop: Shop, visitor: Visitor) -> None:
    # A guest looks around, talks to the agent and lets it fill the cart.
    await visitor.enter("/api/auth/guest")
    status, found = await visitor.request("GET", "/api/products/search?q=speeker")
    assert status == 200
    assert "AUD-009" in [product["id"] for product in found]
    first = await visitor.socket("visit")
    reply = await turn(first, "waterproof speakers under 50")
    assert "Sonvarra Boulder Mini" in reply
    assert "$34.99" in reply
    await turn(first, "the second one, in red if there is")
    await turn(first, "make it two")

    # Two tabs hear the same conversation and the same cart.
    second = await visitor.socket("visit")
    assert [each["seq"] for each in second.welcome["history"]] == [
        each["seq"] for each in first.recorded()
    ]
    status, answer = await visitor.request(
        "POST", "/api/cart/items", {"sku": "AUD-009-COR"}
    )
    assert status == 201, answer
    for tab in (first, second):
        update = await tab.type("cart_update")
        assert update["actor"] == "user"
        assert {each["sku"] for each in update["cart"]["items"]} == {
            "AUD-008-BRI",
            "AUD-009-COR",
        }

    # The guest signs up; cart and chat come along.
    guest = visitor.tokens["access_token"]
    visitor.tokens = {}
    await visitor.enter("/api/auth/signup", {**ADA, "guest_token": guest})
    status, cart = await visitor.request("GET", "/api/cart")
    assert {each["sku"]: each["quantity"] for each in cart["items"]} == {
        "AUD-008-BRI": 2,
        "AUD-009-COR": 1,
    }
    mine = await visitor.socket("visit")
    acked = await _say_and_hear_the_ack(mine, "what's in my cart?", id="last-words")

    # The power goes.
    await shop.kill()
    await shop.start()

    # Sign-in, cart and conversation are all there, the acknowledged line included.
    status, me = await visitor.request("GET", "/api/auth/me")
    assert (status, me["email"]) == (200, "ada@example.com")
    assert (await visitor.request("GET", "/api/cart"))[1] == cart
    again = await visitor.socket("visit")
    history = again.welcome["history"]
    assert [each["seq"] for each in history] == list(range(1, len(history) + 1))
    assert history[acked - 1]["content"] == "what's in my cart?"
    assert history[-1]["type"] in {"run_finished", "system"}
    # The same words under the same id are not said twice.
    assert acked == await _say_and_hear_the_ack(
        again, "what's in my cart?", id="last-words"
    )
    # The talk goes on where it stopped.
    reply = await turn(again, "what's in my cart?")
    assert "Sonvarra Boulder Portable Speaker" in reply


async def _say_and_hear_the_ack(socket: Socket, text: str, *, id: str) -> int:
    await socket.say(text, id=id)
    ack = await socket.until(lambda frame: frame["type"] == "ack")
    assert ack["id"] == id
    return int(ack["seq"])


async def test_an_operator_and_a_hand_in_the_database_are_heard_by_everybody(
    shop: Shop, visitor: Visitor
) -> None:
    await visitor.enter("/api/auth/guest")
    await visitor.request("POST", "/api/cart/items", {"sku": CORAL, "quantity": 1})
    socket = await visitor.socket("watching")
    operator = Visitor(visitor.http, shop)
    await make_operator(operator)

    # An operator takes one off the shelf ...
    status, changed = await operator.request(
        "POST",
        f"/api/admin/inventory/{CORAL}",
        {"warehouse": "east", "delta": -1, "reason": "broken in the store room"},
    )
    assert status == 200, changed
    left = sum(changed["available"].values())
    await socket.until(partial(tells, left))

    # ... and somebody empties two warehouses in the database itself.
    database = await connect((shop.folder / "database_url").read_text())
    await database["stock"].update_one(
        {"_id": CORAL}, {"$set": {"on_hand.central": 0, "on_hand.west": 0}}
    )
    close(database)
    left = changed["available"]["east"]
    await socket.until(partial(tells, left))

    # Lists, the cart and the item's owner all say so; nothing wrote the old back.
    _, product = await visitor.request("GET", "/api/products/AUD-009")
    assert {each["sku"]: each["stock"] for each in product["variants"]}[CORAL] == left
    _, cart = await visitor.request("GET", "/api/cart")
    assert cart["items"][0]["available"] == left
    _, stock = await operator.request("GET", f"/api/admin/inventory/{CORAL}")
    assert stock["on_hand"] == {"east": left, "central": 0, "west": 0}
    assert stock["version"] > changed["version"]


def tells(units: int, frame: dict[str, Any]) -> bool:
    """Say whether `frame` tells that so many of ours can be bought."""
    return frame["type"] == "inventory_update" and (
        frame["sku"],
        frame["new_quantity"],
    ) == (CORAL, units)
