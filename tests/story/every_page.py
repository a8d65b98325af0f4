"""Where every page is, and a little of everything to be seen on them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import MapAdapter

from portal.audit.models import Deed
from portal.mail.models import Mail
from portal.mail.services import queue_mail
from portal.orders.models import Order
from portal.payments.models import Charge
from portal.people.models import User
from portal.pricing.models import Edition, EditionState, PriceTable
from portal.sale_tables.models import SaleEdition
from tests.factories import NOON, make_product, make_user, sign_in
from tests.price_imports.lists import csv_file
from tests.price_imports.pages import READING, uploaded
from tests.pricing.factories import make_edition
from tests.safety.routes import ROUTES
from tests.sale_tables import pages as sale_pages
from tests.story.who_may import Looker
from tests.trade import make_trade

PAGES = {
    "audit.index": "/audit",
    "catalogue.issuer_edit": "/issuers/AC-ONE/edit",
    "catalogue.issuer_new": "/issuers/new",
    "catalogue.issuers": "/issuers",
    "catalogue.product": "/products/ECPF-A1",
    "catalogue.product_edit": "/products/ECPF-A1/edit",
    "catalogue.product_new": "/products/new",
    "catalogue.products": "/products",
    "credit.account": "/credit/{point}/BRL",
    "credit.debit": "/credit/{point}/BRL/debit",
    "credit.grant": "/credit/{point}/BRL/grant",
    "credit.index": "/credit",
    "credit.lots": "/credit/{point}/BRL/lots",
    "credit.movement": "/credit/transactions/{transaction}",
    "credit.reverse": "/credit/transactions/{transaction}/reverse",
    "credit.types": "/credit/types",
    "finder.search": "/search?q=EC",
    "home.index": "/",
    "mail.index": "/mails",
    "mail.show": "/mails/{mail}",
    "orders.correct": "/orders/{order}/sale",
    "orders.index": "/orders",
    "orders.new": "/orders/new",
    "orders.show": "/orders/{order}",
    "partners.edit": "/service-points/{point}/edit",
    "partners.history": "/service-points/{point}/history",
    "partners.index": "/service-points",
    "partners.new": "/service-points/new",
    "partners.policies": "/credit-policies",
    "partners.policy_edit": "/credit-policies/{policy}/edit",
    "partners.policy_new": "/credit-policies/new",
    "partners.show": "/service-points/{point}",
    "payments.index": "/charges",
    "payments.notices": "/charges/notifications",
    "payments.pix": "/settings/pix",
    "payments.point_pix": "/service-points/{point}/pix",
    "payments.refund": "/charges/{paid}/refund",
    "payments.show": "/charges/{charge}",
    "people.account": "/account",
    "people.password": "/account/password",
    "people.profile_edit": "/profiles/seller",
    "people.profile_new": "/profiles/new",
    "people.profiles": "/profiles",
    "people.sessions": "/account/sessions",
    "people.tokens": "/account/tokens",
    "people.user_edit": "/users/{user}",
    "people.user_new": "/users/new",
    "people.users": "/users",
    "price_imports.new": "/price-tables/{table}/import",
    "price_imports.reading": "/price-imports/{import}/reading",
    "price_imports.show": "/price-imports/{wrong}",
    "pricing.compare": "/price-tables/{table}/editions/{edition}/compare",
    "pricing.edit": "/price-tables/{table}/edit",
    "pricing.edition": "/price-tables/{table}/editions/{draft}",
    "pricing.edition_copy": "/price-tables/{table}/editions/{edition}/copy",
    "pricing.edition_end": "/price-tables/{table}/editions/{edition}/end",
    "pricing.edition_new": "/price-tables/{table}/editions/new",
    "pricing.index": "/price-tables",
    "pricing.new": "/price-tables/new",
    "pricing.point_prices": "/service-points/{point}/prices",
    "pricing.point_prices_edit": "/service-points/{point}/prices/edit",
    "pricing.publish": "/price-tables/{table}/editions/{draft}/publish",
    "pricing.table": "/price-tables/{table}",
    "sale_imports.new": "/sale-tables/{sale_table}/import",
    "sale_imports.reading": "/sale-imports/{sale_import}/reading",
    "sale_imports.show": "/sale-imports/{sale_wrong}",
    "sale_tables.below": "/sale-tables/{sale_table}/editions/{sale_edition}/below?margin=90",
    "sale_tables.compare": "/sale-tables/{sale_table}/editions/{sale_draft}/compare",
    "sale_tables.edit": "/sale-tables/{sale_table}/edit",
    "sale_tables.edition": "/sale-tables/{sale_table}/editions/{sale_draft}",
    "sale_tables.edition_copy": "/sale-tables/{sale_table}/editions/{sale_edition}/copy",
    "sale_tables.edition_end": "/sale-tables/{sale_table}/editions/{sale_edition}/end",
    "sale_tables.edition_fill": "/sale-tables/{sale_table}/editions/{sale_draft}/fill",
    "sale_tables.edition_new": "/sale-tables/{sale_table}/editions/new",
    "sale_tables.fallen": "/price-tables/{table}/editions/{draft}/sale-prices?margin=90",
    "sale_tables.index": "/sale-tables",
    "sale_tables.new": "/sale-tables/new",
    "sale_tables.point_tables": "/service-points/{point}/sale-tables",
    "sale_tables.publish": "/sale-tables/{sale_table}/editions/{sale_draft}/publish",
    "sale_tables.table": "/sale-tables/{sale_table}",
    "scheduler.index": "/jobs",
    "scheduler.runs": "/jobs/runs",
    "storefronts.address": "/service-points/{point}/shop/address",
    "storefronts.edit": "/service-points/{point}/shop/settings",
    "storefronts.index": "/shops",
    "storefronts.product_text": "/service-points/{point}/shop/products/ECPF-A1",
    "storefronts.products": "/service-points/{point}/shop/products",
    "storefronts.show": "/service-points/{point}/shop",
    "pricing.why": "/why?service_point={point}&product=ECPF-A1&quantity=2&day=2026-12-01"
    "&issuer=AC-ONE",
}
SIGNED_OUT = {"people.sign_in": "/sign-in"}
SHOPS = {
    "shop.about",
    "shop.cart",
    "shop.catalogue",
    "shop.change_cart",
    "shop.checkout",
    "shop.colours",
    "shop.logo",
    "shop.mine",
    "shop.order",
    "shop.order_again",
    "shop.order_state",
    "shop.product",
    "shop.robots",
    "shop.seen_order",
    "shop.send_mine",
    "shop.sitemap",
    "shop.sitemaps",
}
"""What visitors open: looked at by tests/storefronts/test_windows.py, in every state."""
NO_PAGES = {
    "catalogue.suggest_products",
    "health_live",
    "health_ready",
    "metrics",
    "orders.products",
    "orders.service_points",
    "partners.suggest",
    "price_imports.errors",
    "price_imports.progress",
    "price_imports.template",
    "pricing.edition_as_file",
    "sale_imports.errors",
    "sale_imports.progress",
    "sale_imports.template",
    "sale_tables.edition_as_file",
    "scheduler_health.at_work",
    "static",
    "storefronts.logo_file",
    "storefronts.poster",
}
"""What is fetched but not looked at: files, figures for machines, and what scripts ask for."""
MORE = (
    "/api/v1/docs",
    "/charges?q=nada",
    "/charges/{returned}",
    "/orders?q=nada",
    "/orders/{draft_order}",
    "/orders/{cancelled}",
    "/price-imports/{right}",
    "/sale-imports/{sale_right}",
    "/price-tables/{table}?part=users",
    "/price-tables/{table}?part=history",
    "/products?q=nada",
    "/sale-tables/{sale_table}?part=unpriced",
    "/sale-tables/{sale_table}?part=editions",
    "/sale-tables?q=nada",
    "/search",
    "/service-points/{point}/shop?by=month",
    "/service-points?active=1&sort=-name",
)
"""States of pages that look unlike the first: nothing found, filters, other parts."""


@dataclass(frozen=True)
class Scene:
    """What is in the addresses, who looks, and which page an address leads to."""

    names: dict[str, str]
    lookers: dict[str, Looker]
    map: MapAdapter

    def addresses(self, looker: Looker) -> Iterator[tuple[str, bool]]:
        """List every page's address, once, and whether it is open to whoever looks."""
        for pattern in (*PAGES.values(), *MORE):
            address = pattern.format_map(self.names)
            endpoint, _ = self.map.match(address.partition("?")[0], "GET")
            yield address, looker.may_open(ROUTES["GET", endpoint], pattern)


def set_the_scene(app: Flask, session: Session) -> Scene:
    """Make a service point with orders and credit, a draft edition, and imports under way."""
    point = make_trade(session)
    table = session.scalars(select(PriceTable)).one()
    edition = session.scalars(select(Edition)).one()
    other = make_product(session, "SSL-OV-12", name="SSL OV, um domínio, 12 meses")
    rows = [(other, "310"), (session.merge(other), 10, "300")]
    draft = make_edition(session, table, date(2027, 2, 1), None, rows, state="draft")
    orders = {one.status: one for one in session.scalars(select(Order).order_by(Order.id))}
    people = {name: make_user(session, name) for name in ("administrator", "pricing")}
    people |= {name: make_user(session, name, point) for name in ("owner", "seller")}
    charges = {one.status: one for one in session.scalars(select(Charge).order_by(Charge.id))}
    grant = session.scalars(select(Deed.id).where(Deed.action == "credit.granted")).first()
    names = {
        "point": point.code,
        "policy": point.credit_policy.code if point.credit_policy else "",
        "table": table.id,
        "edition": edition.id,
        "draft": draft.id,
        "order": orders["fulfilled"].id,
        "cancelled": orders["cancelled"].id,
        "draft_order": orders["draft"].id,
        "charge": charges["pending"].id,
        "paid": charges["paid"].id,
        "returned": charges["refund_pending"].id,
        "transaction": grant,
        "user": people["seller"].id,
    }
    names["mail"] = waiting_mail(session)
    names |= imports_under_way(app, people["pricing"], table)
    for sold in session.scalars(select(SaleEdition)):
        names["sale_table"] = sold.sale_table_id
        names["sale_draft" if sold.state == EditionState.DRAFT else "sale_edition"] = sold.id
    names |= sale_lists_under_way(app, people["owner"], int(names["sale_table"]))
    lookers = {profile: Looker.of(user) for profile, user in people.items()}
    session.commit()
    written = {name: str(value) for name, value in names.items()}
    return Scene(written, lookers, app.url_map.bind("localhost"))


def waiting_mail(session: Session) -> int:
    """Queue a mail that is still to be sent; returns its number."""
    queue_mail(
        session, key="every-page", to="maria@example.com", subject="Seu pedido", text="Olá!",
        language="pt_BR", at=NOON,
    )  # fmt: skip
    return session.scalars(select(Mail.id).where(Mail.key == "every-page")).one()


def sale_lists_under_way(app: Flask, by: User, table_id: int) -> dict[str, str]:
    """Send lists of sale prices: one to be read, one that was checked, one with wrong rows."""
    client = app.test_client()
    sign_in(client, by)
    head, numbers = "Código;Preço de venda", {}
    lists = {
        "sale_import": csv_file(head, "ECPF-A1;120,00"),
        "sale_right": csv_file(head, "ECPF-A1;121,00"),
        "sale_wrong": csv_file(head, "ECPF-A1;122,00", "NADA;x"),
    }
    for name, content in lists.items():
        address = sale_pages.sent(client, table_id, content)
        numbers[name] = address.rpartition("/")[2]
        if name != "sale_import":
            sale_pages.checked(client, address)
    return numbers


def imports_under_way(app: Flask, by: User, table: PriceTable) -> dict[str, str]:
    """Send lists: one to be read, one that was checked, one with wrong rows."""
    client = app.test_client()
    sign_in(client, by)
    head = "Código;Preço"
    lists = {
        "import": csv_file(head, "ECPF-A1;90,00"),
        "right": csv_file(head, "ECPF-A1;91,00"),
        "wrong": csv_file(head, *(f"NADA-{number};dez" for number in range(60))),
    }
    numbers = {}
    for name, content in lists.items():
        address = uploaded(client, table, content, f"lista-{name}.csv")
        numbers[name] = address.rpartition("/")[2]
        if name != "import":
            client.submit(f"{address}/reading", READING | {"check": "1"})
    return numbers
