"""What those who run the portal rely on: rights of database users, figures of all workers."""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import requests
from click.testing import Result
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.app import create_app
from portal.extensions import db
from tests.cli.conftest import settings_for
from tests.databases import HOST, Server
from tests.servers import PortalProcess
from tests.trade import make_trade

ROOT = Path(__file__).resolve().parent.parent
SQL = ROOT / "docs" / "operations.md"


@dataclass(frozen=True)
class Users:
    """The addresses of one database for its owner and for the portal."""

    owner: str
    portal: str


@pytest.fixture
def users(engine_url: str, mariadb_server: Server, session: Session) -> Iterator[Users]:
    """Make the portal's own database user, with the rights that the manual names."""
    make_trade(session)
    session.commit()
    database = create_engine(engine_url).url.database
    name = f"portal_{os.getpid()}_{secrets.token_hex(2)}"
    with closing(mariadb_server.connect()) as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE USER '{name}'@'{HOST}' IDENTIFIED BY 'hush'")
        cursor.execute(rights_query(), (database,))
        for (statement,) in cursor.fetchall():
            cursor.execute(statement.replace("'repasse'@'10.0.0.%'", f"'{name}'@'{HOST}'"))
        yield Users(engine_url, engine_url.replace("root@", f"{name}:hush@"))
        cursor.execute(f"DROP USER '{name}'@'{HOST}'")


def rights_query() -> str:
    """Return the query of the manual that writes the GRANT statements."""
    manual = SQL.read_text(encoding="utf-8")
    query = manual.split("<!-- rights -->")[1].split("```sql")[1].split("```")[0]
    return query.strip().rstrip(";").replace("%", "%%").replace("'repasse' AND", "%s AND")


@pytest.mark.engines("mariadb")
def test_the_portals_own_user_may_serve_and_not_touch_the_journal(
    users: Users, start_portal: Callable[..., PortalProcess]
) -> None:
    served = start_portal(users.portal)
    ready = requests.get(f"{served.address}/health/ready", timeout=30)
    engine = create_engine(users.portal)

    def may(statement: str) -> bool:
        with engine.connect() as connection:
            try:
                connection.execute(text(statement))
            except DBAPIError:
                return False
            finally:
                connection.rollback()
        return True

    assert ready.status_code == 200, ready.text
    assert may("UPDATE accounts SET version = version + 1")
    assert may("UPDATE deeds SET send_state = 1")
    for refused in (
        "UPDATE entries SET qty = qty",
        "DELETE FROM entries",
        "DELETE FROM deeds",
        "UPDATE deeds SET action = action",
        "TRUNCATE TABLE entries",
        "DROP TABLE entries",
        "DROP TRIGGER entries_no_update",
        "ALTER TABLE entries ADD COLUMN x INT",
        "CREATE TABLE x (id INT PRIMARY KEY)",
    ):
        assert not may(refused), refused
    engine.dispose()


@pytest.mark.engines("mariadb")
def test_owner_and_portal_share_the_commands_as_the_manual_says(
    users: Users, tmp_path: Path
) -> None:
    saved = tmp_path / "saved.sql.gz"

    def run(*words: str, owner: str = users.owner) -> Result:
        settings = replace(settings_for(users.portal), migration_database_url=owner)
        app = create_app(settings)
        done = app.test_cli_runner().invoke(args=list(words))
        with app.app_context():
            db.engine.dispose()
        return done

    assert run("ledger", "verify").exit_code == 0
    assert run("backup", "create", str(saved)).exit_code == 0
    assert run("backup", "restore", str(saved), "--replace").exit_code == 0
    assert run("ledger", "verify").exit_code == 0
    assert run("backup", "create", str(tmp_path / "no.sql.gz"), owner=users.portal).exit_code == 1


@pytest.mark.engines("sqlite")
def test_metrics_add_up_what_all_workers_have_answered(
    engine_url: str, start_portal: Callable[..., PortalProcess]
) -> None:
    portal = start_portal(engine_url, WORKERS="2")
    for _ in range(20):
        requests.get(f"{portal.address}/sign-in", timeout=30)

    figures = requests.get(f"{portal.address}/metrics", timeout=30).text

    assert 'repasse_requests_total{method="GET",route="/sign-in",status="200"} 20.0' in figures
