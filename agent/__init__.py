"""The sales agent: a LangGraph loop of a model and the shop's tools.

The only floor that knows langgraph and a model's client. It is given the shop through
`shop.Shop`, a conversation through `messages.session.Turn`, and reports `Step`s; it
keeps nothing between two turns.
"""
