"""Which part of the portal this server answers: all of it, or the shops' public pages alone."""

from flask import Flask, abort, request

from portal.config import SHOP, Settings

BESIDE_SHOPS = frozenset({"static", "health_live", "health_ready", "metrics"})


def register(app: Flask) -> None:
    """Where the server is the shops' own, let nothing else be found on it.

    Registered before all others: what is not there is not asked for its form's token either.
    """
    settings: Settings = app.config["SETTINGS"]
    if settings.serves != SHOP:
        return

    @app.before_request
    def _shops_alone() -> None:
        if request.url_rule is None or request.blueprint == "shop":
            return
        if request.endpoint not in BESIDE_SHOPS:
            abort(404)
