"""What is true in a shop: pure rules over frozen values.

No clock, no randomness, no log, no database: whatever a rule needs comes in as an
argument, and a refusal goes out as an exception of `commerce.errors`.
"""
