"""What shoppers say when it is not about goods: orders, returns, coupons, points, help.

Tables only, of the same form as `shelf_words.CUES`.
"""

CUES: dict[str, str] = {
    "checkout": (
        "ready when you are|i am ready|im ready|i ready|that is it let us pay|"
        "send it by|send it express|ship it to|ship it by|ship it express|"
        "deliver it to|send it to my|use my visa|use visa|use my card|use my upi|"
        "use upi|pay by|pay with|pay using|same card as last time|wrap up|"
        "wrap this up|finish up|seal the deal|let us buy it all|"
        "ready to purchase|take my money|i am done|i done|im done|i am done shopping|"
        "all done|"
        "done with shopping|done with my shopping|finished shopping|"
        "that is everything|thats everything|let us do this|charge my card|"
        "charge my visa|charge my mastercard|charge it|"
        "put it on my card|i will take it all|take it all|buy the lot|"
        "take the lot|the whole lot|"
        "i will take everything|i will take them all|take them all|payment kar|"
        "payment kar do|payment kardo|pay kar do|pay kardo|se pay karunga|"
        "checkout|check out|check me out|pay|payment karo|payment karna|place order|"
        "place the order|place my order|place an order|place this order|buy now|"
        "complete purchase|complete the purchase|complete my purchase|"
        "complete the order|complete my order|pay now|pay for it|pay for this|"
        "pay for these|pay for everything|proceed|order now|order it|order this|"
        "order these|order them|order everything|order all of it|confirm the order|"
        "confirm my order|confirm order|finish my order|finalise|finalize|wrap it up|"
        "ring me up|ring it up|ready to buy|ready to order|ready to pay|buy it now|"
        "buy everything|buy my cart|buy the cart|buy what is in|purchase my cart|"
        "purchase now|order kar do|order kardo|order karo|order kar|order karna|"
        "order laga do|order karna hai|order place|order place karo|"
        "order place kar do|khareed lo|kharid lo|book kar do|book karo|checkout karo|"
        "checkout kar do|checkout karna|paise dene|bill banao|bill bana do"
    ),
    "order": (
        "order|orders|my order|my orders|parcel|parcels|my package|the package|"
        "a package|my packages|shipment|shipments|order history|past orders|"
        "previous orders|previous order|purchase history|past purchases|last order|"
        "latest order|recent order|recent orders|old orders|mera order|mere order|"
        "mere orders|mera parcel"
    ),
    "bought": (
        "did i order|did i buy|have i bought|have i ordered|i bought|i ordered|"
        "i purchased|i have bought|i have ordered|i got from you|bought|ordered|"
        "purchased|maine liya|maine kharida|maine mangaya|maine order kiya|"
        "jo liya tha|jo mangaya tha|mangaya tha|liya tha|kharida tha"
    ),
    "track": (
        "kaha tak|kahan tak|kaha pahucha|pahucha|pahuncha|pahuchi|pahunchi|reach me|"
        "reach us|get to me|come to me|when will i get|when do i get|"
        "when am i getting|when can i expect|"
        "when should i expect|when will i receive|when do i receive|any news|"
        "any update|any updates|update on|updates on|news on|news about|"
        "news of|update about|what is happening with|whats happening with|"
        "what is going on with|what happened to|what happened with|"
        "left your warehouse|left the warehouse|left yet|out for delivery|koi khabar|"
        "kya hua mere|"
        "kya hua|is not here|are not here|not here|still waiting|waiting for my|"
        "not come yet|"
        "not come|not turned up|not shown up|not reached|did not reach|no sign of|"
        "nahi pahuncha|nahi pahucha|nahi pahunchi|kab milega|kab milegi|kab milenge|"
        "never got|did not get|have not got|"
        "has not got|not got|nahi mila|nahi mile|nahi mili|track|tracking|"
        "tracking number|where is|where are|where my|where r|status|ka status|"
        "whereabouts|kahan hai|kaha hai|kahan hain|kahan tak|kahan pahuncha|"
        "kahan pahucha|kidhar hai|kab aayega|kab aaega|kab ayega|kab aayegi|"
        "kab aayenge|kab tak aayega|kab tak milega|kab milega mera|"
        "kab tak pahunchega|kab pahunchega|kab deliver|pahuncha|pahunch gaya|"
        "aaya nahi|nahi aaya|tak nahi aaya|nahin aaya|abhi tak nahi|"
        "when will it arrive|when will it come|when will they arrive|"
        "when does it arrive|when do they arrive|arrive|arrives|arriving|arrived|"
        "not arrived|been shipped|shipped|dispatched|been dispatched|delivered|"
        "been delivered|order status|status of|delivery status|on its way|on the way|"
        "get here|be here|whats taking so long|taking so long|never received|"
        "not received|did not receive|have not received|never came|did not come|"
        "has not come|show up|turn up|eta"
    ),
    "cancel": (
        "mat bhejo|mat bhejna|mat bhejiye|bhejna mat|stop order|stop the shipment|"
        "stop shipping|ordered by mistake|"
        "ordered it by mistake|ordered that by mistake|ordered this by mistake|"
        "bought it by mistake|ordered twice|do not want the order|"
        "do not want my order|do not send|do not ship|do not deliver|stop it|"
        "stop this|stop that|"
        "stop the order|stop my order|cancel|cancel it|"
        "cancel that|cancel this|cancelled|canceled|cancellation|call off|"
        "call it off|cancel kar do|cancel kardo|cancel karo|cancel karna|"
        "cancel karna hai|cancel kar|radd|radd kar do|band kar do"
    ),
    "return": (
        "restocking|restocking fee|return fee|return shipping|the money for|"
        "money for the|where is the money|return|returns|returned|"
        "returning|return it|return them|send back|"
        "send it back|send them back|send that back|send this back|sending back|"
        "give back|give it back|take it back from me|refund|refunds|refunded|"
        "money back|my money|exchange|exchanged|replace|replacement|swap it|wapas|"
        "wapis|vapas|vapis|waapas|wapas karna|wapas karna hai|wapas kar do|"
        "wapas kardo|wapas bhejna|wapas bhejna hai|wapas lo|wapas le lo|return karna|"
        "return karna hai|return kar do|return karo|lautana|lautana hai|lauta do|"
        "lautani|paise wapas|refund chahiye"
    ),
    "coupon": (
        "coupon|coupons|coupon code|coupon codes|promo|promos|promo code|promo codes|"
        "promotion|promotions|voucher|vouchers|discount|discounts|discount code|"
        "discount codes|offer code|offer codes|offer|offers|any deals|deals|code|"
        "codes|cashback|on sale|chhoot|chhut|koi offer"
    ),
    "points": (
        "silver valid|gold valid|platinum valid|silver till|gold till|keep silver|"
        "keep gold|stay silver|stay gold|close to gold|close to silver|"
        "close to platinum|am i silver|am i gold|"
        "am i platinum|am i bronze|am i still|members get|"
        "gold members|silver members|platinum members|bronze members|"
        "member benefits|member perks|tier benefits|points|my points|point|loyalty|"
        "loyalty points|loyalty program|"
        "loyalty programme|reward points|reward|rewards|my tier|tier|tiers|"
        "membership|member level|my status|my level|points balance|point balance|"
        "silver tier|gold tier|platinum tier|bronze tier|silver member|gold member|"
        "platinum member|silver status|gold status|platinum status|how far to gold|"
        "how far to platinum|how far to silver|far from gold|far from platinum|"
        "lose silver|lose gold|lose platinum|reach gold|reach platinum|reach silver|"
        "become gold|become silver|become platinum|get to gold|get to platinum|"
        "get to silver|till gold|until gold|to platinum|next tier|next level|"
        "kitne points|mere points|platinum"
    ),
    "policy": (
        "policy|policies|terms|terms and conditions|rules for|how long do i have|"
        "how many days|within how many days|how does it work with|kitne din|"
        "kitne dino|niyam"
    ),
    "shipping": (
        "get it delivered|have it delivered|delivery options|bhejte ho|bhejte hai|"
        "bhejte hain|bhejoge|for free delivery|for free shipping|"
        "pick up|pickup|collect it|"
        "collect in store|in store|shipping|ship to|"
        "shipping cost|shipping costs|shipping fee|shipping charges|shipping charge|"
        "delivery fee|delivery charge|delivery charges|delivery cost|delivery time|"
        "delivery times|delivery|deliver|deliver to|do you ship|do you deliver|"
        "free shipping|free delivery|express shipping|express delivery|"
        "standard shipping|postage|ship|how long does it take|how long will it take|"
        "how fast|international|internationally|abroad|overseas|same day|next day"
    ),
    "payments": (
        "tax|taxes|gst|vat|how do i pay|how can i pay|how to pay|how do we pay|"
        "kaise pay|pay kaise|"
        "cards accepted|gift cards accepted|accepted|accepting|payment|payments|"
        "payment options|payment option|ways to pay|way to pay|"
        "payment methods|payment method|cash on delivery|cod|net banking|upi accept|"
        "emi|instalments|installments|pay later|which cards|what cards|accept cards|"
        "accept upi|accept cash|accept paypal|accept amex|paypal|amex|mastercard|"
        "apple pay|google pay|gpay|phonepe|paytm|do you accept|do you take|you accept"
    ),
    "privacy": (
        "see my card|see my card number|my card number|know my card|my chats|my chat|"
        "delete my chat|delete this chat|delete chat|"
        "delete this conversation|delete our chat|chat history|chats deleted|"
        "conversation deleted|chat private|private|confidential|who can see this|"
        "read my messages|"
        "is this recorded|what data|data about me|data do you|"
        "information do you keep|"
        "info do you keep|know about me|is it dangerous|is it safe|is it ok to type|"
        "type my card|type my visa|"
        "give you my card|share my card|card number here|my visa number|card info|"
        "card stored|card saved|card details|details stored|details saved|"
        "details safe|info stored|info saved|info safe|data safe|keep my data|"
        "information safe|do with my data|who sees my|privacy|privacy policy|my data|"
        "personal data|personal information|gdpr|"
        "data protection|store my card|save my card|keep my card|sell my data|"
        "share my data|my information|card details safe|"
        "is it safe to pay|safe to pay|secure"
    ),
    "unsaid": (
        "warranty|guarantee|guaranteed|guarantees|repair|repairs|repaired|"
        "gift wrap|gift wrapped|gift wrapping|giftwrap|wrap it|wrap it up for|"
        "wrapped up|gift message|gift note|gift receipt|gift box|engrave|engraved|"
        "engraving|personalise|personalised|personalize|personalized|monogram|"
        "customise|customised|customize|customized|installation|install it|"
        "assembled|assemble it|trade in|part exchange|physical store|physical shop|"
        "showroom|opening hours|opening times|open on sunday|open on saturday|"
        "insurance|newsletter|franchise|careers|vacancies|hiring|sustainability|"
        "eco friendly packaging|recyclable|carbon neutral|made in|ethically made"
    ),
    "address": (
        "where would you deliver|where will you deliver|where would it be delivered|"
        "where will it be delivered|where will it go|stuff get sent|stuff sent|"
        "things get sent|things sent|do you send my|"
        "send my stuff|"
        "send my things|where do you send|where will you send|deliver my stuff to|"
        "do you have me at|where do i live|address|addresses|my address|my addresses|"
        "saved address|saved addresses|"
        "delivery address|shipping address|mera address|mera pata"
    ),
    "instrument": (
        "which card is my default|default card|my default|card is default|"
        "default payment|which card is default|which card will you charge|"
        "which card do you have|which cards do i have|what cards do i have|"
        "which card do i have|"
        "cards do i have|what cards have i|on file|payment methods do i have|"
        "payment options do i have saved|my saved card|my saved cards|"
        "card saved do i|saved card|saved cards|my cards|card on file|cards on file|"
        "saved payment|"
        "my payment methods|my payment method|saved payment methods|stored cards"
    ),
    "own_data": (
        "add a card|add new card|add a new card|save a card|save a new card|new card|"
        "add my card|remove my card|delete my card|add upi|add my upi|link my upi|"
        "new address|add an address|add address|add my address|change my address|"
        "update my address|edit my address|delete my address|remove my address|"
        "save my address|change my password|change my email|change my name|"
        "change my phone|delete my account|update my profile"
    ),
    "waitlist": (
        "send me an email when|send me an email once|send me a message when|"
        "drop me an email|email when|let me know once|let me know as soon|"
        "as soon as it is|as soon as they are|"
        "once they are back|once they are in|mil jaye to bata|tell me if it is back|"
        "notify me|notify|let me know when|let me know if|"
        "ping me|tell me when|"
        "tell me once|once it is back|when it is back|if it is back|waitlist|"
        "wait list|waiting list|remind me when|inform me|"
        "alert me|email me when|mail me when|message me when|text me when|"
        "aate hi bata dena|aate hi|aa jaye to|put me on the list|bata dena jab|"
        "bata dena|batana jab|jab aaye|jab aa jaye|"
        "jab aaye to batana|stock me aaye|notify karna|notify kar do|keep me posted"
    ),
}

# Which of the shop's terms a cue is about; the first one that was said counts.
TOPICS = {
    "return": "returns",
    "shipping": "shipping",
    "points": "loyalty",
    "payments": "payments",
    "privacy": "privacy",
    "track": "shipping",
    "checkout": "payments",
    "cancel": "shipping",
}
