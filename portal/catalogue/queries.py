"""Reading the catalogue: what pages, the API and other features share."""

from collections.abc import Collection
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, contains_eager

from portal.catalogue.errors import NoSuchIssuer, NoSuchProduct
from portal.catalogue.models import Category, Issuer, Product
from portal.db import Sql, connection_of
from portal.texts import holds_words, reads_as

T = TypeVar("T")

SUGGESTIONS = 10
_AT_ONCE = 500
"""Values in one IN list: engines limit their number, and long lists their plans."""

_STAMP = Sql("SELECT version FROM offer_stamps WHERE id = 1")
_credit_types = sa.table("credit_types", sa.column("code"), sa.column("scale"))
"""Read lightly: credit stands above the catalogue and is not imported here."""


def product_of(session: Session, sku: str) -> Product:
    """Return a product by its SKU; NoSuchProduct if there is none."""
    product = session.scalars(select(Product).where(Product.sku == sku)).one_or_none()
    if product is None:
        raise NoSuchProduct(sku)
    return product


def issuer_of(session: Session, code: str) -> Issuer:
    """Return an issuer by its code; NoSuchIssuer if there is none."""
    issuer = session.scalars(select(Issuer).where(Issuer.code == code)).one_or_none()
    if issuer is None:
        raise NoSuchIssuer(code)
    return issuer


def products_by_sku(session: Session, skus: Collection[str]) -> dict[str, Product]:
    """Return the products that there are, by SKU; unknown SKUs are not in it."""
    return {
        product.sku: product
        for part in _parts(skus)
        for product in session.scalars(select(Product).where(Product.sku.in_(part)))
    }


def product_ids(session: Session, skus: Collection[str]) -> dict[str, int]:
    """Return the ids of the products that there are, by SKU: light enough for whole lists."""
    wanted = (select(Product.sku, Product.id).where(Product.sku.in_(part)) for part in _parts(skus))
    return {sku: key for query in wanted for sku, key in session.execute(query).tuples()}


def stamp_of(connection_or_session: Connection | Session) -> int:
    """Return the number of the latest change of what shops show: pages are cached under it."""
    return int(_STAMP.run(connection_of(connection_or_session)).scalar())


def products(
    *,
    search: str = "",
    kind: str = "",
    category: str = "",
    active: bool | None = None,
) -> Select[tuple[Product]]:
    """Return the select of the products that a list asks for, without order.

    Their categories are joined, so that a list may be sorted by them.
    """
    joined = select(Product).outerjoin(Product.category).options(contains_eager(Product.category))
    wanted = joined.where(product_says(search))
    if kind:
        wanted = wanted.where(Product.kind == kind)
    if category:
        wanted = wanted.where(reads_as(Category.name, category))
    return wanted if active is None else wanted.where(Product.active.is_(active))


def issuers(*, search: str = "", active: bool | None = None) -> Select[tuple[Issuer]]:
    """Return the select of the issuers that a list asks for, without order."""
    wanted = select(Issuer).where(issuer_says(search))
    return wanted if active is None else wanted.where(Issuer.active.is_(active))


def product_says(text: str) -> ColumnElement[bool]:
    """Return the condition that each word stands in a product's name or SKU."""
    return holds_words(text, Product.name, Product.sku)


def issuer_says(text: str) -> ColumnElement[bool]:
    """Return the condition that each word stands in an issuer's name or code."""
    return holds_words(text, Issuer.name, Issuer.code)


def category_name(product: Product) -> str | None:
    """Return the text of a product's category."""
    return product.category.name if product.category else None


def categories() -> Select[tuple[Category]]:
    """Return the select of all categories, without order."""
    return select(Category)


def category_names(session: Session) -> list[str]:
    """Return the names of all categories, sorted."""
    return list(session.scalars(select(Category.name).order_by(Category.name)))


def active_issuers(session: Session) -> list[Issuer]:
    """Return the issuers that orders may use, by name."""
    return list(session.scalars(issuers(active=True).order_by(Issuer.name, Issuer.id)))


def suggested_products(
    session: Session, text: str, *, limit: int = SUGGESTIONS, active: bool | None = True
) -> list[Product]:
    """Return the products that a person typing may mean: those whose SKU begins so come first."""
    if not text.strip():
        return []
    order = (begins_with(Product.sku, text).desc(), Product.name, Product.id)
    return list(session.scalars(products(search=text, active=active).order_by(*order).limit(limit)))


def begins_with(column: InstrumentedAttribute[str], text: str) -> ColumnElement[bool]:
    """Return the condition that a code begins with what is typed, whatever the case."""
    return func.lower(column).startswith(text.strip().lower(), autoescape=True)


def credit_type_scale(session: Session, code: str) -> int | None:
    """Return how many decimals a credit type counts; None when there is no such type."""
    wanted = select(_credit_types.c.scale).where(_credit_types.c.code == code)
    scale: int | None = session.scalar(wanted)
    return scale


def credit_type_codes(session: Session) -> list[str]:
    """Return the codes of the credit types there are."""
    return list(session.scalars(select(_credit_types.c.code).order_by(_credit_types.c.code)))


def _parts(values: Collection[T]) -> list[list[T]]:
    listed = list(dict.fromkeys(values))
    return [listed[at : at + _AT_ONCE] for at in range(0, len(listed), _AT_ONCE)]
