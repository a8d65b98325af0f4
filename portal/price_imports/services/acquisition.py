"""Lists of acquisition prices, for price tables."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.errors import Forbidden
from portal.price_imports.errors.report import Report
from portal.price_imports.models import PriceImport
from portal.price_imports.rules.cells import Progress
from portal.price_imports.rules.checking import Checked
from portal.price_imports.rules.columns import PRICES
from portal.price_imports.services.files import Opened, check_file
from portal.price_imports.services.importing import Wanted, check_only, import_prices
from portal.price_imports.services.lists import Lists, Stored
from portal.pricing.models import Edition, PriceTable
from portal.pricing.queries.editions import published_editions
from portal.pricing.queries.tables import table_of
from portal.pricing.rules.tables import takes_percentages


class AcquisitionLists(Lists):
    """Lists of acquisition prices; headquarters sends them. Their facts: whether of percentages."""

    uploads = PriceImport
    command = "prices"
    layout = PRICES
    permission, publishing = "prices.edit", "prices.publish"
    creates_products = True

    def table_of(self, session: Session, by: Actor, table_id: int) -> PriceTable:
        """Return a price table; what service points see of theirs, they import nothing into."""
        if not by.headquarters:
            raise Forbidden
        return table_of(session, by, table_id)

    def published(self, session: Session, table_id: int) -> Sequence[Edition]:
        """Return a price table's published editions."""
        return published_editions(session, table_id)

    def facts_of(self, table: PriceTable) -> bool:
        """Return whether its lists are of percentages."""
        return takes_percentages(table.calculation)

    def check(self, opened: Opened, facts: bool, progress: Progress | None = None) -> Checked:
        """Read and check all rows; ColumnsUnknown when nothing says where prices are."""
        return check_file(opened, percentages=facts, progress=progress)

    def look(
        self, session: Session, table_id: int, checked: Checked, wanted: Wanted, *, by: Actor
    ) -> Report:
        """Return what is wrong with a list beside the products on file."""
        return check_only(session, checked, create_products=wanted.create_products)

    def store(
        self,
        session: Session,
        table_id: int,
        checked: Checked,
        wanted: Wanted,
        *,
        facts: bool,
        by: Actor,
        at: datetime,
    ) -> Stored:
        """Make a list an edition of a price table."""
        done = import_prices(session, table_id, checked, wanted, percentages=facts, by=by, at=at)
        return Stored(done.edition.id, done.edition.number, done.report)


ACQUISITION = AcquisitionLists()
