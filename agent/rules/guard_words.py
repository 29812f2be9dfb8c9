"""What shoppers say to us rather than about the shop: tricks, bids, chat, complaints.

Tables only, of the same form as `shelf_words.CUES`.
"""

CUES: dict[str, str] = {
    "guard": (
        "your functions|your function list|as the store owner|as the shop owner|"
        "as the owner|i authorize you|"
        "i authorise you|i am authorized|i am authorised|not public|secret codes|"
        "hidden codes|hidden coupons|secret coupons|"
        "secret code|hidden code|unlisted|staff codes|staff discount codes|"
        "secret discounts|hidden discounts|i am from the support|i am from support|"
        "i work here|i work for|"
        "i am an employee|as an employee|system prompt|ignore previous|"
        "ignore all|ignore your|ignore the above|"
        "ignore the rules|ignore every|disregard|admin mode|god mode|debug mode|"
        "developer mode|maintenance mode|root access|your instructions|"
        "initial instructions|hidden instructions|secret instructions|"
        "tool definition|tool definitions|function definitions|your tools|"
        "your prompt|jailbreak|you are now|pretend to be|pretend you|act as|act like|"
        "pretend i am|pretend that|imagine you are|imagine i am|roleplay|role play|"
        "override|bypass|as the admin|as an admin|i am the admin|"
        "i am an admin|i am the owner|i am the developer|admin password|api key|"
        "ignore what|ignore anything|ignore whatever|forget your|what you were told|"
        "forget what you|your rules|source code|unrestricted|do anything now|"
        "instructions above|"
        "text above|words above|verbatim"
    ),
    "haggle": (
        "money off|get money off|some money off|save money|save some money|"
        "save me money|bring the price down|bring down the price|reduce my bill|"
        "something off|some off|a bit off|a little off|bulk discount|bulk price|"
        "buying loads|buying a lot|buying in bulk|wholesale|match it|match this|"
        "price matching|saw it for|saw this for|seen it for|"
        "found it for|another site|another website|other site|on amazon|on flipkart|"
        "elsewhere|somewhere else|other shop|other store|another shop|another store|"
        "100% discount|for free|free of charge|make it free|give it free|"
        "lower the price|reduce the price|drop the price|change the price|"
        "set the price|price match|match the price|match that price|beat the price|"
        "beat that price|negotiate|haggle|bargain|best price you can|last price|"
        "final price|give me a discount|extra discount|special discount|"
        "special price|more discount|bigger discount|some discount|friend discount|"
        "employee discount|student discount|knock off|come down|go lower|"
        "a better price|better deal|% off|percent off|half price|half off|"
        "do a discount|discount please|cheaper for me|kuch kam|thoda kam|daam kam|"
        "rate kam|mol bhav|muft|free mein|free me|discount de do|discount do|"
        "discount dedo|discount de"
    ),
    "others": (
        "customers emails|customer emails|users emails|the customers|all customers|"
        "customers names|customer names|customers data|customer details|the user|"
        "the customer|a customer|which user|which customer|who ordered|"
        "who bought|who else|another customer|another user|other customer|"
        "other customers|other user|other users|someone else|somebody else|"
        "everyone else|else's|all orders of|all customers|all users|customer list|"
        "customer data|user data|customer database|database|other people|"
        "another account|his account|her account|their account|his order|her order|"
        "his orders|her orders|his address|her address|on behalf of"
    ),
    "abuse": (
        "stupid|idiot|idiotic|useless|dumb|moron|fuck|fucking|fuck off|shit|bullshit|"
        "asshole|bastard|bitch|shut up|hate you|you suck|crap|damn you|worst bot|"
        "terrible bot|bakwas|bakwaas|bewakoof|bevkoof|pagal|ghatiya|gadha|ullu|"
        "chutiya|saala"
    ),
    "smalltalk": (
        "what up|how are you|how are u|hows it going|how is it going|what is up|"
        "whats up|wassup|sup|kaise ho|kya haal|kaisa hai tu|kya chal raha hai|"
        "are you real|are you human|are you ai|are you an ai|are you chatgpt|"
        "who made you|who built you|your name|i love you|marry me|good bot|nice bot|"
        "good job|well done|you are great|you are awesome|you are amazing|"
        "how old are you|where do you live|do you sleep|are you there|you there|"
        "anyone there|anybody there|test|testing|lol|haha|hahaha"
    ),
    "person": (
        "real person|a person|human|human being|human agent|talk to someone|"
        "speak to someone|talk to somebody|speak to somebody|customer care|"
        "customer service|customer support|support team|support agent|representative|"
        "real agent|live agent|live chat|operator|supervisor|your boss|"
        "someone from support|actual person|real human|a human|an agent|agent please|"
        "connect me|to support|support please|contact support|manager|"
        "speak with someone|talk with someone|somebody real|someone real|complaint|"
        "file a complaint|escalate|insaan|kisi insaan|insan|aadmi se baat|"
        "kisi se baat|baat karni hai|baat karwao|baat karao|baat kara do|baat karni|"
        "call me|call me back"
    ),
}
