"""Pictures of the products: one drawing per kind of thing, in the variant's colour.

The drawings stand in `web/pictures/shapes.svg`, the colours that words name beside
them in `colours.json`. A picture is made of both when it is asked for: always the same
bytes for the same product, and nobody keeps a thousand files.
"""

import json
import re
from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path

from msgspec import Struct

from commerce.product import Product

Colour = tuple[int, int, int]

_SHAPE = re.compile(
    r'^<g id="(?P<name>[\w-]+)" data-for="(?P<tags>[^"]*)">(?P<drawing>.*)</g>$',
    re.MULTILINE,
)
_WHITE: Colour = (255, 255, 255)
_NIGHT: Colour = (24, 20, 38)


class Shape(Struct, frozen=True):
    """One drawing, and the tags of what it is for."""

    name: str
    tags: frozenset[str]
    drawing: str


class Palette(Struct, frozen=True):
    """What colours a picture; see the top of `shapes.svg` for what is what."""

    ground: Colour
    body: Colour
    second: Colour


class Pictures:
    """Draws products."""

    def __init__(
        self, shapes: tuple[Shape, ...], colours: Mapping[str, Colour]
    ) -> None:
        self._shapes = shapes
        self._colours = colours

    def shape(self, product: Product) -> Shape:
        """Return the first drawing that is for one of its tags, else the parcel."""
        tags = frozenset(product.tags)
        fitting = (each for each in self._shapes if each.tags & tags)
        return next(fitting, self._shapes[-1])

    def draw(self, product: Product, color: str | None) -> bytes:
        """Return the picture of `product` in `color` as SVG."""
        words = (color or product.brand).split("/")
        body = self.colour(words[0])
        second = self.colour(words[1]) if len(words) > 1 else _accent(body)
        ground = _hashed(product.category)
        return _svg(self.shape(product).drawing, Palette(ground, body, second))

    def colour(self, words: str) -> Colour:
        """Return what `words` name: as they stand, or the word that says most.

        `Midnight Black` is midnight, `Brick Red` brick. Unknown words have a colour of
        their own that never changes.
        """
        for each in (words, *words.split()):
            if each in self._colours:
                return self._colours[each]
        return _hashed(words)


def read_pictures(folder: Path) -> Pictures:
    """Return what draws with the files in `folder`."""
    text = (folder / "shapes.svg").read_text(encoding="utf-8")
    shapes = tuple(
        Shape(each["name"], frozenset(each["tags"].split(",")), each["drawing"])
        for each in _SHAPE.finditer(text)
    )
    named = json.loads((folder / "colours.json").read_text(encoding="utf-8"))
    return Pictures(shapes, {name: _parsed(value) for name, value in named.items()})


def _parsed(value: str) -> Colour:
    red, green, blue = bytes.fromhex(value.removeprefix("#"))
    return red, green, blue


def _hashed(words: str) -> Colour:
    """Return a friendly colour that only depends on `words`."""
    red, green, blue = blake2b(words.encode(), digest_size=3).digest()
    return _mixed((red, green, blue), (150, 140, 120), 0.45)


def _mixed(one: Colour, other: Colour, share: float) -> Colour:
    """Return `one` with so much of `other` in it."""
    red, green, blue = (
        round(a + (b - a) * share) for a, b in zip(one, other, strict=True)
    )
    return red, green, blue


def _is_light(colour: Colour) -> bool:
    red, green, blue = colour
    return 0.299 * red + 0.587 * green + 0.114 * blue > 150


def _accent(body: Colour) -> Colour:
    return _mixed(body, (72, 58, 110) if _is_light(body) else (255, 214, 150), 0.55)


def _hex(colour: Colour) -> str:
    return "#" + bytes(colour).hex()


def _gradient(name: str, top: Colour, bottom: Colour) -> str:
    return (
        f'<linearGradient id="{name}" x2=".35" y2="1">'
        f'<stop stop-color="{_hex(top)}"/>'
        f'<stop offset="1" stop-color="{_hex(bottom)}"/></linearGradient>'
    )


def _svg(drawing: str, palette: Palette) -> bytes:
    body, second = palette.body, palette.second
    # Light things stand before a ground that is a little deeper, so that they show.
    wash = 0.72 if _is_light(body) else 0.84
    far = _mixed(palette.ground, _WHITE, wash + 0.1)
    near = _mixed(_mixed(palette.ground, body, 0.35), _WHITE, wash - 0.08)
    gradients = "".join(
        _gradient(name, top, bottom)
        for name, top, bottom in (
            ("g", far, near),
            ("b", _mixed(body, _WHITE, 0.16), _mixed(body, _NIGHT, 0.12)),
            ("s", _mixed(body, _NIGHT, 0.16), _mixed(body, _NIGHT, 0.36)),
            ("l", _mixed(body, _WHITE, 0.55), _mixed(body, _WHITE, 0.3)),
            ("a", _mixed(second, _WHITE, 0.12), _mixed(second, _NIGHT, 0.12)),
            ("m", (222, 225, 229), (150, 156, 163)),
            ("k", (66, 66, 78), (32, 32, 40)),
        )
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 200">'
        f'<defs>{gradients}<radialGradient id="h"><stop stop-color="#201a30" '
        'stop-opacity=".3"/><stop offset="1" stop-color="#201a30" stop-opacity="0"/>'
        '</radialGradient></defs><path fill="url(#g)" d="M0 0h200v200H0z"/>'
        '<ellipse cx="100" cy="161" rx="82" ry="11" fill="url(#h)"/>'
        f"{drawing}</svg>"
    ).encode()
