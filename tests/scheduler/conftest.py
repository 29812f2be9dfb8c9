"""Jobs at work on a real mongod, with nobody but the test to run them."""

from tests.mongod import database, loop_thread, mongod_url

__all__ = ["database", "loop_thread", "mongod_url"]
