"""A service point with a shop, its visitors, and what happens to their orders."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.afterwards import noted_in
from portal.clock import day_of
from portal.credit.models import Account, Lot
from portal.orders.models import Order, SiteBuyer
from portal.orders.rules.site import Buyer, SiteWanted
from portal.orders.services.site import SiteOrder, create_site_order
from portal.partners.models import ServicePoint
from portal.payments import services as payments
from portal.payments.models import Charge
from portal.periods import Period
from portal.pricing import services as pricing
from portal.pricing.rules.items import NewItem
from portal.sale_tables import services as sale_tables
from portal.sale_tables.models import SaleEdition
from portal.sale_tables.rules import NewRow
from tests.factories import NOON, make_actor
from tests.orders.factories import Shop, make_shop

ON_SITE = ("150", "60", None)
"""What the shop's visitors pay for each product; None is not on the site."""


def make_buyer(**facts: Any) -> Buyer:
    """Somebody who buys."""
    values: dict[str, Any] = {
        "kind": "person",
        "name": "Lia Prado",
        "tax_id": "52998224725",
        "email": "lia@example.com",
        "phone": "+5511912345678",
        "language": "pt_BR",
        "consented_at": NOON,
    }
    return Buyer(**(values | facts))


@dataclass
class WebShop:
    """A shop whose visitors buy; each deed is a transaction of its own."""

    engine: Engine
    shop: Shop
    table_id: int
    point_id: int
    at: datetime = NOON

    def sell_at(self, session: Session, *prices: str | None, begin: datetime | None = None) -> None:
        """Put other prices on the site, from today on."""
        rows = [
            NewRow(product.sku, None, None if price is None else Decimal(price), price is not None)
            for product, price in zip(self.shop.products, prices, strict=True)
        ]
        sale_tables.create_and_publish(
            session,
            self.table_id,
            Period(day_of(begin or self.at), None),
            rows,
            by=make_actor(),
            at=self.at,
            replace=True,
            reason="test",
        )

    def cost(self, session: Session, *prices: str | None, begin: str = "2026-12-01") -> None:
        """Let the products cost other acquisition prices from a day on; None is not for sale."""
        items = [
            NewItem(product.sku, Decimal(price))
            for product, price in zip(self.shop.products, prices, strict=True)
            if price is not None
        ]
        pricing.create_and_publish(
            session,
            self.shop.table.id,
            Period(date.fromisoformat(begin), None),
            items,
            by=make_actor(),
            at=self.at,
            replace=True,
            reason="test",
        )
        session.commit()

    def wanted(self, *lines: tuple[int, Any], seen: str = "100000", **facts: Any) -> SiteWanted:
        """What a visitor wants: products by their places."""
        asked = [
            (self.shop.products[place].sku, Decimal(str(quantity)))
            for place, quantity in lines or [(0, 2)]
        ]
        return self.wanted_of(asked, seen=seen, **facts)

    def wanted_of(
        self, lines: Sequence[tuple[str, Decimal]], seen: str = "100000", **facts: Any
    ) -> SiteWanted:
        """What a visitor wants, by SKU."""
        values: dict[str, Any] = {
            "service_point_id": self.shop.point.id,
            "issuer_id": None,
            "lines": lines,
            "buyer": make_buyer(),
            "seen_total": Decimal(seen),
        }
        return SiteWanted(**(values | facts))

    def edition(self, session: Session) -> int:
        """The edition of the site's table that is in force."""
        wanted = select(SaleEdition.id).where(
            SaleEdition.sale_table_id == self.table_id, SaleEdition.state == "published"
        )
        return session.scalars(wanted.order_by(SaleEdition.id.desc())).first() or 0

    def order(self, session: Session, *lines: tuple[int, Any], **facts: Any) -> SiteOrder:
        """Let a visitor order; two pieces of the first product unless told otherwise."""
        made = create_site_order(session, self.wanted(*lines, **facts), at=self.at)
        session.commit()
        return made

    def pay(self, session: Session, made: SiteOrder, at: datetime | None = None) -> Order:
        """Let the visitor pay."""
        moment = at or self.at
        payments.confirm_charge(
            session,
            made.charge_id,
            paid_on=day_of(moment),
            method="pix",
            by=make_actor(),
            at=moment,
        )
        session.commit()
        return self.seen(session, made)

    def seen(self, session: Session, made: SiteOrder) -> Order:
        """The order as it is stored."""
        session.expire_all()
        return session.get_one(Order, made.order_id)

    def charge(self, session: Session, made: SiteOrder) -> Charge:
        """Its charge as it is stored."""
        session.expire_all()
        return session.get_one(Charge, made.charge_id)

    def buyer(self, session: Session, made: SiteOrder) -> SiteBuyer:
        """Who ordered."""
        return session.get_one(SiteBuyer, made.order_id)

    def account(self, session: Session) -> Account:
        """The service point's account as it is stored."""
        session.expire_all()
        return session.get_one(Account, self.shop.account_id)

    def lots(self, session: Session) -> Sequence[Lot]:
        """Its lots, the oldest first."""
        session.expire_all()
        wanted = select(Lot).where(Lot.account_id == self.shop.account_id).order_by(Lot.id)
        return session.scalars(wanted).all()


def make_web_shop(
    session: Session,
    engine: Engine,
    *,
    credit_of: str | None = "1000",
    collects: str = "service_point",
    on_site: Sequence[str | None] = ON_SITE,
    **facts: Any,
) -> WebShop:
    """A shop with three products at 80, 33.3333 and 0, two of them on its site."""
    shop = make_shop(session, credit_of=credit_of, **facts)
    session.get_one(ServicePoint, shop.point.id).collects = collects
    opened = sale_tables.create_table(
        session,
        sale_tables.NewSaleTable("Site", shop.point.code, ("site",)),
        by=make_actor(),
        at=NOON,
    )
    made = WebShop(engine, shop, opened.table.id, shop.point.id)
    made.sell_at(session, *on_site)
    session.commit()
    return made


def follow(session: Session) -> None:
    """Do what was to follow a commit, as `transact` does after each."""
    queue = noted_in(session)
    while queue:
        deed, given = queue.pop(0)
        if deed(session, *given):
            queue.append((deed, given))
        session.commit()


def later(**delta: float) -> datetime:
    """An instant after noon."""
    return NOON + timedelta(**delta)


MIDNIGHT = datetime(2026, 12, 2, 3, tzinfo=UTC)
"""The first instant of the next day in São Paulo."""
