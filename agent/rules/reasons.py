"""Why something comes back: what shoppers say, and the code it stands for."""

import re
from functools import lru_cache

from agent.rules.reading import Reading

# Why something comes back, the shop's fault first; regular expressions.
REASONS: dict[str, str] = {
    "wrong_item": (
        r"wrong (?:item|product|thing|one|colou?r|size|model|shoes?|order)|"
        r"not what i (?:ordered|bought|asked for)|something else came|"
        r"different (?:item|product|colou?r|size) (?:came|arrived|than|from)|"
        r"(?:got|received|sent|sent me) (?:a |the )?(?:wrong|different)|"
        r"galat|incorrect|mistaken item"
    ),
    "damaged": (
        r"broken?|broke|damaged?|crack(?:ed)?|torn|tear|smashed|shattered|"
        r"scratch(?:ed|es)?|dent(?:ed)?|leak(?:ed|ing|s)?|ripped|crushed|bent|"
        r"chipped|stain(?:ed)?|(?:toot|phat|phoot)\w*(?: gay\w+| hu\w+)?|tut[aie]\w*|"
        r"fat[aie] hua|fat gay[aie]|in pieces|arrived open|fell apart"
    ),
    "defective": (
        r"defect(?:ive)?|faulty|(?:is|does|do|did|are) not (?:work|turn|charge|start|"
        r"connect|working|power)|not working|stopped working|dead|"
        r"malfunction(?:s|ing)?|kharab|kaam nahi|chal nahi raha|chalta nahi|"
        r"nahi chal|buggy"
    ),
    "not_as_described": (
        r"not as (?:described|shown|pictured|advertised)|not like (?:the|in the) "
        r"(?:picture|photo|pictures|photos|description)|looks? different|"
        r"(?:poor|bad|cheap|low) quality|misleading|fake"
    ),
    "does_not_fit": (
        r"(?:does|do|did) not fit|not fitting|too (?:small|big|large|tight|loose|long|"
        r"short|narrow|wide)|(?:wrong|bad) fit|size issue|fit nahi|chhot[aie] hai|"
        r"chot[aie] hai|bad[aie] hai|tight hai|loose hai|pinch(?:es|ing)?|"
        r"does not suit the size|fits? (?:badly|poorly)|size sahi nahi"
    ),
    "arrived_late": r"(?:came|arrived|got here|delivered) (?:too )?late|too late",
    "changed_mind": (
        r"changed? (?:my|his|her) mind|(?:do|does) not (?:want|need|like|love)|"
        r"no longer (?:want|need)|not need(?:ed)?|by mistake|accident(?:ally)?|"
        r"pasand nahi|nahi chahiye|found (?:it )?cheaper|do not like|hate|regret|"
        r"unwanted|not happy|not for me|never used|zaroorat nahi|mann badal"
    ),
}

_SAID = {code: re.compile(rf"\b(?:{said})\b") for code, said in REASONS.items()}
_ANY = re.compile(rf"\b(?:{'|'.join(REASONS.values())})\b")


def reason(reading: Reading) -> str | None:
    """Return why something comes back, as a code."""
    return _reason(" ".join(reading.words))


# Messages of a conversation are weighed again at every turn, as they are read.
@lru_cache(maxsize=2048)
def _reason(words: str) -> str | None:
    return next((code for code, said in _SAID.items() if said.search(words)), None)


def without_reason(reading: Reading) -> list[str]:
    """Return the words of a message besides those that say why."""
    return _ANY.sub(" ", " ".join(reading.words)).split()
