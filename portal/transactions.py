"""The one place that opens, commits and repeats a transaction (SAFETY, the pattern)."""

import logging
import random
import sqlite3
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, closing, nullcontext
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, Concatenate, ParamSpec, TypeVar

from pymysql.constants import CLIENT
from sqlalchemy import Connection, Dialect, Engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.afterwards import Work, noted_in
from portal.db import Sql
from portal.errors import Busy
from portal.extensions import db
from portal.texts import fold
from portal.turns import FairQueue
from portal.wire import Carrier, Wire, is_watched

log = logging.getLogger(__name__)
_following: ContextVar[list[Work] | None] = ContextVar("following", default=None)
P = ParamSpec("P")
T = TypeVar("T")

TRIES = 20
PATIENCE_SECONDS = 10.0
FIRST_PAUSE_SECONDS = 0.01
STRICT = "STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"
"""What MariaDB refuses to bend; backslashes escape in it, on which `literal` relies."""
SMALL_PAGES = "page_size=2048"
"""Of a new file of SQLite: an order changes some twenty pages, each of which is written whole."""
GLANCES = "glances"
"""The engine of looks that are one statement: nothing begins, so nothing has to end."""
PACKETS = "packets"
"""The engine whose packets may hold several statements."""
MOST_FOLLOWING = 100
"""So many deeds follow one transaction at most."""
GONE = frozenset({1205, 1213, 1020, 1969})
"""The transaction is lost: deadlock, lock wait, record changed, statement timeout."""
LOST = frozenset({1040, 1047, 1053, 1180, 1290, 1317, 1927, 2002, 2003, 2006, 2013, 2014, 2055, 0})
"""The connection or its node is lost; 0 is PyMySQL's interface error on a closed socket."""


def transact(deed: Callable[Concatenate[Session, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Do one deed in one transaction, and repeat the whole when the database lost it.

    Raises Busy when the tries are used up, and when the connection broke at COMMIT: then the
    deed may have been stored, so only a caller with an idempotency key may repeat it.
    """
    engine = _writing(db.engine)
    return _repeat(lambda: _attempt(engine, lambda session: deed(session, *args, **kwargs)))


def transact_keyed(
    deed: Callable[Concatenate[Session, P], T], /, *args: P.args, **kwargs: P.kwargs
) -> T:
    """Do one deed that looks its idempotency key up first; so an unknown COMMIT is repeated."""
    engine = _writing(_engine_for(PACKETS))
    return _repeat(
        lambda: _attempt(engine, lambda session: deed(session, *args, **kwargs)), keyed=True
    )


def transact_on_connection(
    deed: Callable[Concatenate[Carrier, P], T], /, *args: P.args, **kwargs: P.kwargs
) -> T:
    """Do one keyed deed that is statements alone: a session costs more than three of them."""
    engine = _writing(_engine_for(PACKETS))
    return _repeat(
        lambda: _attempt_plain(engine, lambda carrier: deed(carrier, *args, **kwargs)), keyed=True
    )


def read(query: Callable[Concatenate[Session, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Ask the database and change nothing."""
    return _repeat(lambda: _look(db.engine, lambda session: query(session, *args, **kwargs)))


def _engine_for(use: str) -> Engine:
    """Return the engine made for a use, where there is one; SQLite has one for all."""
    engines = db.engines
    return engines.get(use) or engines[None]


@lru_cache(maxsize=64)
def _writing(engine: Engine) -> Engine:
    return engine.execution_options(writes=True)


def glance(look: Callable[Concatenate[Carrier, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Ask one question with one statement, without a transaction around it."""
    return _repeat(lambda: _glance(_engine_for(GLANCES), look, *args, **kwargs))


def _glance(
    engine: Engine, look: Callable[Concatenate[Carrier, P], T], *args: P.args, **kwargs: P.kwargs
) -> T:
    carrier = _carrier_of(engine)
    try:
        return look(carrier, *args, **kwargs)
    except DBAPIError:
        carrier.invalidate()
        raise
    finally:
        carrier.close()


def _carrier_of(engine: Engine) -> Carrier:
    """Take a connection out of the pool, the driver's own unless someone listens to statements."""
    return engine.connect() if is_watched(engine) else Wire(engine)


_BEGIN_WRITING, _BEGIN_READING = Sql("BEGIN IMMEDIATE"), Sql("BEGIN")


class _CommitUnknown(Exception):
    """The connection broke at COMMIT: stored or not, nobody knows."""


def _attempt(engine: Engine, work: Callable[[Session], T]) -> T:
    result, afterwards = _commit(engine, work)
    if afterwards:
        _follow(afterwards)
    return result


def _commit(engine: Engine, work: Callable[[Session], T]) -> tuple[T, list[Work]]:
    def flushed() -> T:
        result = work(session)
        session.flush()
        return result

    with _turn(engine), Session(engine, expire_on_commit=False) as session:
        return _through(session, flushed), noted_in(session)


def _follow(noted: list[Work]) -> None:
    """Do what was to follow, each deed as long as there is more of it; jobs do what is left.

    What a deed that follows notes itself waits in the same queue.
    """
    if (queue := _following.get()) is not None:
        queue.extend(work for work in noted if work not in queue)
        return
    queue = list(noted)
    token = _following.set(queue)
    try:
        for _ in range(MOST_FOLLOWING):
            if not queue:
                break
            deed, given = work = queue.pop(0)
            if transact(deed, *given) and work not in queue:
                queue.append(work)
    except Exception:
        log.exception("what was to follow a transaction is left to its job")
    finally:
        _following.reset(token)


def _attempt_plain(engine: Engine, work: Callable[[Carrier], T]) -> T:
    if engine.dialect.name == "sqlite":
        with _sqlite_queue:
            return _attempt_in_turn(engine, work)
    with closing(_carrier_of(engine)) as carrier:
        _begin(carrier)
        return _through(carrier, lambda: work(carrier))


_kept: dict[Dialect, Wire] = {}
"""The connection of each engine's writers on SQLite, who come one by one and so need no pool."""


def _attempt_in_turn(engine: Engine, work: Callable[[Carrier], T]) -> T:
    """Work on the writers' connection; one on which anything failed goes back to the pool."""
    pool = engine.pool
    kept = None if is_watched(engine) else _kept.pop(engine.dialect, None)
    carrier = kept or _carrier_of(engine)
    try:
        _begin(carrier)
        result = _through(carrier, lambda: work(carrier))
    except BaseException:
        carrier.close()
        raise
    if not isinstance(carrier, Wire):
        carrier.close()
    elif engine.pool is pool:
        _kept[engine.dialect] = carrier
    else:
        carrier.invalidate()
    return result


def _part_with_writers(engine: Engine) -> None:
    """Close the writers' connection with the others: the file may become another one."""
    if (kept := _kept.pop(engine.dialect, None)) is not None:
        kept.invalidate()


def _begin(carrier: Carrier) -> None:
    """Begin to write; MariaDB's connections have begun whenever they are not in the midst of it."""
    if not isinstance(carrier, Wire):
        carrier.begin()
    elif carrier.dialect.name == "sqlite":
        _BEGIN_WRITING.run(carrier)


def _through(opened: Session | Carrier, work: Callable[[], T]) -> T:
    """Work and commit; roll back what fails, and part with what fails at COMMIT."""
    try:
        result = work()
    except BaseException as error:
        _give_up(opened, error)
        raise
    try:
        opened.commit()
    except DBAPIError as error:
        _throw_away(opened)
        if _number(error) in GONE or _is_sqlite_busy(error):
            raise
        raise _CommitUnknown from error
    return result


def _look(engine: Engine, work: Callable[[Session], T]) -> T:
    with Session(engine, expire_on_commit=False) as session:
        try:
            return work(session)
        except BaseException as error:
            _give_up(session, error)
            raise


def _give_up(opened: Session | Carrier, error: BaseException) -> None:
    """Roll back; a connection that cannot even do that is thrown away."""
    try:
        if isinstance(error, DBAPIError) and _number(error) in LOST:
            opened.invalidate()
        else:
            opened.rollback()
    except Exception:  # noqa: BLE001 - ROLLBACK itself may raise on a lost node
        opened.invalidate()


def _throw_away(opened: Session | Carrier) -> None:
    """Part with a connection whose COMMIT failed: SQLAlchemy sends no ROLLBACK after that.

    Back in the pool, it would hold its locks, and the next COMMIT on it would store what was lost.
    """
    try:
        opened.invalidate()
    except Exception:  # noqa: BLE001 - the connection may be beyond closing
        opened.close()


def _repeat(attempt: Callable[[], T], *, keyed: bool = False) -> T:
    started = time.monotonic()
    for number in range(TRIES):
        try:
            return attempt()
        except _CommitUnknown as error:
            if not keyed:
                raise Busy from error
        except DBAPIError as error:
            if not _is_passing(error):
                raise
        if time.monotonic() - started > PATIENCE_SECONDS:
            break
        time.sleep(min(FIRST_PAUSE_SECONDS * 2**number, 1.0) * random.uniform(0.5, 1.0))  # noqa: S311 - jitter
    raise Busy


def _number(error: DBAPIError) -> int | None:
    args = getattr(error.orig, "args", ())
    return args[0] if args and isinstance(args[0], int) else None


def _is_sqlite_busy(error: DBAPIError) -> bool:
    code = getattr(error.orig, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def _is_passing(error: DBAPIError) -> bool:
    number = _number(error)
    return number in GONE or number in LOST or _is_sqlite_busy(error)


_sqlite_queue = FairQueue()


def _turn(engine: Engine) -> AbstractContextManager[None]:
    return _sqlite_queue if engine.dialect.name == "sqlite" else nullcontext()


def tune(engine: Engine) -> None:
    """Set each new connection up: durable, strict, and with explicit BEGIN on SQLite."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _tune_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        event.listen(engine, "engine_disposed", _part_with_writers)


def _tune_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    for pragma in (
        SMALL_PAGES,
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "recursive_triggers=ON",
        "busy_timeout=10000",
        "cache_size=-8000",
    ):
        connection.execute(f"PRAGMA {pragma}")
    connection.create_function("fold", 1, fold, deterministic=True)


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes")
    (_BEGIN_WRITING if writes else _BEGIN_READING).run(connection)


def more_engines(url: str) -> dict[str, dict[str, Any]]:
    """Return what else is connected on MariaDB: engines for packets and for glances.

    Packets of several statements serve deeds with an idempotency key alone.
    """
    if url.startswith("sqlite"):
        return {}
    options = engine_options(url)
    flags = {"client_flag": CLIENT.FOUND_ROWS | CLIENT.MULTI_STATEMENTS}
    at_once = {"isolation_level": "AUTOCOMMIT", "skip_autocommit_rollback": True}
    return {
        PACKETS: {**options, "url": url, "connect_args": {**options["connect_args"], **flags}},
        GLANCES: {**options, "url": url, **at_once},
    }


def engine_options(url: str) -> dict[str, Any]:
    """Return how the engine of an address is built."""
    if url.startswith("sqlite"):
        return {"connect_args": {"timeout": 10}}
    return {
        "isolation_level": "READ COMMITTED",
        "pool_reset_on_return": None,
        "pool_recycle": 280,
        "pool_size": 16,
        "max_overflow": 16,
        "connect_args": {
            "charset": "utf8mb4",
            "connect_timeout": 5,
            "init_command": f"SET SESSION innodb_lock_wait_timeout = 10, sql_mode = '{STRICT}'",
        },
    }
