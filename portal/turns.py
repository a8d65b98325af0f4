"""Whose turn it is, where one at a time may do something."""

import threading
from collections import deque


class FairQueue:
    """Lets writers in one by one, first come first served: SQLite's own waiting is not fair."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._taken = False

    def __enter__(self) -> None:
        """Wait for one's turn."""
        with self._guard:
            if not self._taken:
                self._taken = True
                return
            called = threading.Event()
            self._waiting.append(called)
        called.wait()

    def __exit__(self, *_: object) -> None:
        """Call the next one."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._taken = False
