"""Puts the house together and owns the process."""
