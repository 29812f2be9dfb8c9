"""Common English that names nothing for sale: what people do, think, feel and how.

A table only, beside the words of `words.STOP`: those hold sentences together, these
fill them. None of them names goods, tells for whom, or what something is like.
"""

from agent.spelling import each_word

PLAIN_WORDS = frozenset(
    each_word("""
    able ace sweet neat wicked dope epic smashing champion legend yay woohoo yum
    accept accepted accident accidentally according across actual admit adorable
    advance advise afford affordable afraid afternoon afterwards against agree ahead
    alas allow allowed almost along alright although altogether am amazed among
    amongst announced annoyed annoying anyhow anymore anytime anyway anyways
    anywhere apart apologies apologise apologize apparently appear appears
    appreciate appreciated appropriate approximately arrange aside ask asked asking
    assist assistance assume assuming assure attempt aware away awesome awfully babe
    basically bear became become becomes before began begin beginning begins behalf
    believe believed besides bet beyond bother bothered bothering bought brilliant
    bring bringing brings brought browsing budgetwise busy buying bye came capable
    careful caught cause certain certainly chance changed changing cheapish checked
    checking choice choices choose choosing chose chosen clarify clearly comes
    concern concerned confirm confused confusing consider considered considering
    contact contemplating continue correctly costly couldn't course curious
    currently cute dare darling deal dealing decent decide decided decides deciding
    decision definitely delighted delightful depends despite determine difficult
    disappointed disappointing discover discuss dislike doing doubt due during eager
    earlier early easier easiest easily either else elsewhere end enjoyed enquire
    enquiry ensure entire especially essentially even eventually ever everybody
    everyone everything exact exactly excellent except excited exist exists expect
    expected expecting explain extremely fabulous failed fair fairly fallen familiar
    fancied fantastic favour favourite feel feeling feels few fill filled finally
    finished finishing firstly followed following forget forgive forgot forgotten
    former fortunately forward found frankly freaking frequently fret further gave
    generally gets getting given gives giving glad gladly goes gone gorgeous gosh
    grab grateful greatly guess guessing guidance guys had hand handy hanging
    happened happily happy hardly hate hated heard hearing held helped helpful
    helping helps hence hers herself hesitate hesitating highly himself honest honey
    hoped hopefully hopes hoping hour hours however hun hunny hunting hurry idea
    ideally immediately importantly impressed inclined include included includes
    including indeed inexpensive inform information informed inquire instance
    instant instantly instead intend intended intending intention interested
    interesting into itself join judging keen kept kindly knew knowing knows lack
    largely lastly later latest latter learned learnt leave leaves leaving left lend
    lest letting lied liked likely list listed literally located longest looked
    looks loss lost lovely luck luckily lucky madam mainly make makes making manage
    managed marvellous mate mates matter matters maybe meaning means meant meanwhile
    mention mentioned merely mess message might mind minded minute minutes misheard
    miss missed missing mistake mistaken mistakenly moment moments more moreover
    mostly moved moving must name named namely nearby nearly necessarily necessary
    needed needing neither never nevertheless nice nicely nicest nobody none noone
    normally noted nothing notice noticed nowhere obviously occasionally occurred
    odd offer offering often okay once opinion opposed opt opted order ordering
    otherwise ought ourselves overall owe own pardon part particular particularly
    past pay paying perfectly perform permit personally persuade pick picked planned
    planning plans play pleased pleasure point pointed pointless possibly prefer
    preferred preparing presumably pretty previously pricey probably problem
    problems proceed process promise proper properly provide provided provides
    purchased purchasing purely purpose putting question questions quicker quickly
    quietly quite rang rather reach reached reaching ready realise realised realize
    realized realy reason reasonable reasonably reasonably-priced reasons recall
    recently reckon recommended recommending reconsider reduce reduced reflection
    regard regarding regards regret rely remain remaining remember remembered remind
    replied reply report request requested require required requires respond
    response result results returning roughly said sake sang saw saying says second
    secondly seconds seeing seek seeking seem seemed seems seen selected selecting
    sense sensible separate separately serious seriously settle settled several
    shame shop shopped shopping should show showed showing shown shows sick similar
    simply sincere sincerely situation slightly slow slowly sold somebody somehow
    someone something sometime sometimes somewhat somewhere soonest sorted sounds
    speak speaking spend spending spent splendid spoke spoken spotted start started
    starting starts state stated stay still stopped strange stuck stunning stupidly
    such suddenly suggest suggested suits superb suppose supposedly surely surprise
    surprised surprisingly tad takes taking talk talked talking tells tempted tend
    terribly terrific thankful that's themselves therefore thinks thorough though
    thought thoughts throughout till tired today together told tomorrow tonight took
    totally toward towards tried tries trouble truly trust truth truthful turned
    typically ultimately unable unfortunately unless unlike unsure until update upon
    upset urgently usual usually various via view visit visited visiting wait waited
    waiting wants warned wasn't wasted way ways weekend welcome went whatever
    whatsoever whenever whereas wherever whether whichever whoever whole wholly
    whose willing wise wish wished wishes wishing within wonder wondered wonderful
    wondering word words wore worried worries worry worrying worse worst worth
    worthwhile wrong wrongly yesterday yourself yourselves
    """)
)

# The same in Hindi, as it is typed.
HINDI_PLAIN = frozenset(
    each_word("""
    bhej bhejo bhejna bhejiye jaldi banega banegi mila mile mili milega agar magar
    lekin kyunki phir fir thoda thodi bahut bohot zyada jyada waise achha acchi achi
    achhi acche achhe sahi hoga hogi honge hota hoti hote jaye jaaye jaega gaya gayi
    gaye diya diye liya liye kiya kiye karte karta karti karne karni karwana dekho
    dekhna dekhni dekhne lagta lagti chalega chalegi chalta pata bolo bol sun suno
    arre oye matlab wagera vagera jaisa jaisi jaise tarah apni apne apna tera tere
    hamara hamare saath sath tab jab tak kaha aaj parso haanji jara zara bilkul
    shayad warna varna pehen pehenne pehenna pehnne lagana lagane rakhna rakhne bana
    banana de dete deti deta denge doge degi dega lu loon lun dekhu dekhun jao jaa
    jana aana raho rehna karein kijiye batayein bataye sabhi kisi kise unko inko
    unka inke unke mast badhiya ekdum bekar theek thik chal chalo mangta mangti
    mangwana
    """)
)
