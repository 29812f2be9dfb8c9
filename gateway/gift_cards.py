"""Gift cards: a balance that many payments draw on, one tab each.

Conserved by every change: balance + held + spent of all tabs = what the card was
worth. A step's number on its tab says that it was done, so that repeating it after a
crash changes nothing; a refusal is written down too, or two repeaters could disagree.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from msgspec import Struct, field
from msgspec.structs import replace

from commerce import instrument
from commerce.errors import Refused
from gateway.case import GiftCase
from gateway.entry import Step
from gateway.payment import Balance, Decline

_TEXTS = {
    "gift_card_empty": "This gift card is empty.",
    "gift_card_expired": "This gift card has expired.",
    "gift_card_disabled": "This gift card cannot be used.",
    "gift_card_insufficient": "There is not enough left on this gift card.",
}


class Tab(Struct, frozen=True, kw_only=True):
    """What one payment holds and spent; `step` is the number of its last step."""

    step: int
    held: int = 0
    spent: int = 0
    refusal: str = ""


class GiftCard(Struct, frozen=True, kw_only=True):
    """One gift card in use; `id` is its token, `balance` what nobody holds."""

    id: str
    rev: int = 1
    last_four: str
    balance: int
    status: Literal["active", "disabled"] = "active"
    expires_at: datetime | None = None
    tabs: Mapping[str, Tab] = field(default_factory=dict)
    """By payment id."""


def unused(case: GiftCase) -> GiftCard:
    """Return the card as it is sold."""
    return GiftCard(
        id=case.token,
        rev=0,
        last_four=case.last_four,
        balance=case.balance_cents,
        status=case.status,
        expires_at=case.expires_at,
    )


def balance(card: GiftCard, now: datetime) -> Balance:
    """Return what the card is good for now."""
    refusal = _refusal(card, 1, now)
    return Balance(
        available=0 if refusal else card.balance,
        held=sum(tab.held for tab in card.tabs.values()),
        spent=sum(tab.spent for tab in card.tabs.values()),
        refusal=refusal,
    )


def done(
    card: GiftCard, payment_id: str, number: int, step: Step, now: datetime
) -> GiftCard:
    """Return the card after step `number` of a payment, or `card` if it is after."""
    tab = card.tabs.get(payment_id, Tab(step=0))
    if tab.step >= number:
        return card
    fresh, change = _step(card, tab, step, now)
    return replace(
        card,
        rev=card.rev + 1,
        balance=card.balance + change,
        tabs={**card.tabs, payment_id: replace(fresh, step=number)},
    )


def without(card: GiftCard, payment_ids: set[str]) -> GiftCard:
    """Return the card without tabs that hold and spent nothing and are closed."""
    tabs = {key: tab for key, tab in card.tabs.items() if key not in payment_ids}
    return replace(card, rev=card.rev + 1, tabs=tabs)


def idle(card: GiftCard) -> set[str]:
    """Return the payments whose tab is worth nothing."""
    return {key for key, tab in card.tabs.items() if not (tab.held or tab.spent)}


def declined(refusal: str) -> Decline:
    """Return the card's no with a text for the customer."""
    return Decline(code=refusal, decline_code=refusal, text=_TEXTS[refusal])


def _step(card: GiftCard, tab: Tab, step: Step, now: datetime) -> tuple[Tab, int]:
    """Return the tab after `step`, and what that adds to the balance."""
    match step.name:
        case "authorise":
            refusal = _refusal(card, step.amount, now)
            if refusal:
                return replace(tab, refusal=refusal), 0
            return replace(tab, held=step.amount), -step.amount
        case "capture":
            spent = replace(tab, held=0, spent=step.amount)
            return spent, tab.held - step.amount
        case "void":
            return replace(tab, held=0), tab.held
        case "refund":
            return replace(tab, spent=tab.spent - step.amount), step.amount


def _refusal(card: GiftCard, amount: int, now: datetime) -> str:
    face = instrument.GiftCard(
        code=card.last_four,
        balance_cents=card.balance,
        status=card.status,
        expires_at=card.expires_at,
    )
    try:
        left = instrument.usable(face, now)
    except Refused as refused:
        return refused.code
    return "" if amount <= left else "gift_card_insufficient"
