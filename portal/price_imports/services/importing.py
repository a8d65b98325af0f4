"""A whole list becomes an edition, or nothing is stored."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.audit.services import record
from portal.catalogue.rules import CATEGORY_LENGTH, NAME_LENGTH
from portal.catalogue.services import add_missing_products
from portal.errors import Invalid
from portal.i18n import N_
from portal.periods import Period
from portal.price_imports.errors import CalculationChanged, ImportRefused, NothingToImport
from portal.price_imports.errors.report import Report, RowError
from portal.price_imports.rules.checking import Checked
from portal.price_imports.rules.columns import Column
from portal.price_imports.services.staging import stage, store_staged, unknown_skus, unstage
from portal.pricing.models import Calculation, Edition, PriceTable
from portal.pricing.rules.tables import takes_percentages
from portal.pricing.services import draft, lock_table, publish_edition
from portal.pricing.services.guards import need
from portal.texts import code_of


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is to become."""

    period: Period
    publish: bool = False
    replace: bool = False
    reason: str | None = None
    create_products: bool = False
    file_name: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it."""

    edition: Edition
    report: Report


def import_prices(
    session: Session,
    table_id: int,
    checked: Checked,
    wanted: Wanted,
    *,
    percentages: bool,
    by: Actor,
    at: datetime,
) -> Outcome:
    """Store a list as an edition, with its new products, and publish it if that is wanted.

    ImportRefused carries every wrong row; then nothing is stored.
    """
    table = lock_table(session, by, table_id)
    _check_allowed(by, wanted)
    _check_table(table, checked, percentages=percentages)
    report = staged_report(session, checked, create_products=wanted.create_products)
    if report.errors:
        raise ImportRefused(report)
    if report.created:
        _create_products(session, checked, by=by, at=at)
    edition = draft(session, table, wanted.period, (), by=by, at=at)
    connection = session.connection()
    stored = store_staged(connection, edition.id, percentages=percentages)
    unstage(connection)
    _note(session, table, edition, wanted, report, stored, by=by, at=at)
    if wanted.publish:
        edition = publish_edition(
            session, table_id, edition.id, by=by, at=at, replace=wanted.replace,
            reason=wanted.reason,
        )  # fmt: skip
    return Outcome(edition, report)


def staged_report(session: Session, checked: Checked, *, create_products: bool) -> Report:
    """Put the rows beside the products; return what is wrong with them, all of it."""
    connection = session.connection()
    stage(connection, checked.lines)
    unknown = unknown_skus(connection)
    strangers = {sku for _, sku in unknown}
    if create_products:
        errors = [*checked.errors, *_bad_products(checked, unknown)]
        created = len(strangers)
    else:
        text = N_("There is no product with this SKU.")
        errors = checked.errors + [
            RowError(row, Column.SKU, "unknown_product", text) for row, _ in unknown
        ]
        created = 0
    errors.sort(key=lambda error: error.row)
    cut = sum(len(checked.names.get(sku, "")) > NAME_LENGTH for sku in strangers) if created else 0
    return Report(checked.rows, created, errors, cut)


def check_only(session: Session, checked: Checked, *, create_products: bool) -> Report:
    """Return what is wrong with a list, and store nothing."""
    report = staged_report(session, checked, create_products=create_products)
    unstage(session.connection())
    return report


def _check_allowed(by: Actor, wanted: Wanted) -> None:
    need(by, "prices.edit")
    if wanted.publish:
        need(by, "prices.publish")
    if wanted.create_products:
        need(by, "catalogue.edit")


def _check_table(table: PriceTable, checked: Checked, *, percentages: bool) -> None:
    if takes_percentages(table.calculation) is not percentages:
        raise CalculationChanged
    if not checked.rows and not checked.errors and table.calculation != Calculation.ADJUSTED:
        raise NothingToImport


def _bad_products(checked: Checked, unknown: Iterable[tuple[int, str]]) -> Iterable[RowError]:
    """Say which new products cannot be."""
    for row, sku in unknown:
        try:
            code_of("sku", sku)
        except Invalid as refusal:
            problem = refusal.problems[0]
            yield RowError(row, Column.SKU, problem.code, problem.text, problem.facts)
        if len(checked.categories.get(sku, "")) > CATEGORY_LENGTH:
            text = N_("Use at most %(limit)s characters.")
            yield RowError(row, Column.CATEGORY, "invalid", text, {"limit": CATEGORY_LENGTH})


def _create_products(session: Session, checked: Checked, *, by: Actor, at: datetime) -> None:
    strangers = dict.fromkeys(sku for _, sku in unknown_skus(session.connection()))
    names = {sku: name_within(checked.names.get(sku, "")) or sku for sku in strangers}
    categories = {sku: visible(checked.categories.get(sku, "")) for sku in strangers}
    kept = {sku: text for sku, text in categories.items() if text}
    add_missing_products(session, names, by=by, at=at, categories=kept)


def name_within(text: str) -> str:
    """Return a product's name as long as it may be; a longer one ends in an ellipsis."""
    name = visible(text)
    return name if len(name) <= NAME_LENGTH else f"{name[: NAME_LENGTH - 1].rstrip()}…"


def visible(text: str) -> str:
    """Return a text with single blanks and without signs that nobody sees."""
    shown = "".join(sign if sign.isprintable() else " " for sign in text)
    return " ".join(shown.split())


def _note(
    session: Session,
    table: PriceTable,
    edition: Edition,
    wanted: Wanted,
    report: Report,
    stored: int,
    *,
    by: Actor,
    at: datetime,
) -> None:
    after = {"edition": edition.number, "file": wanted.file_name, "items": stored}
    record(
        session,
        by=by,
        action="edition.imported",
        entity=("price_table", table.id),
        at=at,
        service_point_id=table.service_point_id,
        after=after | ({"products_created": report.created} if report.created else {}),
    )
