"""A service point that buys, its sale table, and who opens the pages."""

import pytest
from sqlalchemy.orm import Session

from portal.sale_tables.models import SaleTable
from tests.factories import make_user, sign_in
from tests.sale_tables.factories import Shop, make_sale_table, make_shop
from tests.visitors import PortalClient


@pytest.fixture
def shop(session: Session) -> Shop:
    return make_shop(session)


@pytest.fixture
def table(session: Session, shop: Shop) -> SaleTable:
    return make_sale_table(session, shop)


@pytest.fixture
def helena(client: PortalClient, session: Session) -> PortalClient:
    sign_in(client, make_user(session))
    return client
