"""What the agent's tools may ask of the shop besides its shelves and its actors."""

from contextlib import AbstractAsyncContextManager
from pathlib import Path

from aiohttp import web

from agent.shop import Desk
from commerce.pricing import Tariff
from commerce.returnable import ReturnPolicy
from handlers.keys import (
    ADDRESSES,
    COUPONS,
    DOORS,
    GATEWAY,
    INSTRUMENTS,
    ORDERS,
    PROGRAM,
    USERS,
    WAITLIST,
)
from store.policy import Terms, read_policies


def desk(
    app: web.Application, data: Path, tariff: Tariff, *, deleted_days: int
) -> Desk:
    """Return the desk, with the shop's terms as they are in force."""
    returns = ReturnPolicy()
    terms = Terms(tariff, app[PROGRAM], returns, deleted_days)
    return Desk(
        people=app[USERS],
        addresses=app[ADDRESSES],
        instruments=app[INSTRUMENTS],
        gift_cards=app[GATEWAY],
        orders=app[ORDERS],
        coupons=app[COUPONS],
        doors=_Doors(app),
        program=app[PROGRAM],
        policies=read_policies(data, terms),
        returns=returns,
        waitlist=app[WAITLIST],
    )


class _Doors:
    """The doors, which are hung after the actors have started."""

    def __init__(self, app: web.Application) -> None:
        self._app = app

    def coupon(self, user_id: str, /) -> AbstractAsyncContextManager[None]:
        return self._app[DOORS].coupon(user_id)
