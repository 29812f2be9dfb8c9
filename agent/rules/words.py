"""Words that are no hint of a wish: what to pass over, what counts, sizes, colours.

Tables only; what shoppers say of goods and of the cart is in `shelf_words.py`, of
orders and money in `errand_words.py`, and to us in `guard_words.py`.
"""

from agent.spelling import each_word

# Words that name nothing for sale, spoken around those that do.
STOP = frozenset(
    each_word("""
    a an the i me my mine we us our you your he she him her his they their and
    or but so to of for with in on at by from as into is are was were be been am
    do does did have has had having can could will would should may might must
    shall let lets not what who when where why how there here just only also too
    very much many really some something anything nothing thing things stuff
    item items product products please pls plz kindly want get got give go going
    come some kind type sort actually maybe perhaps well then now today still
    yet again already if while think thinking about like know tell say ask mean
    see look out up s t m re ve d ll gonna wanna gotta im ive id one ones number
    piece pieces pcs unit units pair pairs option hai hain ho tha thi the ka ki
    ke ko se me mein mai main mujhe mujhko hum humko aap tum yaar bhai bhaiya
    behen dost ji na toh to hi bhi kya kyu kyun kaise kaun kaunsa konsa koi kuch
    liye wala wali wale waala wo woh ye yeh yah vo isko usko ise use isme usme
    iska uska iski uski inka unka inme se sa si bas abhi jo par pe de dena do
    dijiye dijie karna kar karo kare lo le lena hu hoon raha rahe rahi sir madam
    friend buddy mate dude bro guys team sister brother mom mum mother dad
    father wife husband girlfriend boyfriend son daughter friends kid's someone
    anybody anyone brand brands colour color colours colors size sizes shade
    model version price priced dollar dollars usd bucks budget rupees rs which
    that this these those it its them both quantity qty shop store website site
    online far whats wheres hows between wait hate hua hui hue year years
    old yr month months
    likes they their aapke aapka aapki paas pas hamare ek kitni kitne hmm hm uh um oh
    ah wow lol haha hmmm great than because since until though over each every
    own such most few then once done made work works working use used using him
    keep crazy expensive preferably preferred ideally fairly maybe usually people
    together kal kiya kab day days supposed end gimme swap stop
    aaya aayi aaye late later recently lately ever long stuff apply applying try
    trying enter redeem spend laga lagao lagado except besides excluding
    bot sorry normal regular ordinary
    excuse oops whoops uff added right star legend lifesaver gem
    teh wat wut wht tht dat dis em myself once both
    ideas idea loves love loved enjoys enjoy retires retire
    retiring inspiration option options u ur thx turns turning really into
    good nice great cool decent lovely perfect quality suitable proper awesome
    fortieth thirtieth fiftieth sixtieth eighteenth sent
    sakta sakti sakte fine muje mera chart worn throwing
    completely totally entirely fully ghar support supports
    lil obsessed addicted mad crazy dear sirs same enough reckon fancy loves
    rn asap week weeks grandson granddaughter grandpa grandma grandfather grandmother
    nephew niece uncle aunt auntie mummy mumma papa boss colleague coworker teacher
    without bit lot lots kinda sorta super honestly basically literally gosh btw tbh
    imo fyi
    idk omg lmk tho cuz coz bcoz umm err ya yea hw hav hv dat always never
    person place soon after lighter heavier faster slower quieter louder softer warmer
    cooler longer shorter taller wider thinner thicker sturdier comfier
    need needs require happen happens happened possible available actually
""")
)

# What a message may begin with before it says anything.
FILLERS = frozenset(
    each_word("""
    and but so ok okay also aur then well hmm hm hey hi hello oh um uh bhai yaar please
    just acha accha to toh sir madam dude bro actually now
    """)
)

REFER = frozenset(
    each_word("""
    they it that this these those them one ones em wala wali wale waala wo woh ye yeh vo
    isko usko ise usse iska uska iski uski inka unka inme isme usme same
""")
)

ORDINALS = {
    "first": 1, "1st": 1, "pehla": 1, "pehle": 1, "pehli": 1, "pahla": 1,
    "second": 2, "2nd": 2, "doosra": 2, "dusra": 2, "dusre": 2, "dusri": 2,
    "doosre": 2, "doosri": 2, "third": 3, "3rd": 3, "teesra": 3, "tisra": 3,
    "teesre": 3, "teesri": 3, "fourth": 4, "4th": 4, "chautha": 4, "fifth": 5,
    "5th": 5, "sixth": 6, "6th": 6, "last": -1, "aakhri": -1, "akhri": -1,
}  # fmt: skip

# What a number may stand behind to be a quantity.
COUNTED = frozenset(
    each_word("""
    more less fewer of x piece pieces pcs unit units pair pairs packs pack items
    nos please chahiye chahie chaiye de dena dedo daal dal dalo daalo kar karo
    kardo lena le lelo rakh extra times aur kam hata nikal each wale
""")
)
COUNTING = frozenset(
    each_word("""
    it that them to quantity qty x add take get want buy need me put order just
    only grab make be x total sirf bas keep have remove out delete drop
""")
)

# Hinglish numbers; each also means something else, so they count only before a word
# of COUNTED ("do chahiye", "teen de do").
HINDI_NUMBERS = {
    "ek": 1, "do": 2, "teen": 3, "char": 4, "chaar": 4, "paanch": 5, "panch": 5,
    "chhe": 6, "che": 6, "saat": 7, "aath": 8, "nau": 9, "das": 10,
}  # fmt: skip

# Behind one of these, "do" is a verb: daal do, kar do.
HINDI_VERBS = frozenset(
    each_word("""
    kar daal dal de laga hata nikal rakh bata dikha bhej khareed kharid le karwa kara
    chhod bana
""")
)
# Whoever says one of these counts in Hindi, too.
HINDI = frozenset(
    each_word("""
    chahiye chahie chaiye mujhe mujhko hume daal daalo daaldo dal dalo dedo dena de
    dikhao wala wali wale bhai bhaiya yaar ka ki ke mein aur lena lelo hai kar karo
    kardo rakho liye khareedna kharidna mangwana bhej
""")
)

COLOURS = {
    "lal": "red", "laal": "red", "kala": "black", "kaala": "black", "kali": "black",
    "kaali": "black", "kale": "black", "safed": "white", "safedh": "white",
    "neela": "blue", "nila": "blue", "neeli": "blue", "neele": "blue", "hara": "green",
    "hari": "green", "peela": "yellow", "pila": "yellow", "peeli": "yellow",
    "gulabi": "pink", "bhura": "brown", "narangi": "orange", "jamuni": "purple",
    "baingani": "purple", "sunehra": "gold", "sunahra": "gold",
    **{each: each for each in (
        "red", "black", "white", "blue", "green", "grey", "gray", "pink", "purple",
        "brown", "orange", "yellow", "beige", "gold", "silver", "navy", "teal",
        "maroon", "olive", "charcoal", "burgundy", "coral", "indigo", "cream", "ivory",
        "lilac", "lavender", "tan", "khaki", "graphite", "turquoise", "violet",
    )},
}  # fmt: skip

SIZE_NAMES = frozenset({"sh", "lh", "king", "queen", "twin", "standard", "fine"})
SIZES = {
    "xs": "XS", "s": "S", "m": "M", "l": "L", "xl": "XL", "xxl": "XXL", "2xl": "XXL",
    "xxxl": "XXXL", "3xl": "XXXL", "small": "S", "medium": "M", "large": "L",
}  # fmt: skip
