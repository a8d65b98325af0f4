"""Lists from the command line, and the process that a page begins."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.clock import now
from portal.periods import Period
from portal.price_imports.models import ImportState, PriceImport
from portal.price_imports.rules.orders import Deed, Order
from portal.price_imports.services import ACQUISITION
from portal.price_imports.services.uploads import begin, note_progress, upload
from portal.price_imports.views.door import environment_of, start
from portal.pricing.models import Edition, EditionState, PriceTable
from tests.factories import make_actor, make_user
from tests.price_imports.lists import FROM, csv_file, prices_of


@pytest.fixture
def run(app: Flask, session: Session) -> Callable[..., Result]:
    def prices(*words: Any) -> Result:
        session.commit()
        return app.test_cli_runner().invoke(args=["prices", *map(str, words)])

    return prices


def written(folder: Path, *lines: str) -> Path:
    path = folder / "lista.csv"
    path.write_bytes(csv_file(*lines))
    return path


def editions(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Edition)) or 0


def test_a_list_is_imported_and_published(
    run: Callable[..., Result], session: Session, table: PriceTable, tmp_path: Path
) -> None:
    file = written(tmp_path, "sku;name;price", "A1;x;10,50", "N1;Novo;20")

    done = run(
        "import", file, "--table", table.id, "--valid-from", "2027-01-01",
        "--valid-until", "2027-06-30", "--publish", "--create-products",
    )  # fmt: skip

    assert done.exit_code == 0, done.output
    edition = session.scalars(select(Edition)).one()
    assert edition.state == EditionState.PUBLISHED
    assert done.output == f"Edition 1 (id {edition.id}) published. 2 rows, 1 new products.\n"
    assert prices_of(session, edition.id)["A1", "0"] == "10.5000"


def test_a_dry_run_stores_nothing(
    run: Callable[..., Result], session: Session, table: PriceTable, tmp_path: Path
) -> None:
    file = written(tmp_path, "sku;price", "A1;10")

    done = run("import", file, "--table", table.id, "--valid-from", "2027-01-01", "--dry-run")

    assert done.exit_code == 0
    assert done.output == "Nothing stored: a dry run. 1 rows, 0 new products.\n"
    assert editions(session) == 0


def test_bad_rows_are_listed_and_the_command_fails(
    run: Callable[..., Result], session: Session, table: PriceTable, tmp_path: Path
) -> None:
    file = written(tmp_path, "sku;price", "NONE;dez")

    done = run("import", file, "--table", table.id, "--valid-from", "2027-01-01")

    assert done.exit_code == 1
    assert "row 2, price: invalid: dez is no number such as 1.234,56." in done.output
    assert "row 2, sku: unknown_product: There is no product with this SKU." in done.output
    assert "Nothing was stored." in done.output
    assert editions(session) == 0


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (("a;b", "1;2"), "No row says which column holds the products"),
        (("sku;price", "A1;1.234"), "ambiguous_number"),
    ],
)
def test_what_cannot_be_read_is_said_in_a_line(
    run: Callable[..., Result], table: PriceTable, tmp_path: Path, lines: Any, words: str
) -> None:
    file = written(tmp_path, *lines)

    done = run("import", file, "--table", table.id, "--valid-from", "2027-01-01")

    assert done.exit_code == 1
    assert words in done.output
    assert run("import", file, "--table", 99, "--valid-from", "2027-01-01").exit_code == 1


def test_the_command_line_may_say_which_mark_the_decimals_have(
    run: Callable[..., Result], session: Session, table: PriceTable, tmp_path: Path
) -> None:
    file = written(tmp_path, "sku;price", "A1;1.234")
    wanted = ("--table", table.id, "--valid-from", "2027-01-01", "--decimal", "point")

    run("import", file, *wanted)

    edition = session.scalars(select(Edition)).one()
    assert prices_of(session, edition.id)["A1", "0"] == "1.2340"


@pytest.mark.engines("sqlite", "mariadb")
@pytest.mark.parametrize("deed", [Deed.CHECK, Deed.STORE])
def test_a_process_of_its_own_does_what_a_page_ordered(
    app: Flask, session: Session, table: PriceTable, deed: Deed
) -> None:
    user = make_user(session, "pricing")
    by = make_actor(user_id=user.id)
    order = Order(Period(FROM), deed=deed, publish=deed == Deed.STORE)
    kept = upload(
        session, ACQUISITION, table.id, file_name="l.csv", content=csv_file("sku;price", "A1;10"),
        order=order, by=by, at=now(),
    )  # fmt: skip
    number = kept.id
    begin(session, ACQUISITION, number, order, by=by, at=now())
    session.commit()

    process = start(ACQUISITION, number, app.config["SETTINGS"])

    assert process.wait(timeout=60) == 0
    session.expire_all()
    assert kept.state == (ImportState.CHECKED if deed == Deed.CHECK else ImportState.STORED)
    assert editions(session) == (0 if deed == Deed.CHECK else 1)


def test_a_run_that_another_took_over_stores_nothing(
    run: Callable[..., Result], session: Session, table: PriceTable
) -> None:
    by = make_actor(user_id=make_user(session, "pricing").id)
    order = Order(Period(FROM), deed=Deed.STORE)
    kept = upload(
        session, ACQUISITION, table.id, file_name="l.csv", content=csv_file("sku;price", "A1;10"),
        order=order, by=by, at=now(),
    )  # fmt: skip

    note_progress(session, ACQUISITION, kept.id, now(), 1, 2)
    done = run("import-run", kept.id)

    session.expire_all()
    assert done.exit_code == 1
    assert session.get_one(PriceImport, kept.id).rows_done == 0
    assert editions(session) == 0


def test_a_disabled_user_has_no_run(
    run: Callable[..., Result], session: Session, table: PriceTable
) -> None:
    user = make_user(session, "pricing")
    by = make_actor(user_id=user.id)
    order = Order(Period(FROM), deed=Deed.STORE)
    kept = upload(
        session, ACQUISITION, table.id, file_name="l.csv", content=csv_file("sku;price", "A1;10"),
        order=order, by=by, at=now(),
    )  # fmt: skip
    begin(session, ACQUISITION, kept.id, order, by=by, at=now())
    user.active = False

    assert run("import-run", kept.id).exit_code == 1
    assert editions(session) == 0


def test_the_process_has_the_settings_of_the_portal(app: Flask) -> None:
    settings = app.config["SETTINGS"]

    environment = environment_of(settings)

    assert environment["DATABASE_URL"] == settings.database_url
    assert environment["SECRET_KEY"] == settings.secret_key
