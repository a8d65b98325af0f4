"""How many requests a minute a token may send."""

import time
from dataclasses import dataclass, field

from flask import Flask, current_app, request
from limits import RateLimitItemPerMinute
from limits.errors import StorageError
from limits.storage import MemoryStorage, Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from portal.actors import Actor
from portal.config import Settings
from portal.web import logs
from portal.web.problems import TooMany

PAUSE_SECONDS = 10.0
"""How long memory stands in for a store that failed."""


@dataclass(slots=True)
class Meter:
    """Counts per token, in Redis when there is one; in this process's memory while it is away."""

    item: RateLimitItemPerMinute
    shared: FixedWindowRateLimiter | None
    own: FixedWindowRateLimiter = field(
        default_factory=lambda: FixedWindowRateLimiter(MemoryStorage())
    )
    away_until: float = 0.0

    def hit(self, who: str) -> int | None:
        """Count one request; return the seconds to wait when there are too many."""
        counter = self._counter()
        try:
            return self._hit(counter, who)
        except StorageError as error:
            self.away_until = time.monotonic() + PAUSE_SECONDS
            logs.log_failure(error)
            return self._hit(self.own, who)

    def _counter(self) -> FixedWindowRateLimiter:
        if self.shared is None or time.monotonic() < self.away_until:
            return self.own
        return self.shared

    def _hit(self, counter: FixedWindowRateLimiter, who: str) -> int | None:
        if counter.hit(self.item, who):
            return None
        reset = counter.get_window_stats(self.item, who).reset_time
        return max(1, int(reset - time.time()) + 1)


def register(app: Flask) -> None:
    """Set the limit up; without one nothing is counted."""
    settings: Settings = app.config["SETTINGS"]
    app.extensions["rate_limit"] = (
        Meter(RateLimitItemPerMinute(settings.rate_limit), _shared(settings.redis_url))
        if settings.rate_limit
        else None
    )


def _shared(url: str) -> FixedWindowRateLimiter | None:
    if not url:
        return None
    storage = storage_from_string(
        url, wrap_exceptions=True, socket_connect_timeout=1, socket_timeout=1
    )
    return FixedWindowRateLimiter(storage) if isinstance(storage, Storage) else None


def count(actor: Actor | None) -> None:
    """Count a request of the token, or of the address for nobody; TooMany beyond the limit."""
    meter: Meter | None = current_app.extensions.get("rate_limit")
    if meter is None:
        return
    wait = meter.hit(_name(actor))
    if wait is not None:
        raise TooMany(seconds=wait)


def _name(actor: Actor | None) -> str:
    if actor is None:
        return f"address:{request.remote_addr}"
    return f"token:{actor.token_id}" if actor.token_id else f"user:{actor.user_id}"
