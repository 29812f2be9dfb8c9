"""Replies that state no fact and need no tool."""

_CAN = (
    "I can search the shop, compare products, check stock, suggest something that "
    "goes with your cart, and put things into it or take them out."
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
    "person": (
        "I can't hand you over to a person from this chat yet, I'm sorry. "
        "I'll do what I can: tell me what went wrong."
    ),
    "checkout": (
        "I can't place or pay for an order here: you check out on the cart page. "
        "Shall I show you what is in your cart first?"
    ),
    "orders": (
        "I can't see orders, deliveries or returns from this chat yet; your account's "
        "order page has them. Can I help you find a product?"
    ),
    "coupons": (
        "I can't look up coupons, points or gift cards from this chat yet. "
        "Can I help you find a product?"
    ),
    "offtopic": f"I only know this shop, so I can't help with that. {_CAN}",
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
    "clear_sure": "Emptying the cart as they asked.",
}
