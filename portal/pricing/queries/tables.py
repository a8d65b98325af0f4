"""Price tables: who may see them, who uses them, what builds on them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, true
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.catalogue.models import Issuer
from portal.partners.models import ServicePoint
from portal.pricing.errors import NoSuchTable
from portal.pricing.models import Calculation, PriceAssignment, PriceTable, TableKind
from portal.texts import holds_words


def visible(by: Actor) -> ColumnElement[bool]:
    """Return the condition that keeps a select to the tables an actor may see.

    People of service points see their own tables, and the general ones assigned to them.
    """
    if by.headquarters:
        return true()
    assigned = exists().where(
        PriceAssignment.price_table_id == PriceTable.id, by.scope(PriceAssignment.service_point_id)
    )
    owned = exists().where(
        ServicePoint.id == PriceTable.service_point_id, by.scope(ServicePoint.id)
    )
    return or_(
        and_(PriceTable.kind == TableKind.OWN, owned.correlate(PriceTable)),
        and_(PriceTable.kind == TableKind.GENERAL, assigned.correlate(PriceTable)),
    )


def table_of(session: Session, by: Actor, table_id: int) -> PriceTable:
    """Return a price table that the actor may see; NoSuchTable for any other."""
    wanted = select(PriceTable).where(PriceTable.id == table_id, visible(by))
    if (table := session.scalars(wanted).one_or_none()) is None:
        raise NoSuchTable(table_id)
    return table


def listed_tables(
    by: Actor,
    *,
    search: str = "",
    kind: str = "",
    service_point: str = "",
    issuer: str = "",
) -> Select[tuple[PriceTable]]:
    """Return the select of the tables that a list asks for, without order."""
    wanted = select(PriceTable).where(visible(by), holds_words(search, PriceTable.name))
    if kind:
        wanted = wanted.where(PriceTable.kind == kind)
    if service_point:
        wanted = wanted.where(PriceTable.service_point.has(ServicePoint.code == service_point))
    if issuer:
        wanted = wanted.where(PriceTable.issuer.has(Issuer.code == issuer))
    return wanted


def tables_by_id(session: Session, ids: Sequence[int | None]) -> dict[int, PriceTable]:
    """Return price tables by their numbers."""
    wanted = {number for number in ids if number is not None}
    if not wanted:
        return {}
    found = session.scalars(select(PriceTable).where(PriceTable.id.in_(wanted)))
    return {table.id: table for table in found}


def general_tables(session: Session, *, but: int | None = None) -> Sequence[PriceTable]:
    """Return the general tables by name, for lists to choose from."""
    wanted = select(PriceTable).where(PriceTable.kind == TableKind.GENERAL)
    if but is not None:
        wanted = wanted.where(PriceTable.id != but)
    return session.scalars(wanted.order_by(PriceTable.name, PriceTable.id)).all()


def built_on(session: Session, table_id: int) -> list[PriceTable]:
    """Return all tables calculated from this one, directly or by way of others."""
    return _below(_children(session), table_id)


def used_on(day: date) -> ColumnElement[bool]:
    """Return the condition that an assignment holds on the day."""
    return and_(PriceAssignment.valid_from <= day, PriceAssignment.valid_until >= day)


def users_of(table: PriceTable, day: date) -> Select[tuple[ServicePoint, PriceAssignment]]:
    """Return the select of the service points that a table applies to on a day."""
    found = (
        select(ServicePoint, PriceAssignment)
        .join(PriceAssignment, PriceAssignment.service_point_id == ServicePoint.id)
        .where(used_on(day))
    )
    if table.kind == TableKind.OWN:
        return found.where(
            PriceAssignment.mode == TableKind.OWN, ServicePoint.id == table.service_point_id
        )
    return found.where(PriceAssignment.price_table_id == table.id)


def count_users(session: Session, tables: Sequence[PriceTable], day: date) -> dict[int, int]:
    """Return how many service points use each table on the day, by table."""
    return _count(session, tables, used_on(day))


def count_affected(session: Session, table: PriceTable, day: date) -> dict[int, int]:
    """Return how many service points feel a change of the table from the day on, by table.

    It and those built on it; assignments that begin later count too.
    """
    tables = [table, *built_on(session, table.id)]
    return _count(session, tables, PriceAssignment.valid_until >= day)


def lock_chain(session: Session, base_table_id: int) -> list[PriceTable]:
    """Return the base and all tables that it is calculated from, locked until the end.

    Locked, so that two changes at once cannot close a circle between them.
    """
    chain: list[PriceTable] = []
    number: int | None = base_table_id
    while number is not None and number not in {table.id for table in chain}:
        locked = (
            select(PriceTable)
            .where(PriceTable.id == number)
            .with_for_update(of=PriceTable)
            .execution_options(populate_existing=True)
        )
        table = session.scalars(locked).one_or_none()
        if table is None:
            break
        chain.append(table)
        number = table.base_table_id
    return chain


def own_table_name(session: Session, own_key: str) -> str | None:
    """Return the name of the own table of a pair, if there is one."""
    return session.scalar(select(PriceTable.name).where(PriceTable.own_key == own_key))


def _children(session: Session) -> Mapping[int, list[PriceTable]]:
    adjusted = select(PriceTable).where(PriceTable.calculation == Calculation.ADJUSTED)
    children: dict[int, list[PriceTable]] = defaultdict(list)
    for table in session.scalars(adjusted.order_by(PriceTable.name, PriceTable.id)):
        if table.base_table_id is not None:
            children[table.base_table_id].append(table)
    return children


def _below(children: Mapping[int, list[PriceTable]], table_id: int) -> list[PriceTable]:
    found: list[PriceTable] = []
    waiting, seen = [table_id], {table_id}
    while waiting:
        for child in children.get(waiting.pop(0), ()):
            if child.id not in seen:
                seen.add(child.id)
                found.append(child)
                waiting.append(child.id)
    return found


def _count(
    session: Session, tables: Sequence[PriceTable], when: ColumnElement[bool]
) -> dict[int, int]:
    general = [table.id for table in tables if table.kind == TableKind.GENERAL]
    owners = [table.service_point_id for table in tables if table.service_point_id is not None]
    counts = {table.id: 0 for table in tables} | _general_users(session, general, when)
    using_own = _own_users(session, owners, when)
    own = (table.id for table in tables if table.service_point_id in using_own)
    return counts | dict.fromkeys(own, 1)


def _general_users(
    session: Session, tables: Sequence[int], when: ColumnElement[bool]
) -> dict[int, int]:
    if not tables:
        return {}
    points = func.count(func.distinct(PriceAssignment.service_point_id))
    counted = (
        select(PriceAssignment.price_table_id, points)
        .where(PriceAssignment.price_table_id.in_(tables), when)
        .group_by(PriceAssignment.price_table_id)
    )
    return {table: count for table, count in session.execute(counted) if table is not None}


def _own_users(session: Session, owners: Sequence[int], when: ColumnElement[bool]) -> set[int]:
    if not owners:
        return set()
    using = select(PriceAssignment.service_point_id).where(
        PriceAssignment.mode == TableKind.OWN,
        when,
        PriceAssignment.service_point_id.in_(owners),
    )
    return set(session.scalars(using))
