"""What may be said to a cart, and what it tells."""

from collections.abc import Mapping
from typing import ClassVar, Generic, Literal

from commerce.cart import Cart
from messages.base import Command, Event, R

Hand = Literal["user", "agent"]


class ToCart(Command[R], Generic[R], frozen=True):
    """To one shopper's cart; key = user id (guests have one too)."""

    to: ClassVar[str] = "cart"


class GetCart(ToCart[Cart], frozen=True, tag=True):
    """Return the cart as it is."""

    terms: bool = True
    """Whether it is to say on what terms its owner buys: those are asked for."""


class AddLine(ToCart[Cart], frozen=True, tag=True):
    """Put `quantity` more of `sku` into the cart; the same sku adds up.

    `expected_version` refuses with CartChanged when the cart moved on.
    """

    sku: str
    quantity: int = 1
    by: Hand = "user"
    expected_version: int | None = None


class ChangeLine(ToCart[Cart], frozen=True, tag=True):
    """Hold exactly `quantity` in the line `line_id`; 0 removes it."""

    line_id: str
    quantity: int
    by: Hand = "user"
    expected_version: int | None = None


class RemoveLine(ToCart[Cart], frozen=True, tag=True):
    """Take the line `line_id` out. Raises LineNotFound."""

    line_id: str
    by: Hand = "user"
    expected_version: int | None = None


class EmptyCart(ToCart[Cart], frozen=True, tag=True):
    """Take everything out."""

    by: Hand = "user"
    expected_version: int | None = None


class MergeGuest(ToCart[Cart], frozen=True, tag=True):
    """Take over the cart of the guest `guest_id`, clamped to what may be bought.

    What did not fit stands in `clamped` of the answer. Asked again for the same guest
    it changes nothing. Raises NotAGuest, and CartMerged where another account has it.
    """

    guest_id: str


class CloseInto(ToCart[Cart], frozen=True, tag=True):
    """Close this guest's cart in favour of `user_id` and return what it held.

    Asked again by the same user it returns the same; anybody else is refused with
    CartMerged, as is every later change. Raises NotAGuest for an account's cart.
    """

    user_id: str


class ApplyCoupon(ToCart[Cart], frozen=True, tag=True):
    """Put the coupon `code` on the cart, if it holds there.

    `email` is the shopper's, as some coupons are meant for a mail address. Raises the
    first refusal of `commerce/coupon_check.py`; with `explain` its `details.all` names
    every other, too.
    """

    code: str
    email: str = ""
    explain: bool = False
    by: Hand = "user"
    expected_version: int | None = None


class RemoveCoupon(ToCart[Cart], frozen=True, tag=True):
    """Take the coupon `code` off the cart. Raises CouponNotFound."""

    code: str
    by: Hand = "user"
    expected_version: int | None = None


class RedeemPoints(ToCart[Cart], frozen=True, tag=True):
    """Offer exactly `points` for the cart; they are held at checkout, not before.

    Raises CartEmpty, PointsMinimum, NotEnoughPoints.
    """

    points: int
    by: Hand = "user"
    expected_version: int | None = None


class UnredeemPoints(ToCart[Cart], frozen=True, tag=True):
    """Take the points off the cart."""

    by: Hand = "user"
    expected_version: int | None = None


class SetCheckout(ToCart[Cart], frozen=True, tag=True):
    """Let the checkout session `order_id` hear of the next edit, which ends it.

    A session that was set before ends. Raises CartChanged, CheckoutInProgress.
    """

    order_id: str
    version: int


class Freeze(ToCart[Cart], frozen=True, tag=True):
    """Let nobody edit the cart while the order `order_id` is being paid.

    A checkout session of another id ends. `alone`: whoever asked for it meant whatever
    buys the cart, so that it is refused where another order does. Raises CartChanged,
    CheckoutInProgress.
    """

    order_id: str
    version: int
    alone: bool = False


class Unfreeze(ToCart[Cart], frozen=True, tag=True):
    """Let the cart be edited again; `ended`: the order or session is no more."""

    order_id: str
    ended: bool


class TakeBought(ToCart[Cart], frozen=True, tag=True):
    """Take out what the order bought, by sku; what was added since stays.

    The coupons and points that it used leave, too, and the cart is free again.
    """

    order_id: str
    bought: Mapping[str, int]


CartCommand = (
    GetCart
    | AddLine
    | ChangeLine
    | RemoveLine
    | EmptyCart
    | MergeGuest
    | CloseInto
    | ApplyCoupon
    | RemoveCoupon
    | RedeemPoints
    | UnredeemPoints
    | SetCheckout
    | Freeze
    | Unfreeze
    | TakeBought
)


class CartUpdated(Event, frozen=True, tag="cart_update"):
    """The cart reached `cart.version` by somebody's hand; to topic `user/<id>`."""

    cart: Cart
    by: Hand
