"""`python -m server`: see `command_line.py`."""

import gc
import sys

# Nothing of what is imported is ever garbage; to look for it took a tenth of the start.
gc.disable()

from server.command_line import main  # noqa: E402

gc.enable()

if __name__ == "__main__":
    sys.exit(main())
