"""What an order would cost."""

from typing import Any

from portal.clock import now
from portal.orders.api.door import api, filtered, warnings_body
from portal.orders.api.shapes import QuoteIn, QuoteOut
from portal.orders.errors import UnknownCustomer
from portal.orders.services import quote
from portal.transactions import read
from portal.web.access import actor


@api.post(
    "/quotes",
    permission="orders.place",
    body=QuoteIn,
    answer=QuoteOut,
    costly=filtered,
    errors=(404, 422),
    summary="Price lines for a day",
)
def create_quote(body: QuoteIn) -> Any:
    """Any day, past or future, by what is published now. Refuses only what has no price;
    what would refuse the order stands in `warnings`.
    """
    if body.customer is not None:
        raise UnknownCustomer
    found = read(quote, body.wanted(), by=actor(), at=now())
    return found.body | {"warnings": warnings_body(found.warnings)}
