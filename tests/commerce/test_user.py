from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as some

from commerce.user import (
    BadUsername,
    User,
    WeakPassword,
    check_password,
    check_username,
    email_key,
    username_key,
)

COMMON = frozenset({"password1", "qwertyuiop"})


def checked(password: str) -> str:
    return check_password(
        password, common=COMMON, email="ada@example.com", username="adalovelace"
    )


@pytest.mark.parametrize("name", ["ada", "A1b", "x" * 32, "007"])
def test_names_are_letters_and_digits(name: str) -> None:
    assert check_username(name) == name


@pytest.mark.parametrize(
    "name", ["", "ab", "x" * 33, "a b", "ada!", "ada\n", "äda", "٣٣٣", "a_b"]
)
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(BadUsername) as refused:
        check_username(name)

    assert refused.value.details == {"field": "username"}


@pytest.mark.parametrize("password", ["12 bytes!", "é" * 4, "é" * 36, "x" * 72])
def test_passwords_of_8_to_72_bytes_are_good(password: str) -> None:
    assert checked(password) == password


@pytest.mark.parametrize(
    "password",
    [
        "",
        "seven77",
        "x" * 73,
        "é" * 37,
        "nul \0 inside",
        "password1",
        "PassWord1",
        "ada@example.com",
        "AdaLovelace",
    ],
)
def test_other_passwords_are_refused(password: str) -> None:
    with pytest.raises(WeakPassword) as refused:
        checked(password)

    assert refused.value.details == {"field": "password"}
    assert password not in refused.value.message or not password


@given(some.text(alphabet=some.characters(exclude_categories=["Cs"])))
def test_what_is_accepted_always_fits_into_the_hash(password: str) -> None:
    try:
        checked(password)
    except WeakPassword:
        return

    assert 8 <= len(password.encode()) <= 72
    assert "\0" not in password


def test_mail_and_name_are_compared_without_case() -> None:
    assert email_key("Ada@Example.COM") == email_key("aDA@example.com")
    assert username_key("ADA") == username_key("ada")


def test_an_account_begins_as_an_active_customer() -> None:
    user = User(
        id="1",
        email="ada@example.com",
        username="ada",
        password_hash="x",
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )

    assert (user.role, user.is_active, user.is_verified) == ("customer", True, False)
