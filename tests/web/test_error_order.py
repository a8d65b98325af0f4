"""What is wrong with a form is listed as the form stands on the page, from top to bottom."""

import re

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.factories import make_user, sign_in
from tests.pricing.factories import make_table

LINKED = re.compile(r'<li><a href="#([^"]+)"')


@pytest.mark.parametrize(
    "path",
    [
        "/products/new",
        "/issuers/new",
        "/service-points/new",
        "/credit-policies/new",
        "/price-tables/{table}/import",
        "/users/new",
        "/profiles/new",
        "/sale-tables/new",
    ],
)
def test_errors_are_listed_in_the_order_of_their_fields(
    app: Flask, session: Session, path: str
) -> None:
    user, table = make_user(session), make_table(session)
    session.commit()
    client = app.test_client()
    sign_in(client, user)

    page = client.submit(path.format(table=table.id)).text

    listed = LINKED.findall(page)
    assert len(listed) > 1
    assert listed == sorted(listed, key=lambda field: page.index(f'id="{field}"'))
