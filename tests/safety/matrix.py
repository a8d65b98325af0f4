"""Every route, what it asks for, and whose things it opens. A route that is missing here fails.

A line is: method, endpoint, permission, kind of thing in its address, and further conditions:
`+` another permission is asked for too, `hq` is for headquarters alone, `signed` for whoever signs
what is sent as a payment firm does: nobody here.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.safety.stage import Form
from tests.safety.world import Person, World

TABLE = """
GET    audit.index                         audit.view                -
GET    audit_api.read_trail                audit.view                -
GET    catalogue.issuers                   catalogue.view            -
GET    catalogue.issuer_edit               catalogue.edit            issuer
POST   catalogue.issuer_edit               catalogue.edit            issuer
GET    catalogue.issuer_new                catalogue.edit            -
POST   catalogue.issuer_new                catalogue.edit            -
GET    catalogue.products                  catalogue.view            -
GET    catalogue.product                   catalogue.view            product
GET    catalogue.product_edit              catalogue.edit            product
POST   catalogue.product_edit              catalogue.edit            product
GET    catalogue.product_new               catalogue.edit            -
POST   catalogue.product_new               catalogue.edit            -
GET    catalogue.suggest_products          catalogue.view            -
GET    catalogue_api.list_categories       catalogue.view            -
GET    catalogue_api.list_issuers          catalogue.view            -
POST   catalogue_api.create_issuer         catalogue.edit            -
GET    catalogue_api.read_issuer           catalogue.view            issuer
PATCH  catalogue_api.change_issuer         catalogue.edit            issuer
GET    catalogue_api.list_products         catalogue.view            -
POST   catalogue_api.create_product        catalogue.edit            -
GET    catalogue_api.read_product          catalogue.view            product
PATCH  catalogue_api.change_product        catalogue.edit            product
GET    credit.index                        costs.view                -
GET    credit.account                      costs.view                account
GET    credit.debit                        credit.debit              account     +costs.view
POST   credit.debit                        credit.debit              account     +costs.view
GET    credit.grant                        credit.grant              account     +costs.view
POST   credit.grant                        credit.grant              account     +costs.view
GET    credit.lots                         costs.view                account
GET    credit.movement                     costs.view                debit
GET    credit.reverse                      credit.reverse            debit       +costs.view
POST   credit.reverse                      credit.reverse            debit       +costs.view
GET    credit.types                        credit.grant              -           hq
POST   credit.types                        credit.grant              -           hq
GET    credit_api.list_credit_types        costs.view                -
POST   credit_api.create_credit_type       credit.grant              -           hq
GET    credit_api.read_account             costs.view                account
POST   credit_api.debit_credit             credit.debit              account     +costs.view
GET    credit_api.read_statement           costs.view                account
POST   credit_api.grant_credit             credit.grant              account     +costs.view
GET    credit_api.list_lots                costs.view                account
POST   credit_api.reverse_transaction      credit.reverse            debit       +costs.view
GET    finder.search                       signed_in                 -
GET    health_live                         public                    -
GET    health_ready                        public                    -
GET    home.index                          signed_in                 -
GET    metrics                             public                    -
GET    openapi.docs                        public                    -
GET    openapi.document                    public                    -
GET    orders.index                        orders.view               -
GET    orders.show                         orders.view               order
POST   orders.cancel_one                   orders.cancel             order
POST   orders.fulfill_one                  orders.fulfill            order
POST   orders.place                        orders.place              draft
GET    orders.correct                      orders.edit_sale          order
POST   orders.correct                      orders.edit_sale          order
GET    orders.new                          orders.place              -
POST   orders.new_create                   orders.place              -
POST   orders.new_preview                  orders.place              -
GET    orders.products                     orders.place              -
GET    orders.service_points               orders.place              -
GET    orders_api.list_orders              orders.view               -
POST   orders_api.place                    orders.place              -
GET    orders_api.read_order               orders.view               order
PATCH  orders_api.correct                  orders.edit_sale          order
POST   orders_api.cancel_one               orders.cancel             order
POST   orders_api.fulfill_one              orders.fulfill            order
POST   orders_api.place_one                orders.place              draft
POST   orders_api.create_quote             orders.place              -
GET    partners.policies                   policies.edit             -
GET    partners.policy_edit                policies.edit             policy
POST   partners.policy_edit                policies.edit             policy
GET    partners.policy_new                 policies.edit             -
POST   partners.policy_new                 policies.edit             -
GET    partners.index                      partners.view             -
GET    partners.show                       partners.view             point
GET    partners.edit                       partners.edit             point
POST   partners.edit                       partners.edit             point
GET    partners.history                    partners.view             point       +audit.view
GET    partners.new                        partners.edit             -           hq
POST   partners.new                        partners.edit             -           hq
GET    partners.suggest                    partners.view             -
GET    partners_api.list_credit_policies   costs.view                -
POST   partners_api.create_credit_policy   policies.edit             -
GET    partners_api.read_credit_policy     costs.view                policy
PATCH  partners_api.change_credit_policy   policies.edit             policy
GET    partners_api.list_service_points    partners.view             -
POST   partners_api.create_service_point   partners.edit             -           hq
GET    partners_api.read_service_point     partners.view             point
PATCH  partners_api.change_service_point   partners.edit             point
GET    payments_api.list_charges           payments.view             -
GET    payments_api.read_charge            payments.view             charge
POST   payments_api.confirm_charge         payments.confirm          charge
POST   payments_api.confirm_refund         payments.confirm          refund
POST   payments_api.take_notification      public                    firm        signed
GET    payments_api.read_own_pix_account   payments.view             -           hq
PUT    payments_api.set_own_pix_account    payments.settings         -           hq
GET    payments_api.read_pix_account       payments.view             point
PUT    payments_api.set_pix_account        payments.settings         point
GET    people.account                      signed_in                 -
POST   people.account                      signed_in                 -
GET    people.password                     signed_in                 -
POST   people.password                     signed_in                 -
GET    people.sessions                     signed_in                 -
POST   people.end                          signed_in                 session
POST   people.end_others                   signed_in                 -
GET    people.tokens                       signed_in                 -
POST   people.tokens                       signed_in                 -
POST   people.revoke                       signed_in                 token
GET    people.profiles                     profiles.edit             -
GET    people.profile_edit                 profiles.edit             profile
POST   people.profile_edit                 profiles.edit             profile
GET    people.profile_new                  profiles.edit             -
POST   people.profile_new                  profiles.edit             -
GET    people.sign_in                      public                    -
POST   people.sign_in                      public                    -
POST   people.sign_out                     signed_in                 -
GET    people.users                        users.view                -
GET    people.user_edit                    users.view                user
POST   people.user_edit                    users.view                user        +users.edit
POST   people.user_disable                 users.edit                user
POST   people.user_enable                  users.edit                user
POST   people.user_password                users.edit                user
GET    people.user_new                     users.edit                -
POST   people.user_new                     users.edit                -
GET    people_api.me                       signed_in                 -
GET    people_api.profiles                 users.view                -
GET    people_api.list_tokens              signed_in                 -
POST   people_api.make_token               signed_in                 -
DELETE people_api.drop_token               signed_in                 token
GET    people_api.list_users               users.view                -
POST   people_api.create                   users.edit                -
GET    people_api.show                     users.view                user
PATCH  people_api.change                   users.edit                user
GET    price_imports.show                  prices.edit               import      hq
GET    price_imports.errors                prices.edit               import      hq
GET    price_imports.progress              prices.edit               import      hq
GET    price_imports.reading               prices.edit               import      hq
POST   price_imports.reading               prices.edit               import      hq
POST   price_imports.restart               prices.edit               import      hq
POST   price_imports.store                 prices.edit               import      hq
GET    price_imports.new                   prices.edit               table       hq
POST   price_imports.new                   prices.edit               table       hq
GET    price_imports.template              prices.edit               table
POST   price_imports_api.import_edition    prices.edit               table       hq
GET    pricing.index                       prices.view               -
GET    pricing.table                       prices.view               table
GET    pricing.edit                        prices.edit               table
POST   pricing.edit                        prices.edit               table
GET    pricing.edition                     prices.edit               edition
POST   pricing.edition                     prices.edit               edition
GET    pricing.compare                     prices.view               edition     hq
GET    pricing.edition_copy                prices.edit               edition
POST   pricing.edition_copy                prices.edit               edition
POST   pricing.edition_delete              prices.edit               edition     hq
GET    pricing.edition_end                 prices.publish            edition
POST   pricing.edition_end                 prices.publish            edition
GET    pricing.edition_as_file             prices.view               edition
GET    pricing.publish                     prices.publish            edition
POST   pricing.publish                     prices.publish            edition
GET    pricing.edition_new                 prices.edit               table
POST   pricing.edition_new                 prices.edit               table
GET    pricing.new                         prices.edit               -
POST   pricing.new                         prices.edit               -
GET    pricing.point_prices                costs.view                point
GET    pricing.point_prices_edit           assignments.edit          point       hq
POST   pricing.point_prices_edit           assignments.edit          point       hq
GET    pricing.why                         costs.view                -
GET    pricing_api.list_tables             prices.view               -
POST   pricing_api.create_table            prices.edit               -           hq
GET    pricing_api.read_table              prices.view               table
PATCH  pricing_api.change_table            prices.edit               table       hq
GET    pricing_api.list_editions           prices.view               table
POST   pricing_api.create_edition          prices.edit               table       hq
DELETE pricing_api.delete_edition          prices.edit               edition     hq
GET    pricing_api.read_edition            prices.view               edition
PATCH  pricing_api.change_edition          prices.edit               edition     hq
POST   pricing_api.publish_edition         prices.publish            edition     hq
GET    pricing_api.read_assignments        prices.view               point
PUT    pricing_api.replace_assignments     assignments.edit          point       hq
GET    static                              public                    static
"""


@dataclass(frozen=True)
class Route:
    """A line of the table."""

    method: str
    endpoint: str
    permission: str
    kind: str
    conditions: frozenset[str]

    @property
    def permissions(self) -> list[str]:
        """Return all that it asks for."""
        more = [one[1:] for one in self.conditions if one.startswith("+")]
        return [self.permission, *more]

    @property
    def name(self) -> str:
        """How it is called in tests and in SENT."""
        return f"{self.method} {self.endpoint}"


def _read(table: str) -> dict[tuple[str, str], Route]:
    found = {}
    for line in table.strip().splitlines():
        method, endpoint, permission, kind, *conditions = line.split()
        found[method, endpoint] = Route(method, endpoint, permission, kind, frozenset(conditions))
    return found


ROUTES = _read(TABLE)

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
    "order": Kind("unit", lambda w, p: {"number": _unit(w, p).order}, {"number": ABSENT}),
    "draft": Kind("unit", lambda w, p: {"number": _unit(w, p).draft}, {"number": ABSENT}),
    "point": Kind("unit", lambda w, p: {"code": _unit(w, p).code}, {"code": "SP-NADA"}),
    "account": Kind(
        "unit",
        lambda w, p: {"code": _unit(w, p).code, "credit_type": "BRL"},
        {"code": "SP-NADA", "credit_type": "BRL"},
    ),
    "charge": Kind("unit", lambda w, p: {"number": _unit(w, p).charge}, {"number": ABSENT}),
    "refund": Kind("unit", lambda w, p: {"number": _unit(w, p).refund}, {"number": ABSENT}),
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
}  # fmt: skip
"""What is sent to the API; `{point}` is one's own service point."""

FILLED: dict[str, dict[str, str]] = {
    "POST credit.debit": {"amount": "10,00", "source": "manual"},
    "POST credit.grant": {"amount": "10,00", "paid": "10,00", "kind": "paid", "reason": "recarga"},
    "POST credit.reverse": {"reason": "engano"},
    "POST orders.cancel_one": {"reason": "engano"},
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
