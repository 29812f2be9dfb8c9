"""`python -m bench agent-eval FILE`: the agent against a file of conversations.

A fresh server with the built-in model, its clock set to the file's `now`; the people,
orders and products of the file; then each case over a real socket, and at its end a
look into the stores. Prints every expectation that was not met.
"""

import asyncio
import json
import secrets
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import aiohttp
from msgspec import Struct

from bench.buyers import CROWD, Visitor, operator
from bench.eval_end import End
from bench.eval_expect import Expected, fact_faults
from bench.eval_fixtures import PASSWORD, Fixtures
from bench.eval_ground import Evidence
from bench.eval_outside import Outside
from bench.eval_talk import Heard, Talk
from bench.standing import Standing
from server.config import load
from server.database import ADDRESS
from store import client
from store.coupon import read_coupons

AGES_S = 10 * 365 * 24 * 3600

Case = Mapping[str, Any]


def main(names: Sequence[str]) -> int:
    """Run the file that is named, or only its cases of the ids that follow."""
    if not names:
        sys.stdout.write("agent-eval takes a FILE, and case ids to run only these\n")
        return 2
    told = json.loads(Path(names[0]).read_text(encoding="utf-8"))
    if names[1:]:
        told["cases"] = [each for each in told["cases"] if each["id"] in names[1:]]
    return asyncio.run(_evaluate(told))


async def _evaluate(told: Mapping[str, Any]) -> int:
    with tempfile.TemporaryDirectory(prefix="souk-bench-") as folder:
        settings = {
            "SOUK__FAULTS__NOW": told["fixtures"]["now"],
            # Tokens live by the real time, sockets by the file's.
            "SOUK__ACCOUNTS__ACCESS_TOKEN_S": str(AGES_S),
            **CROWD,
        }
        server = Standing(Path(folder), **settings)
        await server.start()
        try:
            return await _all(told, server, Path(folder))
        finally:
            await server.stop()


async def _all(told: Mapping[str, Any], server: Standing, folder: Path) -> int:
    name = load(server.environment).store.database
    db = await client.connect((folder / ADDRESS).read_text(), name)
    passed = 0
    try:
        async with aiohttp.ClientSession() as http:
            stage = Stage(told, server, db, http)
            await stage.prepare()
            for case in told["cases"]:
                faults = await stage.play(case)
                passed += not faults
                for each in faults:
                    print(f"{case['id']} {case.get('category', '')}: {each}")
    finally:
        client.close(db)
    print(f"passed {passed} of {len(told['cases'])}")
    return 0 if passed == len(told["cases"]) else 1


class Played(Struct):
    """What a case has brought by now."""

    results: list[Any]
    evidence: Evidence
    faults: list[str]


class Stage:
    """One server with the people of one file, whose shopper is new in each case."""

    def __init__(
        self,
        told: Mapping[str, Any],
        server: Standing,
        db: client.Database,
        http: aiohttp.ClientSession,
    ) -> None:
        self._told = told
        self._server = server
        self._db = db
        self._http = http
        self._fixtures = Fixtures(db, told["fixtures"])
        self._expected = Expected(told.get("tools", []))
        demo = read_coupons(Path(__file__).parents[1] / "data")
        self._codes = {each.code for each in demo}

    async def prepare(self) -> None:
        """Let the shop have what the file brings for all cases."""
        # The database lives by the real time: it would remove what the shop, at the
        # file's time, has not done with yet.
        await self._db.client.admin.command(
            {"setParameter": 1, "ttlMonitorEnabled": False}
        )
        await self._fixtures.shelve()
        self._staff = await operator(
            self._http, self._server.url, self._server.environment
        )

    async def play(self, case: Case) -> list[str]:
        """Return what of `case` was not as expected."""
        await self._fixtures.people(case["user"])
        user_id = self._fixtures.ids[case["user"]]
        shopper = Visitor(self._http, self._server.url, await self._sign_in(case))
        outside = Outside(shopper, self._staff, self._db, self._fixtures)
        before = {x["_id"] async for x in self._db["orders"].find({}, {"_id": True})}
        end = End(self._db, user_id, shopper, before)
        try:
            await outside.fill(case.get("cart", []))
            faults = await self._stock(case)
            faults += await self._talk(case, shopper, outside)
            return faults + await end.faults(case.get("end_state", {}))
        except (TimeoutError, RuntimeError, ValueError, TypeError, KeyError) as trouble:
            return [f"{type(trouble).__name__}: {trouble}"]
        finally:
            await self._leave(shopper, outside, end)

    async def _sign_in(self, case: Case) -> str:
        email = self._told["fixtures"]["users"][case["user"]]["email"]
        wish = {"email": email, "password": PASSWORD}
        url = f"{self._server.url}/api/auth/signin"
        async with self._http.post(url, json=wish) as answer:
            answer.raise_for_status()
            token: str = (await answer.json())["access_token"]
            return token

    async def _talk(self, case: Case, shopper: Visitor, outside: Outside) -> list[str]:
        played = Played([], Evidence(), [])
        url = f"{self._server.url}/ws/chat/eval-{secrets.token_hex(8)}"
        async with self._http.ws_connect(
            url, params={"token": shopper.token}
        ) as socket:
            await socket.receive_json()
            talk = Talk(socket)
            for number, turn in enumerate(case["turns"], 1):
                if "before" in turn:
                    await outside.do(turn["before"])
                heard, named = await _turn(talk, turn)
                faults = self._faults(turn, heard, named, played)
                played.faults += [f"turn {number}: {each}" for each in faults]
        facts = fact_faults(case.get("facts", {}), played.results)
        return [*played.faults, *facts]

    def _faults(
        self, turn: Case, heard: Heard, named: Mapping[str, Any], played: Played
    ) -> list[str]:
        for each in heard.results:
            played.evidence.add(each)
        played.results += heard.results
        faults = [*self._expected.faults(turn.get("expect", {}), heard, named)]
        orphans = played.evidence.orphans(heard.reply, self._codes)
        faults += [f"ungrounded {each}" for each in orphans]
        return [*faults, f"(it said {heard.reply!r})"] if faults else []

    async def _stock(self, case: Case) -> list[str]:
        faults = []
        for sku, units in case.get("facts", {}).get("stock", {}).items():
            stock = await self._staff.sure("GET", f"/api/admin/inventory/{sku}")
            there = sum(stock["available"].values())
            if there != units:
                faults.append(f"facts.stock: {sku} has {there}, not {units}")
        return faults

    async def _leave(self, shopper: Visitor, outside: Outside, end: End) -> None:
        """Give back to the shelves what the case took."""
        for order in await end.orders():
            path = f"/api/admin/orders/{order['_id']}/cancel"
            await self._staff.ask("POST", path, {"reason": "evaluation"})
        await shopper.ask("DELETE", "/api/cart/checkout")
        await shopper.ask("DELETE", "/api/cart")
        await outside.undo()


async def _turn(talk: Talk, turn: Case) -> tuple[Heard, Mapping[str, Any]]:
    """Say or decide what the turn has; return it with the values of its `$names`."""
    if "resume" not in turn:
        heard = await talk.say(turn["user"])
        return heard, {"quote_id": talk.quote_id}
    named = {"quote_id": talk.quote_id}
    heard = await talk.decide(turn["resume"]["decision"])
    # The shopper has confirmed it: the tool that carries it out is none too many.
    done = heard.calls[0][0] if heard.calls else ""
    return heard, {**named, "granted": done}
