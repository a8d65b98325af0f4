"""Lists of sale prices, for sale tables: a kind of list beside those of acquisition prices."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.errors import PortalError
from portal.price_imports.errors import Report
from portal.price_imports.rules.cells import Progress
from portal.price_imports.rules.columns import SALES
from portal.price_imports.services import Opened, Wanted
from portal.price_imports.services.lists import Lists, Stored
from portal.sale_tables.errors import SitePriceNotAllowed
from portal.sale_tables.models import SaleEdition, SaleImport, SaleTable
from portal.sale_tables.queries.editions import published_editions
from portal.sale_tables.queries.tables import table_of
from portal.sale_tables.rules.sheet import CheckedSheet
from portal.sale_tables.services.guesses import note_refused_site_price
from portal.sale_tables.services.importing import check_sales, import_sales, look_at_sales


class SaleLists(Lists):
    """Lists of what final customers pay; people of service points send them too."""

    uploads = SaleImport
    command = "sale-prices"
    layout = SALES
    permission, publishing = "sale_prices.edit", "sale_prices.publish"

    def table_of(self, session: Session, by: Actor, table_id: int) -> SaleTable:
        """Return a sale table that the actor sees."""
        return table_of(session, by, table_id)

    def published(self, session: Session, table_id: int) -> Sequence[SaleEdition]:
        """Return a sale table's published editions."""
        return published_editions(session, table_id)

    def check(self, opened: Opened, facts: None, progress: Progress | None = None) -> CheckedSheet:
        """Read and check all rows; ColumnsUnknown when nothing says where prices are."""
        return check_sales(opened, progress)

    def look(
        self, session: Session, table_id: int, checked: CheckedSheet, wanted: Wanted, *, by: Actor
    ) -> Report:
        """Return what is wrong with a list beside what the service point buys."""
        return look_at_sales(session, table_id, checked, wanted.period, by=by)

    def store(
        self,
        session: Session,
        table_id: int,
        checked: CheckedSheet,
        wanted: Wanted,
        *,
        facts: None,
        by: Actor,
        at: datetime,
    ) -> Stored:
        """Make a list an edition of a sale table."""
        done = import_sales(session, table_id, checked, wanted, by=by, at=at)
        return Stored(done.edition.id, done.edition.number, done.report)

    def note_refusal(self, refusal: PortalError) -> Callable[..., None] | None:
        """Count a price that was refused on the site: it must not be found by trying."""
        if not isinstance(refusal, SitePriceNotAllowed):
            return None
        return partial(_note, table_id=refusal.table_id)


def _note(session: Session, *, table_id: int, by: Actor, at: datetime) -> None:
    note_refused_site_price(session, table_id, by=by, at=at)


SALE_LISTS = SaleLists()
