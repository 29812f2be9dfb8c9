"""Wishes that name a need and no goods: what a shop assistant would go and fetch.

`always cold at night` names nothing on a shelf. Each wish has the searches that answer
it, the plainest first; where the shop has nothing of a kind, it finds nothing.
"""

import re
from functools import lru_cache

from agent.rules.goods import GOODS_WORDS
from agent.rules.reading import Reading
from agent.spelling import stem

# As many searches as may answer one wish.
MOST = 3

# The narrower need stands before the wider one.
_NEEDS = {
    "wedding gift|cookware set|candle gift": (
        r"(?:getting|got|just|be) married|newly ?weds?|wedding (?:gift|present)|"
        r"married couple|shaadi (?:pe|par|me|mein) (?:dena|gift|kya)"
    ),
    "warm blanket|sleeping bag|hoodie": (
        r"(?:cold|freez\w+|chilly|shiver\w*|thand) .*\b(?:night|bed|sleep\w*|"
        r"raat)\b|(?:night|bed|sleep\w*|raat) .*\b(?:cold|freez\w+|chilly|"
        r"thand)"
    ),
    "sleep|weighted blanket|memory foam pillow": (
        r"(?:can not|cannot|trouble|hard to|help me|struggle to|better|"
        r"badly) (?:fall a)?sleep(?:ing)?|insomnia|sleep(?:s|ing)? (?:better|"
        r"badly|poorly)|neend nahi|toss(?:ing)? and turn\w*|snor(?:es|ing)|"
        r"bad sleep"
    ),
    "warm winter|fleece hoodie|beanie": (
        r"(?:feels?|get|getting|gets|am|is|are|i|always|so|too|really|"
        r"bahut) (?:cold|freezing|chilly)\b|cold (?:hands|feet|ears|weather|"
        r"office)|thand lag\w*|keeps? (?:\w+ )?warm|warm clothes|freezing"
    ),
    "ergonomic|laptop stand|foam roller": (
        r"(?:back|posture|spine|kamar) .*\b(?:hurts?|pain|ache|aches|dard|"
        r"sore)\b|back ?(?:pain|ache)|kamar dard|bad posture|posture|"
        r"slouch\w*|hunch\w*"
    ),
    "ergonomic mouse": r"wrists? .*\b(?:hurts?|pain|aches?|sore)\b|wrist pain|carpal",
    "neck pillow|memory foam pillow": (
        r"neck .*\b(?:hurts?|pain|aches?|stiff|sore)\b|(?:stiff|sore) neck"
    ),
    "foam roller|recovery": (
        r"(?:sore|aching|stiff|tired) (?:muscles?|legs?|body)|(?:muscles?|"
        r"legs?) .*\b(?:hurts?|sore|aches?|stiff)|sore after"
    ),
    "walking shoes comfort|recovery clogs": (
        r"(?:sore|tired|aching) feet|feet .*\b(?:hurt|hurts|ache|kill\w*)|"
        r"(?:stand\w*|on my feet) (?:all|the whole|for) |all day on my feet"
    ),
    "home gym|resistance bands|jump rope": (
        r"(?:lose|losing) weight|(?:get|getting|stay|be) (?:fit|in shape|"
        r"strong\w*)|work(?:ing)? ?outs? (?:at|from) home|exercis\w+ (?:at|"
        r"from) home|home gym|start(?:ed|ing)? (?:working out|exercising|"
        r"the gym)|build muscle|vazan|wajan|fit hona|body banan\w+"
    ),
    "weighted blanket|candle|meditation": (
        r"stress\w*|anxi\w+|unwind|relax\w*|calm(?:ing)? down|burn(?:t|"
        r"ed) out|tension"
    ),
    "noise cancelling": (
        r"noisy|too (?:much noise|loud)|(?:block|drown|shut) \w* ?out|"
        r"can not (?:concentrate|focus)|crying babies|loud (?:office|"
        r"neighbou?rs?)|shor (?:bahut|se)|peace and quiet"
    ),
    "power bank|charger": (
        r"(?:phone|mobile|battery|laptop) .*\b(?:dies|dying|dead|runs? out|"
        r"drains?|khatam)\b|charg\w+ (?:on the go|while travel\w*|anywhere)|"
        r"low battery"
    ),
    "rain jacket|rain boots": (
        r"(?:get\w*|am|be|is|stay\w*|soaked|keep\w*) (?:\w+ ){0,2}(?:wet|"
        r"soaked|dry)(?! (?:hair|skin))\b.*|rains? (?:a lot|all|every|here)|"
        r"bheeg\w*"
    ),
    "moisturiser dry skin|body lotion": (
        r"(?:dry|flaky|rough|itchy) skin|skin .*\b(?:dry|flaky|rough|itchy)\b"
    ),
    "lip mask": r"(?:chapped|dry|cracked) lips|lips .*\b(?:dry|chapped|cracked)",
    "hair oil": (
        r"hair (?:fall|loss|falling)|losing (?:my )?hair|dandruff|baal (?:jhad|"
        r"gir)\w*"
    ),
    "screen protector|phone case": (
        r"(?:screen|phone) .*\b(?:scratch\w*|crack\w*|break\w*|drop\w*|smash\w*)|"
        r"drop(?:s|ping)? (?:my|his|her|the) phone"
    ),
    "sunscreen": r"sun ?burn\w*|burns? (?:easily|in the sun)|tanning",
    "cleanser|serum": r"acne|pimples?|oily (?:skin|face)|breakouts?",
    "robot vacuum": (
        r"(?:pet|dog|cat) hair|hate (?:vacuum\w*|cleaning|hoover\w*)|"
        r"clean\w* (?:the |my )?(?:house|floors?|flat|home)|hoover\w*|jhadu"
    ),
    "headlamp|lamp": (
        r"(?:read\w*|see\w*|walk\w*) .*\bdark\b|power cuts?|light ja\w*|"
        r"bijli ja\w*"
    ),
    "office desk|webcam|laptop stand": (
        r"(?:video|zoom|teams|work) calls?|wfh|work(?:ing|s)? from home|"
        r"home office"
    ),
    "kitchen gift|lamp|candle": (
        r"house ?warm\w*|(?:moving|moved|move) (?:in|house|out|into)|"
        r"new (?:flat|home|house|apartment|place)|naya ghar"
    ),
    "coffee|coffee grinder|french press": (
        r"(?:coffee|espresso) (?:lover|snob|addict|fan|nerd|person|freak)|"
        r"(?:loves?|likes?|into|addicted to|mad about|"
        r"obsessed with) (?:\w+ )?coffee"
    ),
    "kitchen cooking|chef knife|skillet": (
        r"(?:loves?|likes?|into|enjoys?|mad about|fond of) (?:to )?(?:cook|"
        r"bak)\w*|(?:keen|passionate|home) (?:cook|chef|baker)\b|"
        r"khana bana\w*|foodie"
    ),
    "gaming|gaming mouse": (
        r"gamers?\b|(?:loves?|likes?|into|plays?) (?:video ?games?|gaming)"
    ),
    "headphones|speaker|turntable": (
        r"music (?:lover|fan|freak|nerd)|audiophile|(?:loves?|into|"
        r"likes?) (?:\w+ )?(?:music|songs|vinyls?|records)"
    ),
    "notebook journal|lamp|fountain pen": (
        r"book ?worm|(?:loves?|likes?|enjoys?|into) (?:to )?(?:read|writ|"
        r"journal)\w*"
    ),
    "art|markers": (
        r"(?:loves?|likes?|into|enjoys?|keen on) (?:to )?(?:draw|paint|art|"
        r"craft|sketch)\w*|(?:budding )?artist|arty|crafty"
    ),
    "creator|microphone|tripod": (
        r"youtuber?|vlog\w*|podcast\w*|(?:film|record|stream)ing (?:videos?|"
        r"myself)|content creat\w+|influencer|tiktok\w*"
    ),
    "camping tent|sleeping bag|headlamp": (
        r"(?:goes|going|go|went|off|for|love\w*|likes?|"
        r"into) (?:\w+ ){0,2}(?:camping|trekking|hiking|backpacking)|campers?\b|"
        r"hikers?\b|outdoorsy|outdoors"
    ),
    "travel|neck pillow|packing cubes": (
        r"(?:long|overnight) (?:flight|journey|haul|train)|travel(?:l?er|"
        r"s a lot|l?ing)|(?:going|go|off) (?:on|for) (?:a |my )?(?:trip|"
        r"holiday|vacation|honeymoon)"
    ),
    "student|backpack|notebook": (
        r"back to school|(?:start\w*|going to|off to|joining) (?:college|"
        r"uni\w*|school|hostel)|freshers?\b|hostel"
    ),
    "healthy|blender smoothie": (
        r"eat\w* (?:more )?health\w*|less oil|healthy (?:food|eating|meals)|"
        r"diet\b"
    ),
    "family game|party card game|puzzle": (
        r"(?:bored|something fun|fun) .*\b(?:family|friends|party|kids|"
        r"evening|trip)|game night|family (?:night|evening)"
    ),
    "toddler|plush baby|kids toy": (
        r"(?:toddler|baby|newborn|infant|[1-3] year old|munna|munni)"
    ),
}
# For whom a present is, where nothing tells what they like.
_PEOPLE = {
    "kids gift|stem kids|kids toy": (
        r"kids?|child|children|grand(?:son|daughter|kids?|child)|nephew|"
        r"niece|(?:[4-9]|1[0-2]) year old|little (?:boy|girl|one)|baccha|"
        r"bachch?e|bacho?n|bachch?on|bhatij\w+|bhanj\w+|(?:turn(?:s|ing)|"
        r"is) (?:[4-9]|1[0-2])\b"
    ),
    "gift men|wallet|watch men": (
        r"dads?|father|papa|pitaji|husband|pati|boyfriend|him|brother|bhai|"
        r"bhaiya|grand(?:pa|father|dad)|uncle|chacha|dada|nana|man|men|"
        r"guy|fianc[e\u00e9]|boss|son|beta|groom"
    ),
    "gift women|candle gift|lip mask gift": (
        r"mum|mom|mummy|mother|maa|ma|mama|wife|biwi|patni|girlfriend|"
        r"her|sister|behen|didi|grand(?:ma|mother|mum)|aunt(?:y|ie)?|"
        r"chachi|dadi|nani|woman|women|fianc(?:ee|\u00e9e)|daughter|beti|"
        r"bride|lady"
    ),
    "gift|candle gift|fountain pen gift": (
        r"colleagues?|co ?workers?|teacher|manager|office|secret santa|"
        r"neighbou?rs?|friend|dost|host|couple|newly ?weds?|parents|in ?laws|"
        r"anyone|someone|everyone"
    ),
}
_NEED = [
    (re.compile(rf"\b(?:{said})"), told.split("|")) for told, said in _NEEDS.items()
]
_PERSON = [
    (re.compile(rf"\b(?:{said})\b"), told.split("|")) for told, said in _PEOPLE.items()
]
_WHO = frozenset({"kids", "men", "women", "girl", "boy", "girls", "boys"})
_GIVING = re.compile(
    r"(?:should|can|could|do|to) (?:i )?(?:give|get|buy)(?: for)? "
    r"(?:my|her|him|them)\b|"
    r"something (?:nice |special |good )?for (?:my|her|him)\b"
)
_GIVEN = frozenset({"gift", "gifts"})
# Beside one of these, what else is named only tells more of the need.
_VAGUE = frozenset(["something", "anything", "stuff", "kuch"])


@lru_cache(maxsize=2048)
def wished(reading: Reading) -> tuple[str, ...]:
    """Return the searches that answer a wish, the plainest first; () if it is none."""
    said = " ".join(reading.words)
    for need, searches in _NEED:
        if found := need.search(said):
            if _named(reading, f"{found[0]} {searches[0]}"):
                continue
            return tuple(searches[:MOST])
    # Whoever tells what they like is answered by that: a gift for a *cricket* fan.
    told = {each for each in reading.rest if not each.isdecimal()}
    giving = _GIVEN & told or _GIVING.search(said)
    if giving and told <= _GIVEN | _WHO:
        for person, searches in _PERSON:
            if person.search(said):
                return tuple(searches[:MOST])
    return ()


def vague(reading: Reading) -> bool:
    """Tell whether it is said in so many words that anything would do."""
    return not _VAGUE.isdisjoint(reading.words)


def _named(reading: Reading, need: str) -> bool:
    """Tell whether goods are named besides the need itself."""
    if vague(reading):
        return False
    met = {stem(each) for each in need.split()}
    named = {each for each in reading.rest if stem(each) not in met}
    return bool(named & GOODS_WORDS - _GIVEN)
