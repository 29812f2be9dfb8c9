"""What operators do with accounts, and that one operator is always left."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pytest_aiohttp.plugin import AiohttpClient

from commerce.user import User
from handlers import admin_user
from messages.sign_in import SignedOut
from store.client import Database
from tests.handlers.house import ADA, House, bearing, code


@pytest.fixture
async def house(
    aiohttp_client: AiohttpClient, database: Database
) -> AsyncIterator[House]:
    built = House(database, [admin_user.routes])
    await built.prepare()
    built.client = await aiohttp_client(built.app)
    yield built
    built.passwords.close()


async def operator(house: House, name: str = "olga") -> dict[str, Any]:
    """Make an operator and return their tokens and id."""
    tokens = await house.sign_up(email=f"{name}@example.com", username=name)
    user = await the(house, name)
    await house.users.give_role(user.id, "operator")
    answer = await house.post(
        "/api/auth/signin",
        {"email": f"{name}@example.com", "password": ADA["password"]},
    )
    tokens = await answer.json()
    return {**tokens, "id": user.id}


async def the(house: House, name: str) -> User:
    user = await house.users.of_username(name)
    assert user is not None
    return user


async def do(house: House, who: dict[str, Any], path: str, body: Any = None) -> Any:
    return await house.post(f"/api/admin/users/{path}", body, who["access_token"])


async def test_accounts_are_found_by_how_they_begin(house: House) -> None:
    olga = await operator(house)
    for name in ("ada", "adam", "eve"):
        await house.sign_up(email=f"{name}@Example.com", username=name)

    async def found(q: str) -> set[str]:
        answer = await house.get(
            "/api/admin/users", olga["access_token"], params={"q": q}
        )
        users = await answer.json()
        assert answer.headers["X-Total-Count"] == str(len(users))
        return {each["username"] for each in users}

    assert await found("") == {"olga", "ada", "adam", "eve"}
    assert await found("ADA") == {"ada", "adam"}
    assert await found("eve@exam") == {"eve"}
    assert await found(olga["id"]) == {"olga"}
    assert await found("a.a") == set()
    assert await found(".*") == set()


async def test_a_list_of_accounts_has_pages_and_no_secret(house: House) -> None:
    olga = await operator(house)
    await house.sign_up()

    answer = await house.get("/api/admin/users?limit=1", olga["access_token"])

    assert answer.headers["X-Total-Count"] == "2"
    assert 'rel="next"' in answer.headers["Link"]
    assert "$2b$" not in await answer.text()


async def test_a_closed_account_is_out_at_once_and_stays_out(house: House) -> None:
    olga = await operator(house)
    tokens = await house.sign_up()
    ada = await the(house, "ada")

    answer = await do(house, olga, f"{ada.id}/deactivate")

    assert (answer.status, (await answer.json())["is_active"]) == (200, False)
    me = await house.get("/api/auth/me", tokens["access_token"])
    again = await house.post(
        "/api/auth/signin", {"email": ADA["email"], "password": ADA["password"]}
    )
    fresh = await house.post(
        "/api/auth/refresh", {"refresh_token": tokens["refresh_token"]}
    )
    assert (me.status, again.status, fresh.status) == (401, 403, 401)
    # The socket of that sign-in hears it, and closes with 4401.
    assert any(isinstance(event, SignedOut) for _, event in house.port.published)


async def test_a_restart_does_not_let_a_closed_account_in(house: House) -> None:
    olga = await operator(house)
    await house.sign_up()
    await do(house, olga, f"{(await the(house, 'ada')).id}/deactivate")

    ended = await house.tokens.revoked_since(house.gate.remembers_since())

    assert len(ended) == 1


async def test_a_new_role_takes_a_new_sign_in(house: House) -> None:
    olga = await operator(house)
    tokens = await house.sign_up()
    ada = await the(house, "ada")

    answer = await do(house, olga, f"{ada.id}/role", {"role": "operator"})

    assert (answer.status, (await answer.json())["role"]) == (200, "operator")
    assert (await house.get("/api/auth/me", tokens["access_token"])).status == 401
    assert (await the(house, "ada")).role == "operator"


@pytest.mark.parametrize(
    ("path", "body"), [("role", {"role": "customer"}), ("deactivate", None)]
)
async def test_the_last_operator_cannot_be_locked_out(
    house: House, path: str, body: Any
) -> None:
    olga = await operator(house)

    answer = await do(house, olga, f"{olga['id']}/{path}", body)

    assert await code(answer) == (400, "last_operator")
    user = await the(house, "olga")
    assert (user.role, user.is_active) == ("operator", True)
    # And olga need not even sign in again.
    assert (await house.get("/api/admin/users", olga["access_token"])).status == 200


async def test_two_operators_who_shut_each_other_out_leave_one(house: House) -> None:
    both = [await operator(house, name) for name in ("olga", "otto")]

    await asyncio.gather(
        do(house, both[0], f"{both[1]['id']}/deactivate"),
        do(house, both[1], f"{both[0]['id']}/deactivate"),
    )

    users = [await the(house, name) for name in ("olga", "otto")]
    assert any(each.is_active for each in users)


@pytest.mark.parametrize("way", ["signin", "signup"])
async def test_an_account_that_is_changed_while_it_signs_in_stays_out(
    house: House, way: str
) -> None:
    olga = await operator(house)
    if way == "signin":
        await house.sign_up()
    begin = house.tokens.open

    async def closed_just_before(sign_in: Any) -> None:
        await do(house, olga, f"{sign_in.user_id}/deactivate")
        await begin(sign_in)

    house.tokens.open = closed_just_before  # type: ignore[method-assign]

    credentials = {"email": ADA["email"], "password": ADA["password"]}
    body = credentials if way == "signin" else ADA
    answer = await house.post(f"/api/auth/{way}", body)

    assert await code(answer) == (403, "forbidden")
    ada = await the(house, "ada")
    open_still = await house.tokens.revoke_all_of(ada.id, house.clock.now())
    assert open_still == []


@pytest.mark.parametrize("path", ["nobody/deactivate", "nobody/role"])
async def test_who_is_not_there_is_not_found(house: House, path: str) -> None:
    olga = await operator(house)

    body = {"role": "customer"} if path.endswith("role") else None
    answer = await do(house, olga, path, body)

    assert await code(answer) == (404, "user_not_found")


@pytest.mark.parametrize("body", [{"role": "guest"}, {"role": ["operator"]}, {}])
async def test_there_are_two_roles(house: House, body: Any) -> None:
    olga = await operator(house)

    answer = await do(house, olga, f"{olga['id']}/role", body)

    assert (await code(answer))[0] == 422


@pytest.mark.parametrize("q", ["\0", "a\n", "x" * 255])
async def test_what_no_name_can_hold_is_not_searched_for(house: House, q: str) -> None:
    olga = await operator(house)

    answer = await house.get("/api/admin/users", olga["access_token"], params={"q": q})

    assert await code(answer) == (422, "malformed")


async def test_customers_may_not(house: House) -> None:
    tokens = await house.sign_up()
    ada = await the(house, "ada")

    answers = [
        await house.client.get(
            "/api/admin/users", headers=bearing(tokens["access_token"])
        ),
        await do(house, tokens, f"{ada.id}/role", {"role": "operator"}),
        await do(house, tokens, f"{ada.id}/deactivate"),
    ]

    assert [await code(each) for each in answers] == [(403, "forbidden")] * 3
