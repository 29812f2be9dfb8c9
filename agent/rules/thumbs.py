"""What thumbs write, written out: `cud i hav 2 blk ones`, `kb aayega`.

Only what is short for one thing whatever stands around it; a figure that sounds like a
word is one where the next word says so.
"""

import re

from agent.spelling import each_word

_WRITTEN = {
    short: long.replace("_", " ")
    for short, _, long in (each.partition(":") for each in each_word("""
    any1:anyone some1:someone every1:everyone abt:about acct:account addr:address
    addy:address avail:available b4:before bc:because bcoz:because bday:birthday
    bk:back blk:black blu:blue bout:about bt:but btw:by_the_way btao:batao
    cant:can_not chk:check chkout:checkout cos:because coz:because cuz:because
    cud:could cld:could chaiye:chahiye chahye:chahiye chiye:chahiye d:the dat:that
    dem:them dey:they dis:this dlvry:delivery dunno:do_not_know dont:do_not
    dkhao:dikhao dikhado:dikhao evry:every evrything:everything ech:each gd:good
    gimme:give_me gonna:going_to gotta:got_to gr8:great gud:good gv:give grn:green
    gry:grey h:hai hav:have hm:hmm hv:have hw:how hows:how_is hn:haan imma:i_will
    ill:i_will btwn:between bw:between iam:i_am itll:it_will k:ok kk:ok kb:kab
    kha:kahan khn:kahan kr:kar krdo:kar_do krna:karna krni:karni krke:karke
    kitny:kitne ktne:kitne lemme:let_me lst:last lil:little lookn:looking l8r:later
    mny:many mch:much msg:message mjhe:mujhe mko:mujhko n:and nd:and nt:not nxt:next
    nvr:never nthn:nothing num:number nhi:nahi nai:nahi nuthin:nothing ofc:of_course
    ordr:order okie:ok okey:ok orderd:ordered pls:please plz:please plzz:please
    ppl:people prezzie:present pressie:present prolly:probably pts:points ptz:points
    pymt:payment pymnt:payment pkg:package pic:picture pics:pictures pkt:packet
    r:are rcvd:received recd:received rly:really rply:reply rtn:return shud:should
    shld:should sry:sorry srry:sorry smth:something smthing:something sth:something
    sumthing:something sumthin:something spk:speak shpd:shipped teh:the tho:though
    thru:through thx:thanks thnks:thanks tnx:thanks ty:thanks tmrw:tomorrow
    tmr:tomorrow 2moro:tomorrow 2morrow:tomorrow 2day:today u:you ur:your urs:yours
    w:with w/:with w/o:without wanna:want_to wanted:want wts:what_is wat:what
    wats:what_is wen:when wer:where whr:where wont:will_not wot:what wots:what_is
    wht:what whts:what_is whats:what_is wud:would wld:would wut:what wyt:white
    whn:when wherez:where_is wch:which whch:which xmas:christmas ya:you yh:yes
    yea:yes yess:yes yup:yes yrs:years
    """))
}  # fmt: skip
# A word as thumbs write it, with what may belong to it.
_THUMBED = re.compile(r"(?<![\w'&/-])[a-z0-9/]+(?![\w'&/-])")
# "Wanna 2 return", "these r 2 small", "a gift 4 my mum": said aloud, these are words.
_SOUNDED = {
    "too ": (
        r"\b2 (?=(?:small|big|large|tight|loose|long|short|much|expensive|pricey|late|"
        r"heavy|hot|cold)\b)"
    ),
    r"\g<near> to ": r"\b(?P<near>close|near|far|ship|deliver|due) 2 (?=[a-z])",
    r"\g<old> for ": r"\b(?P<old>(?:swap|change|switch|exchange)(?: \w+){1,3}) 4 ",
    r"\1 to ": (
        r"\b(want|like|need|have|able|used|how|hope|love) 2 (?=(?:return|send|buy|get|"
        r"cancel|order|know|see|pay|use|check|track|change|swap|exchange|add|remove|do|"
        r"go|have|be|make|find|speak|talk|ask)\b)"
    ),
    "for ": (
        r"(?<=[a-z] )4 (?=(?:my|me|her|him|a|an|the|them|us|you|our|his|mum|mom|dad|"
        r"bro|sis|office|work|school|uni|free|people|home|christmas|it|this|that|"
        r"\w+ing)\b)|(?<=\bok )4 |(?<=\bgood )4 |(?<=\bsafe )4 |(?<=\bfine )4 |"
        r"(?<=\bbest )4 |(?<=\bsuitable )4 |(?<=\bgreat )4 |(?<=\bsomething )4 "
    ),
    "am i ": r"\bm i ",
    "why ": r"^y (?=(?:is|are|do|does|did|has|have|can|not|no|was|isnt|cant)\b)",
}
_SOUNDS = [(re.compile(sound), word) for word, sound in _SOUNDED.items()]


def written_out(text: str) -> str:
    """Return `text`, in small letters, with what thumbs shorten written out."""
    text = _THUMBED.sub(lambda each: _WRITTEN.get(each[0], each[0]), text)
    if "2 " in text or "4 " in text or text.startswith("y ") or "m i " in text:
        for sound, word in _SOUNDS:
            text = sound.sub(word, text)
    return text
