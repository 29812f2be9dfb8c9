"""How a guest's cart is closed, and what of it fits into an account's."""

import pytest

from commerce.cart import Cart, Clamped, Offer, checked, close, is_guest, merge, remove
from commerce.errors import CartMerged, NotAGuest
from tests.commerce.carts import cart_of, full, held, plenty


@pytest.mark.parametrize(
    ("user_id", "guest"),
    [("guest-1", True), ("ann", False), ("Guest-1", False), ("xguest-1", False)],
)
def test_a_guest_is_known_by_the_id(user_id: str, guest: bool) -> None:  # noqa: FBT001
    assert is_guest(user_id) is guest


def test_a_closed_cart_takes_no_change() -> None:
    closed = close(cart_of("guest-1", lamp=1), "ann")

    with pytest.raises(CartMerged):
        checked(closed, None)


def test_closing_again_for_the_same_account_changes_nothing() -> None:
    closed = close(cart_of("guest-1", lamp=1), "ann")

    assert close(closed, "ann") is closed


def test_a_cart_goes_to_one_account_only() -> None:
    closed = close(cart_of("guest-1", lamp=1), "ann")

    with pytest.raises(CartMerged):
        close(closed, "bob")


@pytest.mark.parametrize(
    ("owner", "into"), [("bob", "ann"), ("ann", "ann"), ("guest-1", "guest-2")]
)
def test_only_a_guests_cart_moves_and_only_into_an_accounts(
    owner: str, into: str
) -> None:
    with pytest.raises(NotAGuest):
        close(Cart(id=owner), into)


def merged(cart: Cart, guest: Cart, **offered: Offer) -> Cart:
    return merge(
        cart, guest, {name.replace("_", "-"): each for name, each in offered.items()}
    )


def test_a_merge_adds_up_and_keeps_the_accounts_lines_first() -> None:
    cart = merged(
        cart_of(rug=1, lamp=1),
        cart_of("guest-1", vase=1, lamp=2),
        lamp=plenty("lamp"),
        vase=plenty("vase"),
    )

    assert list(held(cart).items()) == [("rug", 1), ("lamp", 3), ("vase", 1)]
    assert (cart.version, cart.clamped) == (3, ())


@pytest.mark.parametrize(
    ("offer", "taken", "code"),
    [
        (plenty("lamp", available=5), 3, "insufficient_stock"),
        (plenty("lamp", limit=4), 2, "max_per_order"),
        (plenty("lamp", available=0), 0, "insufficient_stock"),
        (plenty("lamp", available=1), 0, "insufficient_stock"),
    ],
)
def test_a_merge_takes_what_it_may_and_says_what_it_left(
    offer: Offer, taken: int, code: str
) -> None:
    cart = merged(cart_of(lamp=2), cart_of("guest-1", lamp=6), lamp=offer)

    assert held(cart) == {"lamp": 2 + taken}
    assert cart.clamped == (Clamped("lamp", 6, taken, code),)


def test_a_merge_leaves_out_what_is_no_longer_sold() -> None:
    cart = merged(Cart(id="ann"), cart_of("guest-1", lamp=6))

    assert (cart.lines, cart.clamped) == (
        (),
        (Clamped("lamp", 6, 0, "product_not_found"),),
    )


def test_a_merge_leaves_out_a_twenty_first_line() -> None:
    cart = merged(full(), cart_of("guest-1", lamp=6), lamp=plenty("lamp"))

    assert cart.clamped == (Clamped("lamp", 6, 0, "cart_full"),)


def test_a_merge_counts_the_limit_over_variants() -> None:
    cart = merged(
        cart_of(shirt_red=3),
        cart_of("guest-1", shirt_blue=4),
        shirt_blue=plenty("shirt-blue", limit=5),
    )

    assert held(cart) == {"shirt-red": 3, "shirt-blue": 2}


def test_merging_the_same_guest_again_adds_nothing() -> None:
    guest = cart_of("guest-1", lamp=1)
    once = merged(Cart(id="ann"), guest, lamp=plenty("lamp"))

    assert merged(once, guest, lamp=plenty("lamp")) == once


def test_merging_a_guest_without_lines_keeps_the_version() -> None:
    assert merged(cart_of(lamp=1), Cart(id="guest-1")).version == 1


def test_the_newest_eight_guests_are_remembered() -> None:
    cart = Cart(id="ann")
    for number in range(10):
        cart = merge(cart, Cart(id=f"guest-{number}"), {})

    assert cart.merged_guests == tuple(f"guest-{number}" for number in range(2, 10))


def test_what_was_clamped_is_told_until_the_next_change() -> None:
    cart = merged(cart_of(lamp=2), cart_of("guest-1", vase=6))

    assert remove(cart, "lamp").clamped == ()
