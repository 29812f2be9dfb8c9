"""Who owns what: one message at a time, and nothing out before it is durable."""
