"""UPI: what the customer is asked to do, and what comes of it."""

from urllib.parse import parse_qs, urlsplit

import pytest

from commerce.instrument import InvalidVpa
from gateway.errors import Declined, IllegalPaymentStep, UnknownVpa
from gateway.instrument import UpiAddress
from tests.gateway.bank import INSTRUMENTS, Bank

UPIS = {each["vpa"]: each for each in INSTRUMENTS["upi"]}


async def test_a_upi_id_is_kept_by_its_bank_and_its_last_letters(bank: Bank) -> None:
    kept = await bank.gateway.tokenise(UpiAddress(" Success@mock "))

    assert (kept.type, kept.brand, kept.last_four) == ("upi", "mock", "cess")
    assert "success" not in kept.token


@pytest.mark.parametrize("vpa", ["not-a-vpa", "a@mock", "ada@", "ada@1", ""])
async def test_what_looks_like_no_upi_id_is_refused(bank: Bank, vpa: str) -> None:
    with pytest.raises(InvalidVpa):
        await bank.gateway.tokenise(UpiAddress(vpa))


@pytest.mark.parametrize("vpa", ["nobank@mock", "ada@realbank"])
async def test_a_upi_id_that_no_bank_knows_is_refused(bank: Bank, vpa: str) -> None:
    with pytest.raises(UnknownVpa) as told:
        await bank.gateway.tokenise(UpiAddress(vpa))

    assert told.value.code == "invalid_vpa"


async def test_a_link_opens_the_upi_app_with_all_it_needs(bank: Bank) -> None:
    paid = await bank.pay("pending@mock", amount=12999, currency="INR")

    assert paid.state == "processing"
    assert paid.next_action
    assert paid.next_action.type == "upi_intent"
    link = urlsplit(paid.next_action.url)
    assert (link.scheme, link.netloc) == ("upi", "pay")
    assert parse_qs(link.query) == {
        "pa": ["souk@mock"],
        "pn": ["Souk"],
        "am": ["129.99"],
        "cu": ["INR"],
        "tr": [paid.id],
        "tn": ["Order ord_1"],
    }


async def test_a_code_to_scan_carries_the_same_as_the_link(bank: Bank) -> None:
    paid = await bank.pay("pending@mock", upi_flow="qr")

    assert paid.next_action
    assert paid.next_action.type == "upi_qr"
    assert paid.next_action.qr.startswith("upi://pay?pa=souk@mock&")
    assert paid.next_action.url == ""


async def test_a_collect_request_goes_to_the_app_by_itself(bank: Bank) -> None:
    paid = await bank.pay("pending@mock", upi_flow="collect")

    assert paid.next_action
    assert paid.next_action.type == "upi_collect"
    assert (paid.next_action.url, paid.next_action.qr) == ("", "")


async def test_money_approved_at_once_is_captured_at_once(bank: Bank) -> None:
    paid = await bank.pay("instant@mock")

    assert (paid.state, paid.captured) == ("captured", 1000)
    assert bank.kinds == []


async def test_capturing_what_upi_captured_moves_no_money(bank: Bank) -> None:
    paid = await bank.pay("instant@mock")

    taken = await bank.gateway.capture("take", paid.id, 1000)

    assert taken == paid
    with pytest.raises(IllegalPaymentStep):
        await bank.gateway.capture("more", paid.id, 999)


async def test_money_approved_soon_comes_with_an_event(bank: Bank) -> None:
    paid = await bank.pay("success@mock")

    await bank.later(1.4)
    assert bank.kinds == []
    await bank.later(0.1)

    assert bank.kinds == ["payment.captured"]
    assert bank.heard[0].payment == await bank.gateway.payment(paid.id)
    assert bank.heard[0].payment.captured == 1000


@pytest.mark.parametrize("vpa", ["failure@mock", "insufficient@mock", "wrongpin@mock"])
async def test_a_bank_that_says_no_at_once_declines(bank: Bank, vpa: str) -> None:
    with pytest.raises(Declined) as told:
        await bank.pay(vpa)

    assert told.value.details == {
        "reason": "upi_declined",
        "decline_code": UPIS[vpa]["reason"],
        "retryable": UPIS[vpa].get("retryable", False),
    }


async def test_a_payment_cancelled_in_the_app_fails(bank: Bank) -> None:
    await bank.pay("cancel@mock")

    await bank.later(1)

    assert bank.kinds == ["payment.failed"]
    decline = bank.heard[0].payment.decline
    assert decline
    assert decline.decline_code == "payment_cancelled"


async def test_a_request_that_is_not_answered_expires_with_its_reason(
    bank: Bank,
) -> None:
    await bank.pay("expire@mock", upi_flow="collect")

    await bank.later(3)

    assert bank.kinds == ["payment.expired"]
    decline = bank.heard[0].payment.decline
    assert decline
    assert decline.decline_code == "collect_request_expired"


async def test_a_pending_payment_waits_until_it_expires(bank: Bank) -> None:
    await bank.pay("pending@mock", expires_at=bank.in_s(900))

    await bank.later(899)
    assert bank.kinds == []
    await bank.later(1)

    assert bank.kinds == ["payment.expired"]


@pytest.mark.parametrize(
    ("event", "state"),
    [("succeeded", "captured"), ("failed", "failed"), ("expired", "expired")],
)
async def test_a_pending_payment_ends_as_simulated(
    bank: Bank, event: str, state: str
) -> None:
    paid = await bank.pay("pending@mock")

    first = await bank.gateway.simulate(paid.id, event)  # type: ignore[arg-type] # one of Simulated
    again = await bank.gateway.simulate(paid.id, event)  # type: ignore[arg-type] # likewise

    assert first == again
    assert first.state == state
    assert bank.kinds == [f"payment.{state}"]
    await bank.later(1000)
    assert (await bank.gateway.payment(paid.id)).state == state


async def test_a_bank_page_is_for_cards_only(bank: Bank) -> None:
    paid = await bank.pay("pending@mock")

    with pytest.raises(IllegalPaymentStep):
        await bank.gateway.answer_challenge(paid.id, "failed")
    with pytest.raises(IllegalPaymentStep):
        await bank.gateway.simulate(paid.id, "authenticated")


async def test_the_shop_may_stop_waiting_for_the_app(bank: Bank) -> None:
    paid = await bank.pay("success@mock")

    ended = await bank.gateway.void("void", paid.id)
    await bank.later(1000)

    assert ended.state == "expired"
    assert bank.kinds == []


async def test_late_money_cannot_be_stopped_only_refunded(bank: Bank) -> None:
    paid = await bank.pay("late@mock", expires_at=bank.in_s(900))

    await bank.later(900)
    voided = await bank.gateway.void("void", paid.id)
    assert voided.state == "processing"
    await bank.later(5)

    assert bank.kinds == ["payment.captured"]
    back = await bank.gateway.refund("back", paid.id, 1000)
    assert back.status == "succeeded"
    assert (await bank.gateway.payment(paid.id)).state == "refunded"


async def test_an_expiry_before_the_approval_comes_first(bank: Bank) -> None:
    await bank.pay("success@mock", expires_at=bank.in_s(1))

    await bank.later(10)

    assert bank.kinds == ["payment.expired"]
