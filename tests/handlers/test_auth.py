import asyncio
from typing import Any

import pytest

from actors.runtime import Bug
from commerce.errors import CartMerged, OutOfStock
from handlers.errors import NotSignedIn
from messages.base import Busy, Unavailable
from messages.cart import MergeGuest
from messages.session import AdoptSession
from messages.sign_in import SignedOut
from store.client import Database
from tests.handlers.house import ADA, PASSWORD, House, code

SIGN_IN = {"email": ADA["email"], "password": PASSWORD}


async def test_who_signs_up_is_signed_in(house: House) -> None:
    tokens = await house.sign_up(full_name="Ada Lovelace")

    me = await (await house.get("/api/auth/me", tokens["access_token"])).json()

    assert set(tokens) == {"access_token", "refresh_token", "token_type", "expires_in"}
    assert (tokens["token_type"], tokens["expires_in"]) == ("bearer", 3600)
    assert me["email"] == "ada@example.com"
    assert me["full_name"] == "Ada Lovelace"
    assert me["role"] == "customer"
    assert (me["is_active"], me["is_verified"]) == (True, False)
    assert (me["loyalty_points"], me["loyalty_tier"]) == (120, "silver")
    assert me["created_at"].endswith("Z")


async def test_no_answer_tells_the_password_or_its_hash(house: House) -> None:
    tokens = await house.sign_up()

    text = await (await house.get("/api/auth/me", tokens["access_token"])).text()

    assert "password" not in text
    assert "$2b$" not in text


async def test_of_a_password_its_hash_is_stored_and_no_more(
    house: House, database: Database
) -> None:
    await house.sign_up()

    stored = str(await database["users"].find_one({}))

    assert PASSWORD not in stored
    assert "'password_hash': '$2b$" in stored


async def test_personal_answers_are_not_stored_by_caches(house: House) -> None:
    tokens = await house.sign_up()

    answer = await house.get("/api/auth/me", tokens["access_token"])

    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"username": "other"}, "email_taken"),
        ({"username": "other", "email": "ADA@EXAMPLE.com"}, "email_taken"),
        ({"email": "other@example.com"}, "username_taken"),
        ({"email": "other@example.com", "username": "ADA"}, "username_taken"),
    ],
)
async def test_mail_and_name_are_taken_once_whatever_their_case(
    house: House, changed: dict[str, str], expected: str
) -> None:
    await house.sign_up()

    answer = await house.post("/api/auth/signup", {**ADA, **changed})

    assert await code(answer) == (400, expected)


async def test_of_many_who_want_one_name_at_once_exactly_one_gets_it(
    house: House,
) -> None:
    bodies = [{**ADA, "email": f"ada{n}@example.com"} for n in range(8)]

    answers = await asyncio.gather(
        *(house.post("/api/auth/signup", body) for body in bodies)
    )

    assert sorted(answer.status for answer in answers) == [201] + [400] * 7


@pytest.mark.parametrize(
    "changed",
    [
        {"email": "no address"},
        {"email": "a@b"},
        {"email": ""},
        {"email": "a" * 250 + "@example.com"},
        {"email": None},
        {"email": ["ada@example.com"]},
        {"email": "ada@example.com\0"},
        {"username": "ad"},
        {"username": "a" * 33},
        {"username": "ada lovelace"},
        {"username": "ada\n"},
        {"username": "äda"},
        {"username": "٣٣٣"},
        {"username": 123},
        {"password": "short"},
        {"password": "a" * 73},
        {"password": "é" * 37},
        {"password": "with a \0 in it"},
        {"password": "Password1"},
        {"password": "ada@example.com"},
        {"password": ""},
        {"password": 12345678},
        {"password": "x" * 2000},
        {"full_name": ""},
        {"full_name": "a\nb"},
        {"full_name": "\u200d\u00a0"},
        {"full_name": "\u202eadA"},
        {"full_name": "x" * 101},
        {"full_name": 1},
        {"role": "operator"},
        {"is_active": True},
        {"guest_token": ""},
    ],
)
async def test_what_makes_no_sense_makes_no_account(
    house: House, changed: object
) -> None:
    assert isinstance(changed, dict)
    answer = await house.post("/api/auth/signup", {**ADA, **changed})

    assert answer.status == 422, await answer.text()
    told = await answer.json()
    assert told["errors"]
    assert told["errors"][0]["loc"][:2] == ["body", next(iter(changed))]
    assert await house.users.of_username("ada") is None


@pytest.mark.parametrize("length", [8, 72])
async def test_passwords_of_8_to_72_bytes_are_good_whole(
    house: House, length: int
) -> None:
    password = "é" * (length // 2)
    await house.sign_up(password=password)

    right = await house.post("/api/auth/signin", {**SIGN_IN, "password": password})
    wrong = await house.post(
        "/api/auth/signin", {**SIGN_IN, "password": password[:-1] + "e"}
    )

    assert right.status == 200
    assert await code(wrong) == (401, "invalid_credentials")


async def test_signing_in_works_whatever_the_case_of_the_mail(house: House) -> None:
    await house.sign_up(email="Ada@Example.COM")

    answer = await house.post(
        "/api/auth/signin", {"email": "ada@EXAMPLE.com", "password": PASSWORD}
    )

    assert answer.status == 200


async def test_a_blank_around_a_mail_is_passed_over(house: House) -> None:
    await house.sign_up(email=" ada@example.com\t")

    answer = await house.post(
        "/api/auth/signin", {**SIGN_IN, "email": "ada@example.com "}
    )

    assert answer.status == 200


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        # As Macs write it between two names, and as Sinhala and Persian need it.
        ("Ada\u00a0Lovelace", "Ada Lovelace"),
        ("\u0d9a\u0dca\u200d\u0dbb", "\u0d9a\u0dca\u200d\u0dbb"),
        ("\u0645\u06cc\u200c\u062f", "\u0645\u06cc\u200c\u062f"),
        (" Ada ", "Ada"),
    ],
)
async def test_names_of_every_script_are_names(
    house: House, given: str, kept: str
) -> None:
    tokens = await house.sign_up(full_name=given)

    me = await (await house.get("/api/auth/me", tokens["access_token"])).json()

    assert me["full_name"] == kept


async def test_a_password_is_hashed_anew_where_the_work_was_raised(
    house: House,
) -> None:
    await house.sign_up()
    house.passwords._cost = 5

    answers = [await house.post("/api/auth/signin", SIGN_IN) for _ in range(2)]

    assert [each.status for each in answers] == [200, 200]
    ada = await house.users.of_username("ada")
    assert ada is not None
    assert ada.password_hash.startswith("$2b$05$")


async def test_who_cannot_be_hashed_anew_now_is_let_in_all_the_same(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(_password: str) -> str:
        raise Busy("too many")

    await house.sign_up()
    house.passwords._cost = 5
    monkeypatch.setattr(house.passwords, "hashed", full)

    assert (await house.post("/api/auth/signin", SIGN_IN)).status == 200


async def test_a_wrong_password_and_an_unknown_mail_look_the_same(house: House) -> None:
    await house.sign_up()

    wrong = await house.post("/api/auth/signin", {**SIGN_IN, "password": "incorrect"})
    unknown = await house.post(
        "/api/auth/signin", {"email": "bob@example.com", "password": "incorrect"}
    )

    told = [{**await each.json(), "request_id": ""} for each in (wrong, unknown)]
    assert told[0] == told[1]
    assert await code(wrong) == (401, "invalid_credentials")
    assert wrong.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("password", ["a" * 73, "nul \0 in it", "x" * 1000])
@pytest.mark.parametrize("email", ["ada@example.com", "no address", "\0"])
async def test_what_no_account_can_have_is_just_wrong(
    house: House, email: str, password: str
) -> None:
    await house.sign_up()

    answer = await house.post(
        "/api/auth/signin", {"email": email, "password": password}
    )

    assert await code(answer) == (401, "invalid_credentials")


async def test_a_closed_account_cannot_be_signed_in_to(
    house: House, database: Database
) -> None:
    tokens = await house.sign_up()
    await database["users"].update_one({}, {"$set": {"is_active": False}})

    again = await house.post("/api/auth/signin", SIGN_IN)
    refreshed = await house.post(
        "/api/auth/refresh", {"refresh_token": tokens["refresh_token"]}
    )
    me = await house.get("/api/auth/me", tokens["access_token"])

    assert await code(again) == (403, "forbidden")
    assert await code(refreshed) == (401, "not_signed_in")
    assert await code(me) == (401, "not_signed_in")


async def test_other_sign_ins_outlive_the_end_of_one(house: House) -> None:
    first = await house.sign_up()
    second = await (await house.post("/api/auth/signin", SIGN_IN)).json()

    await house.post("/api/auth/logout", token=first["access_token"])

    assert (await house.get("/api/auth/me", first["access_token"])).status == 401
    assert (await house.get("/api/auth/me", second["access_token"])).status == 200


async def test_signing_out_ends_both_tokens_and_tells_the_sockets(house: House) -> None:
    tokens = await house.sign_up()
    ticket = await (
        await house.post("/api/auth/ws-ticket", token=tokens["access_token"])
    ).json()

    answer = await house.post("/api/auth/logout", token=tokens["access_token"])

    assert answer.status == 200
    assert set(await answer.json()) == {"message"}
    me = await house.get("/api/auth/me", tokens["access_token"])
    assert await code(me) == (401, "not_signed_in")
    refreshed = await house.post(
        "/api/auth/refresh", {"refresh_token": tokens["refresh_token"]}
    )
    assert await code(refreshed) == (401, "not_signed_in")
    [(topic, event)] = house.port.published
    assert isinstance(event, SignedOut)
    assert topic == f"sign_in/{event.sid}"
    with pytest.raises(NotSignedIn):
        await house.tickets.redeem(ticket["ticket"])


async def test_a_guest_is_somebody_without_a_name(house: House) -> None:
    tokens = await house.be_guest()

    answer = await house.get("/api/auth/me", tokens["access_token"])

    me = await answer.json()
    assert (me["role"], me["email"], me["username"]) == ("guest", None, None)
    assert me["id"].startswith("guest-")


async def test_a_guest_stays_the_same_by_refreshing(house: House) -> None:
    tokens = await house.be_guest()

    refreshed = await house.post(
        "/api/auth/refresh", {"refresh_token": tokens["refresh_token"]}
    )

    before = await (await house.get("/api/auth/me", tokens["access_token"])).json()
    new = (await refreshed.json())["access_token"]
    assert await (await house.get("/api/auth/me", new)).json() == before


@pytest.mark.parametrize("way", ["signup", "signin"])
async def test_what_a_guest_had_moves_into_the_account(house: House, way: str) -> None:
    guest = await house.be_guest()
    guest_id = await _id(house, guest)
    house.conversations.owned[guest_id] = ["chat-1", "chat-2"]
    if way == "signin":
        await house.sign_up()

    body = ADA if way == "signup" else SIGN_IN
    answer = await house.post(
        f"/api/auth/{way}", {**body, "guest_token": guest["access_token"]}
    )

    user_id = await _id(house, await answer.json())
    assert house.port.heard(MergeGuest) == [(user_id, MergeGuest(guest_id))]
    assert house.port.heard(AdoptSession) == [
        ("chat-1", AdoptSession(guest_id, user_id)),
        ("chat-2", AdoptSession(guest_id, user_id)),
    ]
    me = await house.get("/api/auth/me", guest["access_token"])
    assert await code(me) == (401, "not_signed_in")
    assert (await house.users.of_id(user_id)).guests_to_merge == ()


async def test_a_guest_who_looked_around_for_long_still_becomes_an_account(
    house: House,
) -> None:
    guest = await house.be_guest()
    house.clock.advance(2 * 3600)

    await house.sign_up(guest_token=guest["access_token"])

    assert len(house.port.heard(MergeGuest)) == 1


async def test_a_merge_that_failed_is_made_up_for_by_the_next_refresh(
    house: House,
) -> None:
    guest = await house.be_guest()
    house.port.refusals[MergeGuest] = Unavailable("the cart is away")
    tokens = await house.sign_up(guest_token=guest["access_token"])
    assert (await house.get("/api/auth/me", guest["access_token"])).status == 200
    del house.port.refusals[MergeGuest]

    await house.post("/api/auth/refresh", {"refresh_token": tokens["refresh_token"]})

    assert len(house.port.heard(MergeGuest)) == 2
    assert (await house.get("/api/auth/me", guest["access_token"])).status == 401


async def test_a_guest_token_again_moves_nothing_again(house: House) -> None:
    guest = await house.be_guest()
    await house.sign_up(guest_token=guest["access_token"])

    again = await house.post(
        "/api/auth/signin", {**SIGN_IN, "guest_token": guest["access_token"]}
    )

    assert again.status == 200
    # A cart remembers its newest guests only: asked again, it may add a second time.
    assert len(house.port.heard(MergeGuest)) == 1


async def test_a_guest_whom_another_account_took_is_over(house: House) -> None:
    guest = await house.be_guest()
    house.port.refusals[MergeGuest] = CartMerged("it is in another cart")

    await house.sign_up(guest_token=guest["access_token"])

    assert (await house.get("/api/auth/me", guest["access_token"])).status == 401


@pytest.mark.parametrize("trouble", [Bug("the cart broke"), OutOfStock("lamp")])
async def test_a_broken_cart_shuts_nobody_out(house: House, trouble: Exception) -> None:
    guest = await house.be_guest()
    house.port.refusals[MergeGuest] = trouble

    tokens = await house.sign_up(guest_token=guest["access_token"])

    user = await house.users.of_id(await _id(house, tokens))
    assert len(user.guests_to_merge) == 1
    again = await house.post("/api/auth/signin", SIGN_IN)
    assert again.status == 200


async def test_while_carts_are_away_guests_wait_without_being_waited_for(
    house: House,
) -> None:
    await house.sign_up()
    house.port.refusals[MergeGuest] = Unavailable("the cart is away")
    for _ in range(3):
        guest = await house.be_guest()
        body = {**SIGN_IN, "guest_token": guest["access_token"]}
        await house.post("/api/auth/signin", body)

    # Each may take as long as an ask may; once it is away it is away for all.
    assert len(house.port.heard(MergeGuest)) == 3


async def test_what_a_guest_began_while_the_rest_moved_comes_along(
    house: House,
) -> None:
    guest = await house.be_guest()
    guest_id = await _id(house, guest)
    end = house.tokens.revoke_all_of

    async def begin_another(*told: Any, **more: Any) -> Any:
        house.conversations.owned[guest_id] = ["late"]
        return await end(*told, **more)

    house.tokens.revoke_all_of = begin_another  # type: ignore[method-assign]

    tokens = await house.sign_up(guest_token=guest["access_token"])

    adopted = AdoptSession(guest_id, await _id(house, tokens))
    assert house.port.heard(AdoptSession) == [("late", adopted)]


@pytest.mark.parametrize("kind", ["nonsense", "customer", "refresh", "signed out"])
async def test_only_a_living_guest_can_become_an_account(
    house: House, kind: str
) -> None:
    guest = await house.be_guest()
    other = await house.sign_up(email="bob@example.com", username="bob")
    if kind == "signed out":
        await house.post("/api/auth/logout", token=guest["access_token"])
    token = {
        "nonsense": "nonsense",
        "customer": other["access_token"],
        "refresh": guest["refresh_token"],
        "signed out": guest["access_token"],
    }[kind]

    answer = await house.post("/api/auth/signup", {**ADA, "guest_token": token})

    assert await code(answer) == (401, "invalid_guest_token")
    assert await house.users.of_username("ada") is None
    assert house.port.heard(MergeGuest) == []


async def test_a_ticket_admits_once(house: House) -> None:
    tokens = await house.sign_up()

    answer = await house.post("/api/auth/ws-ticket", token=tokens["access_token"])

    told = await answer.json()
    assert told["expires_in"] == 30
    admitted = await house.tickets.redeem(told["ticket"])
    assert admitted == house.gate.admit(tokens["access_token"])
    with pytest.raises(NotSignedIn):
        await house.tickets.redeem(told["ticket"])


async def test_of_many_uses_of_a_ticket_at_once_exactly_one_is_admitted(
    house: House,
) -> None:
    tokens = await house.sign_up()
    ticket = house.tickets.issue(house.gate.admit(tokens["access_token"]))

    outcomes = await asyncio.gather(
        *(house.tickets.redeem(ticket) for _ in range(8)), return_exceptions=True
    )

    assert sum(isinstance(each, NotSignedIn) for each in outcomes) == 7


async def test_a_ticket_is_good_for_half_a_minute(house: House) -> None:
    tokens = await house.sign_up()
    ticket = house.tickets.issue(house.gate.admit(tokens["access_token"]))

    house.clock.advance(31)

    with pytest.raises(NotSignedIn):
        await house.tickets.redeem(ticket)


async def _id(house: House, tokens: dict[str, str]) -> str:
    me = await (await house.get("/api/auth/me", tokens["access_token"])).json()
    return str(me["id"])
