"""What is done about each intent: which tools are used, and the reply made of them.

One file per department of the shop; `plan.py` says what a plan is.
"""
