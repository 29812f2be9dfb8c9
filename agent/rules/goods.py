"""Words for things to buy: what they are called here, and what is no slip.

Tables only, beside `words.py`.
"""

from agent.spelling import each_word

# What things are called here, for words that the catalogue does not use.
GOODS = {
    "joote": "shoes", "jute": "shoes", "joota": "shoes", "juta": "shoes",
    "chappal": "sandals", "kurte": "kurta",
    "kapde": "clothes", "kameez": "shirt", "pant": "trousers",
    "pants": "trousers", "barsaat": "rain", "baarish": "rain", "barish": "rain",
    "thand": "winter", "sardi": "winter", "garmi": "summer", "shaadi": "wedding",
    "shadi": "wedding", "ghadi": "watch", "ghari": "watch", "mobile": "smartphone",
    "mobiles": "smartphones", "cellphone": "smartphone", "phone": "smartphone",
    "phones": "smartphones", "baccha": "kids", "bachon": "kids", "bacchon": "kids",
    "bachche": "kids", "tohfa": "gift", "present": "gift", "presents": "gift",
    "kitaab": "notebook", "kalam": "pen", "tel": "oil", "baal": "hair",
    "balon": "hair", "khel": "game", "khilona": "toy", "khilone": "toys",
    "chai": "tea", "bartan": "cookware", "kadhai": "pan", "takiya": "pillow",
    "chadar": "sheets", "jhola": "bag", "basta": "backpack", "batua": "wallet",
    "purse": "handbag", "gents": "men", "ladies": "women", "mens": "men",
    "womens": "women", "aurat": "women", "mard": "men", "trainers": "running shoes",
    "rucksack": "backpack", "telly": "tv",
    "vac": "vacuum", "hoover": "vacuum", "sneaker": "sneakers",
    "windcheater": "windproof", "headset": "headphones", "earphones": "earbuds",
    "earphone": "earbuds", "notebooks": "notebook", "pullover": "hoodie",
    "couch": "cushion", "torch": "headlamp", "mic": "microphone",
    "iphone": "smartphone", "android": "smartphone",
    "cans": "headphones",
    "ipad": "tablet", "macbook": "laptop", "airpods": "earbuds", "birthday": "gift",
    "anniversary": "gift",
}  # fmt: skip
# Behind another noun these are not the thing itself: a phone case, a mobile charger.
HEADS_ONLY = frozenset({"phone", "phones", "mobile", "mobiles"})

# Product words that look like a slip in a cue ("card" is no "cart").
GOODS_WORDS = frozenset(
    each_word("""
    card cards cast cost shoe shoes shirt shirts watch watches boot boots case
    cases ring rings belt tent tents lamp lamps bottle bottles cable cables
    mouse keyboard charger chargers laptop laptops tablet tablets camera speaker
    speakers headphone headphones earbud earbuds jacket jackets jeans dress
    dresses kurta bag bags wallet wallets coffee kettle knife pillow blanket
    candle vacuum mat mats yoga bat ball racket helmet serum lotion oil lipstick
    trimmer razor puzzle game games pen pens notebook planner marker markers
    desk hub dock mount stand tripod grip band bands strap match rain winter
    summer wedding men women kids gift light sport running hiking trail walking
    training leather cotton linen wool steel cork wood clear wired wireless
    bluetooth mini pro max lite plus noise cancelling portable waterproof gaming
    mechanical curved monitor sleep smart fitness kitchen travel heels sandals
    slides clogs loafers flats pumps sneakers socks beanie leggings hoodie
    blouse chinos tee sheet sheets set pack cover tote sling duffel suitcase
    cart coat cord court count kind hair lip face body beard sound vinyl table
    horse house home room rose matte remote move racing maker rice block
    skipping otter peak power tea press star stars
    cooking heather shade shape sharp short shorts
    sole sole cap caps hat hats
    paint massage plate loose tile tiles laser latex layer shave spoon stick thick
    width waist writing timer slide locking protector poster protection older rest
    rise raised shared spare spill smell solid peel fight feature butter build blank
    blade cooling creamy curry dense shell sides receiver production greeting metre
    ounce balanced robot sized minis closed forge
    party glide tame tames fence guide stand plaid paste shelf
""")
)


def called(word: str) -> list[str]:
    """Return what the shop calls what a shopper calls `word`."""
    return GOODS.get(word, word).split()
