"""What is done to accounts: opened, granted, debited, reversed, expired."""

from portal.credit.services.accounts import (
    MONEY,
    NewType,
    create_type,
    open_account,
    refresh_floors,
)
from portal.credit.services.arrivals import on_arrival
from portal.credit.services.asked import Offer, debit_from, grant_to
from portal.credit.services.booking import Movement, book
from portal.credit.services.debits import Reference, debit, lock_and_plan
from portal.credit.services.expiry import expire
from portal.credit.services.followers import follow_new_point, follow_policies
from portal.credit.services.grants import Terms, grant
from portal.credit.services.reversals import reverse, reverse_order
from portal.credit.services.site_sales import credit_sale, take_sale_back

__all__ = [
    "MONEY",
    "Movement",
    "NewType",
    "Offer",
    "Reference",
    "Terms",
    "book",
    "create_type",
    "credit_sale",
    "debit",
    "debit_from",
    "expire",
    "follow_new_point",
    "follow_policies",
    "grant",
    "grant_to",
    "lock_and_plan",
    "on_arrival",
    "open_account",
    "refresh_floors",
    "reverse",
    "reverse_order",
    "take_sale_back",
]
