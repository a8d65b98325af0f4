"""Databases for tests: an SQLite file copied for each, a MariaDB database emptied before each."""

import contextlib
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import flask_migrate
import pymysql
from flask import Flask
from sqlalchemy import create_engine

from portal import transactions
from portal.config import ROOT, Settings
from portal.extensions import db

PREFIX = "repasse_test"
ASKED_PORT = int(os.environ.get("TEST_MARIADB_PORT") or 0)
USUAL_PORT = 3306
HOST = "127.0.0.1"
SYSTEM_PATH = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/libexec"))
MEMORY_FOLDER = Path("/dev/shm")  # noqa: S108 - test files only; a folder of our own is made in it
ROOM_NEEDED = 2 * 1024**3


def migrate(url: str) -> None:
    """Bring a database to the newest shape, as `flask db upgrade` does."""
    app = Flask("migrations")
    app.config["SETTINGS"] = Settings(database_url=url, migration_database_url=url, env="testing")
    flask_migrate.Migrate(app, db, directory=str(ROOT / "migrations"))
    with app.app_context():
        flask_migrate.upgrade()


def is_alive(pid: int) -> bool:
    """Whether a process of that number runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def own_folder() -> Path:
    """Make a folder for this process's files, in memory where there is room."""
    roomy = MEMORY_FOLDER.is_dir() and shutil.disk_usage(MEMORY_FOLDER).free > ROOM_NEEDED
    base = MEMORY_FOLDER if roomy and os.access(MEMORY_FOLDER, os.W_OK) else None
    parent = base or Path(tempfile.gettempdir())
    for old in parent.glob(f"{PREFIX}_*_*"):
        pid = old.name.split("_")[2]
        if pid.isdigit() and not is_alive(int(pid)):
            end_server_of(old)
            shutil.rmtree(old, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{PREFIX}_{os.getpid()}_", dir=parent))


def end_server_of(folder: Path) -> None:
    """End the MariaDB that a run which died has left in its folder, if it is still that one."""
    with contextlib.suppress(FileNotFoundError, ValueError, ProcessLookupError):
        pid = int((folder / "pid").read_text())
        shown = subprocess.run(
            ["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False
        )
        if f"--datadir={folder}" in shown.stdout:
            os.kill(pid, signal.SIGKILL)


class SqliteFiles:
    """One migrated file, copied for each test that wants a fresh database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.template = folder / "template.sqlite3"
        self.made = 0
        self.free: list[str] = []

    def fresh(self) -> str:
        """Return the address of a database of its own, migrated and seeded.

        An address that is free again comes first: engines and portals are kept by it.
        """
        if not self.template.exists():
            self._migrate()
        if not self.free:
            self.made += 1
            self.free.append(f"sqlite:///{self.folder / str(self.made)}.sqlite3")
        url = self.free.pop()
        shutil.copyfile(self.template, url.removeprefix("sqlite:///"))
        return url

    def remove(self, url: str) -> None:
        """Delete a copy with what stands beside it."""
        path = url.removeprefix("sqlite:///")
        for ending in ("", "-wal", "-shm", "-journal"):
            Path(path + ending).unlink(missing_ok=True)
        self.free.append(url)

    def _migrate(self) -> None:
        rough = self.template.with_suffix(".rough")
        migrate(f"sqlite:///{rough}")
        engine = create_engine(f"sqlite:///{rough}")
        transactions.tune(engine)
        with engine.connect() as connection:
            raw: Any = connection.connection.driver_connection
            connection.rollback()
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        engine.dispose()
        rough.rename(self.template)


@dataclass(frozen=True)
class Server:
    """A MariaDB that lets root in without a password."""

    port: int

    def url(self, database: str) -> str:
        """Return the address of one of its databases, as settings take it.

        Without TLS: each connection would first read all authorities of the machine.
        """
        server = f"mysql+pymysql://root@{HOST}:{self.port}"
        return f"{server}/{database}?charset=utf8mb4&ssl_disabled=true"

    def connect(self, database: str | None = None) -> "pymysql.Connection[Any]":
        """Open a plain connection that commits each statement."""
        return pymysql.connect(
            host=HOST,
            port=self.port,
            user="root",
            database=database,
            autocommit=True,
            ssl_disabled=True,
        )

    def answers(self) -> bool:
        """Whether it lets us in."""
        try:
            self.connect().close()
        except pymysql.MySQLError:
            return False
        return True

    def drop_leftovers(self) -> None:
        """Drop the databases of runs that died."""
        with contextlib.closing(self.connect()) as connection, connection.cursor() as cursor:
            cursor.execute("SHOW DATABASES LIKE %s", (f"{PREFIX}\\_%",))
            for (name,) in cursor.fetchall():
                maker = re.match(rf"{PREFIX}_(\d+)_", name)
                if maker and not is_alive(int(maker[1])):
                    cursor.execute(f"DROP DATABASE IF EXISTS `{name}`")


class PrivateMariaDB:
    """A server of our own in a temporary folder, which tests may kill and start again.

    In memory, where syncing a file costs nothing, yet whoever kills it loses no written byte.
    """

    def __init__(self) -> None:
        self.folder = own_folder()
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def server(self) -> Server:
        """Return the address where it answers."""
        return Server(self.port)

    @staticmethod
    def program() -> str | None:
        """Return where MariaDB's server is, if it is installed."""
        return shutil.which("mariadbd", path=SYSTEM_PATH)

    def start(self) -> None:
        """Start it, on a new data folder the first time, and wait until it answers."""
        data = self.folder / "data"
        user = ["--user=root"] if os.geteuid() == 0 else []
        if not data.exists():
            self._install(data, user)
        self.process = subprocess.Popen(
            [
                str(self.program()),
                "--no-defaults",
                *user,
                f"--datadir={data}",
                f"--tmpdir={self.folder}",  # a server that starts empties what others share
                f"--socket={self.folder / 'socket'}",
                f"--pid-file={self.folder / 'pid'}",
                f"--log-error={self.folder / 'log'}",
                f"--port={self.port}",
                f"--bind-address={HOST}",
                "--innodb-flush-log-at-trx-commit=1",
                "--innodb-buffer-pool-size=256M",
                "--max-connections=300",
                "--character-set-server=utf8mb4",
                "--skip-log-bin",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._await_answer()

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it in order, and remove its folder."""
        self._end(signal.SIGTERM)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _install(self, data: Path, user: list[str]) -> None:
        installer = shutil.which("mariadb-install-db", path=SYSTEM_PATH)
        done = subprocess.run(
            [
                str(installer),
                "--no-defaults",
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
                f"--datadir={data}",
                *user,
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"mariadb-install-db failed: {done.stdout}{done.stderr}")

    def _await_answer(self) -> None:
        ends = time.monotonic() + 60
        while not self.server.answers():
            if self.process is None or self.process.poll() is not None:
                raise RuntimeError(f"mariadbd ended: {self._log()}")
            if time.monotonic() > ends:
                raise RuntimeError(f"mariadbd does not answer: {self._log()}")
            time.sleep(0.1)

    def _log(self) -> str:
        log = self.folder / "log"
        return log.read_text(errors="replace")[-2000:] if log.exists() else "no log"

    def _end(self, how: signal.Signals) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(timeout=60)
        self.process = None


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def mariadb_for_the_suite() -> Iterator[Server | None]:
    """Lend the MariaDB that was asked for, else one of our own, else the machine's, else nothing.

    Our own comes first because it keeps its files in memory: emptying a table, which tests do
    all the time, takes a disk fifty times as long.
    """
    if ASKED_PORT or PrivateMariaDB.program() is None:
        usual = Server(ASKED_PORT or USUAL_PORT)
        if usual.answers():
            usual.drop_leftovers()
            yield usual
        else:
            yield None
        return
    private = PrivateMariaDB()
    try:
        private.start()
        yield private.server
    finally:
        private.stop()


@dataclass
class MariaDatabase:
    """One database, migrated once, brought back to its first state before each test."""

    server: Server
    name: str
    _first: dict[str, int] = field(default_factory=dict)
    _rows: dict[str, tuple[str, list[tuple[Any, ...]]]] = field(default_factory=dict)

    @classmethod
    def create(cls, server: Server, label: str) -> "MariaDatabase":
        """Make one that carries this process's number, so that it is dropped if we die."""
        name = f"{PREFIX}_{os.getpid()}_{label}_{secrets.token_hex(3)}"
        made = cls(server, name)
        with contextlib.closing(server.connect()) as connection, connection.cursor() as cursor:
            cursor.execute(
                f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"
            )
        migrate(made.url)
        made._remember()
        return made

    @property
    def url(self) -> str:
        """Return its address, as settings take it."""
        return self.server.url(self.name)

    def drop(self) -> None:
        """Remove it, with whoever is still connected."""
        with contextlib.closing(self.server.connect()) as connection, connection.cursor() as cursor:
            self._part_from_strangers(cursor)
            cursor.execute(f"DROP DATABASE IF EXISTS `{self.name}`")

    def restore(self) -> None:
        """Bring back the rows of the migrations, and only those.

        TRUNCATE, because the journal's triggers refuse DELETE; only where rows differ.
        """
        connection = self.server.connect(self.name)
        with contextlib.closing(connection), connection.cursor() as cursor:
            self._part_from_strangers(cursor)
            sums = self._sums(cursor)
            changed = [table for table, first in self._first.items() if sums.get(table) != first]
            if not changed:
                return
            cursor.execute("SET foreign_key_checks=0, lock_wait_timeout=20")
            cursor.execute("SET sql_mode=CONCAT(@@sql_mode, ',NO_AUTO_VALUE_ON_ZERO')")
            for table in changed:
                cursor.execute(f"TRUNCATE TABLE `{table}`")
                insert, rows = self._rows.get(table, ("", []))
                if rows:
                    cursor.executemany(insert, rows)

    def _remember(self) -> None:
        connection = self.server.connect(self.name)
        with contextlib.closing(connection), connection.cursor() as cursor:
            cursor.execute("SHOW FULL TABLES WHERE Table_type = 'BASE TABLE'")
            self._first = dict.fromkeys((row[0] for row in cursor.fetchall()), 0)
            self._first = self._sums(cursor)
            for table, first in self._first.items():
                if first:
                    self._rows[table] = self._rows_of(cursor, table)

    def _rows_of(self, cursor: Any, table: str) -> tuple[str, list[tuple[Any, ...]]]:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = %s "
            "AND table_name = %s AND generation_expression IS NULL ORDER BY ordinal_position",
            (self.name, table),
        )
        columns = [row[0] for row in cursor.fetchall()]
        listed = ", ".join(f"`{column}`" for column in columns)
        cursor.execute(f"SELECT {listed} FROM `{table}`")  # noqa: S608 - names of our own tables
        marks = ", ".join(["%s"] * len(columns))
        insert = f"INSERT INTO `{table}` ({listed}) VALUES ({marks})"  # noqa: S608 - as above
        return insert, list(cursor.fetchall())

    def _sums(self, cursor: Any) -> dict[str, int]:
        tables = ", ".join(f"`{table}`" for table in self._first)
        cursor.execute(f"CHECKSUM TABLE {tables}")
        return {name.partition(".")[2]: total for name, total in cursor.fetchall()}

    def _part_from_strangers(self, cursor: Any) -> None:
        cursor.execute(
            "SELECT id FROM information_schema.processlist WHERE db = %s AND id <> CONNECTION_ID()",
            (self.name,),
        )
        for (number,) in cursor.fetchall():
            with contextlib.suppress(pymysql.MySQLError):
                cursor.execute("KILL %s", (number,))
