"""Price tables are put on file and changed."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypedDict

from sqlalchemy import exists, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.audit.rules import difference
from portal.catalogue.services import touch_offers
from portal.clock import day_of
from portal.db import is_duplicate
from portal.errors import Problem, Refused, invalid
from portal.i18n import N_
from portal.pricing.errors import (
    CalculationCycle,
    CalculationInUse,
    HeadquartersOnly,
    TableExists,
)
from portal.pricing.models import (
    Edition,
    EditionItem,
    EditionState,
    PriceTable,
    TableKind,
)
from portal.pricing.queries.tables import lock_chain, own_table_name
from portal.pricing.rules.tables import (
    NAME_LENGTH,
    HowCalculated,
    calculation_of,
    clean_calculation,
    own_key,
    record_of,
    takes_percentages,
)
from portal.pricing.services.guards import allow_past, lock_table, note, told
from portal.texts import name_of


@dataclass(frozen=True, slots=True)
class NewTable:
    """What is told about a price table when it is put on file."""

    name: str
    kind: str = TableKind.GENERAL
    service_point_id: int | None = None
    issuer_id: int | None = None
    calculation: HowCalculated = field(default_factory=HowCalculated)


class TableChanges(TypedDict, total=False):
    """What of a table is to be another; what is left out stays."""

    name: str
    calculation: HowCalculated


class UnknownBase(Refused):
    """The base is no general price table."""

    code = "invalid"
    text = N_("Choose a general price table.")

    def __init__(self) -> None:
        super().__init__(problems=(Problem("calculation.base_table", self.code, self.text),))


def create_table(session: Session, facts: NewTable, *, by: Actor, at: datetime) -> PriceTable:
    """Put a price table on file: a general one, or the own one of a service point and issuer."""
    if not by.headquarters:
        raise HeadquartersOnly
    _check_owner(facts)
    how = clean_calculation(facts.calculation)
    _check_base(session, None, facts.name, how)
    table = PriceTable(
        name=name_of("name", facts.name, NAME_LENGTH),
        kind=facts.kind,
        service_point_id=facts.service_point_id,
        issuer_id=facts.issuer_id,
        own_key=_own_key(session, facts),
        created_at=at,
    )
    _calculate(table, how)
    _store(session, table)
    note(session, "price_table.created", table, by=by, at=at, after=record_of(table))
    return table


def change_table(
    session: Session,
    table_id: int,
    changes: TableChanges,
    *,
    by: Actor,
    at: datetime,
    reason: str | None = None,
    version: int | None = None,
) -> PriceTable:
    """Rename a table, or let its prices come about in another way.

    Another calculation changes the prices of days on which an edition was in force: that takes
    the permission to change the past, and a reason.
    """
    table = lock_table(session, by, table_id, version)
    before = record_of(table)
    if "name" in changes:
        table.name = name_of("name", changes["name"], NAME_LENGTH)
    if "calculation" in changes:
        _recalculate(session, table, changes["calculation"], by=by, at=at, reason=reason)
    session.flush()
    old, new = difference(before, record_of(table))
    if old or new:
        note(
            session, "price_table.changed", table, by=by, at=at,
            before=old, after=new, reason=told(reason),
        )  # fmt: skip
        touch_offers(session)
    return table


def _recalculate(
    session: Session,
    table: PriceTable,
    wanted: HowCalculated,
    *,
    by: Actor,
    at: datetime,
    reason: str | None,
) -> None:
    how = clean_calculation(wanted)
    if how == calculation_of(table):
        return
    if takes_percentages(how.type) != takes_percentages(table.calculation):
        _check_no_items(session, table)
    _check_base(session, table, table.name, how)
    if _has_been_in_force(session, table, at):
        allow_past(by, "prices.change_past", reason)
    _calculate(table, how)


def _check_owner(facts: NewTable) -> None:
    if facts.kind not in set(TableKind):
        raise invalid("kind", N_("Choose general or own."))
    if facts.kind == TableKind.OWN and facts.service_point_id is None:
        raise invalid("service_point", N_("Say whose own table it is."), "required")
    if facts.kind == TableKind.GENERAL and facts.service_point_id is not None:
        raise invalid("service_point", N_("A general table belongs to no service point."))


def _own_key(session: Session, facts: NewTable) -> str | None:
    if facts.service_point_id is None:
        return None
    key = own_key(facts.service_point_id, facts.issuer_id)
    if (name := own_table_name(session, key)) is not None:
        raise TableExists(name)
    return key


def _store(session: Session, table: PriceTable) -> None:
    """Insert the table; another may have come first between the look and the write."""
    try:
        with session.begin_nested():
            session.add(table)
    except IntegrityError as error:
        if not is_duplicate(error):
            raise
        raise TableExists(table.name) from error


def _check_base(session: Session, table: PriceTable | None, name: str, how: HowCalculated) -> None:
    if how.base_table_id is None:
        return
    chain = lock_chain(session, how.base_table_id)
    if not chain or chain[0].kind != TableKind.GENERAL:
        raise UnknownBase
    for at, link in enumerate(chain):
        if table is not None and link.id == table.id:
            raise CalculationCycle(name, " → ".join(found.name for found in chain[: at + 1]))


def _calculate(table: PriceTable, how: HowCalculated) -> None:
    table.calculation = how.type
    table.base_table_id = how.base_table_id
    table.percent = how.percent
    table.rounding_step = how.rounding_step
    table.rounding_ending = how.rounding_ending


def _check_no_items(session: Session, table: PriceTable) -> None:
    items = exists().where(EditionItem.edition_id == Edition.id, Edition.price_table_id == table.id)
    if session.scalar(select(items)):
        raise CalculationInUse


def _has_been_in_force(session: Session, table: PriceTable, at: datetime) -> bool:
    begun = exists().where(
        Edition.price_table_id == table.id,
        Edition.state != EditionState.DRAFT,
        Edition.valid_from < day_of(at),
    )
    return bool(session.scalar(select(begun)))
