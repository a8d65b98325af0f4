"""The command: loads the distributor once, and names who may sign in."""

from collections.abc import Iterable

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.audit.models import Deed
from portal.audit.services import record
from portal.catalogue.models import Issuer, Product
from portal.cli.demo import (
    credit,
    orders,
    partners,
    payments,
    people,
    prices,
    products,
    sales,
    shops,
)
from portal.cli.demo.calendar import Calendar, moment
from portal.cli.demo.stage import Stage
from portal.config import Settings
from portal.orders.models import Order
from portal.partners.models import ServicePoint
from portal.people.rules.passwords import hash_password
from portal.people.rules.permissions import COMMAND_LINE
from portal.pricing.models import PriceTable
from portal.sale_tables.models import SaleTable
from portal.transactions import read, transact

_LOADED = "demo.loaded"
_COUNTED = {
    "issuers": Issuer,
    "products": Product,
    "service points": ServicePoint,
    "price tables": PriceTable,
    "sale tables": SaleTable,
    "orders": Order,
}


@click.group("demo")
def demo() -> None:
    """A distributor to try the portal with."""


@demo.command("load")
@with_appcontext
def load() -> None:
    """Load the demo distributor, once; name its users and their password every time."""
    settings: Settings = current_app.config["SETTINGS"]
    if settings.is_production:
        raise click.ClickException("Demo data, with its known passwords, is no use in production.")
    try:
        loaded = read(is_loaded)
    except DBAPIError as error:
        raise click.ClickException("There are no tables yet. Run: flask db upgrade") from error
    if loaded:
        click.echo("The demo data is there already: nothing was changed.")
    else:
        _refuse_strangers(read(counted))
        click.echo("Loading demo data: a distributor with three months of orders…")
        transact(tell, password_hash=hash_password(people.PASSWORD, settings.argon2))
        click.echo(", ".join(f"{many} {what}" for what, many in read(counted).items()) + ".")
    click.echo("\n".join(_users()))


def is_loaded(session: Session) -> bool:
    """Whether this database holds the demo."""
    marks = select(Deed.id).where(Deed.entity_type == "demo", Deed.action == _LOADED)
    return session.scalars(marks.limit(1)).first() is not None


def counted(session: Session) -> dict[str, int]:
    """Count what the demo loads."""
    return {
        what: session.scalar(select(func.count()).select_from(model)) or 0
        for what, model in _COUNTED.items()
    }


def tell(session: Session, *, password_hash: str) -> None:
    """Load everything in one transaction: it is there whole, or not at all."""
    stage = Stage(session, Calendar.present())
    opening = stage.calendar.opening
    stage.at(moment(opening, 8), lambda: _begin(stage, password_hash))
    prices.schedule(stage)
    sales.schedule(stage)
    credit.schedule(stage)
    stage.at(moment(stage.calendar.day(-20), 11), lambda: partners.close_one(stage))
    credit.schedule_by_hand(stage, "PA-0003")
    stage.at(moment(stage.calendar.day(-3), 9), lambda: partners.put_newest_on_file(stage))
    orders.Story(stage).schedule()
    shops.schedule(stage)
    stage.play()
    at = stage.calendar.now
    record(session, by=COMMAND_LINE, action=_LOADED, entity=("demo", "certa"), at=at)


def _begin(stage: Stage, password_hash: str) -> None:
    people.let_headquarters_in(stage, password_hash)
    products.put_on_file(stage)
    partners.put_policies_on_file(stage)
    partners.put_points_on_file(stage)
    payments.put_pix_keys_on_file(stage)
    people.let_partners_in(stage, password_hash)
    prices.open_tables(stage)
    prices.assign_all(stage)


def _refuse_strangers(found: dict[str, int]) -> None:
    """Real data and demo data are not mixed."""
    if any(found.values()):
        held = ", ".join(f"{many} {what}" for what, many in found.items() if many)
        raise click.ClickException(
            f"The database holds data of its own ({held}). Demo data needs an empty one."
        )


def _users() -> Iterable[str]:
    yield f"\nDemo users, all with the password {people.PASSWORD}\n"
    for person in people.SHOWN:
        where = " and ".join(person.points) or "headquarters"
        yield f"  {person.email:<22} {people.PASSWORD:<21} {person.profile:<14} {where}"
    yield f"\nOwners of the other service points: {people.other_owners()[0].email} and so on.\n"
