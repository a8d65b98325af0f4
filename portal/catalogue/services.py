"""Deeds of the catalogue: products and issuers are put on file, changed, never deleted."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, lazyload

from portal.actors import Actor
from portal.audit.rules import difference
from portal.audit.services import record
from portal.catalogue.errors import (
    IssuerCodeTaken,
    NoSuchIssuer,
    NoSuchProduct,
    SkuTaken,
    UnknownCreditType,
)
from portal.catalogue.models import Category, Issuer, OfferStamp, Product, ProductKind
from portal.catalogue.queries import credit_type_scale, product_ids
from portal.catalogue.rules import (
    ISSUER_NAME_LENGTH,
    NAME_LENGTH,
    IssuerChanges,
    NewProduct,
    ProductChanges,
    after_changes,
    check_scale,
    clean,
    facts_of,
    issuer_record,
    record_of,
)
from portal.db import is_duplicate
from portal.errors import AlreadyExists, PreconditionFailed
from portal.texts import code_of, name_of, reads_as

_ROWS_AT_ONCE = 500


def create_product(session: Session, facts: NewProduct, *, by: Actor, at: datetime) -> Product:
    """Put a product on file; a category that is new begins with it."""
    facts = clean(facts)
    if session.scalar(select(Product.id).where(Product.sku == facts.sku)) is not None:
        raise SkuTaken(facts.sku)
    product = Product(sku=facts.sku, created_at=at, version=1)
    _fill(session, product, facts, at)
    _add(session, product, SkuTaken(facts.sku))
    entity = ("product", product.id)
    record(session, by=by, action="product.created", entity=entity, at=at, after=record_of(facts))
    return product


def change_product(
    session: Session,
    sku: str,
    changes: ProductChanges,
    *,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> Product:
    """Change what is told of a product; `version` is what the editor saw, if it is known."""
    product = _locked_product(session, sku)
    _check_version(product.version, version)
    facts = after_changes(product, changes)
    before, after = difference(record_of(facts_of(product)), record_of(facts))
    if not after:
        return product
    _fill(session, product, facts, at)
    product.version += 1
    session.flush()
    entity = ("product", product.id)
    record(
        session, by=by, action="product.updated", entity=entity, at=at, before=before, after=after
    )
    touch_offers(session)
    return product


def add_missing_products(
    session: Session,
    names: Mapping[str, str],
    *,
    by: Actor,
    at: datetime,
    categories: Mapping[str, str] | None = None,
) -> dict[str, int]:
    """Put the products of an imported list on file that are not there yet, in few statements.

    `names` and `categories` by SKU; categories that are new begin with them. Returns the ids of
    all products, by SKU. Invalid names a SKU that cannot be.
    """
    known = product_ids(session, names)
    wanted = {
        code_of("sku", sku): name_of("name", name or sku, NAME_LENGTH)
        for sku, name in names.items()
        if sku not in known
    }
    if not wanted:
        return known
    belongs = {sku: text for sku, text in (categories or {}).items() if sku in wanted}
    keys = {text: category_id(session, text) for text in set(belongs.values())}
    rows = [
        _bare_row(sku, name, at) | {"category_id": keys.get(belongs.get(sku, ""))}
        for sku, name in wanted.items()
    ]
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        session.execute(insert(Product), rows[start : start + _ROWS_AT_ONCE])
    after = {"skus": list(wanted)}
    record(session, by=by, action="products.created", entity=("product", ""), at=at, after=after)
    return known | product_ids(session, wanted)


def create_issuer(
    session: Session, *, code: str, name: str, active: bool = True, by: Actor, at: datetime
) -> Issuer:
    """Put an issuer on file."""
    code, name = code_of("code", code), name_of("name", name, ISSUER_NAME_LENGTH)
    if session.scalar(select(Issuer.id).where(Issuer.code == code)) is not None:
        raise IssuerCodeTaken(code)
    issuer = Issuer(code=code, name=name, active=active, version=1)
    _add(session, issuer, IssuerCodeTaken(code))
    entity, after = ("issuer", issuer.id), issuer_record(issuer)
    record(session, by=by, action="issuer.created", entity=entity, at=at, after=after)
    return issuer


def change_issuer(
    session: Session,
    code: str,
    changes: IssuerChanges,
    *,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> Issuer:
    """Rename an issuer, or take it out of use."""
    issuer = _locked_issuer(session, code)
    _check_version(issuer.version, version)
    known = issuer_record(issuer)
    issuer.name = name_of("name", changes.get("name", issuer.name), ISSUER_NAME_LENGTH)
    issuer.active = changes.get("active", issuer.active)
    before, after = difference(known, issuer_record(issuer))
    if not after:
        return issuer
    issuer.version += 1
    session.flush()
    entity = ("issuer", issuer.id)
    record(
        session, by=by, action="issuer.updated", entity=entity, at=at, before=before, after=after
    )
    touch_offers(session)
    return issuer


def touch_offers(session: Session) -> None:
    """Note that what shops show, or at which price, may have changed.

    Called last in a deed: the row that it writes is everybody's.
    """
    session.flush()
    write = update(OfferStamp).where(OfferStamp.id == 1).values(version=OfferStamp.version + 1)
    session.execute(write, execution_options={"synchronize_session": False})


def category_id(session: Session, name: str | None) -> int | None:
    """Return the category of this name, whatever its case and accents; a new one is put on file."""
    if name is None:
        return None
    alike = select(Category.id).where(reads_as(Category.name, name)).order_by(Category.id)
    if (known := session.scalars(alike).first()) is not None:
        return known
    addition = insert(Category).prefix_with("IGNORE", dialect="mysql")
    addition = addition.prefix_with("IGNORE", dialect="mariadb")
    session.execute(addition.prefix_with("OR IGNORE", dialect="sqlite"), {"name": name})
    return session.scalars(select(Category.id).where(Category.name == name)).one()


def _fill(session: Session, product: Product, facts: NewProduct, at: datetime) -> None:
    _check_credit_type(session, facts)
    product.name, product.kind = facts.name, facts.kind
    key = category_id(session, facts.category)
    product.category = None if key is None else session.get_one(Category, key)
    product.active, product.fractional = facts.active, facts.fractional
    product.credit_type, product.credit_units = facts.credit_type, facts.credit_units
    product.updated_at = at


def _check_credit_type(session: Session, facts: NewProduct) -> None:
    if facts.credit_type is None:
        return
    scale = credit_type_scale(session, facts.credit_type)
    if scale is None:
        raise UnknownCreditType(facts.credit_type)
    check_scale(facts.credit_units, scale)


def _locked_product(session: Session, sku: str) -> Product:
    wanted = select(Product).where(Product.sku == sku).options(lazyload(Product.category))
    product = session.scalars(wanted.with_for_update()).one_or_none()
    if product is None:
        raise NoSuchProduct(sku)
    return product


def _locked_issuer(session: Session, code: str) -> Issuer:
    wanted = select(Issuer).where(Issuer.code == code).with_for_update()
    issuer = session.scalars(wanted).one_or_none()
    if issuer is None:
        raise NoSuchIssuer(code)
    return issuer


def _add(session: Session, row: Product | Issuer, taken: AlreadyExists) -> None:
    """Insert; someone may have taken the code since it was looked for."""
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        if is_duplicate(error):
            raise taken from error
        raise


def _check_version(stored: int, seen: int | None) -> None:
    if seen is not None and seen != stored:
        raise PreconditionFailed


def _bare_row(sku: str, name: str, at: datetime) -> dict[str, Any]:
    facts = NewProduct(sku=sku, name=name)
    return {
        "sku": facts.sku,
        "name": facts.name,
        "kind": ProductKind.SERVICE,
        "active": True,
        "fractional": False,
        "created_at": at,
        "updated_at": at,
        "version": 1,
    }
