"""Figures about requests, for Prometheus: by route, never by whom or about what."""

import os
import time
from functools import lru_cache

from flask import Flask, Response, g, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    multiprocess,
)

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
    return Response(generate_latest(_registry()), content_type=CONTENT_TYPE_LATEST)


def _registry() -> CollectorRegistry:
    """Return the figures of all workers where there are several, else of this process."""
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return REGISTRY
    together = CollectorRegistry()
    multiprocess.MultiProcessCollector(together)  # type: ignore[no-untyped-call] # has no types
    return together
