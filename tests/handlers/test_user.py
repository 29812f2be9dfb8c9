"""One's own things over HTTP: profile, addresses, means to pay; and nobody else's."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from pytest_aiohttp.plugin import AiohttpClient

from actors.sign_in import Limits
from gateway.book import Book
from gateway.mock import MockGateway
from handlers import user
from handlers.keys import ADDRESSES, GATEWAY, INSTRUMENTS
from store.address import AddressRepository
from store.client import Database
from store.instrument import InstrumentRepository
from tests.gateway.memory_ledger import MemoryLedger
from tests.handlers.house import ADA, House, counting
from tests.handlers.house import code as problem

DATA = Path(__file__).parents[2] / "data"
NUMBER = "4242424242424242"
CARD = {
    "type": "card",
    "number": "4242 4242 4242 4242",
    "exp_month": 12,
    "exp_year": 2040,
    "cvc": "123",
}
HOME = {
    "street": "1 Main St",
    "city": "Springfield",
    "state": "IL",
    "zip_code": "62701",
    "country": "US",
}
ADDRESS_PATH = "/api/users/addresses"
METHOD_PATH = "/api/users/payment-methods"


@pytest.fixture
async def home(
    aiohttp_client: AiohttpClient, database: Database
) -> AsyncIterator["Home"]:
    built = House(database, [user.routes])
    book = Book((DATA / "coupons.json").read_bytes())
    bank = MockGateway(MemoryLedger(), book, built.clock, Random(0))
    built.app[ADDRESSES] = AddressRepository(database)
    built.app[INSTRUMENTS] = InstrumentRepository(database)
    built.app[GATEWAY] = bank
    await built.prepare()
    built.client = await aiohttp_client(built.app)
    yield Home(built, database)
    built.passwords.close()


class Home:
    """The house, seen by Ada; `ask` may be told to speak for somebody else."""

    def __init__(self, house: House, database: Database) -> None:
        self.house = house
        self.database = database

    async def ask(
        self, method: str, path: str, body: Any = None, *, who: str = "ada", **more: Any
    ) -> tuple[int, Any]:
        token = self.house.token(user_id=who, **more)
        answer = await self.house.client.request(
            method, path, json=body, headers={"Authorization": f"Bearer {token}"}
        )
        return answer.status, await answer.json(content_type=None)

    async def code(self, *args: Any, **more: Any) -> tuple[int, str]:
        status, told = await self.ask(*args, **more)
        return status, told["code"]


async def added(home: Home, path: str, body: Any, **more: Any) -> Any:
    status, told = await home.ask("POST", path, body, **more)
    assert status == 201, told
    return told


# Profile


async def signed_up(home: Home) -> dict[str, str]:
    tokens = await home.house.sign_up(full_name="Ada Lovelace")
    return {"Authorization": f"Bearer {tokens['access_token']}"}


async def test_a_profile_is_ones_account_with_its_points(home: Home) -> None:
    headers = await signed_up(home)

    answer = await home.house.client.get("/api/users/profile", headers=headers)

    found = await answer.json()
    assert (found["email"], found["full_name"]) == (ADA["email"], "Ada Lovelace")
    assert (found["loyalty_points"], found["loyalty_tier"]) == (120, "silver")
    assert answer.headers["Cache-Control"] == "no-store"


async def test_what_is_named_is_changed_and_the_rest_stays(home: Home) -> None:
    headers, path = await signed_up(home), "/api/users/profile"
    client = home.house.client

    await client.put(path, json={"phone": "+1 (555) 010-9999"}, headers=headers)
    answer = await client.put(path, json={"full_name": None}, headers=headers)

    found = await answer.json()
    assert (found["full_name"], found["phone"]) == (None, "+1 (555) 010-9999")


@pytest.mark.parametrize(
    "wrong",
    [
        {"phone": "call me"},
        {"phone": "1"},
        {"phone": "+" + "1" * 40},
        {"phone": 5550109999},
        {"full_name": " "},
        {"full_name": "x" * 101},
        {"full_name": "a\u0000b"},
        {"email": "other@example.com"},
        {"role": "operator"},
        {"loyalty_points": 9999},
        [],
    ],
)
async def test_what_is_no_profile_is_refused(home: Home, wrong: Any) -> None:
    headers = await signed_up(home)

    answer = await home.house.client.put(
        "/api/users/profile", json=wrong, headers=headers
    )

    assert await problem(answer) == (422, "malformed")


async def test_a_token_of_nobody_has_no_profile(home: Home) -> None:
    assert await home.code("GET", "/api/users/profile") == (404, "user_not_found")


# Addresses


async def test_the_first_address_is_the_default(home: Home) -> None:
    first = await added(home, ADDRESS_PATH, HOME)
    second = await added(home, ADDRESS_PATH, {**HOME, "street": " 2 Side St "})

    assert first == {**HOME, "id": first["id"], "is_default": True}
    assert (second["street"], second["is_default"]) == ("2 Side St", False)
    assert await home.ask("GET", ADDRESS_PATH) == (200, [first, second])


async def test_an_address_is_of_any_script(home: Home) -> None:
    kept = await added(home, ADDRESS_PATH, {**HOME, "city": "New\u00a0Delhi\u200d"})

    assert kept["city"] == "New Delhi\u200d"


async def test_another_default_takes_the_place_of_the_first(home: Home) -> None:
    first = await added(home, ADDRESS_PATH, HOME)
    second = await added(home, ADDRESS_PATH, {**HOME, "is_default": True})

    status, changed = await home.ask(
        "PUT", f"{ADDRESS_PATH}/{first['id']}", {**HOME, "city": "Shelbyville"}
    )

    assert (status, changed["city"], changed["is_default"]) == (
        200,
        "Shelbyville",
        False,
    )
    _, found = await home.ask("GET", ADDRESS_PATH)
    assert [each["id"] for each in found if each["is_default"]] == [second["id"]]


async def test_a_default_that_is_removed_is_followed_by_the_newest(
    home: Home,
) -> None:
    ids = [(await added(home, ADDRESS_PATH, HOME))["id"] for _ in range(3)]

    status, told = await home.ask("DELETE", f"{ADDRESS_PATH}/{ids[0]}")

    assert (status, list(told)) == (200, ["message"])
    _, found = await home.ask("GET", ADDRESS_PATH)
    assert [(e["id"], e["is_default"]) for e in found] == [
        (ids[1], False),
        (ids[2], True),
    ]


async def test_twenty_added_at_once_have_one_default_and_are_all_there(
    home: Home,
) -> None:
    default = {**HOME, "is_default": True}

    await asyncio.gather(*(added(home, ADDRESS_PATH, default) for _ in range(20)))

    _, found = await home.ask("GET", ADDRESS_PATH)
    assert len({each["id"] for each in found}) == 20
    assert sum(each["is_default"] for each in found) == 1
    full = await home.code("POST", ADDRESS_PATH, HOME)
    assert full == (400, "too_many_kept")


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_somebody_elses_address_is_not_there(home: Home, method: str) -> None:
    bobs = await added(home, ADDRESS_PATH, HOME, who="bob")
    body = HOME if method == "PUT" else None

    for path in (f"{ADDRESS_PATH}/{bobs['id']}", f"{ADDRESS_PATH}/adr_nothing"):
        assert await home.code(method, path, body) == (404, "address_not_found")

    assert await home.ask("GET", ADDRESS_PATH, who="bob") == (200, [bobs])
    assert await home.ask("GET", ADDRESS_PATH) == (200, [])


@pytest.mark.parametrize(
    "wrong",
    [
        {"street": ""},
        {"street": "   "},
        {"street": "x" * 201},
        {"street": None},
        {"street": 5},
        {"city": "a\u0000b"},
        {"city": "\u200d"},
        {"state": "line\nbreak"},
        {"zip_code": "1" * 21},
        {"zip_code": 62701},
        {"country": ""},
        {"is_default": "yes"},
        {"id": "adr_mine"},
        {"user_id": "bob"},
    ],
)
async def test_what_is_no_address_is_refused(home: Home, wrong: dict[str, Any]) -> None:
    found = await home.code("POST", ADDRESS_PATH, {**HOME, **wrong})

    assert found == (422, "malformed")
    assert await home.ask("GET", ADDRESS_PATH) == (200, [])


# Means to pay


async def test_a_card_is_kept_without_its_number(home: Home) -> None:
    kept = await added(home, METHOD_PATH, CARD)

    assert kept == {
        "id": kept["id"],
        "type": "card",
        "brand": "visa",
        "last_four": "4242",
        "exp_month": 12,
        "exp_year": 2040,
        "is_default": True,
    }
    assert await home.ask("GET", METHOD_PATH) == (200, [kept])


async def test_no_number_and_no_code_is_stored_or_logged(
    home: Home, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    gift = "GIFT-5000-AAAA"
    await added(home, METHOD_PATH, CARD)
    await added(home, METHOD_PATH, {"type": "gift_card", "code": gift})
    await home.ask("POST", METHOD_PATH, {**CARD, "number": "4242424242424241"})
    await home.ask("POST", METHOD_PATH, {**CARD, "exp_month": "12"})
    shown = user.PaymentMethodBody.model_validate(CARD)

    kept = str(await home.database["instruments"].find().to_list(None))
    said = "".join(capsys.readouterr()) + caplog.text
    for secret in (NUMBER, CARD["number"], "4242424242424241", gift):
        assert str(secret) not in kept + said + repr(shown)


@pytest.mark.parametrize(
    ("body", "kind", "last_four"),
    [
        ({"type": "upi", "vpa": "success@mock"}, "upi", None),
        ({"type": "gift_card", "code": "GIFT-5000-AAAA"}, "gift_card", "AAAA"),
        ({"type": "card", "brand": "Visa", "last_four": "0002"}, "card", "0002"),
        ({"type": "credit_card", "brand": "visa", "last_four": "4242"}, "card", "4242"),
    ],
)
async def test_every_means_to_pay_is_kept(
    home: Home, body: dict[str, Any], kind: str, last_four: str | None
) -> None:
    kept = await added(home, METHOD_PATH, body)

    assert kept["type"] == kind
    assert last_four in {None, kept["last_four"]}


async def test_the_same_card_again_is_the_one_that_is_there(home: Home) -> None:
    first, *others = await asyncio.gather(
        *(added(home, METHOD_PATH, CARD) for _ in range(5))
    )

    assert all(each == first for each in others)
    assert await home.ask("GET", METHOD_PATH) == (200, [first])


async def test_a_means_to_pay_is_forgotten(home: Home) -> None:
    card = await added(home, METHOD_PATH, CARD)
    upi = await added(home, METHOD_PATH, {"type": "upi", "vpa": "instant@mock"})

    status, _ = await home.ask("DELETE", f"{METHOD_PATH}/{card['id']}")

    assert status == 200
    assert await home.ask("GET", METHOD_PATH) == (200, [{**upi, "is_default": True}])


async def test_somebody_elses_means_to_pay_is_not_there(home: Home) -> None:
    bobs = await added(home, METHOD_PATH, CARD, who="bob")

    found = await home.code("DELETE", f"{METHOD_PATH}/{bobs['id']}")

    assert found == (404, "payment_method_not_found")
    assert await home.ask("GET", METHOD_PATH, who="bob") == (200, [bobs])


@pytest.mark.parametrize(
    ("body", "status", "problem_code"),
    [
        ({**CARD, "number": "4242424242424241"}, 400, "incorrect_number"),
        ({**CARD, "number": "1234"}, 400, "incorrect_number"),
        ({**CARD, "number": "number"}, 400, "incorrect_number"),
        ({**CARD, "number": "٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢"}, 400, "incorrect_number"),
        ({**CARD, "number": "4111111111111111"}, 400, "unknown_card"),
        ({**CARD, "exp_year": 2020}, 400, "expired_card"),
        ({**CARD, "cvc": "12"}, 400, "incorrect_cvc"),
        ({**CARD, "cvc": "abc"}, 400, "incorrect_cvc"),
        ({"type": "upi", "vpa": "no address"}, 400, "invalid_vpa"),
        ({"type": "upi", "vpa": "nobody@bank"}, 400, "invalid_vpa"),
        ({"type": "gift_card", "code": "GIFT-NONE"}, 404, "gift_card_not_found"),
        ({"type": "card", "brand": "visa", "last_four": "1111"}, 400, "unknown_card"),
        ({}, 422, "malformed"),
        ({"type": "card"}, 422, "malformed"),
        ({"type": "cash"}, 422, "malformed"),
        ({"type": "upi", "code": "GIFT-5000-AAAA"}, 422, "malformed"),
        ({**CARD, "vpa": "instant@mock"}, 422, "malformed"),
        ({**CARD, "brand": "visa", "last_four": "4242"}, 422, "malformed"),
        ({**CARD, "number": 4242424242424242}, 422, "malformed"),
        ({**CARD, "number": None}, 422, "malformed"),
        ({**CARD, "number": "4" * 101}, 422, "malformed"),
        ({**CARD, "exp_month": 13}, 422, "malformed"),
        ({**CARD, "exp_month": 0}, 422, "malformed"),
        ({**CARD, "exp_year": 40}, 422, "malformed"),
        ({**CARD, "token": "tok_mine"}, 422, "malformed"),
        ({"type": "card", "brand": "visa", "last_four": "42"}, 422, "malformed"),
        ({"type": "upi", "vpa": None}, 422, "malformed"),
    ],
)
async def test_what_is_no_means_to_pay_is_refused(
    home: Home, body: dict[str, Any], status: int, problem_code: str
) -> None:
    assert await home.code("POST", METHOD_PATH, body) == (status, problem_code)

    assert await home.ask("GET", METHOD_PATH) == (200, [])


async def test_ten_refused_means_to_pay_in_ten_minutes_are_enough(
    home: Home,
) -> None:
    def gift(code: str) -> dict[str, str]:
        return {"type": "gift_card", "code": code}

    # aiohttp-jwt takes no token of a time to come.
    home.house.clock.set_back(600)
    async with counting(home.house, Limits()):
        for _ in range(12):
            await added(home, METHOD_PATH, CARD)
        await home.house.port.behind.quiet()
        for number in range(10):
            guessed = await home.code("POST", METHOD_PATH, gift(f"GIFT-{number}"))
            assert guessed == (404, "gift_card_not_found")

        right = gift("GIFT-5000-AAAA")
        refused = await home.code("POST", METHOD_PATH, right)
        home.house.clock.advance(600)

        assert refused == (429, "too_many_requests")
        await added(home, METHOD_PATH, right)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/api/users/profile", None),
        ("PUT", "/api/users/profile", {}),
        ("GET", ADDRESS_PATH, None),
        ("POST", ADDRESS_PATH, HOME),
        ("PUT", f"{ADDRESS_PATH}/adr_1", HOME),
        ("DELETE", f"{ADDRESS_PATH}/adr_1", None),
        ("GET", METHOD_PATH, None),
        ("POST", METHOD_PATH, CARD),
        ("DELETE", f"{METHOD_PATH}/pm_1", None),
    ],
)
async def test_these_take_an_account(
    home: Home, method: str, path: str, body: Any
) -> None:
    guest = await home.code(method, path, body, who="guest-1", role="guest")
    nobody = await home.house.client.request(method, path, json=body)

    assert guest == (403, "forbidden")
    assert await problem(nobody) == (401, "not_signed_in")
