"""`python -m server`: see `command_line.py`."""

import sys

from server.command_line import main

if __name__ == "__main__":
    sys.exit(main())
