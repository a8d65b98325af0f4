"""A price table with two products, and someone who keeps its prices."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal.people.models import User
from portal.pricing.models import PriceTable
from tests.factories import make_product, make_user, sign_in
from tests.pricing.factories import make_table


@pytest.fixture
def table(session: Session) -> PriceTable:
    make_product(session, "A1")
    make_product(session, "A2")
    return make_table(session, "Geral 2027")


@pytest.fixture
def manager(session: Session) -> User:
    return make_user(session, "pricing")


@pytest.fixture
def editor(client: Any, manager: User) -> Any:
    sign_in(client, manager)
    return client
