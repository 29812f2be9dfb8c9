"""Price limits as people write them: under 50, $20-$40, 130 dollar ke andar."""

import re
from typing import NamedTuple

_NUMBER = (
    r"(?:[$₹€]|rs |usd )?\s?(\d+(?:,\d{3})*(?:\.\d{1,2})?k?)\$?"
    r"(?: (?:dollars?|bucks?|usd|rupees?|rs)\b)?"
    # "Up to 24 kg" is no price.
    r"(?! ?(?:kgs?|kilos?|g|cm|mm|ml|l|lit[re]{2}s?|inch(?:es)?|km|people|persons?|"
    r"gb|tb|watts?|hours?|hrs?|years?|yrs?|months?|days?|weeks?|miles?)\b)(?!\w)"
)
_SURE = r"(?:[$₹€]\s?\d[\d,.]*k?|\d[\d,.]*k?(?:\$| (?:dollars?|bucks?|usd|rupees?)\b))"

_BETWEEN = re.compile(
    rf"\b(?:between|from|price range) {_NUMBER} (?:and|to|aur) {_NUMBER}"
)
_RANGE = re.compile(
    rf"(?=(?:{_SURE} (?:to|se) |[$\d,.]+k? (?:to|se) {_SURE}|"
    rf"\d+ (?:to|se) \d+ (?:tak|ke beech|ke bich)))"
    rf"{_NUMBER} (?:to|se) {_NUMBER}(?: (?:tak|ke beech|ke bich))?(?: mein| me)?"
)
_MOST = (
    re.compile(
        r"\b(?:under|below|beneath|less than|lower than|cheaper than|up ?to|upto|"
        r"maximum(?: of)?|at most|no more than|not more than|within|"
        r"budget(?: is| of)?(?: around)?|<=?|not over|"
        rf"no(?:t)? above|inside) (?:a |of )?{_NUMBER}"
    ),
    re.compile(
        rf"{_NUMBER} (?:at (?:the )?most|at max|limit|is my (?:limit|max|budget)|"
        r"or less|or under|or below|maximum|tops|budget|"
        r"ke andar(?: andar)?|ke under|ke neeche|ke niche|se kam(?: mein| me| ka)?|"
        r"se neeche|se niche|tak)\b"
    ),
    # Without a currency these would read "Fable 8 Max" and "10 me milega" as limits.
    re.compile(rf"(?={_SURE}){_NUMBER} (?:max|mein|me)\b"),
    re.compile(rf"\bmax (?={_SURE}){_NUMBER}"),
    re.compile(r"\b(\d{2,}k?) (?:max|tops)\b"),
    re.compile(r"(?<!\d )\bmax (\d{2,4})$"),
    # A bare amount, "a $20 pen": what somebody is ready to pay.
    re.compile(rf"(?={_SURE}){_NUMBER}"),
)
_LEAST = (
    re.compile(
        r"(?<!not )(?<!no )\b(?:over|above|more than|at least|"
        rf"min(?:imum)?(?: of)?|starting (?:at|from)|beyond|>=?) {_NUMBER}"
    ),
    re.compile(
        rf"{_NUMBER} (?:or more|or above|and up|and above|se upar|se zyada|se jyada|\+)"
    ),
)
_AROUND = re.compile(
    r"\b(?:around|about|roughly|approx(?:imately)?|lagbhag|kareeb|near) "
    rf"(?={_SURE}){_NUMBER}"
)
_HINDI_AROUND = re.compile(rf"{_NUMBER} ke (?:aaspas|aas paas|around)")


# "Nothing over 25": a limit from above, whatever stands between.
_DENIED = re.compile(
    r"\b(?:not|no|nothing|never|without)(?: (?!but\b|and\b)\w+){0,4} "
    r"(?:(?P<most>over|above|more than|beyond|costlier than|pricier than)|"
    rf"(?:under|below|less than|cheaper than)) (?P<figure>{_NUMBER})"
)


_FIGURE = re.compile(r"\d")


class Limits(NamedTuple):
    """The prices asked for in cents, both included, and the text without them."""

    least: int | None
    most: int | None
    text: str


# "Bump it up to 4" is how many, unless it says a currency.
_COUNTED = re.compile(
    r"\b(?:bump|raise|increase|change|make|set)\b[^$]{1,60}\bup ?to \d+"
    r"(?! ?(?:\$|dollars?|bucks?|usd|rupees?|rs))"
)


def limits(text: str) -> Limits:
    """Find the price limits in a text of normalised words."""
    if not _FIGURE.search(text):
        return Limits(None, None, text)
    if _COUNTED.search(text):
        return Limits(None, None, text)
    if denied := _DENIED.search(text):
        cents = _cents(denied[3])
        least, most = (None, cents) if denied["most"] else (cents, None)
        return Limits(least, most, _without(text, denied))
    for pattern in (_BETWEEN, _RANGE):
        if found := pattern.search(text):
            low, high = sorted((_cents(found[1]), _cents(found[2])))
            return Limits(low, high, _without(text, found))
    for pattern in (_AROUND, _HINDI_AROUND):
        if found := pattern.search(text):
            middle = _cents(found[1])
            # A quarter up and down is what "around" bears.
            return Limits(middle * 3 // 4, middle * 5 // 4, _without(text, found))
    least, text = _first(_LEAST, text)
    most, text = _first(_MOST, text)
    return Limits(least, most, text)


def _first(patterns: tuple[re.Pattern[str], ...], text: str) -> tuple[int | None, str]:
    for pattern in patterns:
        if found := pattern.search(text):
            return _cents(found[1]), _without(text, found)
    return None, text


def _without(text: str, found: re.Match[str]) -> str:
    return f"{text[: found.start()]} {text[found.end() :]}"


def _cents(figure: str) -> int:
    thousands = figure.endswith("k")
    whole, _, part = figure.rstrip("k").replace(",", "").partition(".")
    # Nothing costs more than the figures kept here.
    cents = int(whole[:8]) * 100 + int((part + "00")[:2])
    return cents * 1000 if thousands else cents
