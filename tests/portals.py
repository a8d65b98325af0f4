"""Portals that are built once and lent to one test after another, each time as if new."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Engine, create_engine

from portal import transactions
from portal.app import create_app, set_up
from portal.config import Settings
from portal.extensions import db
from portal.storefronts.views.public.counter import Counter
from portal.storefronts.views.public.door import Shops
from tests.visitors import PortalClient

MOST = 6
"""So many portals wait at most: each has its settings, and most tests have the same."""
REMEMBERED: dict[str, Callable[[], object]] = {"shops": Shops, "shop_counter": Counter}
"""What a portal keeps between requests, beside the database; each test begins without."""


class Templates(BytecodeCache):
    """Templates that were compiled once, for all portals of this process."""

    def __init__(self) -> None:
        self._compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what was kept; Jinja takes it only for the same text of the template."""
        if bucket.key in self._compiled:
            bucket.bytecode_from_string(self._compiled[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self._compiled[bucket.key] = bucket.bytecode_to_string()


TEMPLATES = Templates()


def build(settings: Settings) -> Flask:
    """Build a portal whose clients commit what the test has given."""
    app = create_app(settings)
    app.jinja_env.bytecode_cache = TEMPLATES
    app.config["OPEN_SESSIONS"] = []
    app.test_client_class = PortalClient
    return app


def part(app: Flask) -> None:
    """Close a portal's connections."""
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


@dataclass(frozen=True)
class Built:
    """A portal as it was when it was new."""

    app: Flask
    config: dict[str, Any]
    extensions: dict[str, Any]
    views: dict[str, Any]

    @classmethod
    def by(cls, settings: Settings) -> "Built":
        """Build one."""
        app = build(settings)
        return cls(app, dict(app.config), dict(app.extensions), dict(app.view_functions))

    def renew(self) -> Flask:
        """Return it as it was, with nothing that a test has told it."""
        set_up(self.config["SETTINGS"])
        fresh = {name: make() for name, make in REMEMBERED.items()}
        put_back(self.app.config, self.config)
        put_back(self.app.extensions, self.extensions | fresh)
        put_back(self.app.view_functions, self.views)
        return self.app


def put_back(held: dict[str, Any], before: dict[str, Any]) -> None:
    """Fill what was changed with what was there before."""
    held.clear()
    held.update(before)


class Portals:
    """Those of this process. Building one takes longer than most tests do."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[Settings, Built] = OrderedDict()

    @contextmanager
    def lend(self, settings: Settings) -> Iterator[Flask]:
        """Lend one to one test; whoever builds on a portal takes `make_app`."""
        lent = self._waiting.pop(settings, None) or Built.by(settings)
        yield lent.renew()
        part(lent.app)
        self._waiting[settings] = lent
        while len(self._waiting) > MOST:
            self._waiting.popitem(last=False)


class Engines:
    """Engines set up as the portal's own, by address: each knows what it has once compiled."""

    def __init__(self) -> None:
        self._made: dict[str, Engine] = {}

    @contextmanager
    def lend(self, url: str) -> Iterator[Engine]:
        """Lend one, for writing, and close its connections afterwards."""
        if url not in self._made:
            self._made[url] = create_engine(url, **transactions.engine_options(url))
            transactions.tune(self._made[url])
        yield self._made[url].execution_options(writes=True)
        self._made[url].dispose()
