"""How much of a file is read: enough for any honest list, too little for a bomb."""

MAX_BYTES = 20_000_000
MAX_ROWS = 200_000
MAX_COLUMNS = 200
MAX_LINE = 100_000
"""Characters in one line of text."""
MAX_CELL = 32_767
"""Characters in one cell: what spreadsheets hold."""

MAX_ENTRIES = 1_000
MAX_DIRECTORY_BYTES = 1_000_000
MAX_UNPACKED_BYTES = 150_000_000
MAX_RATIO = 200
RATIO_COUNTS_FROM = 1_000_000
"""Unpacked bytes below which a high ratio says nothing."""

CHILD_MEMORY_BYTES = 700_000_000
CHILD_SECONDS = 20
