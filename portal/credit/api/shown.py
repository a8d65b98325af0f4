"""How accounts, lots and movements are written for other systems."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from portal.credit.queries.accounts import Wallet
from portal.credit.queries.lots import LotShown
from portal.credit.queries.statement import Line
from portal.credit.rules.figures import Figures
from portal.money import from_minor


def account_shown(wallet: Wallet, figures: Figures) -> dict[str, Any]:
    """Write an account."""
    expiry = figures.next_expiry
    return {
        "owner": {"service_point": wallet.point.code},
        "credit_type": wallet.kind.code,
        "balance": _text(figures.balance),
        "held": _text(figures.held),
        "available": _text(figures.available),
        "debt": _text(figures.debt),
        "overdraft": _text(figures.overdraft),
        "next_expiry": (
            {"on": expiry.on.isoformat(), "amount": _text(expiry.amount)} if expiry else None
        ),
    }


def lot_shown(lot: LotShown) -> dict[str, Any]:
    """Write a lot."""
    return {
        "id": lot.id,
        "kind": lot.kind,
        "face": _text(lot.face),
        "paid": _text(lot.paid),
        "remaining": _text(lot.remaining),
        "recognised": _text(lot.recognised),
        "granted_at": lot.granted_at,
        "expires_on": lot.expires_on.isoformat() if lot.expires_on else None,
        "origin": lot.origin,
        "status": lot.status.value,
    }


def movement_shown(line: Line) -> dict[str, Any]:
    """Write a movement of the statement."""
    reference = line.reference
    return {
        "id": line.id,
        "at": line.at,
        "kind": line.kind.value,
        "amount": _text(line.amount),
        "balance": _text(line.balance),
        "reference": {"type": reference.type, "id": reference.id} if reference else None,
        "lots": [{"lot": lot, "amount": _text(amount)} for lot, amount in line.lots],
        "description": line.description,
        "actor": line.actor,
        "hash": line.hash,
    }


def parts_shown(parts: Iterable[tuple[int, int]], scale: int) -> list[dict[str, Any]]:
    """Write what was taken from, or put back into, which lots."""
    return [{"lot": lot, "amount": _text(from_minor(minor, scale))} for lot, minor in parts]


def _text(amount: Decimal) -> str:
    return f"{amount:f}"
