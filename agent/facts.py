"""The facts in a text: amounts, numbers, dates, times of day, codes.

A fact is a kind and a key made comparable: `$1,299.00` and `1299 dollars` meet as
cents, `December 18` and `2026-12-18` as month and day, `two` and `2` as a number.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from agent.spelling import each_word

Kind = Literal["amount", "number", "date", "time", "code"]


class Fact(NamedTuple):
    """One checkable statement, as it stands in the text and as it is compared."""

    kind: Kind
    key: str
    said: str


_UNITS = each_word("""
    zero one two three four five six seven eight nine ten eleven twelve thirteen
    fourteen fifteen sixteen seventeen eighteen nineteen
""")
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
# "one" and "zero" are left out: "which one" counts nothing.
NUMBER_WORDS = {word: at for at, word in enumerate(_UNITS) if at > 1} | {
    word: 10 * at for at, word in enumerate(_TENS, 2)
}
NUMBER_WORDS |= {"dozen": 12, "hundred": 100, "thousand": 1000}

_MONTHS = each_word("""
    jan feb mar apr may jun jul aug sep oct nov dec
""")
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|"
    r"aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_FIGURE = r"\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_FACT = re.compile(
    rf"""
    (?P<marker>(?:^|(?<=\n))[ ]*\d{{1,2}}[.)](?=\s))
  | (?P<iso>\b\d{{4}}-\d\d-\d\d)(?:T(?P<isotime>\d\d:\d\d)[\d:.]*Z?)?
  | (?:\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<month>{_MONTH})
       (?:,?\s+(?P<year>\d{{4}})\b)?)
  | (?:\b(?P<month2>{_MONTH})\s+(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?\b
       (?:,?\s+(?P<year2>\d{{4}})\b)?)
  | (?:[$€£₹]|\b(?:usd|eur|gbp|inr|rs)\b\.?)\s?(?P<before>{_FIGURE})
  | \b(?P<after>{_FIGURE})\s?(?:[$€£₹]|(?:dollars?|bucks?|usd|eur|euros?|rupees?)\b)
  | \b(?P<clock>\d{{1,2}}:\d\d)\b
  | \b(?P<ordinal>\d+(?:st|nd|rd|th))\b
  | (?P<mixed>\b(?=[\w-]*\d)(?=[\w-]*[^\W\d_])\w+(?:-\w+)*)
  | (?<![\w-])(?P<number>{_FIGURE})
  | \b(?P<word>{"|".join(NUMBER_WORDS)})\b
  | (?P<caps>\b(?-i:[A-Z]{{4,}})\b)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_MEASURE = re.compile(rf"({_FIGURE})[^\W\d_]{{1,3}}")


def facts(text: str) -> Iterator[Fact]:
    """Yield the facts of `text` in order. Ordinals and list markers state nothing."""
    for found in _FACT.finditer(text):
        said = found[0].strip()
        for kind, key in _stated(found, said):
            yield Fact(kind, key, said)


def _stated(found: re.Match[str], said: str) -> Sequence[tuple[Kind, str]]:  # noqa: PLR0911 - one case a line
    match found.lastgroup:
        case "iso":
            return (("date", found["iso"]),)
        case "isotime":
            return ("date", found["iso"]), ("time", found["isotime"])
        case "month" | "year":
            return (("date", _date(found["year"], found["month"], found["day"])),)
        case "day2" | "year2":
            return (("date", _date(found["year2"], found["month2"], found["day2"])),)
        case "before" | "after":
            return (("amount", str(cents(found["before"] or found["after"]))),)
        case "clock":
            return (("time", said.zfill(5)),)
        case "number":
            return (("number", plain_number(said)),)
        case "word":
            return (("number", str(NUMBER_WORDS[said.lower()])),)
        case "mixed" | "caps":
            return (("code", said.upper()),)
        case _:
            return ()


def cents(figure: str) -> int:
    """Return an amount in major units as cents: 1,299.5 -> 129950."""
    whole, _, part = figure.replace(",", "").partition(".")
    # Of a figure of commas alone nothing is left.
    return int(whole[:15] or "0") * 100 + int((part + "00")[:2])


def plain_number(figure: str) -> str:
    """Return a number in its one spelling: 1,200 -> 1200, 4.0 -> 4."""
    bare = figure.replace(",", "")
    short = bare.rstrip("0").rstrip(".") if "." in bare else bare
    trimmed = short.lstrip("0")
    return trimmed if trimmed[:1].isdecimal() else f"0{trimmed}"


def measured(code: str) -> str | None:
    """Return the number of a figure with its unit (65W, 38h), None for real codes."""
    found = _MEASURE.fullmatch(code)
    return plain_number(found[1]) if found else None


def _date(year: str | None, month: str, day: str) -> str:
    date = f"{_MONTHS.index(month[:3].lower()) + 1:02d}-{int(day):02d}"
    return f"{year}-{date}" if year else date
