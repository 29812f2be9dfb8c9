"""What shoppers say of goods and of the cart, in English and Hinglish.

Tables only. A cue is a hint, not yet an intent: `intent.py` weighs them. Phrases are
parted by `|`; the longest one wins, and what it covers names no product any more.
"""

CUES: dict[str, str] = {
    "greet": (
        "gm|good day to you|morning|hi|hello|hey|hii|heyy|heyyy|hiya|yo|hola|howdy|"
        "greetings|good day|helo|hlo|"
        "hey there|hi there|hello there|salam|namaste|namaskar|good morning|"
        "good evening|good afternoon|"
        "salaam"
    ),
    "thanks": "thanks|thank you|thankyou|thx|shukriya|dhanyavaad|dhanyawad|cheers|"
    "ty|tysm|thanx|thnx|tnx|thank u|thank ya|much appreciated|appreciate it",
    "bye": "see you later|see ya|later|bye|goodbye|alvida|see you|good night|"
    "cya|c ya|see u|ttyl|tc|take care|gn|good nite|have a good one|have a good day|"
    "have a nice day|that is all|thats all|that will be all|that would be all|"
    "gotta go|got to go|have to go|bye bye|tata|phir milenge|farewell|talk later|"
    "talk soon|chalta hu|chalti hu|nothing else",
    "help": (
        "help|help me|what can you do|how does this work|who are you|are you a bot|"
        "how can you help|yourself|madad|what do you do|what can i ask"
    ),
    "repeat": (
        "what was that again|what was that|once more|say again|say that again|"
        "say it again|repeat|repeat that|what did you say|come again|pardon|"
        "phir se bolo|dobara bolo|fir se bolo"
    ),
    "yes": (
        "confirmed|confirm|confirm it|approved|go for it|let us do it|"
        "lets do it|lets go|sounds great|that works|works for me|fine by me|"
        "that is fine|that is right|correct|right|yes|yeah|yep|yup|sure|ok|okay|haan|"
        "han|haa|theek hai|thik hai|go ahead|"
        "do it|do that|of course|ji|sounds good|please do|yes please|alright|bilkul"
    ),
    "no": (
        "nvm|nm|forget it|forget about it|leave it|no leave it|no forget it|skip it|"
        "chhodo|chodo|jaane do|jane do|no|nope|nah|nahi|nahin|no thanks|no thank you|"
        "never mind|nevermind|not now|rehne do|mat karo|do not"
    ),
    "mean": (
        "chahiye tha|chahiye thi|chahiye the|wanted the|"
        "on 2nd thought|on 2nd thoughts|2nd thought|2nd thoughts|on second thought|"
        "on second thoughts|second thoughts|scratch that|i meant|"
        "i mean|instead|rather|mera matlab|sorry i meant|not that"
    ),
    "undo": "undo|undo that|take that back|take it back|i changed my mind",
    "put_back": (
        "put it back|put that back|put them back|put those back|add it back|"
        "add them back|bring it back|wapas daal do|wapas daal|wapas rakh do"
    ),
    "half": (
        "halve|halve it|halve them|half of them|cut in half|half as many|aadha|aadhe"
    ),
    "double": "two times as many|double|double up|twice as many|dugna|dugne",
    "cart": (
        "in there|cart|kart|tokri|basket|trolley|shopping cart|shopping bag|"
        "what do i have|"
        "what did i add|what have i added"
    ),
    "view": (
        "what is in|whats in|view|show my|show me my|see my|open my|check my|"
        "how much is my|mere|meri|mera|kya hai|subtotal"
    ),
    "add": (
        "add|ad|put|buy|purchase|take|grab|i will take|i will have|give me|daal|dal|"
        "dalo|daalo|daaldo|daldo|dedo|de do|de dijiye|"
        "de dena|le lo|lelo|lunga|lungi|lena hai|le lunga|"
        "le lungi|kharidna|kharidna hai|khareedna|rakh|rakho|keep the|keep it|"
        "keep that|keep this|keep one|keep me|keep a|keep them|hold|reserve|add karo|"
        "add kar|get me|order me|set aside|throw in|save"
    ),
    "want": (
        "would love|would prefer|would fancy|want|need|looking for|look for|chahiye|"
        "chahie|chaiye|chahiyen|would like|"
        "interested in|searching for|get"
    ),
    "show": (
        "show|show me|find|find me|search|search for|list|dikhao|dikha|dikhaiye|"
        "dikhana|dikhado|browse|do you have|do you sell|have you got|got any|"
        "do you stock|do you carry|any|is there|are there|sell|you have|looking at|"
        "see|milta hai|milti hai|hai kya|what kind of"
    ),
    "ask": "can i get|could i get|does it come|do they come|comes in|come in|aata hai",
    "recommend": (
        "recommend|recommendation|recommendations|suggest|suggestion|suggestions|"
        "what should i get|you may like|sujhao"
    ),
    "pair": (
        "buy together|bought together|buy with|usually buy|goes together|goes with|"
        "go with|goes well|pair with|pairs with|go well|anything that matches|"
        "match with|ke saath kya|ke sath kya"
    ),
    "compare": (
        "have that the|has that the|worth the extra|worth the extra money|"
        "worth paying more|worth more than|"
        "worth it over|worth the upgrade|worth the difference|which would you|"
        "which one would you|what would you pick|which do you prefer|"
        "which do you recommend|which is the better|should i get the|"
        "should i go for the|diff|diffs|diff between|compare|comparison|versus|vs|"
        "difference|differences|"
        "which is better|"
        "which one is better|which is best|which one should i|which should i|"
        "cheaper than|more expensive than|better than|better|behtar|konsa behtar|"
        "kaunsa behtar|kaun sa accha|konsa accha|which of these|which of them|"
        "what is better|kaunsa behtar|kaunsa lu|different from|differ|differ from|"
        "what is different|compared to|compared with|farak|fark"
    ),
    "gone": "sold out|out of stock|not in stock|unavailable",
    "stock": (
        "shades of|colours of|colors of|sizes of|back yet|back in yet|are back|"
        "how many colours|how many colors|"
        "how many sizes|what shades|which shades|what other colours|"
        "what other colors|other colours|other sizes|size chart|size guide|sizing|"
        "sizes available|mil sakta|mil sakti|mil sakte|"
        "mil jayega|mil jaega|mil jayegi|mil jaegi|stock mein|stock me|in stock|"
        "stock|available|availability|how many left|left|milega|milegi|"
        "milenge|back in stock|restock|restocked|do you still have|uplabdh|"
        "how many do you have|how many are there|when will it be back|"
        "when is it back|is it back|what colour|what colours|what color|what colors|"
        "which colour|which colours|which color|which colors|what size|what sizes|"
        "which size|which sizes|colour options|size options|kaunse colour|"
        "konse colour|kaun se colour|kaunse color|konse color"
    ),
    "price": (
        "hw much|how mch|price|prices|cost|costs|how much|kitne|kitna|kitne ka|"
        "kitne ki|kitne ke|kitne ka hai|kitne ki hai|daam|dam kya|keemat|kimat|"
        "what does it cost"
    ),
    "details": (
        "customers say|people say|others say|buyers say|shoppers say|details|detail|"
        "tell me about|tell me more|more about|about|describe|"
        "description|specs|spec|features|more info|information|info|batao|bataiye|"
        "bata|ke baare mein|ke bare me|what is the|rating|reviews|review"
    ),
    "remove": (
        "lose everything|lose all|ditch everything|everything but|everything except|"
        "all but|all except|bin the|bin it|bin that|bin them|bin my|no longer want|"
        "do not need|"
        "leave out the|leave that out|forget the|minus the|without the|remove|delete|"
        "take out|take off|take it off|take that off|take it out|"
        "take that out|take them out|take them off|take this out|get rid of|drop it|"
        "drop the|drop that|drop them|hata|hatao|hatado|nikal|nikalo|nikaldo|"
        "decided against|gone off|not interested in|"
        "second thoughts about|"
        "put back|do not want|kick out|lose the|lose that|lose this|ditch|ditch the|"
        "chuck|chuck out|scrap the|take away|nahi chahiye|nahin chahiye|discard"
    ),
    "clear": (
        "scrap the lot|bin the lot|dump the lot|start fresh|start again|"
        "fresh start|everything out|all out|clear|empty|"
        "empty out|khali|start over|clean out|reset"
    ),
    "all": (
        "the lot|the whole thing|maximum|as many as possible|as much as possible|"
        "the max|everything|all|"
        "all of it|sab|sab kuch|saara|sara|whole|entire|all of them"
    ),
    "change": (
        "reduce|cut|cut down|bring down|decrease|bump|bump up|increase|raise|change|"
        "update|make it|make that|make them|"
        "make the|make|set|modify|quantity|"
        "badal|badal do|badlo|badal dena|qty|change it|change that|kar|karo|kardo"
    ),
    "less": "less|fewer|kam karo|kam kar|kam",
    "more": (
        "more|show more|next|others|other options|any others|aur|aur dikhao|kuch aur|"
        "more options|more results|anything else|something else|what else|other|"
        "another|different|keep going|else"
    ),
    "cheaper": (
        "cheaper|less expensive|lower price|lower priced|sasta|saste|sasti|"
        "not that expensive|not so expensive|not too expensive|"
        "pricey|bit pricey|bit expensive|bit much|bit steep|out of my budget|"
        "over my budget|too expensive|too costly|too much|mehnga hai|mehenga hai|"
        "bahut mehnga|cheap|"
        "thoda sasta|affordable|inexpensive|costs too much|too pricey"
    ),
    "cheapest": (
        "cheapest|lowest price|lowest priced|least expensive|sabse sasta|sabse saste|"
        "sabse sasti|most affordable|sort by price|low to high|lowest first"
    ),
    "dearest": (
        "high to low|most expensive|priciest|highest price|sabse mehnga|sabse mehenga"
    ),
    "dearer": "more expensive|pricier|higher end|fancier|upgrade|mehnga|costlier",
    "best": (
        "best|top rated|highest rated|best rated|best selling|most popular|popular|"
        "sabse accha|sabse acha|sabse achha|accha|acha|top"
    ),
    "newest": (
        "newest|latest|new arrivals|just in|most recent|what is new|anything new|"
        "new stuff|new in|naya kya hai|kuch naya"
    ),
    "bigger": "bigger|larger|size up|bada|badi|bade|biggest|largest",
    "smaller": "smaller|size down|chhota|chota|chhoti|choti|smallest",
    "about": "what about|how about",
    "total": (
        "that together|it together|them together|all together|my subtotal|"
        "the subtotal|my sub total|final price after|final price with|"
        "final amount|final total|final bill|"
        "price after everything|after everything|how much am i at|what am i at|"
        "where am i at|how much so far|"
        "how much is it so far|how much for everything|how much for all|"
        "how much altogether|running total|total|in total|in all|bill|sum|"
        "grand total|kul|the damage|"
        "what is the damage|do i owe|i owe|"
        "kitna hua|kitne hue|kitna bana|kitna ho gaya|all in|altogether|owe|"
        "would i be paying|will i be paying|am i paying|do i pay|"
        "would i pay|will i pay|do i have to pay|paisa kitna|paise kitne"
    ),
    "offtopic": (
        "who won|who is winning|prime minister|match score|the score|world cup|"
        "election|"
        "tell me a story|sing|write me|write a|python code|bitcoin|crypto|"
        "exchange rate|"
        "who invented|history of|how far is|medical advice|legal advice|"
        "how to cook|how do i cook|book a flight|book a cab|dating|square root|"
        "what is the time|what time is it|what day is it|kitne baje|who is the|"
        "do my|essay|ipl|stock price|weather|joke|poem|news|politics|movie|recipe|"
        "song|capital of|cricket score|"
        "president|translate|homework|horoscope|lottery|meaning of life|mausam|gaana|"
        "write code|stock market"
    ),
    "anycolour": (
        "any colour|any color|any size|koi bhi|whatever|whichever|does not matter|"
        "you choose|you pick|surprise me|no preference|any one|either"
    ),
}
