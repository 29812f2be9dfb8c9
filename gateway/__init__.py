"""Money: what a payment provider must do, and a mock that does it.

A real provider is one new file beside `mock.py` that fulfils `port.Gateway`. Nothing
here knows the database: the mock's ledger is a Protocol that store fulfils.
"""
