"""How a process that serves looks for garbage."""

import gc


def settle() -> None:
    """Leave what lives as long as the process out of the search for garbage, and search less."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
