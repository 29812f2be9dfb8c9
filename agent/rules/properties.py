"""What people ask of a product, in the words that its page has for it.

A table only: `will it survive the pool?` asks whether it is waterproof.
"""

from agent.spelling import each_word

_SAID = {
    "waterproof": """pool swim swimming water rain rainy shower wet splash splashes
        underwater rainproof watertight paani baarish sweat sweatproof""",
    "wireless": "bluetooth cordless cableless",
    "noise": "loud noisy quiet silent shor",
    "vegan": "animal cruelty",
    "oven-safe": "oven",
    "induction": "hob stove",
    "kids": "child children toddler kid baccha",
    "school": "classroom",
    "sensitive": "allergic allergy eczema",
    "leakproof": "leak leaks spill spills",
    "lightweight": "heavy weigh weighs weight light halka bhari",
    "warm": "cold winter freezing",
    "battery": "charge charges lasts hours",
}
ALIKE = {word: told for told, said in _SAID.items() for word in each_word(said)}
# What is told in figures, if at all.
MEASURED = frozenset(
    each_word("""
    heavy weigh weighs weight big large tall long wide size capacity litre litres
    dimensions measurements height width length
    """)
)
