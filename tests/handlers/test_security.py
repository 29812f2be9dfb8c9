"""Tokens: which are good, and that no other one is."""

import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp_jwt.middleware
import jwt
import pytest
from aiohttp import web
from pytest_aiohttp.plugin import AiohttpClient

from handlers import security
from handlers.errors import NotSignedIn, rendered
from handlers.middleware import protect, public_patterns
from handlers.security import account, identity, operator, public
from handlers.tokens import ALGORITHM, AUDIENCE, ISSUER, Bearer
from messages.sign_in import SignedOut
from store.client import Database
from tests.handlers.house import KEY, House, bearing, code

routes = web.RouteTableDef()
ADA = Bearer(user_id="ada", role="customer", sid="s")


@routes.get("/mine")
async def show_mine(request: web.Request) -> web.Response:
    return rendered({"user_id": identity(request).user_id})


@routes.get("/account")
async def show_account(request: web.Request) -> web.Response:
    return rendered({"user_id": account(request).user_id})


@routes.get("/operators")
@operator
async def show_operators(_request: web.Request) -> web.Response:
    return rendered({})


@routes.get("/open")
@public
async def show_open(_request: web.Request) -> web.Response:
    return rendered({})


@routes.get("/opened")
async def show_opened(_request: web.Request) -> web.Response:
    return rendered({})


@routes.get("/open/{id}/more")
@public
async def show_more(_request: web.Request) -> web.Response:
    return rendered({})


@routes.get("/open/{id}/more/of-mine")
async def show_more_of_mine(_request: web.Request) -> web.Response:
    return rendered({})


@pytest.fixture
async def house(
    aiohttp_client: AiohttpClient, database: Database
) -> AsyncIterator[House]:
    built = House(database, [routes])
    built.client = await aiohttp_client(built.app)
    yield built
    built.passwords.close()


def claims(house: House, **changed: Any) -> dict[str, Any]:
    now = int(house.clock.now().timestamp())
    good = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "ada",
        "sid": "s",
        "role": "customer",
        "typ": "access",
        "jti": "j",
        "iat": now,
        "exp": now + 3600,
    }
    every = {**good, **changed}
    return {name: value for name, value in every.items() if value is not ...}


def signed(told: dict[str, Any], key: str = KEY, **header: Any) -> str:
    headers = {"typ": "at+jwt", **header}
    return jwt.encode(told, key, algorithm=ALGORITHM, headers=headers)


def unsigned(header: dict[str, Any], told: dict[str, Any]) -> str:
    parts = (json.dumps(each).encode() for each in (header, told))
    texts = [base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts]
    return ".".join([*texts, ""])


async def test_a_good_token_is_let_in(house: House) -> None:
    answer = await house.get("/mine", signed(claims(house)))

    assert (answer.status, await answer.json()) == (200, {"user_id": "ada"})


@pytest.mark.parametrize(
    "changed",
    [
        {"exp": ...},
        {"exp": "tomorrow"},
        {"exp": 1e300},
        {"exp": 10**30},
        {"exp": True},
        {"exp": None},
        {"exp": 0},
        {"iat": ...},
        {"iat": "now"},
        {"jti": ...},
        {"jti": ""},
        {"jti": 7},
        {"sub": ...},
        {"sub": ""},
        {"sub": 7},
        {"sub": ["ada"]},
        {"sid": ...},
        {"sid": None},
        {"sid": {"$ne": 1}},
        {"role": ...},
        {"role": "admin"},
        {"role": ["operator"]},
        {"typ": ...},
        {"typ": "refresh"},
        {"typ": "ticket"},
        {"iss": ...},
        {"iss": "somebody"},
        {"aud": ...},
        {"aud": "somebody"},
    ],
)
async def test_a_token_with_another_claim_is_not(
    house: House, changed: dict[str, Any]
) -> None:
    try:
        token = signed(claims(house, **changed))
    except TypeError:
        token = unsigned({"alg": ALGORITHM, "typ": "at+jwt"}, claims(house))

    answer = await house.get("/mine", token)

    assert await code(answer) == (401, "not_signed_in")


@pytest.mark.parametrize(
    "header",
    [
        {"typ": "rt+jwt"},
        {"typ": "ticket+jwt"},
        {"typ": "JWT"},
        {"typ": None},
        {"crit": ["b\n64"]},
        {"jku": "https://evil.example/keys"},
        {"jwk": {}},
        {"x5u": "https://evil.example"},
    ],
)
async def test_a_token_with_another_header_is_not(
    house: House, header: dict[str, Any]
) -> None:
    answer = await house.get("/mine", signed(claims(house), **header))

    assert await code(answer) == (401, "not_signed_in")


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none", "typ": "at+jwt"},
        {"alg": "NONE", "typ": "at+jwt"},
        {"alg": "HS512", "typ": "at+jwt"},
        {"alg": "RS256", "typ": "at+jwt"},
        {"alg": ALGORITHM, "typ": "at+jwt"},
        {"alg": ALGORITHM, "typ": "at+jwt", "crit": "a\r\nb"},
        {"alg": [ALGORITHM], "typ": "at+jwt"},
        {"alg": ALGORITHM, "typ": "at+jwt", "kid": 7},
        {},
    ],
)
async def test_an_unsigned_token_is_not(house: House, header: dict[str, Any]) -> None:
    answer = await house.get("/mine", unsigned(header, claims(house)))

    assert await code(answer) == (401, "not_signed_in")


async def test_a_token_under_another_key_is_not(house: House) -> None:
    other = "another key of 32 bytes and some more"
    answer = await house.get("/mine", signed(claims(house), key=other))

    assert await code(answer) == (401, "not_signed_in")


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer  x",
        "Bearer a.b",
        "Bearer a.b.c",
        "Bearer ...",
        "Bearer " + "x" * 5000,
        "Bearer é.é.é",
        "Basic YWRhOmFkYQ==",
        "bearertoken",
        "Bearer {token} more",
        "Bearers {token}",
        "{token}",
    ],
)
async def test_other_headers_are_not_let_in(house: House, header: str) -> None:
    given = header.format(token=house.token())

    answer = await house.client.get("/mine", headers={"Authorization": given})

    assert await code(answer) == (401, "not_signed_in")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_the_scheme_may_be_written_in_any_case(house: House) -> None:
    headers = {"Authorization": f"bEARER {house.token()}"}

    assert (await house.client.get("/mine", headers=headers)).status == 200


async def test_two_tokens_at_once_are_none(house: House) -> None:
    token = house.token()
    assert (await house.get("/mine", token)).status == 200
    headers = [("Authorization", f"Bearer {token}")] * 2

    answer = await house.client.get("/mine", headers=headers)

    assert await code(answer) == (401, "not_signed_in")


async def test_a_token_in_the_address_is_not_read(house: House) -> None:
    answer = await house.get(f"/mine?token={house.token()}")

    assert await code(answer) == (401, "not_signed_in")


async def test_a_refresh_token_opens_nothing(house: House) -> None:
    pair = house.mint.pair(ADA, "first")

    answer = await house.get("/mine", pair.refresh_token)

    assert await code(answer) == (401, "not_signed_in")


async def test_a_token_ends_when_our_clock_says_so(house: House) -> None:
    token = house.token()
    house.clock.advance(3599)
    before = await house.get("/mine", token)
    house.clock.advance(1)

    after = await house.get("/mine", token)

    assert (before.status, after.status) == (200, 401)


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The tokens that aiohttp-jwt has looked into."""
    tokens: list[bytes] = []

    def decode(token: bytes, *told: Any, **more: Any) -> Any:
        tokens.append(token)
        return jwt.decode(token, *told, **more)

    monkeypatch.setattr(aiohttp_jwt.middleware, "jwt", Decoding(decode))
    return tokens


class Decoding:
    """PyJWT with a `decode` of ours."""

    InvalidTokenError = jwt.InvalidTokenError

    def __init__(self, decode: Any) -> None:
        self.decode = decode


async def test_a_token_that_was_verified_is_known(
    house: House, decoded: list[bytes]
) -> None:
    token = house.token()

    answers = [await house.get("/mine", token) for _ in range(3)]

    assert [each.status for each in answers] == [200] * 3
    assert decoded == [token.encode()]


async def test_a_known_token_is_worth_nothing_once_its_sign_in_ended(
    house: House, decoded: list[bytes]
) -> None:
    token = house.token(sid="s")
    assert (await house.get("/mine", token)).status == 200
    house.gate.end("s")

    assert await code(await house.get("/mine", token)) == (401, "not_signed_in")
    assert len(decoded) == 2


async def test_a_known_guest_is_no_operator(house: House) -> None:
    token = house.token(role="guest")
    assert (await house.get("/mine", token)).status == 200

    assert (await house.get("/operators", token)).status == 403


async def test_only_so_many_tokens_are_known(
    house: House, decoded: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(security, "MOST_KNOWN", 2)
    first, *others = [house.token(sid=f"s{number}") for number in range(3)]

    for token in (first, *others, first, others[1]):
        assert (await house.get("/mine", token)).status == 200

    # The third took the place of the first, which then took the second's.
    known = [first, *others, first]
    assert decoded == [each.encode() for each in known]


async def test_an_open_route_does_not_read_the_token_that_comes_along(
    house: House,
) -> None:
    answer = await house.get("/open", "nonsense")

    assert answer.status == 200


@pytest.mark.parametrize("path", ["/opened", "/open/a/more/of-mine"])
async def test_an_open_path_opens_nothing_beside_it(house: House, path: str) -> None:
    assert (await house.get(path)).status == 401


@pytest.mark.parametrize("path", ["/open/", "/openly", "/open/a/b/more", "/Open"])
async def test_a_path_that_is_like_an_open_one_is_none(house: House, path: str) -> None:
    assert (await house.get(path)).status == 404


@pytest.mark.parametrize(
    ("role", "status"), [("guest", 403), ("customer", 403), ("operator", 200)]
)
async def test_operators_routes_are_for_operators(
    house: House, role: str, status: int
) -> None:
    answer = await house.get("/operators", house.token(role))

    assert answer.status == status


@pytest.mark.parametrize(
    ("role", "status"), [("guest", 403), ("customer", 200), ("operator", 200)]
)
async def test_guests_have_no_account(house: House, role: str, status: int) -> None:
    assert (await house.get("/account", house.token(role))).status == status


async def test_every_route_that_is_not_open_asks_for_a_token(house: House) -> None:
    opened = {
        "/api/auth/signup",
        "/api/auth/signin",
        "/api/auth/refresh",
        "/api/auth/guest",
        "/health/live",
        "/health/ready",
        "/metrics",
        "/openapi.json",
        "/open",
        "/open/{id}/more",
    }
    for route in house.app.router.routes():
        assert route.resource is not None
        path = route.resource.canonical
        answer = await house.client.request(route.method, path.replace("{id}", "a"))

        assert (answer.status == 401) == (path not in opened) or path == (
            "/api/auth/refresh"
        ), path


def test_a_path_cannot_be_open_and_closed_at_once() -> None:
    app = web.Application()
    app.router.add_get("/both", show_open)
    app.router.add_post("/both", show_mine)

    with pytest.raises(ValueError, match="/both"):
        public_patterns(app)


async def test_a_sign_in_that_ended_elsewhere_is_over_here(house: House) -> None:
    house.gate.load(["s"])

    answer = await house.get("/mine", house.token(sid="s"))

    assert await code(answer) == (401, "not_signed_in")
    assert house.port.published == []


async def test_the_end_of_a_sign_in_is_told_once(house: House) -> None:
    house.gate.end("s")
    house.gate.end("s")

    assert house.port.published == [("sign_in/s", SignedOut("s"))]


async def test_ended_sign_ins_are_forgotten_when_no_token_is_left(house: House) -> None:
    house.gate.end("old")
    house.clock.advance(2 * 3600 + 1)

    house.gate.end("new")

    assert list(house.gate._ended) == ["new"]


async def test_a_clock_that_ran_ahead_lets_no_ended_sign_in_back(
    house: House,
) -> None:
    house.gate.end("s")
    house.clock.set_back(-3 * 3600)
    house.gate.end("another")

    house.clock.set_back(3 * 3600)

    assert await code(await house.get("/mine", house.token(sid="s"))) == (
        401,
        "not_signed_in",
    )


async def test_a_lifetime_made_shorter_holds_for_older_tokens_too(
    house: House,
) -> None:
    # Ended sign-ins are remembered for as long as a token lives now.
    house.clock.set_back(2 * 3600)
    day = house.mint.token("access", ADA, 24 * 3600)
    house.clock.set_back(-2 * 3600)

    assert await code(await house.get("/mine", day)) == (401, "not_signed_in")


def test_a_socket_is_opened_by_the_same_tokens(house: House) -> None:
    assert house.gate.admit(house.token()).user_id == "ada"
    for bad in ("", "a.b.c", "é", house.mint.pair(ADA, "first").refresh_token):
        with pytest.raises(NotSignedIn):
            house.gate.admit(bad)


@pytest.mark.parametrize(
    "changed", [{"iss": "somebody"}, {"iss": ...}, {"aud": "somebody"}, {"aud": ...}]
)
def test_a_token_of_another_house_opens_no_socket(
    house: House, changed: dict[str, Any]
) -> None:
    theirs = signed(claims(house, **changed))
    forged = signed(claims(house), key="another key of 32 bytes and some more")

    for token in (theirs, forged):
        with pytest.raises(NotSignedIn):
            house.gate.admit(token)


async def test_protection_needs_no_order_of_routes(
    aiohttp_client: AiohttpClient, database: Database
) -> None:
    house = House(database)
    with pytest.raises(RuntimeError):
        protect(web.Application(), type(house.mint)("", house.clock), house.gate)
    house.passwords.close()


def test_bearing_nothing_is_no_header() -> None:
    assert bearing("") == {}
