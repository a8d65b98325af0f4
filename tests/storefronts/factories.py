"""Makers of what shops need: a service point whose shop is open and sells three products."""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from portal.catalogue import services as catalogue
from portal.catalogue.models import Product
from portal.catalogue.services import touch_offers
from portal.credit import services as credit
from portal.credit.models import LotKind
from portal.partners.models import ServicePoint
from portal.partners.rules import Shop as Opened
from portal.pricing.models import PriceTable
from portal.sale_tables.models import SaleEdition, SaleTable
from portal.sale_tables.rules import NewRow
from portal.storefronts.models import Shop, ShopProduct
from tests.factories import NOON, make_actor, make_product, make_service_point
from tests.payments.factories import make_pix_account
from tests.pricing.factories import make_assignment, make_edition, make_table
from tests.sale_tables.factories import make_sale_edition, make_sale_table

CPF, CNPJ = "529.982.247-25", "12.ABC.345/01DE-35"
GOODS = (
    ("ECPF-A1", "e-CPF A1, 12 meses", "Certificados", "62.37", "169"),
    ("ECNPJ-A1", "e-CNPJ A1, 12 meses", "Certificados", "89.91", "219"),
    ("TOKEN", "Token USB", "Mídias", "41.73", "99.90"),
)
"""SKU, name, category, what the service point pays, what the visitor pays."""
TYPED = {
    "name": "Maria das Dores",
    "tax_id": CPF,
    "email": "maria@example.com",
    "phone": "(19) 99123-4567",
    "consent": "y",
}
"""What a visitor types at the checkout."""


@dataclass
class Stall:
    """A service point's open shop, with its tables."""

    point: ServicePoint
    bought: PriceTable
    sold: SaleTable
    edition: SaleEdition
    shop: Shop
    path: str
    """Where visitors find it."""
    products: dict[str, Product] = field(default_factory=dict)


def make_stall(
    session: Session,
    slug: str = "contabil-ipe",
    *,
    goods: tuple[tuple[str, str, str, str, str], ...] = GOODS,
    is_open: bool = True,
    credit_of: int = 1000,
    **facts: Any,
) -> Stall:
    """A shop that sells the goods, of a service point with credit and a Pix key."""
    point_facts = {
        "name": "Contábil Ipê",
        "tax_id": CNPJ,
        "shop": Opened(slug, enabled=is_open),
        "collects": facts.pop("collects", "service_point"),
    }
    point = make_service_point(session, **point_facts)
    products = {
        sku: make_product(session, sku, name=name, category=category)
        for sku, name, category, _, _ in goods
    }
    bought = make_table(session)
    costs = [(products[sku], Decimal(cost)) for sku, _, _, cost, _ in goods]
    make_edition(session, bought, "2026-01-01", None, costs)
    make_assignment(session, point, bought, "2026-01-01")
    sold = make_sale_table(session, _as_shop(point, bought, products))
    rows = [NewRow(sku, None, Decimal(price), True) for sku, _, _, _, price in goods]
    edition = make_sale_edition(session, sold, "2026-01-01", None, rows, by=_publisher())
    shop = Shop(**(_LOOKS | {"service_point_id": point.id, "updated_at": NOON} | facts))
    session.add(shop)
    session.add(
        ShopProduct(
            service_point_id=point.id,
            product_id=products[goods[0][0]].id,
            summary="Imposto de renda e assinaturas",
            details="Vale doze meses.\n\nInstala-se em um computador.",
        )
    )
    if credit_of:
        give_credit(session, point, credit_of)
    make_pix_account(session, point)
    touch_offers(session)
    session.flush()
    return Stall(point, bought, sold, edition, shop, f"/loja/{slug}", products)


_LOOKS = {
    "name": "Contábil Ipê",
    "tagline": "Certificado digital em Campinas",
    "headline": "Seu certificado digital pronto hoje",
    "intro": "Pague com Pix e instale no mesmo dia.",
    "promises": "Atendimento de gente de Campinas\nICP-Brasil",
    "legal_name": "Contábil Ipê Serviços Ltda",
    "phone": "(19) 3000-1234",
    "email": "loja@ipe.example",
}


def give_credit(session: Session, point: ServicePoint, amount: int) -> None:
    """Grant the service point credit."""
    account = credit.open_account(session, service_point_id=point.id, at=NOON)
    credit.grant(
        session,
        account_id=account.id,
        service_point_id=point.id,
        terms=credit.Terms(amount * 100, amount * 100, LotKind.PAID, None),
        reason="recarga",
        by=make_actor(user_id=None),
        at=NOON,
    )


def rename(session: Session, sku: str, **changes: Any) -> None:
    """Change a product."""
    catalogue.change_product(session, sku, changes, by=make_actor(), at=NOON)


class Visitor:
    """Somebody in a shop: forms go out as a browser sends them, with where they come from."""

    def __init__(self, client: Any, path: str) -> None:
        self.client = client
        self.path = path

    def see(self, rest: str = "", **options: Any) -> Any:
        """Open a page of the shop."""
        return self.client.get(self.path + rest, **options)

    def send(self, rest: str, data: dict[str, Any], **options: Any) -> Any:
        """Send a form of the shop."""
        headers = {"Origin": "http://localhost"} | options.pop("headers", {})
        return self.client.post(self.path + rest, data=data, headers=headers, **options)

    def put(self, sku: str, quantity: str = "1", **more: str) -> Any:
        """Put a product into the cart."""
        return self.send("/carrinho", {"sku": sku, "quantity": quantity} | more)

    def checkout(self) -> dict[str, str]:
        """Open the checkout; return what its form holds before anything is typed."""
        page = self.see("/dados").text
        return {name: hidden(page, name) for name in ("form_key", "cart", "seen_total")}

    def order(self, **changes: str) -> Any:
        """Order what is in the cart."""
        return self.send("/dados", self.checkout() | TYPED | changes)

    def buy(self, *skus: str, **changes: str) -> str:
        """Put products into the cart and order them; return the path of the order's page."""
        for sku in skus:
            self.put(sku)
        answer = self.order(**changes)
        assert answer.status_code == 303, answer.text
        return str(answer.location).removeprefix("http://localhost")


def hidden(page: str, name: str) -> str:
    """Return the value of a hidden field of a page."""
    fields = re.findall(r"<input[^>]*>", page)
    field_of = next(one for one in fields if f'name="{name}"' in one)
    return re.findall(r'value="([^"]*)"', field_of)[0]


def _as_shop(point: ServicePoint, bought: PriceTable, products: dict[str, Product]) -> Any:
    from tests.sale_tables.factories import Shop as Bought

    return Bought(point, bought, list(products.values()))


def _publisher() -> Any:
    from tests.sale_tables.factories import DAVI

    return DAVI
