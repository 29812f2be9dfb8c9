"""What people write of themselves and others read: names, streets, searches."""

import unicodedata

# They join and part letters of Persian, Sinhala, Malayalam and more; alone they show
# nothing, and they turn no text around as the marks for direction do.
_JOINERS = "\u200c\u200d"


def shown(text: str) -> str:
    """Return `text` with plain blanks. Raises ValueError for what cannot be shown."""
    plain = "".join(" " if _is_blank(each) else each for each in text)
    letters = plain.translate(_WITHOUT_JOINERS)
    if not letters.isprintable() or (plain and not letters.strip()):
        raise ValueError("holds something that cannot be shown, or nothing")
    return plain.strip()


_WITHOUT_JOINERS = dict.fromkeys(map(ord, _JOINERS))


def _is_blank(letter: str) -> bool:
    # Keyboards write a blank that breaks no line as easily as one that does.
    return unicodedata.category(letter) == "Zs"
