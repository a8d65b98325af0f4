"""`flask backup create|restore`: the whole database in one compressed file, on both engines."""

import gzip
import os
import re
import shutil
import sqlite3
import subprocess  # nosec B404 - MariaDB's own client programs, called without a shell
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import URL, Engine, create_engine, inspect, make_url

from portal import clock
from portal.config import Settings

SQLITE_SUFFIX = ".sqlite3.gz"
MARIADB_SUFFIX = ".sql.gz"
_DEFINER = re.compile(rb"/\*!\d+ DEFINER=`[^`]*`@`[^`]*`( SQL SECURITY DEFINER)? ?\*/")
_CHUNK = 1024 * 1024
_SQLITE = b"SQLite format 3\0"
_COMPLETE = b"-- Dump completed"
"""What mariadb-dump writes last: without it a file is only the beginning of a dump."""


@click.group("backup")
def backup() -> None:
    """Save the whole database to a file, or bring it back."""


@backup.command("create")
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@with_appcontext
def create(file: Path | None) -> None:
    """Write a backup of the running database to FILE; its path is the last line.

    It is read by the owner of the tables: the portal's own user does not see their triggers.
    """
    settings = _settings()
    url = make_url(settings.migration_database_url or settings.database_url)
    target = file or _default_file(url)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + ".partial")
    _save_sqlite(url, partial) if _is_sqlite(url) else _save_mariadb(url, partial)
    partial.chmod(0o600)
    partial.replace(target)
    click.echo(f"Saved {target.stat().st_size} bytes.")
    click.echo(str(target))


@backup.command("restore")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--replace", is_flag=True, help="Overwrite a database that holds tables.")
@with_appcontext
def restore(file: Path, *, replace: bool) -> None:
    """Bring the database back from FILE. Stop the portal first; verify afterwards."""
    settings = _settings()
    url = make_url(settings.migration_database_url or settings.database_url)
    _check_file(url, file)
    if _tables_of(url) and not replace:
        raise click.ClickException("The database is not empty. Repeat with --replace to lose it.")
    _load_sqlite(url, file) if _is_sqlite(url) else _load_mariadb(url, file)
    click.echo(f"Restored {len(_tables_of(url))} tables. Now run: flask ledger verify")


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


def _is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def _default_file(url: URL) -> Path:
    suffix = SQLITE_SUFFIX if _is_sqlite(url) else MARIADB_SUFFIX
    stamp = clock.local(clock.now()).strftime("%Y%m%d-%H%M%S")
    return Path(current_app.instance_path) / "backups" / f"repasse-{stamp}{suffix}"


def _check_file(url: URL, file: Path) -> None:
    """Refuse what is no whole backup of this engine; its name may be any."""
    first, last = _ends(file)
    if not first:
        raise click.ClickException("The file is damaged: there is nothing in it.")
    if first.startswith(_SQLITE) is not _is_sqlite(url):
        kind, other = ("SQLite", "MariaDB") if _is_sqlite(url) else ("MariaDB", "SQLite")
        raise click.ClickException(f"This is no backup of {kind}; is it one of {other}?")
    if not _is_sqlite(url) and _COMPLETE not in last:
        raise click.ClickException("The file is damaged: the end of the dump is missing.")


def _ends(file: Path) -> tuple[bytes, bytes]:
    """Read a file through, return its beginning and end; refuse one that cannot be unpacked."""
    first = last = b""
    try:
        with gzip.open(file) as content:
            while chunk := content.read(_CHUNK):
                first = first or chunk[:200]
                last = last[-200:] + chunk
    except (OSError, EOFError, zlib.error) as error:
        raise click.ClickException(f"The file is damaged: {error}") from error
    return first, last[-200:]


def _engine(url: URL) -> Engine:
    return create_engine(url)


def _tables_of(url: URL) -> list[str]:
    engine = _engine(url)
    try:
        return inspect(engine).get_table_names()
    finally:
        engine.dispose()


def _save_sqlite(url: URL, target: Path) -> None:
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        copy = Path(folder) / "copy.sqlite3"
        _copy(Path(str(url.database)), copy)
        with copy.open("rb") as source, gzip.open(target, "wb") as packed:
            shutil.copyfileobj(source, packed, _CHUNK)


def _load_sqlite(url: URL, file: Path) -> None:
    target = Path(str(url.database))
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(target.name + ".restoring")
    with gzip.open(file) as packed, fresh.open("wb") as plain:
        shutil.copyfileobj(packed, plain, _CHUNK)
    try:
        _check_sqlite(fresh)
        _copy(fresh, target)
    finally:
        fresh.unlink()


def _check_sqlite(file: Path) -> None:
    """Refuse a file that is no whole database, or one without tables."""
    try:
        with closing(sqlite3.connect(file)) as database:
            verdict = database.execute("PRAGMA integrity_check").fetchone()[0]
            tables = database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise click.ClickException(f"The file is damaged: {error}") from error
    if verdict != "ok" or not tables:
        reason = verdict if tables else "it holds no tables"
        raise click.ClickException(f"The file is damaged: {reason}")


def _copy(source: Path, target: Path) -> None:
    """Copy a database page by page, also while others write to it."""
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)


def _save_mariadb(url: URL, target: Path) -> None:
    options = ["--single-transaction", "--quick", "--triggers", "--hex-blob", "--no-tablespaces"]
    with (
        _client("mariadb-dump", url, *options) as command,
        gzip.open(target, "wb") as packed,
        subprocess.Popen(command, stdout=subprocess.PIPE) as dump,  # noqa: S603 - no shell, words from settings
    ):
        for line in dump.stdout or ():
            packed.write(_DEFINER.sub(b"", line))
    _insist(dump.returncode, target)


def _load_mariadb(url: URL, file: Path) -> None:
    with (
        _client("mariadb", url) as command,
        gzip.open(file) as packed,
        subprocess.Popen(command, stdin=subprocess.PIPE) as client,  # noqa: S603 - no shell, words from settings
    ):
        _feed(client, _emptied(url))
        while chunk := packed.read(_CHUNK):
            _feed(client, chunk)
    _insist(client.returncode, None)


def _feed(client: subprocess.Popen[bytes], chunk: bytes) -> None:
    if client.stdin is not None:
        client.stdin.write(chunk)


def _emptied(url: URL) -> bytes:
    """Return the statements that drop every table and view, so that nothing old stays."""
    engine = _engine(url)
    views = inspect(engine).get_view_names()
    tables = inspect(engine).get_table_names()
    engine.dispose()
    lines = ["SET FOREIGN_KEY_CHECKS=0;"]
    lines += [f"DROP VIEW `{name}`;" for name in views]
    lines += [f"DROP TABLE `{name}`;" for name in tables]
    return "\n".join([*lines, "SET FOREIGN_KEY_CHECKS=1;\n"]).encode()


def _insist(code: int, target: Path | None) -> None:
    if code == 0:
        return
    if target is not None:
        target.unlink(missing_ok=True)
    raise click.ClickException("MariaDB's client reported an error; nothing can be relied on.")


@contextmanager
def _client(program: str, url: URL, *options: str) -> Iterator[list[str]]:
    """Give the command line of a client program; the password travels in a private file."""
    path = shutil.which(program)
    if path is None:
        raise click.ClickException(f"{program} is missing: install MariaDB's client programs.")
    with tempfile.NamedTemporaryFile("w", suffix=".cnf", delete=False) as secrets:
        secrets.write(_secrets(url))
    try:
        yield [path, f"--defaults-extra-file={secrets.name}", *options, str(url.database)]
    finally:
        os.unlink(secrets.name)


def _secrets(url: URL) -> str:
    facts = {
        "host": url.host,
        "port": url.port,
        "user": url.username,
        "password": url.password,
        "socket": url.query.get("unix_socket"),
    }
    lines = [f'{name}="{value}"' for name, value in facts.items() if value is not None]
    return "[client]\n" + "\n".join(lines) + "\n"
