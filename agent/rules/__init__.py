"""The built-in model's way of thinking: words -> intent -> plan -> reply.

    words, reading   what was said: cues, prices, colours, sizes, codes, references
    memory           what was shown and done before, from the recorded frames
    intent, errands  what the shopper wants, given both: goods, or orders and money
    guessing         what a sentence is like (likeness), where no rule is sure of it
    forms            what completes an errand's question, message by message
    plans            which tools to use for it, step by step
    say              the reply, made of tool results only

Pure and without state; the same conversation always gets the same answer.
"""
