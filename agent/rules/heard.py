"""Sentences of shoppers, each under what its speaker wants: what `likeness` goes by.

A table only. They are said in ways that the tables of cues do not list; `GOODS` stands
for whatever is sold here, `WORD` for a word that says nothing to us.
"""

LINES: dict[str, str] = {
    "track": (
        "parcel where|my package where is it|where has my delivery got to|"
        "how far away is my order|how far is my stuff|is my order close|"
        "is my order nearly here|has it been sent out|did you send it yet|"
        "have you posted it|did you guys post it|when is it getting here|"
        "when do you think it will get here|how long until my order comes|"
        "how much longer for my order|how many days till my GOODS come|"
        "what day is my package due|what day is it coming|"
        "will my order be here by friday|will it be here before the weekend|"
        "is it still coming|is it lost|i think my parcel is lost|"
        "nothing has shown up at my door|nobody delivered anything|"
        "it says delivered but i have nothing|waiting ages for my GOODS|"
        "been waiting a week for my GOODS|my GOODS have not shown up|"
        "delivery is taking forever|why is my order so slow|why is it late|"
        "can you check on my delivery|can you chase my delivery|"
        "give me the latest on my order|what is the latest on my parcel|"
        "courier kahan hai|courier kab aayega|mera saman kab aayega|"
        "saman kahan pahuncha|mera saman kahan atka hai|GOODS kab tak aa jayenge|"
        "order kitne din me aayega mera|order nikla kya|bheja ki nahi|"
        "order bhej diya kya|aaj aayega kya mera order|parcel aa raha hai na"
    ),
    "orders": (
        "what have i got on order|what am i waiting for from you|"
        "everything i ever bought here|all the stuff i have had from you|"
        "my purchases|my purchases so far|past buys|what did i get last time|"
        "list of things i bought|pull up my orders|bring up my orders|"
        "see my account orders|ab tak kya kya liya maine|"
        "maine kya kya order kiya hai|pichle orders dikhao|purane order dekhne hai|"
        "my buying history|order log"
    ),
    "order": (
        "what was in my last one|what did i pay for my last order|"
        "how much did my last order come to|what did the last order cost|"
        "give me the invoice for my order|receipt for my last order|"
        "can i have a receipt|i need an invoice for my last purchase|"
        "bill of my last order|pichla order kya tha|pichle order ka bill|"
        "last order me kya tha|what day did i order the GOODS|"
        "when did i buy the GOODS|what size did i buy last time|"
        "which colour did i order|what size were the GOODS i bought"
    ),
    "cancel_order": (
        "stop my delivery|stop that purchase|i no longer want what i ordered|"
        "do not bother sending it|please do not send my parcel|"
        "can i still back out of my order|call the whole order off|"
        "is it too late to stop my order|i ordered the wrong thing can you stop it|"
        "i made a mistake with my order stop it|can i pull out of the order|"
        "kill my order|scrap my order|undo my order|withdraw my order|"
        "mera order rok do|order rukwa do|order mat bhejna|"
        "order nahi chahiye ab|galti se order ho gaya"
    ),
    "return": (
        "i am not happy with the GOODS i got|i want to give the GOODS back|"
        "the GOODS you sent are rubbish|my GOODS fell apart|"
        "my GOODS stopped working after a week|my GOODS will not charge|"
        "my GOODS will not turn on any more|the GOODS i received are broken|"
        "one of my GOODS came smashed|got the wrong GOODS delivered|"
        "you delivered the wrong thing|that is not what i bought|"
        "there is something missing from my parcel|"
        "the zip on my GOODS broke|GOODS arrived with a crack|"
        "how can i send something back|can you take my GOODS back|"
        "i need a return label|want to swap the GOODS i got for another size|"
        "it is the wrong size can i change it|GOODS kharab nikla|"
        "GOODS khrab aaya hai|galat GOODS bhej diya|galat saman aaya|"
        "GOODS chhota pad gaya|GOODS vapas lena hai|tuta hua mila|"
        "GOODS fat gaya ek hafte me|ise wapis kaise karu|"
        "my GOODS are not charging any more what do i do"
    ),
    "refund": (
        "has the money been sent back to me|did you pay me back yet|"
        "still no money from my return|when is my cash coming back|"
        "my money has not arrived after i returned the GOODS|"
        "how is my return coming along|has my return arrived with you|"
        "did you get the GOODS i sent back|paisa kab wapas aayega|"
        "refund abhi tak nahi aaya|mera paisa kahan hai|refund ka kya hua"
    ),
    "policy": (
        "how do you handle returns|what are the rules on sending stuff back|"
        "what if it does not fit|what if i do not like it|"
        "can i return it if i do not like it|do i have to pay to send it back|"
        "who pays for returns|can i take things back after opening them|"
        "what does delivery cost|how much do you charge to deliver|"
        "is there a fee for delivery|do you post to canada|do you send to france|"
        "can you ship to india|when do i qualify for free postage|"
        "how much do i need to spend for free shipping|"
        "how quick is the fast delivery|how many days does the slow one take|"
        "what ways can i pay|can i use my credit card here|do you take debit|"
        "can i pay in cash|can i pay when it arrives|can i split the payment|"
        "can i pay half now|upi and card both work|upi chalega|card chalega kya|"
        "cash me de sakte hai|delivery par paise de sakta hu|"
        "is this legit|is this a scam|can i trust you|are you a real shop|"
        "is my payment information safe|will you keep my details|"
        "do you share my info|can anyone else read this chat|"
        "how do i get points|how many points do i get per dollar|"
        "what do i get for being gold|how do the levels work|"
        "what is a point worth|do points go away|kitne din me wapas kar sakte hai|"
        "delivery me kitne din lagte hai|free delivery kab milti hai|"
        "return ke paise lagte hai kya|"
        "agar fit nahi hua to|agar pasand nahi aaya to|agar tuta nikla to|"
        "points kab expire hote hai|tax lagta hai kya|how much tax do you add|"
        "can i change my mind after ordering|can i cancel after ordering"
    ),
    "unsaid": (
        "do you gift wrap|do you do gift wrapping|can you wrap it as a present|"
        "can you put a note in the box|can i add a gift message|"
        "do you have a shop in london|do you have a physical store|"
        "where is your shop|where are you based|where are you located|"
        "can i come and try it on|can i visit your showroom|"
        "what are your opening hours|what time do you close|what time do you open|"
        "when do you shut|when are you open|are you open on sunday|"
        "what is your phone number|what is your email|how do i contact you|"
        "is there an app|do you have an app|do you offer installation|"
        "will someone install it|will you assemble it|do you fit it|"
        "can you engrave it|can you put my name on it|do you personalise|"
        "do you take trade ins|can i trade in my old GOODS|"
        "do you buy second hand|can i rent one|do you rent out|"
        "do you sell wholesale|are you hiring|any jobs going|do you have any jobs|"
        "who is your ceo|who owns this shop|who runs this shop|"
        "is there a guarantee on it|what is the guarantee|do you repair GOODS|"
        "do you insure parcels|is it insured|do you have a newsletter|"
        "how do i sign up for your newsletter|do you do subscriptions|"
        "can i subscribe to GOODS|are you eco friendly|is your packaging recyclable|"
        "are your products ethically made|where are your products made|"
        "do you price match|can i get a catalogue|do you have a student plan|"
        "dukan kahan hai aapki|aapki shop kahan hai|dukan kab khulti hai|"
        "gift pack kar doge kya|number do apna"
    ),
    "coupons": (
        "any way to save here|anything to bring the price down|"
        "how can i pay less|is there a code i could use|are there any savings on|"
        "anything on offer today|is anything on promotion|what deals are on|"
        "got a code for me|do i have any vouchers left|"
        "koi discount code milega|kuch chhoot milegi kya|sasta kaise padega|"
        "discount kaise milega|offer chal raha hai kya|"
        "kuch discount lag sakta hai isme|can i get anything off this with a code"
    ),
    "loyalty": (
        "what have i earned so far|how close am i to the next level|"
        "what level am i on|how many have i got to spend|"
        "what is my rewards balance|show my rewards|"
        "what does my membership give me|"
        "what do i save as a silver member|how much do i save with my membership|"
        "what is my member discount|what perks do i have|am i a member|"
        "gold banne ke liye kitna chahiye|gold me kitna baki hai|"
        "agla level kab milega|mera level kya hai|kitne points bache hai|"
        "points kitne ho gaye mere|silver hu ya gold"
    ),
    "redeem": (
        "take it off using my points|pay some of it with points|"
        "can some of this be paid by points|put my points towards it|"
        "put points towards this|let me use up my points|"
        "points se pay karna hai|points kaat lo|points use karne hai mujhe"
    ),
    "checkout": (
        "i want to finish and pay|let me settle up|let us get this paid|"
        "i am happy with that let me pay|that will be everything let me pay|"
        "send it all to my place|get it sent to my house|ship the lot to me|"
        "post it to my home|deliver this to my house please|"
        "get this delivered to me|go ahead and order it all|"
        "ok place it|i would like to pay now|take payment|take the payment|"
        "charge me|chalo order kar dete hai|bas ab payment kar dete hai|"
        "ab order kar do sab|ghar bhej do sab|done shopping"
    ),
    "cart": (
        "what have i got so far|what is in here so far|what have i picked|"
        "show what i picked|what am i buying|let me see what i have got|"
        "remind me what i put in|how does my order look so far|"
        "what will it all come to|how much is all this|what is my bill now|"
        "what do i have to pay now|kya kya daala hai maine|ab tak ka total|"
        "kitna ho gaya sab|kya kya hai tokri me|what if i go express what is it all"
    ),
    "person": (
        "can somebody call me|can somebody give me a call|"
        "get somebody to ring me|i would rather talk to someone|"
        "can i chat with an employee|is there a human i can talk to|"
        "i want to talk to your staff|let me speak to the owner|"
        "i am fed up i want to complain|i want to make a complaint|"
        "this is a joke i want to talk to someone|this bot can not help me|"
        "you are no help get me someone|put me through to someone|"
        "transfer me to somebody|can a member of staff help|"
        "kisi se baat karwa do|kisi aadmi se baat karni hai|"
        "customer care ka number do|manager se baat karao|shikayat karni hai"
    ),
    "addresses": (
        "where will it be delivered|which house will you send it to|"
        "what place do you have saved for me|do you know where i live|"
        "what address is on my account|kahan deliver karoge|"
        "kaunsa address save hai|mera kaunsa pata hai tumhare paas"
    ),
    "instruments": (
        "what can i pay with from my account|which card have you got for me|"
        "do you still have my visa|what payment do you have for me|"
        "kaunsa card save hai|mere kaunse card hai|which upi have i saved"
    ),
    "own_data": (
        "i moved house|i have moved can you update that|i changed my number|"
        "i have got a new card|i want to log in with another email|"
        "how do i change my password|i forgot my password|"
        "close my account|delete my profile|mera address badalna hai|"
        "naya card add karna hai|phone number badalna hai"
    ),
    "waitlist": (
        "can you tell me once you have it again|drop me a line when it returns|"
        "give me a shout when it is in|i will wait for it let me know|"
        "put my name down for it|can i preorder it|wake me up when it is in|"
        "aa jaye to bol dena|wapas aaye to batana|jab stock aaye bata dena"
    ),
    "recommend": (
        "what would you pick for me|what do other people buy|"
        "what is good here|what is trending|what is hot right now|"
        "surprise me with something|what else would i like|"
        "what would go nicely with this|what should i add|"
        "kya accha hai aapke paas|kuch badhiya batao|kya bikta hai sabse zyada"
    ),
    "help": (
        "how do you work|what are you for|what else can you do|"
        "i am new here what do i do|how do i use this|how do i order here|"
        "i am lost|not sure how this works|kaise use karu ye|tum kya kar sakte ho"
    ),
    "smalltalk": (
        "anyone there|is anyone around|hello is anybody there|are you awake|"
        "are you a robot|am i talking to a machine|do you have feelings|"
        "you are funny|you are cute|what is your favourite colour|"
        "are you single|kaise ho aap|kya kar rahe ho|koi hai|"
        "i am bored|having a bad day|it is my birthday today|how was your day|"
        "i had a long day|you are the best|good work"
    ),
    "offtopic": (
        "who is the prime minister|what is the population of india|"
        "can you help me with my maths|write an email to my boss|"
        "what should i cook tonight|tell me something interesting|"
        "how do i fix my car|what is 5 times 7|how old is the earth|"
        "who will win the match|is it going to rain tomorrow|"
        "book me a taxi|order me a pizza|play some music|"
        "what is the meaning of WORD|do you know a good film|"
        "how tall is WORD|how tall is the WORD tower|"
        "should i break up with my boyfriend|what is the time in tokyo|"
        "aaj mausam kaisa hai|match kaun jeeta|khana kya banau"
    ),
    "thanks": (
        "that is really helpful|you have been a great help|brilliant cheers|"
        "that is perfect thank you|nice one|lovely thanks|you are a star|"
        "bahut badhiya shukriya|bahut accha|mast|great help"
    ),
    "bye": (
        "i will come back later|i will think about it|let me think about it|"
        "i will be back|maybe another time|i am off now|that is it for today|"
        "catch you later|chalo baad me baat karte hai|sochke batata hu|baad me aata hu"
    ),
    "search": (
        "any WORD|any good WORD|any nice GOODS|do you sell GOODS|do you sell WORD|"
        "do you stock WORD|do you have WORD|have you any WORD|i want a WORD|"
        "buy WORD|which GOODS are there|what kind of WORD do you sell|"
        "WORD|GOODS|WORD GOODS|show me GOODS|got GOODS|have you got WORD|"
        "do you do GOODS|do you do WORD|is there any WORD|GOODS please|"
        "need GOODS|i need a WORD|i am after WORD|i am after GOODS|"
        "i could do with GOODS|i could do with a WORD|on the hunt for GOODS|"
        "where are the GOODS|where can i find WORD|point me to the GOODS|"
        "let us see some GOODS|what GOODS do you have|what WORD do you have|"
        "what GOODS are there for my WORD|something for my WORD|"
        "something to WORD with|something that WORD|a gift for my WORD|"
        "GOODS for WORD|WORD for WORD|GOODS under #|WORD under #|"
        "GOODS WORD ke liye|WORD ke liye kuch|koi WORD dikhao|GOODS dikhana|"
        "GOODS milega|WORD milega|WORD hai kya|GOODS lena hai|WORD chahiye|"
        "can you help me find a WORD|help me choose GOODS|"
        "my WORD needs a GOODS|we are having a WORD and need GOODS|"
        "i want to WORD|i like WORD|i want to learn WORD"
    ),
    "details": (
        "what is it made of|is it any good|how does it work|what does it do|"
        "is it heavy|how big is it|what is in the box|does it come with WORD|"
        "is it easy to WORD|how long does the battery last|will it fit WORD|"
        "what material is the GOODS|what is the GOODS made of|"
        "is the GOODS any good|what is the GOODS like|can it WORD|"
        "kaisa hai ye|ye kaam kaise karta hai|iske baare me batao|"
        "isme kya kya aata hai|quality kaisi hai|kis cheez ka bana hai|"
        "what do people think of the GOODS|would you say it is worth it"
    ),
    "add": (
        "go on then i will have it|i am getting that|i am having the GOODS|"
        "sign me up for the GOODS|that one is mine|stick it on my bill|"
        "le lete hai ye|ye wala pack kar do|ise rakh lo mere liye|"
        "haan ye de do|ye hi chahiye|chalo ye le lete hai|"
        "pop # GOODS in for me|could i get # of the GOODS|let me have # GOODS"
    ),
    "remove": (
        "i do not fancy the GOODS any more|leave the GOODS out|"
        "skip the GOODS|i can do without the GOODS|knock the GOODS off the list|"
        "nix the GOODS|GOODS rehne do|GOODS mat bhejo|GOODS nikal dijiye|"
        "keep only the GOODS"
    ),
}
