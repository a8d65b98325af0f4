"""What a shop's pages show: the shop itself, what it sells today, and whether that has changed.

Everything is read once and kept for as long as the stamp stays: `glance_at` is the one statement
that a page asks each time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db import Sql
from portal.partners.models import ServicePoint
from portal.sale_tables.queries.site import site_offers
from portal.storefronts.errors.visitors import NoSuchShop
from portal.storefronts.models import (
    DEFAULT_COLOUR,
    PER_ADDRESS,
    PER_DOCUMENT,
    Shop,
    ShopLogo,
    ShopProduct,
)
from portal.storefronts.rules.offers import Item, in_order
from portal.wire import Carrier

_GLANCE = Sql(
    """SELECT p.id, p.shop_enabled AND p.active,
      coalesce((SELECT version FROM offer_stamps WHERE id = 1), 0)
    FROM service_points p WHERE p.shop_slug = :slug"""
)


@dataclass(frozen=True, slots=True)
class Glance:
    """Whose shop it is, whether it is open, and the stamp of all that shops show."""

    service_point_id: int
    is_open: bool
    stamp: int


@dataclass(frozen=True, slots=True)
class Logo:
    """A logo's address and size."""

    digest: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Front:
    """All that a page says of the shop. Nothing in it is for the service point's eyes alone."""

    service_point_id: int
    slug: str
    issuer_id: int | None
    name: str
    tagline: str
    headline: str
    intro: str
    promises: tuple[str, ...]
    advice: str
    colour: str
    legal_name: str
    tax_id: str | None
    address: str
    hours: str
    phone: str
    email: str
    returns_text: str
    privacy_text: str
    closed_text: str
    orders_per_document: int
    orders_per_address: int
    logo: Logo | None


def glance_at(connection: Carrier, slug: str) -> Glance:
    """Return whose shop has the address; NoSuchShop for none."""
    row = _GLANCE.run(connection, slug=slug).first()
    if row is None:
        raise NoSuchShop
    return Glance(int(row[0]), bool(row[1]), int(row[2]))


def load_front(session: Session, service_point_id: int) -> Front:
    """Return the shop of a service point, with stand-ins for what it does not say."""
    point = session.get_one(ServicePoint, service_point_id)
    shop = session.scalars(
        select(Shop).where(Shop.service_point_id == service_point_id)
    ).one_or_none()
    return front_of(point, shop or Shop(), logo_of(session, service_point_id))


def logo_of(session: Session, service_point_id: int) -> Logo | None:
    """Return where a shop's logo is."""
    wanted = select(ShopLogo.digest, ShopLogo.width, ShopLogo.height)
    row = session.execute(wanted.where(ShopLogo.service_point_id == service_point_id)).first()
    return Logo(*row) if row else None


def front_of(point: ServicePoint, shop: Shop, logo: Logo | None) -> Front:
    """Return what a shop's pages say; `shop` need not be stored, so that it can be previewed."""
    name = shop.name or point.name
    return Front(
        service_point_id=point.id,
        slug=point.shop_slug or "",
        issuer_id=shop.issuer_id,
        name=name,
        tagline=shop.tagline or "",
        headline=shop.headline or name,
        intro=shop.intro or "",
        promises=tuple(line.strip() for line in (shop.promises or "").splitlines() if line.strip()),
        advice=shop.advice or "",
        colour=shop.colour or DEFAULT_COLOUR,
        legal_name=shop.legal_name or point.name,
        tax_id=point.tax_id,
        address=shop.address or "",
        hours=shop.hours or "",
        phone=shop.phone or "",
        email=shop.email or "",
        returns_text=shop.returns_text or "",
        privacy_text=shop.privacy_text or "",
        closed_text=shop.closed_text or "",
        orders_per_document=shop.orders_per_document or PER_DOCUMENT,
        orders_per_address=shop.orders_per_address or PER_ADDRESS,
        logo=logo,
    )


def load_items(session: Session, front: Front, day: date) -> Mapping[str, Item]:
    """Return what the shop sells on a day, by SKU, in the order in which it is shown."""
    summaries = select(ShopProduct.product_id, ShopProduct.summary)
    own = summaries.where(ShopProduct.service_point_id == front.service_point_id)
    said: dict[int, str] = dict(session.execute(own).tuples().all())
    offers = site_offers(
        session, service_point_id=front.service_point_id, issuer_id=front.issuer_id, day=day
    )
    items = in_order(
        Item(
            offer.product_id,
            offer.sku,
            offer.name,
            offer.category or "",
            offer.fractional,
            offer.price,
            said.get(offer.product_id, ""),
        )
        for offer in offers
    )
    return {item.sku: item for item in items}


def details_of(session: Session, service_point_id: int, product_id: int) -> str:
    """Return all that a shop says of a product."""
    wanted = select(ShopProduct.details).where(
        ShopProduct.service_point_id == service_point_id, ShopProduct.product_id == product_id
    )
    return session.scalar(wanted) or ""


def logo_content(session: Session, slug: str, digest: str) -> tuple[str, bytes] | None:
    """Return a logo's media type and its bytes."""
    wanted = (
        select(ShopLogo.media_type, ShopLogo.content)
        .join(ServicePoint, ServicePoint.id == ShopLogo.service_point_id)
        .where(ServicePoint.shop_slug == slug, ShopLogo.digest == digest)
    )
    row = session.execute(wanted).first()
    return (row[0], row[1]) if row else None


def open_shops(session: Session) -> list[str]:
    """Return the addresses of the shops that are open."""
    wanted = select(ServicePoint.shop_slug).where(
        ServicePoint.shop_slug.is_not(None),
        ServicePoint.shop_enabled.is_(True),
        ServicePoint.active.is_(True),
    )
    return [slug for slug in session.scalars(wanted.order_by(ServicePoint.shop_slug)) if slug]
