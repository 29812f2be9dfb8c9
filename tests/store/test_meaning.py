"""Wishes in words of one's own, where the embeddings are installed."""

from importlib.util import find_spec
from typing import Any

import pytest
from msgspec.structs import replace

from store.catalogue import Catalogue
from store.meaning import Meaning
from tests.fakes_product import demo, demo_catalogue

pytestmark = pytest.mark.skipif(
    find_spec("wordllama") is None, reason="the extra `semantic` is not installed"
)


@pytest.fixture(scope="module")
def meaning() -> Meaning:
    return Meaning()


@pytest.fixture(scope="module")
def shop(meaning: Meaning) -> Catalogue:
    catalogue = demo_catalogue(meaning)
    assert meaning.load()
    return catalogue


@pytest.mark.parametrize(
    ("wish", "name"),
    [
        ("warm for winter", "Puffer Jacket"),
        ("warm for winter", "Snow Boots"),
        ("protect my skin from the sun", "Sunscreen"),
        ("noise on the train", "Headphones"),
        ("for someone who loves cooking", "Chef's Knife"),
    ],
)
def test_a_vague_wish_is_understood(shop: Catalogue, wish: str, name: str) -> None:
    assert any(name in each.name for each in shop.search(wish, 5))


@pytest.mark.parametrize("words", ["submarine", "capital of france", "asdf qwer", "😀"])
def test_what_no_shop_sells_is_near_to_nothing(shop: Catalogue, words: str) -> None:
    assert not shop.search(words, 5)


def test_a_product_that_is_named_stays_alone(shop: Catalogue) -> None:
    assert [each.id for each in shop.search("boulder mini", 5)] == ["AUD-009"]


def test_a_product_off_sale_is_near_to_nothing() -> None:
    meaning, product = Meaning(), demo().products[0]
    meaning.put(product)
    assert meaning.load()
    assert meaning.near(product.name, 0.5, 1) == [product.id]

    meaning.remove(product.id)

    assert meaning.near(product.name, 0.5, 1) == []


def test_before_its_weights_are_there_nothing_is_near() -> None:
    meaning, product = Meaning(), demo().products[0]

    meaning.put(product)

    assert meaning.near(product.name, 0.0, 1) == []


def test_what_changes_while_the_weights_are_read_is_known_as_it_is_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    meaning, (lamp, kept, gone) = Meaning(), demo().products[:3]
    for each in (lamp, kept, gone):
        meaning.put(each)
    changed = replace(lamp, name="Sunscreen", tags=("sunscreen",), description="")
    vector = Meaning._vector

    def slowly(self: Meaning, text: str) -> Any:
        if gone.id in self._texts:
            self.put(changed)
            self.remove(gone.id)
        return vector(self, text)

    monkeypatch.setattr(Meaning, "_vector", slowly)

    assert meaning.load()

    assert meaning.near("sunscreen", 0.5, 3) == [lamp.id]
