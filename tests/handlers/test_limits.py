"""Guessing is slowed down, owners are not locked out."""

from collections.abc import AsyncIterator
from ipaddress import ip_network

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import make_mocked_request
from pytest_aiohttp.plugin import AiohttpClient

from actors.sign_in import Limits
from handlers.limits import Doors
from messages.base import Busy
from messages.sign_in import Forgive
from store.client import Database
from tests.handlers.house import ADA, KEY, PASSWORD, FakePort, House, code, counting


@pytest.fixture
async def house(
    aiohttp_client: AiohttpClient, database: Database
) -> AsyncIterator[House]:
    built = House(database)
    await built.prepare()
    built.client = await aiohttp_client(built.app)
    async with counting(built, Limits(signup=3, guest=3, refresh=3)):
        yield built
    built.passwords.close()


async def try_in(
    house: House,
    address: str = "203.0.113.1",
    *,
    password: str = "incorrect",
    email: str = ADA["email"],
) -> ClientResponse:
    body = {"email": email, "password": password}
    headers = {"X-Forwarded-For": address}
    answer = await house.post("/api/auth/signin", body, **headers)
    # What was right is forgiven by mail; it has arrived before the next try.
    await house.port.behind.quiet()
    return answer


async def test_the_sixth_failure_in_a_minute_is_429(house: House) -> None:
    await house.sign_up()
    for _ in range(5):
        assert (await try_in(house)).status == 401

    refused = await try_in(house, password=PASSWORD)

    assert await code(refused) == (429, "too_many_requests")
    assert refused.headers["Retry-After"] == "60"
    assert refused.headers["RateLimit"] == '"account";r=0;t=60'
    assert refused.headers["RateLimit-Policy"] == '"account";q=5;w=60'


async def test_after_a_minute_one_may_try_again(house: House) -> None:
    await house.sign_up()
    for _ in range(6):
        await try_in(house)

    house.clock.advance(60)

    assert (await try_in(house, password=PASSWORD)).status == 200


async def test_an_unknown_mail_has_the_same_limit(house: House) -> None:
    for _ in range(5):
        assert (await try_in(house, email="bob@example.com")).status == 401

    assert (await try_in(house, email="BOB@example.com")).status == 429


async def test_success_does_not_count(house: House) -> None:
    await house.sign_up()

    answers = [await try_in(house, password=PASSWORD) for _ in range(30)]

    assert {answer.status for answer in answers} == {200}


async def test_one_address_fails_twenty_times_over_all_accounts(house: House) -> None:
    for number in range(20):
        answer = await try_in(house, email=f"somebody{number}@example.com")
        assert answer.status == 401

    refused = await try_in(house, email="another@example.com")
    elsewhere = await try_in(house, "203.0.113.2", email="another@example.com")

    assert (refused.status, elsewhere.status) == (429, 401)


async def test_a_refusal_at_the_account_does_not_count_for_the_address(
    house: House,
) -> None:
    for _ in range(40):
        await try_in(house, email="bob@example.com")

    assert (await try_in(house, email="carol@example.com")).status == 401


async def test_thieves_everywhere_do_not_lock_the_owner_out(house: House) -> None:
    await house.post("/api/auth/signup", ADA, **{"X-Forwarded-For": "198.51.100.7"})
    for number in range(10):
        assert (await try_in(house, f"203.0.113.{number}")).status == 401

    thief = await try_in(house, "203.0.113.99", password=PASSWORD)
    owner = await try_in(house, "198.51.100.7", password=PASSWORD)

    assert (thief.status, owner.status) == (429, 200)


async def test_an_address_is_known_once_it_signed_in(house: House) -> None:
    await house.sign_up()
    await try_in(house, "198.51.100.8", password=PASSWORD)
    for number in range(10):
        await try_in(house, f"203.0.113.{number}")

    assert (await try_in(house, "198.51.100.8", password=PASSWORD)).status == 200


async def test_addresses_are_stored_as_hashes_only(
    house: House, database: Database
) -> None:
    await house.sign_up()
    await try_in(house, "198.51.100.8", password=PASSWORD)

    stored = str(await database["users"].find_one({}))

    assert "198.51.100.8" not in stored
    assert "127.0.0.1" not in stored


def test_the_hash_of_an_address_takes_our_key() -> None:
    ours, theirs = (Doors(FakePort(), key, lambda: "id") for key in (KEY, "guess"))
    request = asking("192.0.2.1")

    assert ours.address(request) != theirs.address(request)


@pytest.mark.parametrize(
    ("path", "right"), [("/api/auth/guest", 201), ("/api/auth/refresh", 401)]
)
async def test_other_doors_are_limited_by_address(
    house: House, path: str, right: int
) -> None:
    body = {"refresh_token": "none"}
    answers = [await house.post(path, body) for _ in range(4)]

    assert [answer.status for answer in answers] == [right, right, right, 429]


async def test_sign_ups_are_limited_by_address(house: House) -> None:
    for number in range(3):
        await house.sign_up(email=f"a{number}@example.com", username=f"ada{number}")

    assert (await house.post("/api/auth/signup", ADA)).status == 429


async def test_a_flood_that_is_shed_counts_as_no_failure(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object) -> bool:
        raise Busy("too many", retry_after_s=5)

    monkeypatch.setattr(house.passwords, "matches", full)

    refused = await try_in(house)

    assert await code(refused) == (503, "unavailable")
    assert refused.headers["Retry-After"] == "5"
    assert len(house.port.heard(Forgive)) == 2


def asking(remote: str, *forwarded: str) -> web.Request:
    class Transport:
        def get_extra_info(self, name: str, default: object = None) -> object:
            return (remote, 1234) if name == "peername" else default

    headers = [("X-Forwarded-For", each) for each in forwarded]
    from multidict import CIMultiDict

    return make_mocked_request(
        "GET", "/", headers=CIMultiDict(headers), transport=Transport()
    )


@pytest.mark.parametrize(
    ("remote", "forwarded", "meant"),
    [
        ("192.0.2.1", (), "192.0.2.1"),
        ("192.0.2.1", ("198.51.100.1",), "192.0.2.1"),
        ("10.0.0.1", ("198.51.100.1",), "198.51.100.1"),
        ("10.0.0.1", ("6.6.6.6, 198.51.100.1, 10.0.0.2",), "198.51.100.1"),
        ("10.0.0.1", ("6.6.6.6", "198.51.100.1"), "198.51.100.1"),
        ("10.0.0.1", (), "10.0.0.1"),
        ("10.0.0.1", ("10.0.0.9",), "10.0.0.9"),
        ("10.0.0.1", ("nonsense",), "0.0.0.0"),
        ("10.0.0.1", ("198.51.100.1:50123",), "198.51.100.1"),
        ("10.0.0.1", ("[2001:db8:1:2::7]:443",), "2001:db8:1:2::1"),
        ("10.0.0.1", ("[2001:db8:1:2::7]",), "2001:db8:1:2::1"),
        ("10.0.0.1", (" , ,",), "10.0.0.1"),
        ("::ffff:10.0.0.1", ("198.51.100.1",), "198.51.100.1"),
        ("2001:db8:1:2:3::4", (), "2001:db8:1:2:ffff::1"),
    ],
)
def test_only_our_own_proxies_are_believed(
    remote: str, forwarded: tuple[str, ...], meant: str
) -> None:
    proxies = (ip_network("10.0.0.0/8"),)
    doors = Doors(FakePort(), KEY, lambda: "id", proxies)

    assert doors.address(asking(remote, *forwarded)) == doors.address(asking(meant))


def test_other_networks_of_the_same_size_are_told_apart() -> None:
    doors = Doors(FakePort(), KEY, lambda: "id")

    first = doors.address(asking("2001:db8:1:2::1"))
    second = doors.address(asking("2001:db8:1:3::1"))

    assert first != second
