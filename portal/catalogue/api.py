"""Products, categories and issuers for other systems."""

from datetime import datetime
from typing import Annotated, Any, Literal, cast

from portal.catalogue import queries, services
from portal.catalogue.models import Category, Issuer, Product
from portal.catalogue.rules import (
    CATEGORY_LENGTH,
    ISSUER_NAME_LENGTH,
    NAME_LENGTH,
    IssuerChanges,
    NewProduct,
    ProductChanges,
)
from portal.clock import now
from portal.texts import SEARCH_LENGTH
from portal.transactions import read, transact
from portal.web.access import actor
from portal.web.endpoint import Answer, Endpoints, expected_version
from portal.web.paging import page_of
from portal.web.shapes import (
    LEFT_OUT,
    CodeText,
    ListQuery,
    NewCode,
    PriceIn,
    QuantityOut,
    Shape,
    Text,
)

api = Endpoints("catalogue", __name__)

Kind = Literal["good", "service"]
Search = Annotated[str, Text(SEARCH_LENGTH, 0)]


class ProductIn(Shape):
    """A product to put on file."""

    sku: NewCode
    name: Annotated[str, Text(NAME_LENGTH)]
    kind: Kind
    category: Annotated[str, Text(CATEGORY_LENGTH, 0)] | None = None
    active: bool = True
    fractional: bool = False
    credit_type: CodeText | None = None
    credit_units: PriceIn | None = None


class ProductPatch(Shape):
    """What of a product is to be another."""

    name: Annotated[str, Text(NAME_LENGTH)] = LEFT_OUT
    kind: Kind = LEFT_OUT
    category: Annotated[str, Text(CATEGORY_LENGTH, 0)] | None = None
    active: bool = LEFT_OUT
    fractional: bool = LEFT_OUT
    credit_type: CodeText | None = None
    credit_units: PriceIn | None = None


class ProductOut(Shape):
    """A product."""

    id: int
    sku: str
    name: str
    kind: Kind
    category: str | None
    active: bool
    fractional: bool
    credit_type: str | None
    credit_units: QuantityOut | None
    created_at: datetime
    updated_at: datetime


class ProductList(Shape):
    """A page of products."""

    items: list[ProductOut]
    next: str | None


class ProductQuery(ListQuery):
    """What a list of products may be narrowed down to."""

    q: Search = ""
    kind: Kind | None = None
    category: Annotated[str, Text(CATEGORY_LENGTH, 0)] = ""
    active: bool | None = None


class IssuerIn(Shape):
    """An issuer to put on file."""

    code: NewCode
    name: Annotated[str, Text(ISSUER_NAME_LENGTH)]
    active: bool = True


class IssuerPatch(Shape):
    """What of an issuer is to be another."""

    name: Annotated[str, Text(ISSUER_NAME_LENGTH)] = LEFT_OUT
    active: bool = LEFT_OUT


class IssuerOut(Shape):
    """An issuer."""

    id: int
    code: str
    name: str
    active: bool


class IssuerList(Shape):
    """A page of issuers."""

    items: list[IssuerOut]
    next: str | None


class IssuerQuery(ListQuery):
    """What a list of issuers may be narrowed down to."""

    q: Search = ""
    active: bool | None = None


class CategoryOut(Shape):
    """A category of products."""

    id: int
    name: str


class CategoryList(Shape):
    """A page of categories."""

    items: list[CategoryOut]
    next: str | None


@api.get(
    "/products",
    permission="catalogue.view",
    query=ProductQuery,
    answer=ProductList,
    summary="List products",
)
def list_products(query: ProductQuery) -> Any:
    """`q` looks for words in name and SKU. In the order in which they were put on file."""
    wanted = queries.products(
        search=query.q, kind=query.kind or "", category=query.category, active=query.active
    )
    page = read(page_of, wanted, order=(Product.id,), cursor=query.cursor, limit=query.limit)
    return ProductList(items=[shown(product) for product in page.items], next=page.next)


@api.post(
    "/products",
    permission="catalogue.edit",
    body=ProductIn,
    answer=ProductOut,
    status=201,
    errors=(409,),
    summary="Put a product on file",
)
def create_product(body: ProductIn) -> Any:
    """`category` is text; a new one is created. A taken SKU is 409 `already_exists`."""
    facts = NewProduct(**body.model_dump())
    return _product(transact(services.create_product, facts, by=actor(), at=now()))


@api.get(
    "/products/<sku>", permission="catalogue.view", answer=ProductOut, summary="Read a product"
)
def read_product(sku: str) -> Any:
    """SKUs are told apart by case."""
    return _product(read(queries.product_of, sku))


@api.patch(
    "/products/<sku>",
    permission="catalogue.edit",
    body=ProductPatch,
    answer=ProductOut,
    errors=(412,),
    summary="Change a product",
)
def change_product(sku: str, body: ProductPatch) -> Any:
    """Only what is sent changes; `category`, `credit_type` and `credit_units` end with null."""
    changes = cast(ProductChanges, body.model_dump(exclude_unset=True))
    seen = expected_version()
    changed = transact(services.change_product, sku, changes, by=actor(), at=now(), version=seen)
    return _product(changed)


@api.get(
    "/categories",
    permission="catalogue.view",
    query=ListQuery,
    answer=CategoryList,
    summary="List categories",
)
def list_categories(query: ListQuery) -> Any:
    """By name."""
    order = (Category.name, Category.id)
    page = read(page_of, queries.categories(), order=order, cursor=query.cursor, limit=query.limit)
    items = [CategoryOut(id=category.id, name=category.name) for category in page.items]
    return CategoryList(items=items, next=page.next)


@api.get(
    "/issuers",
    permission="catalogue.view",
    query=IssuerQuery,
    answer=IssuerList,
    summary="List issuers",
)
def list_issuers(query: IssuerQuery) -> Any:
    """`q` looks for words in name and code."""
    wanted = queries.issuers(search=query.q, active=query.active)
    page = read(page_of, wanted, order=(Issuer.id,), cursor=query.cursor, limit=query.limit)
    return IssuerList(items=[shown_issuer(issuer) for issuer in page.items], next=page.next)


@api.post(
    "/issuers",
    permission="catalogue.edit",
    body=IssuerIn,
    answer=IssuerOut,
    status=201,
    errors=(409,),
    summary="Put an issuer on file",
)
def create_issuer(body: IssuerIn) -> Any:
    """A taken code is 409 `already_exists`."""
    return _issuer(transact(services.create_issuer, by=actor(), at=now(), **body.model_dump()))


@api.get("/issuers/<code>", permission="catalogue.view", answer=IssuerOut, summary="Read an issuer")
def read_issuer(code: str) -> Any:
    """Codes are told apart by case."""
    return _issuer(read(queries.issuer_of, code))


@api.patch(
    "/issuers/<code>",
    permission="catalogue.edit",
    body=IssuerPatch,
    answer=IssuerOut,
    errors=(412,),
    summary="Change an issuer",
)
def change_issuer(code: str, body: IssuerPatch) -> Any:
    """Only what is sent changes."""
    changes = cast(IssuerChanges, body.model_dump(exclude_unset=True))
    seen = expected_version()
    return _issuer(
        transact(services.change_issuer, code, changes, by=actor(), at=now(), version=seen)
    )


def shown(product: Product) -> ProductOut:
    """Return a product as the API writes it."""
    return ProductOut(
        id=product.id,
        sku=product.sku,
        name=product.name,
        kind=cast(Kind, product.kind),
        category=product.category.name if product.category else None,
        active=product.active,
        fractional=product.fractional,
        credit_type=product.credit_type,
        credit_units=product.credit_units,
        created_at=product.created_at,
        updated_at=product.updated_at,
    )


def shown_issuer(issuer: Issuer) -> IssuerOut:
    """Return an issuer as the API writes it."""
    return IssuerOut(id=issuer.id, code=issuer.code, name=issuer.name, active=issuer.active)


def _product(product: Product) -> Answer:
    return Answer(shown(product), etag=product.version)


def _issuer(issuer: Issuer) -> Answer:
    return Answer(shown_issuer(issuer), etag=issuer.version)
