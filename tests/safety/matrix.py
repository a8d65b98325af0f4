"""What stands in the addresses of routes, and what is sent to them: own, foreign, absent."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.safety import shops
from tests.safety.routes import ROUTES, Route
from tests.safety.stage import Form
from tests.safety.world import Person, World

__all__ = ["FILLED", "KINDS", "ROUTES", "Kind", "Route", "address_of", "sent_to"]
ABSENT = 987654
Address = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """A kind of thing in addresses: one's own, another's, and one that is not there.

    `by` says whose it is: of a `unit`, of the person itself (`self`), or of everybody (`all`).
    """

    by: str
    own: Callable[[World, Person], Address]
    absent: Address

    def foreign(self, world: World, person: Person) -> Address | None:
        """Return the address of the same kind of thing that belongs to somebody else."""
        if self.by == "all":
            return None
        if self.by == "unit":
            return self.own(world, world.people["owner" if person.unit == "b" else "neighbour"])
        return self.own(world, other(world, person))


def other(world: World, person: Person) -> Person:
    """Return somebody of the other unit; of headquarters, somebody else."""
    if person.headquarters:
        return world.people["pricing" if person.name == "administrator" else "administrator"]
    return world.people["owner" if person.unit == "b" else "neighbour"]


def _unit(world: World, person: Person) -> Any:
    return world.unit(person.unit or "a")


def _colleague(world: World, person: Person) -> Address:
    """A user whom one may see and manage: the seller of the unit."""
    return {"user_id": world.people["rival" if person.unit == "b" else "seller"].user_id}


KINDS: dict[str, Kind] = {
    "-": Kind("all", lambda w, p: {}, {}),
    "static": Kind("all", lambda w, p: {"filename": "css/base.css"}, {"filename": "nada.css"}),
    "shop": Kind("all", shops.at_home, {"slug": "loja-nada", **shops.LANGUAGE}),
    "shop_text": Kind(
        "all", lambda w, p: shops.at_home(w, p, text="trocas"), shops.nowhere(text="nada")
    ),
    "shop_colour": Kind(
        "all", lambda w, p: shops.at_home(w, p, colour="6b2c7f"), shops.nowhere(colour="zzzzzz")
    ),
    "shop_logo": Kind(
        "all", lambda w, p: shops.at_home(w, p, digest=shops.LOGO), shops.nowhere(digest="nada")
    ),
    "shop_product": Kind(
        "all", lambda w, p: shops.at_home(w, p, sku="SKU-1"), shops.nowhere(sku="SKU-NADA")
    ),
    "shop_order": Kind(
        "all",
        lambda w, p: shops.at_home(w, p, link=shops.link_of(w, p)),
        shops.nowhere(link="nada"),
    ),
    "order": Kind("unit", lambda w, p: {"number": _unit(w, p).order}, {"number": ABSENT}),
    "draft": Kind("unit", lambda w, p: {"number": _unit(w, p).draft}, {"number": ABSENT}),
    "point": Kind("unit", lambda w, p: {"code": _unit(w, p).code}, {"code": "SP-NADA"}),
    "shop_words": Kind(
        "unit",
        lambda w, p: {"code": _unit(w, p).code, "sku": "SKU-1"},
        {"code": "SP-NADA", "sku": "SKU-1"},
    ),
    "account": Kind(
        "unit",
        lambda w, p: {"code": _unit(w, p).code, "credit_type": "BRL"},
        {"code": "SP-NADA", "credit_type": "BRL"},
    ),
    "mail": Kind("unit", lambda w, p: {"number": _unit(w, p).mail}, {"number": ABSENT}),
    "job": Kind("all", lambda w, p: {"job": "deliver-outbox"}, {"job": "nada"}),
    "charge": Kind("unit", lambda w, p: {"number": _unit(w, p).charge}, {"number": ABSENT}),
    "refund": Kind("unit", lambda w, p: {"number": _unit(w, p).refund}, {"number": ABSENT}),
    "secret": Kind("all", lambda w, p: {"token": w.a.secret}, {"token": "nada"}),
    "firm": Kind("all", lambda w, p: {"provider": "simulated"}, {"provider": "nada"}),
    "debit": Kind("unit", lambda w, p: {"transaction": _unit(w, p).debit}, {"transaction": ABSENT}),
    "user": Kind("unit", _colleague, {"user_id": ABSENT}),
    "session": Kind("self", lambda w, p: {"session_id": p.session_id}, {"session_id": ABSENT}),
    "token": Kind("self", lambda w, p: {"token_id": p.token_id}, {"token_id": ABSENT}),
    "import": Kind("self", lambda w, p: {"number": p.import_number or ABSENT}, {"number": ABSENT}),
    "table": Kind("unit", lambda w, p: {"table_id": _unit(w, p).own_table}, {"table_id": ABSENT}),
    "edition": Kind(
        "unit",
        lambda w, p: {
            "table_id": _unit(w, p).own_table,
            "edition_id": _unit(w, p).own_edition,
        },
        {"table_id": ABSENT, "edition_id": ABSENT},
    ),
    "sale_table": Kind(
        "unit", lambda w, p: {"table_id": _unit(w, p).sale_table}, {"table_id": ABSENT}
    ),
    "sale_edition": Kind(
        "unit",
        lambda w, p: {
            "table_id": _unit(w, p).sale_table,
            "edition_id": _unit(w, p).sale_edition,
        },
        {"table_id": ABSENT, "edition_id": ABSENT},
    ),
    "sale_import": Kind(
        "self", lambda w, p: {"number": p.sale_import or ABSENT}, {"number": ABSENT}
    ),
    "sale_draft": Kind(
        "unit",
        lambda w, p: {
            "table_id": _unit(w, p).sale_table,
            "edition_id": _unit(w, p).sale_draft,
        },
        {"table_id": ABSENT, "edition_id": ABSENT},
    ),
    "product": Kind("all", lambda w, p: {"sku": "SKU-1"}, {"sku": "SKU-NADA"}),
    "issuer": Kind("all", lambda w, p: {"code": w.issuer}, {"code": "AC-NADA"}),
    "policy": Kind("all", lambda w, p: {"code": w.policy}, {"code": "NADA"}),
    "profile": Kind("all", lambda w, p: {"code": "seller"}, {"code": "nada"}),
}

LINE = {"sku": "SKU-1", "quantity": "1", "unit_price": "950000"}
PIX = {"key": "caixa@example.com", "holder": "Ponto da Praça", "city": "Recife"}
ORDER = {"service_point": "{point}", "channel": "api", "lines": [LINE]}
SENT: dict[str, Any] = {
    "PATCH catalogue_api.change_issuer": {"name": "Autoridade Sul"},
    "POST catalogue_api.create_issuer": {"code": "AC-SUL", "name": "Autoridade Sul"},
    "POST catalogue_api.create_product": {"sku": "SKU-9", "name": "Leitora", "kind": "good"},
    "PATCH catalogue_api.change_product": {"name": "Leitora"},
    "POST credit_api.create_credit_type": {
        "code": "HORAS", "name": "Horas", "scale": 2, "unit_value": "90"
    },
    "POST credit_api.debit_credit": {"amount": "10.00", "source": "manual"},
    "POST credit_api.grant_credit": {
        "amount": "10.00", "paid": "10.00", "kind": "paid", "reason": "recarga"
    },
    "POST credit_api.reverse_transaction": {"reason": "engano"},
    "POST orders_api.place": ORDER,
    "PATCH orders_api.correct": {"external_reference": "NF-7"},
    "POST orders_api.cancel_one": {"reason": "engano"},
    "POST orders_api.create_quote": ORDER,
    "POST partners_api.create_credit_policy": {"code": "OUTRO", "name": "Outro", "money": "10"},
    "PATCH partners_api.change_credit_policy": {"name": "Outro"},
    "POST partners_api.create_service_point": {"code": "SP-C", "name": "Ponto C"},
    "PATCH partners_api.change_service_point": {"name": "Ponto Novo"},
    "POST payments_api.confirm_charge": {"paid_on": "2026-12-01", "method": "pix"},
    "PUT payments_api.set_own_pix_account": PIX,
    "PUT payments_api.set_pix_account": PIX,
    "POST people_api.make_token": {"name": "Outro sistema"},
    "POST people_api.create": {
        "email": "novo@example.com", "name": "Novo", "profile": "seller",
        "service_points": ["{point}"],
    },
    "PATCH people_api.change": {"name": "Nova Pessoa"},
    "POST price_imports_api.import_edition": Form(valid_from="2028-01-01", dry_run="true"),
    "POST pricing_api.create_table": {"name": "Mais uma", "kind": "general"},
    "PATCH pricing_api.change_table": {"name": "Outro nome"},
    "POST pricing_api.create_edition": {
        "valid_from": "2028-01-01", "items": [{"sku": "SKU-1", "price": "700001.01"}]
    },
    "PATCH pricing_api.change_edition": {"valid_until": "2028-12-31"},
    "POST pricing_api.publish_edition": {},
    "PUT pricing_api.replace_assignments": {
        "items": [{"mode": "own", "valid_from": "2025-01-01"}], "reason": "acerto"
    },
    "POST sale_tables_api.create_sale_table": {
        "name": "Outra venda", "service_point": "{point}", "channels": ["site"]
    },
    "PATCH sale_tables_api.change_sale_table": {"name": "Outra venda"},
    "POST sale_tables_api.create_sale_edition": {
        "valid_from": "2028-01-01", "items": [{"sku": "SKU-1", "sale_price": "950001.01"}]
    },
    "PATCH sale_tables_api.change_sale_edition": {"valid_until": "2028-12-31"},
    "POST sale_tables_api.publish_sale_edition": {},
    "POST sale_tables_api.copy_sale_edition": {"valid_from": "2028-01-01"},
    "POST sale_tables_api.fill_sale_edition": {"basis": "suggested"},
    "POST sale_tables_api.confirm_below": {"skus": ["SKU-3"]},
    "POST sale_tables_api.import_sale_edition": Form(valid_from="2028-01-01", dry_run="true"),
}  # fmt: skip
"""What is sent to the API; `{point}` is one's own service point."""

FILLED: dict[str, dict[str, str]] = {
    "POST credit.debit": {"amount": "10,00", "source": "manual"},
    "POST credit.grant": {"amount": "10,00", "paid": "10,00", "kind": "paid", "reason": "recarga"},
    "POST credit.reverse": {"reason": "engano"},
    "POST orders.cancel_one": {"reason": "engano"},
    "POST shop.change_cart": {"sku": "SKU-1"},
    "POST people.password": {"current": "errada-mesmo-10"},
}
"""What is typed into forms beyond what their pages fill in themselves."""


def sent_to(route: Route, person: Person) -> Any:
    """Return what to send to the API, with one's own service point."""
    return _named(SENT.get(route.name), "SP-B" if person.unit == "b" else "SP-A")


def _named(value: Any, point: str) -> Any:
    if isinstance(value, Form):
        return Form(value)
    if isinstance(value, dict):
        return {name: _named(one, point) for name, one in value.items()}
    if isinstance(value, list):
        return [_named(one, point) for one in value]
    return point if value == "{point}" else value


def address_of(rule: str, values: Address) -> str:
    """Write an address."""
    return re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", lambda part: str(values[part[1]]), rule)
