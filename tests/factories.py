"""Makers of valid things: a test names what matters to it, the rest is sensible.

`make_x(session, ...)` stores and flushes, through the services where they exist.
"""

from datetime import UTC, datetime
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from portal.actors import Actor, Place
from portal.catalogue import services as catalogue
from portal.catalogue.models import Issuer, Product
from portal.catalogue.rules import NewProduct
from portal.partners import services as partners
from portal.partners.models import CreditPolicy, ServicePoint
from portal.partners.rules import Limits, PointFacts
from portal.people.models import User
from portal.people.rules.passwords import hash_password
from portal.people.rules.permissions import COMMAND_LINE
from portal.people.services import tokens, users

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
PERMISSIONS = frozenset(
    [
        "costs.view",
        "prices.view",
        "prices.edit",
        "prices.publish",
        "prices.change_past",
        "catalogue.view",
        "catalogue.edit",
        "partners.view",
        "partners.edit",
        "assignments.edit",
        "assignments.change_past",
        "policies.edit",
        "credit.grant",
        "credit.debit",
        "credit.reverse",
        "orders.view",
        "orders.place",
        "orders.fulfill",
        "orders.cancel",
        "orders.cancel_fulfilled",
        "orders.edit_sale",
        "orders.sell_below_acquisition",
        "users.view",
        "users.edit",
        "profiles.edit",
        "audit.view",
        "sale_prices.view",
        "sale_prices.edit",
        "sale_prices.publish",
        "sale_prices.change_past",
        "shop.edit",
        "payments.view",
        "payments.confirm",
        "payments.refund",
        "payments.settings",
        "operations.view",
        "operations.retry",
    ]
)
_numbers = count(1)
PASSWORD = "uma-senha-de-teste"
CHEAP_ARGON2 = (1, 8, 1)


def make_actor(
    *permissions: str,
    without: tuple[str, ...] = (),
    points: tuple[ServicePoint, ...] = (),
    **facts: Any,
) -> Actor:
    """Someone at work: every permission unless some are named; of headquarters unless of points."""
    number = next(_numbers)
    allowed = frozenset(permissions) or PERMISSIONS
    values: dict[str, Any] = {
        "user_id": number,
        "email": f"person{number}@example.com",
        "name": f"Person {number}",
        "profile_name": "administrator",
        "headquarters": not points,
        "permissions": allowed - frozenset(without),
        "service_points": tuple(Place(point.id, point.code, point.name) for point in points),
    }
    return Actor(**(values | facts))


def make_product(
    session: Session, sku: str | None = None, *, by: Actor | None = None, **facts: Any
) -> Product:
    """A product."""
    number = next(_numbers)
    values = {"sku": sku or f"SKU-{number}", "name": f"Product {number}"} | facts
    return catalogue.create_product(session, NewProduct(**values), by=by or make_actor(), at=NOON)


def make_issuer(
    session: Session, code: str | None = None, *, by: Actor | None = None, **facts: Any
) -> Issuer:
    """An issuer."""
    number = next(_numbers)
    values = {"code": code or f"AC-{number}", "name": f"Issuer {number}"} | facts
    return catalogue.create_issuer(session, by=by or make_actor(), at=NOON, **values)


def make_service_point(
    session: Session, code: str | None = None, *, by: Actor | None = None, **facts: Any
) -> ServicePoint:
    """A service point, with whatever opens with it."""
    number = next(_numbers)
    values = {"code": code or f"SP-{number:04}", "name": f"Service point {number}"} | facts
    return partners.create_service_point(
        session, PointFacts(**values), by=by or make_actor(), at=NOON
    )


def make_credit_policy(
    session: Session, code: str | None = None, *, by: Actor | None = None, **facts: Any
) -> CreditPolicy:
    """A credit policy."""
    number = next(_numbers)
    values = {"code": code or f"LIMIT-{number}", "name": f"Limit {number}"} | facts
    return partners.create_credit_policy(session, Limits(**values), by=by or make_actor(), at=NOON)


def make_user(
    session: Session,
    profile: str = "administrator",
    *points: ServicePoint,
    password: str = PASSWORD,
    **facts: Any,
) -> User:
    """Someone who signs in with PASSWORD, by a shipped profile; of the points that are given."""
    number = next(_numbers)
    values = {"email": f"{profile}{number}@example.com", "name": f"Person {number}"} | facts
    return users.create_user(
        session,
        by=COMMAND_LINE,
        profile_code=profile,
        service_points=[point.code for point in points],
        password_hash=hash_password(password, CHEAP_ARGON2),
        at=NOON,
        **values,
    )


def make_token(session: Session, user: User, *scopes: str, **facts: Any) -> str:
    """A token of the user's, as it is sent; without scopes it may do all that the user may."""
    values = {"name": "Test", "expires_at": None} | facts
    _, secret = tokens.create_token_for(
        session, user, by=COMMAND_LINE, scopes=scopes or None, at=NOON, **values
    )
    return secret


def bearer(session: Session, user: User, *scopes: str) -> dict[str, str]:
    """The headers of a request with a token of the user's."""
    return {"Authorization": f"Bearer {make_token(session, user, *scopes)}"}


def sign_in(client: Any, user: User, password: str = PASSWORD) -> Any:
    """Sign the user in by the form; returns the answer."""
    return client.submit("/sign-in", {"email": user.email, "password": password})
