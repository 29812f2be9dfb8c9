"""Replies that state no fact and need no tool."""

_CAN = (
    "I can find and compare products, check stock, fill your cart, use coupons and "
    "points, prepare your order, and follow, cancel or send back what you ordered."
)

REPLIES = {
    "greet": f"Hello! {_CAN} What are you looking for?",
    "help": (
        f"{_CAN} Try “waterproof speakers”, “compare the first and "
        "second”, or “what's in my cart?”"
    ),
    "thanks": "You're welcome! Just say so if you need anything else.",
    "bye": "Goodbye, and thanks for coming by. Your cart stays as it is.",
    "yes": "Gladly, but I'm not sure what to. What shall I do?",
    "no": "All right, I leave everything as it is. What else can I do for you?",
    "cancel": "All right, I leave everything as it is.",
    "refuse": (
        "I can't do that: I'm the shop's sales assistant, I can't change prices or "
        "rules, and I won't share how I'm set up. I'm glad to help you shop, though."
    ),
    "not_yours": (
        "I can only look into the account that you are signed in with, so I can't tell "
        "you about anybody else's orders or details. What may I do for you?"
    ),
    "smalltalk": (
        "I'm the shop's assistant, a program, and always here. "
        "What are you looking for today?"
    ),
    "abuse": (
        "I'm sorry that this is frustrating. Tell me what went wrong and I'll try "
        "again, or say “a person please” and somebody of our team takes over."
    ),
    "decline": (
        "All right, nothing was done: the request lapses by itself. "
        "What else can I do for you?"
    ),
    "offtopic": f"I only know this shop, so I can't help with that. {_CAN}",
    "card_number": (
        "Please never write a card number here: I have masked it. You can save a card "
        "in your account. "
    ),
    "readdress": (
        "I can't change where a placed order goes. Until it is being packed it can be "
        "cancelled and ordered anew. Shall I ask a person of our team?"
    ),
    "own_data": (
        "Addresses, ways to pay and your other details are kept in your account: you "
        "can add and change them there. I can't do it from here."
    ),
    "search_what": "What kind of product are you looking for?",
    "unknown": f"Sorry, I didn't understand that. {_CAN}",
    "which": "Which product do you mean? Tell me its name, or what to look for.",
}

THOUGHTS = {
    "search": "Looking through the catalogue.",
    "refine": "Looking again with what they said.",
    "more": "Looking for further matches.",
    "pick": "Looking up the product they mean.",
    "details": "Looking up the product they mean.",
    "price": "Looking up the price.",
    "property": "Reading what the product's page says.",
    "compare": "Putting the products side by side.",
    "stock": "Checking what can be bought now.",
    "recommend": "Looking for what goes with the cart.",
    "add": "They want this in the cart: finding the exact variant.",
    "quantity": "Changing the quantity in the cart.",
    "remove": "Finding the cart line they mean.",
    "correct": "They meant another one: swapping it in the cart.",
    "undo": "Taking the last change back.",
    "cart": "Looking into the cart.",
    "coupons": "Looking for coupons that fit this cart.",
    "coupon": "Trying the coupon on the cart.",
    "haggle": "Prices are fixed; looking for a coupon instead.",
    "loyalty": "Looking up points and tier.",
    "redeem": "Putting points on the cart.",
    "unredeem": "Taking the points off the cart.",
    "swap": "Finding what shall go and what shall come in its place.",
    "several": "Doing one after the other.",
    "policy": "Looking up the shop's terms.",
    "checkout": "Pricing the cart with address and payment, for them to confirm.",
    "orders": "Looking up their orders.",
    "order": "Looking up the order they mean.",
    "track": "Looking up where the order is.",
    "cancel_order": "Looking up which order may still be cancelled.",
    "return": "Looking up what may still be sent back.",
    "refund": "Looking up returns and refunds.",
    "waitlist": "Putting them on the list for what is sold out.",
    "person": "Asking a person of the team to take over.",
    "clear_sure": "Emptying the cart as they asked.",
}
