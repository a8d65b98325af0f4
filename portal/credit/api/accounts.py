"""Reading an account: its figures, its statement, its lots."""

from typing import Any

from sqlalchemy.orm import Session

from portal.clock import day_of, now
from portal.credit.api.door import api
from portal.credit.api.shapes import (
    AccountOut,
    AtQuery,
    LotsOut,
    LotsQuery,
    StatementOut,
    StatementQuery,
)
from portal.credit.api.shown import account_shown, lot_shown, movement_shown
from portal.credit.models import Entry, Lot
from portal.credit.queries.accounts import figures_at, figures_now, wallet_of
from portal.credit.queries.lots import lots_of, shown_lot
from portal.credit.queries.statement import lines_of, movements, of_kind, since, until
from portal.transactions import read
from portal.web.access import actor
from portal.web.paging import page_of

ACCOUNT = "/service-points/<code>/accounts/<credit_type>"


@api.get(
    ACCOUNT,
    permission="costs.view",
    query=AtQuery,
    answer=AccountOut,
    summary="Read an account",
)
def read_account(code: str, credit_type: str, query: AtQuery) -> Any:
    """Zeros where nothing was granted in that type yet. Another's service point is 404."""

    def look(session: Session) -> dict[str, Any]:
        wallet = wallet_of(session, actor(), code, credit_type)
        if query.at is None:
            return account_shown(wallet, figures_now(session, wallet, now()))
        return account_shown(wallet, figures_at(session, wallet, query.at))

    return read(look)


@api.get(
    f"{ACCOUNT}/entries",
    permission="costs.view",
    query=StatementQuery,
    answer=StatementOut,
    summary="Read an account's statement",
)
def read_statement(code: str, credit_type: str, query: StatementQuery) -> Any:
    """The oldest movement first, or the newest with `order=newest`; one item per transaction.

    `amount` carries its sign. A settlement (credit that arrived pays debt) moves the balance by
    nothing: it shows 0 and the lots that paid.
    """

    def look(session: Session) -> dict[str, Any]:
        wallet = wallet_of(session, actor(), code, credit_type)
        wanted = movements(wallet.account_id)
        wanted = since(wanted, query.first) if query.first else wanted
        wanted = until(wanted, query.last) if query.last else wanted
        wanted = of_kind(wanted, query.kind) if query.kind else wanted
        order = Entry.seq.desc() if query.order == "newest" else Entry.seq
        page: Any = page_of(session, wanted, order=(order,), cursor=query.cursor, limit=query.limit)
        lines = lines_of(session, page.items, wallet.kind.scale)
        return {"items": [movement_shown(line) for line in lines], "next": page.next}

    return read(look)


@api.get(
    f"{ACCOUNT}/lots",
    permission="costs.view",
    query=LotsQuery,
    answer=LotsOut,
    summary="List an account's lots",
)
def list_lots(code: str, credit_type: str, query: LotsQuery) -> Any:
    """Used and expired ones too, by id. Past its day nothing remains of a lot."""

    def look(session: Session) -> dict[str, Any]:
        wallet = wallet_of(session, actor(), code, credit_type)
        scale, today = wallet.kind.scale, day_of(now())
        page: Any = page_of(
            session,
            lots_of(wallet.account_id),
            order=(Lot.id,),
            cursor=query.cursor,
            limit=query.limit,
        )
        items = [lot_shown(shown_lot(lot, scale, today)) for lot in page.items]
        return {"items": items, "next": page.next}

    return read(look)
