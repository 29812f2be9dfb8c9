"""The jobs of the whole server, on its own database."""

from datetime import timedelta
from typing import Any

from pytest_aiohttp.plugin import AiohttpClient

from actors.runtime.clock import LoopClock
from actors.runtime.testing import ManualClock
from handlers.keys import ALERTS, CLOCK, JOBS, ORDERS, PORT, SESSIONS, SYSTEM
from messages.session import OpenSession
from messages.stock import HoldUnits
from scheduler.alerts import tell_of_low_stock
from scheduler.cleanup import clean_up_after_guests
from scheduler.fulfilment import Delays, fulfil
from scheduler.loyalty import audit_loyalty
from scheduler.reconciliation import reconcile
from server.app import build
from server.config import Config
from server.parts import DATABASE
from store.guest import GuestRepository
from store.loyalty import LoyaltyRepository
from store.stock import StockRepository
from tests.server.conftest import Client
from tests.server.test_order import SKU, Shopper, operator, shopper


async def run_through(client: Client, name: str) -> dict[str, Any]:
    """Have a job run now and return how it is kept once it has ended."""
    ended = {"fullDocument.runs": {"$gte": 1}, "documentKey._id": name}
    async with client.app[DATABASE]["jobs"].watch(
        [{"$match": ended}], full_document="updateLookup"
    ) as changes:
        await client.app[JOBS].ask(name, "olga", client.app[CLOCK].now())
        change: dict[str, Any] = await changes.next()
    kept: dict[str, Any] = change["fullDocument"]
    return kept


async def test_a_job_that_is_asked_for_is_run(client: Client) -> None:
    kept = await run_through(client, "clean_up")

    assert (kept["last_outcome"], kept["last_error"]) == ("done", None)


async def test_a_node_without_jobs_leaves_them_to_others(
    config: Config, aiohttp_client: AiohttpClient
) -> None:
    off = config.jobs.model_copy(update={"enabled": False})
    quiet = config.model_copy(update={"jobs": off})

    client = await aiohttp_client(build(quiet))

    assert await client.app[JOBS].all() == []


class Hasty(LoopClock):
    """Waits for nothing."""

    async def sleep(self, delay_s: float) -> None:
        """Return at once."""


async def test_shelves_agree_with_an_order_until_a_hand_takes_its_units(
    client: Client,
) -> None:
    app, clock = client.app, Hasty()
    ada = await shopper(client)
    await ada.add(2)
    order = await ada.done("/api/orders", ada.order, 201)
    await app[SYSTEM].quiet()
    stock = StockRepository(app[DATABASE])

    right = await reconcile(clock, stock, app[ORDERS], app[PORT])
    await app[DATABASE]["stock"].update_one(
        {"_id": SKU}, {"$unset": {f"holds.{order['id']}": ""}}
    )
    wrong = await reconcile(clock, stock, app[ORDERS], app[PORT])

    assert (right["orders"], right["differences"]) == (1, 0)
    assert right["skus"] > 900
    [told] = [each for each in wrong["shown"] if each["what"] != "sums"]
    assert (told["what"], told["sku"], told["order_id"], told["expected"]) == (
        "nothing_set_aside",
        SKU,
        order["id"],
        2,
    )


async def test_what_is_sold_to_a_cancelled_order_is_given_back(
    client: Client,
) -> None:
    app, clock = client.app, Hasty()
    ada = await shopper(client)
    await ada.add(2)
    order = await ada.done("/api/orders", ada.order, 201)
    await ada.done(f"/api/orders/{order['id']}/cancel", {})
    await app[SYSTEM].quiet()
    # As whoever was stopped for long would do, and then finds the order taken over.
    until = clock.now() + timedelta(hours=1)
    late = HoldUnits(order["id"], 2, (), until, ada.id, sell=True)
    await app[SYSTEM].ask(SKU, late)
    stock = StockRepository(app[DATABASE])

    found = await reconcile(clock, stock, app[ORDERS], app[PORT])
    right = await reconcile(clock, stock, app[ORDERS], app[PORT])

    assert [each["what"] for each in found["shown"]] == ["left_behind"]
    assert (found["given_back"], right["differences"]) == (1, 0)


async def test_an_order_of_the_demo_arrives_by_itself(client: Client) -> None:
    app = client.app
    ada = await shopper(client)
    await ada.add()
    order = await ada.done("/api/orders", ada.order, 201)
    at_once = Delays(process_after_s=0, ship_after_s=0, deliver_after_s=0)

    for _ in range(3):
        await app[SYSTEM].quiet()
        await fulfil(app[CLOCK], app[ORDERS], app[PORT], at_once)

    shown = await ada.get(f"/api/orders/{order['id']}")
    assert (shown["status"], shown["tracking_number"][:4]) == ("delivered", "SOUK")
    await app[SYSTEM].quiet()
    audit = await audit_loyalty(app[CLOCK], LoyaltyRepository(app[DATABASE]), app[PORT])
    assert (audit["accounts"], audit["differing"]) == (1, 0)


async def test_what_runs_low_is_an_alert_that_stays(client: Client) -> None:
    app = client.app
    olga = await operator(client)
    shown = await olga.get(f"/api/admin/inventory/{SKU}")
    for place, units in shown["on_hand"].items():
        body = {"warehouse": place, "delta": -units, "reason": "flood"}
        await olga.done(f"/api/admin/inventory/{SKU}", body)
    stock = StockRepository(app[DATABASE])

    await tell_of_low_stock(app[CLOCK], stock, app[ALERTS], None)

    [alert] = await olga.get("/api/admin/alerts")
    assert (alert["sku"], alert["available"]) == (SKU, 0)


async def test_a_guest_who_cannot_come_back_leaves_nothing(client: Client) -> None:
    app = client.app
    guest = Shopper(client)
    tokens = await (await guest.post("/api/auth/guest")).json()
    guest.headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    await guest.add()
    cart_id = (await guest.get("/api/cart"))["id"]
    await app[SYSTEM].ask("s1", OpenSession(cart_id))
    later = ManualClock(app[CLOCK].now() + timedelta(days=9))
    guests = GuestRepository(app[DATABASE])

    early = await clean_up_after_guests(later, guests, app[PORT])
    await app[DATABASE]["sign_ins"].delete_many({"user_id": cart_id})
    done = await clean_up_after_guests(later, guests, app[PORT])

    assert (early["conversations"], early["carts"]) == (0, 0)
    assert (done["conversations"], done["carts"], done["stuck"]) == (1, 1, 0)
    assert await app[SESSIONS].of_user(cart_id, limit=9) == ([], 0)
