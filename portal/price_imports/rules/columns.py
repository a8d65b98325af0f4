"""Which column holds what: told by the words of the header, which need not be the first row."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from portal.sheets.records import Record, shown

HEADER_WITHIN = 30
"""Rows at the top of a file among which its header is looked for."""
_EXACT, _BEGINS, _HOLDS = 4, 2, 1


class Column(StrEnum):
    """What a column of a list of prices may hold."""

    SKU = "sku"
    PRICE = "price"
    PERCENT = "percent"
    MIN_QUANTITY = "min_quantity"
    NAME = "name"
    CATEGORY = "category"
    FREE = "free"
    SUGGESTED_PRICE = "suggested_price"
    SALE_PRICE = "sale_price"
    ON_SITE = "on_site"


class Layout(NamedTuple):
    """What a kind of list has: its columns in the order in which they choose, and its figures.

    `telling` are those of which one must be there, beside the product.
    """

    columns: tuple[Column, ...]
    figures: tuple[Column, ...]
    telling: frozenset[Column]


PRICES = Layout(
    (
        Column.SKU, Column.PRICE, Column.PERCENT, Column.MIN_QUANTITY, Column.NAME,
        Column.CATEGORY, Column.FREE,
    ),
    (Column.PRICE, Column.PERCENT, Column.MIN_QUANTITY),
    frozenset({Column.PRICE, Column.PERCENT, Column.FREE}),
)  # fmt: skip
"""A list of acquisition prices."""
SALES = Layout(
    (Column.SKU, Column.SALE_PRICE, Column.SUGGESTED_PRICE, Column.ON_SITE, Column.NAME),
    (Column.SALE_PRICE, Column.SUGGESTED_PRICE),
    frozenset({Column.SALE_PRICE, Column.SUGGESTED_PRICE}),
)
"""A list of what final customers pay."""
FIGURES = PRICES.figures
WORDS: Mapping[Column, tuple[str, ...]] = {
    Column.SKU: (
        "sku", "codigo", "cod", "code", "codigo do produto", "codigo produto", "cod produto",
        "codigo del producto", "codigo del articulo", "codigo articulo", "product code",
        "item code", "referencia", "reference", "ref", "clave", "part number", "item",
    ),
    Column.PRICE: (
        "price", "preco", "precio", "valor", "valor de aquisicao", "preco de aquisicao",
        "aquisicao", "acquisition price", "preco unitario", "valor unitario", "precio unitario",
        "unit price", "repasse", "custo", "costo", "cost", "importe", "vlr", "amount",
    ),
    Column.PERCENT: (
        "percent", "percentual", "porcentagem", "percentagem", "porcentaje", "percentage", "pct",
    ),
    Column.MIN_QUANTITY: (
        "min quantity", "minimum quantity", "min qty", "from quantity", "quantidade minima",
        "qtd minima", "qtde minima", "qtd min", "a partir de", "a partir da quantidade",
        "cantidad minima", "desde", "a partir", "quantity", "quantidade", "qtd", "qtde", "cantidad",
    ),
    Column.NAME: (
        "name", "nome", "nombre", "descricao", "description", "descripcion", "produto", "product",
        "producto", "nome do produto", "descricao do produto", "denominacao", "apresentacao",
    ),
    Column.CATEGORY: ("category", "categoria", "grupo", "group", "familia", "rubro", "linha"),
    Column.FREE: ("free", "gratis", "gratuito", "gratuita", "cortesia", "sem custo", "isento"),
    Column.SALE_PRICE: (
        "sale price", "preco de venda", "preco venda", "valor de venda", "venda", "preco final",
        "precio de venta", "venta", "retail price", "price", "preco", "precio", "valor", "pvp",
    ),
    Column.SUGGESTED_PRICE: (
        "suggested price", "preco sugerido", "valor sugerido", "precio sugerido", "suggested",
        "sugerido", "preco de tabela", "list price", "recommended price", "pmc",
    ),
    Column.ON_SITE: (
        "on site", "no site", "site", "en el sitio", "sitio", "loja", "na loja", "loja virtual",
        "tienda", "shop", "online", "web", "internet",
    ),
}  # fmt: skip
_NO_WORD = re.compile(r"[^a-z0-9]+")


def plain_words(text: str) -> str:
    """Return a heading without accents, case and signs; `%` and `R$` are words too."""
    spoken = text.replace("%", " percent ").replace("R$", " ").casefold()
    letters = unicodedata.normalize("NFKD", spoken)
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return _NO_WORD.sub(" ", bare).strip()


def find_header(records: Sequence[Record], layout: Layout = PRICES) -> int | None:
    """Return the row of the header, from 0; None when no row names a product and a figure."""
    scores = [_score(record, layout) for record in records[:HEADER_WITHIN]]
    best = max(range(len(scores)), key=lambda at: (scores[at], -at), default=None)
    return best if best is not None and scores[best] else None


def map_columns(header: Record, layout: Layout = PRICES) -> dict[Column, int]:
    """Return which column holds what, each at most once; the best fitting word takes it."""
    headings = [plain_words(shown(cell)) for cell in header]
    fits = [
        (-_fit(heading, WORDS[column]), order, at, column)
        for order, column in enumerate(layout.columns)
        for at, heading in enumerate(headings)
        if _fit(heading, WORDS[column])
    ]
    mapped: dict[Column, int] = {}
    for _, _, at, column in sorted(fits):
        if column not in mapped and at not in mapped.values():
            mapped[column] = at
    return mapped


def _score(record: Record, layout: Layout) -> int:
    """Say how much a row looks like a header: it names the product and a figure, in words."""
    mapped = map_columns(record, layout)
    if Column.SKU not in mapped or not layout.telling & set(mapped):
        return 0
    return len(mapped)


def _fit(heading: str, words: Iterable[str]) -> int:
    if not heading or len(heading) > 60:
        return 0
    best = 0
    for word in words:
        if heading == word:
            return _EXACT
        if heading.startswith(f"{word} "):
            best = max(best, _BEGINS)
        elif f" {word} " in f" {heading} ":
            best = max(best, _HOLDS)
    return best
