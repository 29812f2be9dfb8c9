"""The canary: nothing that could be spent is stored, logged, told or shown."""

import logging
from pprint import pformat

import msgspec
import pytest

from commerce.errors import CommerceError
from gateway.errors import GatewayTimeout
from gateway.instrument import CardDetails, Details, GiftCode, UpiAddress
from tests.gateway.bank import INSTRUMENTS, SLOW, Bank

CVC = "7531"
SECRETS = (
    *(each["number"] for each in INSTRUMENTS["cards"]),
    *(each["number"][:-4] for each in INSTRUMENTS["cards"]),
    *(each["code"] for each in INSTRUMENTS["gift_cards"]),
    *(each["code"][:-4] for each in INSTRUMENTS["gift_cards"]),
    CVC,
    CVC[:3] + "'",
)


def typed_in() -> list[Details]:
    found: list[Details] = [GiftCode(g["code"]) for g in INSTRUMENTS["gift_cards"]]
    found += [UpiAddress(each["vpa"]) for each in INSTRUMENTS["upi"]]
    for each in INSTRUMENTS["cards"]:
        number = each["number"]
        cvc = CVC if each["brand"] == "amex" else CVC[:3]
        if number != SLOW:
            found.append(CardDetails(number, 12, 2030, cvc))
            found.append(CardDetails(number, 12, 2020, cvc))
    return found


async def test_no_secret_leaves_the_gateway(
    bank: Bank, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    said: list[str] = []

    for number, details in enumerate(typed_in()):
        try:
            kept = await bank.gateway.tokenise(details)
            said.append(pformat(kept))
            charge = await bank.charge(details, token=kept.token, amount=100)
            paid = await bank.gateway.authorise(f"key-{number}", charge)
            await bank.gateway.capture(f"take-{number}", paid.id, 100)
            await bank.gateway.refund(f"back-{number}", paid.id, 50)
        except (CommerceError, GatewayTimeout) as told:
            said.append(pformat((told, vars(told))))
    await bank.later(1000)

    said += [pformat(bank.heard), caplog.text]
    said += [msgspec.json.encode(page).decode() for page in bank.ledger.pages.values()]
    said.append(msgspec.json.encode(bank.ledger.gift_cards).decode())
    everything = "\n".join(said)
    assert len(bank.ledger.pages) > 30
    assert "4242" in everything
    assert [secret for secret in SECRETS if secret in everything] == []


@pytest.mark.parametrize("details", typed_in(), ids=lambda _: "typed")
def test_what_was_typed_in_does_not_show_itself(details: Details) -> None:
    shown = f"{details!r} {details} {pformat([details])} {details.__rich_repr__()}"

    assert [secret for secret in SECRETS if secret in shown] == []
    assert "@" not in shown
