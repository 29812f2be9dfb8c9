"""The facts in a text: amounts, numbers, dates, times of day, codes, links.

A fact is a kind and a key made comparable: `$1,299.00` and `1299 dollars` meet as
cents, `December 18` and `2026-12-18` as month and day, `twenty-five` and `25` as a
number. What it stands for in its sentence is its role: five left on the shelf is more
than a five, and a code to be used more than a code.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

from agent.numerals import NUMBER_WORDS, WORDS, numbers
from agent.spelling import each_word

__all__ = ["NUMBER_WORDS", "Fact", "cents", "facts", "measured", "plain_number"]

Kind = Literal[
    "amount", "number", "percent", "date", "day", "weekday", "time", "code", "link"
]
Role = Literal["", "bound", "stock", "offer"]


class Fact(NamedTuple):
    """One checkable statement, as it stands in the text and as it is compared.

    `currency` is that of an amount.
    """

    kind: Kind
    key: str
    said: str
    role: Role = ""
    currency: str = ""


_MONTHS = each_word("""
    jan feb mar apr may jun jul aug sep oct nov dec
""")
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|"
    r"aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_DAYS = each_word("monday tuesday wednesday thursday friday saturday sunday")
_FIGURE = r"\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_COINS = {"$": "USD", "€": "EUR", "£": "GBP", "₹": "INR", "¥": "JPY"} | {
    word: code
    for code, words in {
        "USD": "usd dollar dollars buck bucks",
        "EUR": "eur euro euros",
        "GBP": "gbp pound pounds",
        "INR": "inr rs rupee rupees rupaye",
        "JPY": "jpy yen",
    }.items()
    for word in words.split()
}
_COIN = rf"[$€£₹¥]|(?:{'|'.join(word for word in _COINS if word.isalpha())})\b"
# Where a word may begin anywhere it is looked at so far only: of a model that writes on
# without a space, each letter would have the rest looked through.
_FACT = re.compile(
    rf"""
    (?P<marker>(?:^|(?<=\n))[ ]*\d{{1,2}}[.)](?=\s))
  | (?P<link>\b(?:https?://|www\.)\S+|[\w.+-]{{1,64}}@[\w-]+(?:\.[\w-]+)+
       |\b[\w-]{{1,64}}\.(?:com|net|org|io|shop|store|biz|xyz|app|dev|example)\b(?:/\S*)?)
  | (?P<iso>\b\d{{4}}-\d\d-\d\d)(?:T(?P<isotime>\d\d:\d\d)[\d:.]*Z?)?
  | \b(?P<dmy>\d{{1,2}}[/.]\d{{1,2}}[/.]\d{{4}})\b
  | (?:\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<month>{_MONTH})
       (?:,?\s+(?P<year>\d{{4}})\b)?)
  | (?:\b(?P<month2>{_MONTH})\s+(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?\b
       (?:,?\s+(?P<year2>\d{{4}})\b)?)
  | (?P<coin>[$€£₹¥]|\b(?:usd|eur|gbp|inr|jpy|rs)\b\.?)\s?(?P<before>{_FIGURE})
  | \b(?P<after>{_FIGURE})\s?(?P<coin2>{_COIN})
  | \b(?P<small>{_FIGURE})\s?cents?\b
  | \b(?P<percent>{_FIGURE})\s?(?:%|percent\b|per\s?cent\b)
  | \b(?P<half>half[ -](?:price|off))\b
  | \b(?P<gift>for\s(?:free|nothing)|free\sof\scharge|at\sno\s(?:cost|charge)
       |on\sthe\shouse|gratis)\b
  | \b(?P<hour>\d{{1,2}})(?::(?P<minute>\d\d))?\s?(?P<noon>[ap])\.?m\b\.?
  | \b(?P<clock>\d{{1,2}}:\d\d)\b
  | (?:\b(?:on|by|before|until|till|after|since|from)\s+the\s+)
       (?P<date>\d{{1,2}})(?:st|nd|rd|th)\b
  | \b(?P<ordinal>\d+(?:st|nd|rd|th))\b
  | (?P<mixed>\b(?=[\w-]{{0,64}}\d)(?=[\w-]{{0,64}}[^\W\d_])\w+(?:-\w+)*)
  | (?<![\w-])(?P<number>{_FIGURE})
  | \b(?P<words>(?:{WORDS})(?:(?:\s+and\s+|[\s-]+)(?:{WORDS}))*)\b
       (?:\s+(?P<unit>{_COIN}|percent\b|per\s?cent\b|cents?\b))?
  | \b(?P<weekday>{"|".join(_DAYS)})\b
  | (?P<caps>\b(?-i:[A-Z]{{4,}})\b)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_MEASURE = re.compile(rf"({_FIGURE})[^\W\d_]{{1,3}}")
# What is asked for is no price: a budget may be echoed as one only.
_BOUND = re.compile(
    r"(?:under|below|over|above|to|than|within|budget(?: of| is|:)?|between|and|around|"
    r"about|most|least|from|max\w*|min\w*|limit\w*)(?:\s+(?:your|the|a))?[\s:]*$",
    re.IGNORECASE,
)
_BUDGET = re.compile(
    r"\s+(?:budget|limit|or (?:more|less)|and (?:up|under|over|more|less))\b",
    re.IGNORECASE,
)
# "18 left", "18 units in stock"; not "the 6 mm is available", nor "size 9 in stock".
_STOCK = re.compile(
    r"(?:\s+(?!is\b|are\b)[a-z]+)?\s+(?:left|remaining|in stock|available)\b",
    re.IGNORECASE,
)
_SIZE = re.compile(r"\b(?:sizes?|uk|eu|us)\s+$", re.IGNORECASE)
_ONLY = re.compile(r"\bonly\s+$", re.IGNORECASE)
_USE = re.compile(
    r"\b(?:use|enter|apply|try|redeem|coupon|code|promo|voucher)s?\b"
    r"(?:\s+(?:the|code|coupon))*\s*[:\"'“`*]*\s*$",
    re.IGNORECASE,
)
# A code may be named as one that is no good, whoever brought it up.
_REFUSED = re.compile(
    r"\b(?:no|not|cannot|unable|tried|invalid|inactive|expired|unknown|refused|declined|"
    r"gone|isnt|doesnt)\b|n['\u2019]t\b|\bno longer\b|\bused up\b",
    re.IGNORECASE,
)
# Of an amount, for a sum may stand "less" another.
_TAKEN = re.compile(r"\s+(?:off|discount|cheaper|reduction|cashback)\b", re.IGNORECASE)
_SAVE = re.compile(r"\b(?:discount|reduction|save|saves)(?:\s+of)?\s+$", re.IGNORECASE)
_OFF = re.compile(
    r"\s+(?:off|discount|cheaper|less|reduction|cashback)\b", re.IGNORECASE
)


# The results of a conversation are believed anew at every turn: most texts come again.
@lru_cache(maxsize=4096)
def facts(text: str) -> Sequence[Fact]:
    """Return the facts of `text` in order. Ordinals and list markers state nothing."""
    return tuple(
        Fact(kind, key, said, _role(found, kind), currency)
        for found in _FACT.finditer(text)
        for said in (found[0].strip(),)
        for kind, key, currency in _stated(found, said)
    )


def _role(found: re.Match[str], kind: Kind) -> Role:
    text, end = found.string, found.end()
    before = text[max(0, found.start() - 24) : found.start()]
    if kind == "number" and _STOCK.match(text, end) and not _SIZE.search(before):
        return "stock"
    if kind == "amount" and (_TAKEN.match(text, end) or _SAVE.search(before)):
        return "offer"
    if kind in {"amount", "number"}:
        is_bound = _BOUND.search(before) or _BUDGET.match(text, end)
        return "bound" if is_bound else ""
    if kind == "percent":
        is_offer = (
            found["half"]
            or found["gift"]
            or _OFF.match(text, end)
            or _SAVE.search(before)
        )
        return "offer" if is_offer else ""
    is_offer = kind == "code" and _USE.search(before) and not _REFUSED.search(text)
    return "offer" if is_offer else ""


Stated = Sequence[tuple[Kind, str, str]]


def _stated(found: re.Match[str], said: str) -> Stated:  # noqa: C901, PLR0911, PLR0912 - one case a line
    match found.lastgroup:
        case "link":
            return (("link", said.rstrip(".,;:!?)\"'").lower(), ""),)
        case "iso":
            return (("date", found["iso"], ""),)
        case "isotime":
            return ("date", found["iso"], ""), ("time", found["isotime"], "")
        case "dmy":
            return (("date", _either_way(said), ""),)
        case "month" | "year":
            return (("date", _date(found["year"], found["month"], found["day"]), ""),)
        case "day2" | "year2":
            date = _date(found["year2"], found["month2"], found["day2"])
            return (("date", date, ""),)
        case "before":
            return (_amount(found["before"], found["coin"]),)
        case "coin2":
            return (_amount(found["after"], found["coin2"]),)
        case "small":
            return (("amount", str(int(float(found["small"].replace(",", "")))), ""),)
        case "percent":
            return (("percent", plain_number(found["percent"]), ""),)
        case "half":
            return (("percent", "50", ""),)
        case "gift":
            return (("percent", "100", ""),)
        case "noon":
            return (("time", _of_day(found), ""),)
        case "clock":
            return (("time", said.zfill(5), ""),)
        case "date":
            return (("day", found["date"].zfill(2), ""),)
        case "number":
            return (("number", plain_number(said), ""),)
        case "words" | "unit":
            return _written_out(found)
        case "weekday":
            return (("weekday", said.lower(), ""),)
        case "mixed" | "caps":
            return (("code", said.upper(), ""),)
        case _:
            return ()


def _amount(figure: str, coin: str) -> tuple[Kind, str, str]:
    return "amount", str(cents(figure)), _COINS[coin.strip(". ").lower()]


def _written_out(found: re.Match[str]) -> Stated:
    words = re.split(r"[\s-]+", found["words"].lower())
    *others, last = numbers([each for each in words if each != "and"])
    unit = (found["unit"] or "").lower()
    told: list[tuple[Kind, str, str]] = [("number", str(each), "") for each in others]
    if unit.startswith("per"):
        told.append(("percent", str(last), ""))
    elif unit.startswith("cent"):
        told.append(("amount", str(last), ""))
    elif unit:
        told.append(("amount", str(last * 100), _COINS[unit]))
    elif words not in (["one"], ["zero"]) or _counts(found):
        told.append(("number", str(last), ""))
    return told


def _counts(found: re.Match[str]) -> bool:
    """Return whether "one" counts here: it does in "only one", not in "which one"."""
    before = found.string[max(0, found.start() - 8) : found.start()]
    return bool(_STOCK.match(found.string, found.end()) or _ONLY.search(before))


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


def _either_way(said: str) -> str:
    """Return both readings of 11/12/2026: nobody knows which comes first."""
    one, other, year = re.split(r"[/.]", said)
    return f"{year}-{one:0>2}-{other:0>2}|{year}-{other:0>2}-{one:0>2}"


def _of_day(found: re.Match[str]) -> str:
    hour = int(found["hour"]) % 12 + (12 if found["noon"].lower() == "p" else 0)
    return f"{hour:02d}:{found['minute'] or '00'}"
