"""Figures about requests, for Prometheus: by route, never by whom or about what."""

import os
import time
from collections.abc import Callable, Iterator
from functools import lru_cache

from flask import Flask, Response, g, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    Metric,
    generate_latest,
    multiprocess,
)
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from portal.errors import PortalError
from portal.web import logs
from portal.web.access import public

REQUESTS = Counter(
    "repasse_requests", "Requests answered", ["method", "route", "status"], registry=REGISTRY
)
SECONDS = Histogram(
    "repasse_request_seconds",
    "Time from the first look at a request to its answer",
    ["route"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=REGISTRY,
)
_requests = lru_cache(maxsize=2048)(REQUESTS.labels)
_seconds = lru_cache(maxsize=512)(SECONDS.labels)
further: list[Callable[[], Iterator[Metric]]] = []
"""What features count in the database at each look: the application introduces them."""
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def register(app: Flask) -> None:
    """Count every request, and serve the figures at /metrics."""

    @app.before_request
    def _start() -> None:
        g.counted_from = time.perf_counter()

    @app.after_request
    def _count(response: Response) -> Response:
        rule = request.url_rule
        route = rule.rule if rule is not None else "none"
        method = request.method if request.method in _METHODS else "other"
        _requests(method, route, response.status_code).inc()
        started = g.get("counted_from")
        if started is not None:
            _seconds(route).observe(time.perf_counter() - started)
        return response

    app.add_url_rule("/metrics", "metrics", public(_show))


def _show() -> Response:
    stored = CollectorRegistry()
    stored.register(_Stored())
    figures = generate_latest(_registry()) + generate_latest(stored)
    return Response(figures, content_type=CONTENT_TYPE_LATEST)


class _Stored(Collector):
    """Figures from the database; where it does not answer, the others are shown all the same."""

    def collect(self) -> Iterator[Metric]:
        for figures in further:
            try:
                yield from figures()
            except (PortalError, SQLAlchemyError, OSError) as error:
                logs.log_failure(error)


def _registry() -> CollectorRegistry:
    """Return the figures of all workers where there are several, else of this process."""
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return REGISTRY
    together = CollectorRegistry()
    multiprocess.MultiProcessCollector(together)  # type: ignore[no-untyped-call] # has no types
    return together
