"""Credit of the demo: paid lots, bonuses, what ends soon, what ended, what is owed."""

import random
from datetime import date, timedelta
from decimal import Decimal
from functools import partial

from sqlalchemy import select

from portal import clock
from portal.cli.demo.calendar import HISTORY_DAYS, moment
from portal.cli.demo.partners import EXPIRED, EXPIRING, NEW, POINTS
from portal.cli.demo.stage import Stage
from portal.credit import services as credit
from portal.credit.models import Lot, LotKind
from portal.money import AMOUNT_SCALE, to_minor
from portal.orders.queries.wallets import WalletNow, wallet_now
from portal.periods import ONE_DAY

_LOW = Decimal(900)
"""Below this a service point buys credit before it orders."""
_PACKAGES = (Decimal(1500), Decimal(2500), Decimal(2500), Decimal(4000))
_BONUS_FROM = Decimal(2500)
_HALF_A_YEAR = timedelta(days=180)


def wallet(stage: Stage, code: str) -> WalletNow:
    """Return what a service point's account holds, and what it may still order for."""
    found = wallet_now(stage.session, stage.accounts[code], at=clock.now())
    return found or WalletNow(Decimal(0), Decimal(0))


def top_up_if_low(stage: Stage, code: str, drawn: random.Random) -> None:
    """Buy a package where the balance ran low; larger ones bring a bonus of 5 % for 60 days."""
    if wallet(stage, code).balance >= _LOW:
        return
    face, today = drawn.choice(_PACKAGES), clock.today()
    expires = today + _HALF_A_YEAR if drawn.randrange(10) < 7 else None
    grant(stage, code, face, paid=face, expires_on=expires,
          reason=f"Depósito Pix de {today:%d/%m/%Y}, conferido no extrato")  # fmt: skip
    if face >= _BONUS_FROM:
        grant(stage, code, face / 20, expires_on=today + timedelta(days=60),
              reason="Bônus de 5 % sobre a recarga")  # fmt: skip


def grant(
    stage: Stage,
    code: str,
    amount: Decimal,
    *,
    paid: Decimal = Decimal(0),
    expires_on: date | None = None,
    reason: str,
) -> None:
    """Grant a lot: paid where money came in for it, else a bonus."""
    terms = credit.Terms(
        to_minor(amount, AMOUNT_SCALE),
        to_minor(paid, AMOUNT_SCALE),
        LotKind.PAID if paid else LotKind.BONUS,
        expires_on,
    )
    credit.grant(
        stage.session,
        account_id=stage.accounts[code],
        service_point_id=stage.points[code],
        terms=terms,
        reason=reason,
        by=stage.actors["finance"],
        at=clock.now(),
    )


def schedule(stage: Stage) -> None:
    """Open every account with credit, and let the special ones have their lots."""
    calendar = stage.calendar
    first = calendar.working_days()[0]
    for point in POINTS:
        if point.code != NEW:
            stage.at(moment(first, 8, 5), partial(_opening_balance, stage, point.code))
    stage.at(moment(calendar.day(-1), 18), lambda: _ends_soon(stage))
    stage.at(moment(calendar.day(-39), 9), lambda: _ended(stage))
    for offset in range(-HISTORY_DAYS, 1):
        stage.at(moment(calendar.day(offset), 0, 30), lambda: expire_all(stage))


def _opening_balance(stage: Stage, code: str) -> None:
    reason = "Saldo trazido do sistema anterior"
    grant(stage, code, Decimal(2000), paid=Decimal(2000), reason=reason)


def _ends_soon(stage: Stage) -> None:
    today = clock.today()
    reason = "Bônus de campanha, válido por uma semana"
    grant(stage, EXPIRING, Decimal(350), expires_on=today + timedelta(days=7), reason=reason)
    grant(
        stage,
        EXPIRING,
        Decimal(600),
        paid=Decimal(540),
        expires_on=today + timedelta(days=26),
        reason="Pacote promocional de 30 dias, pago por Pix",
    )


def _ended(stage: Stage) -> None:
    last_day = clock.today() + timedelta(days=21)
    reason = "Bônus de boas-vindas, válido por três semanas"
    grant(stage, EXPIRED, Decimal(120), expires_on=last_day, reason=reason)


def expire_all(stage: Stage) -> None:
    """Book what ended yesterday, as the nightly job does."""
    due = (
        select(Lot.account_id)
        .where(Lot.is_open, Lot.expires_on <= clock.today() - ONE_DAY)
        .distinct()
        .order_by(Lot.account_id)
    )
    for account_id in stage.session.scalars(due).all():
        credit.expire(stage.session, account_id=account_id, at=clock.now())


def schedule_by_hand(stage: Stage, code: str) -> None:
    """Let finance grant to the wrong service point, take it back, and debit something by hand."""
    day = stage.calendar.day(-33)
    stage.at(moment(day, 10), lambda: _grant_by_mistake(stage, code))
    stage.at(moment(day, 13, 20), lambda: _debit_by_hand(stage, code))


def _grant_by_mistake(stage: Stage, code: str) -> None:
    face = to_minor(Decimal(800), AMOUNT_SCALE)
    by = stage.actors["finance"]
    mistake, _ = credit.grant(
        stage.session,
        account_id=stage.accounts[code],
        service_point_id=stage.points[code],
        terms=credit.Terms(face, face, LotKind.PAID, None),
        reason="Depósito Pix sem identificação",
        by=by,
        at=clock.now(),
    )
    why = "Depósito era de outro ponto de atendimento"
    credit.reverse(stage.session, deed_id=mistake, reason=why, by=by, at=clock.now())


def _debit_by_hand(stage: Stage, code: str) -> None:
    credit.debit(
        stage.session,
        account_id=stage.accounts[code],
        service_point_id=stage.points[code],
        amount=to_minor(Decimal("74.90"), AMOUNT_SCALE),
        reference=credit.Reference("manual", "NF 2231", "Frete de mídias avulsas"),
        by=stage.actors["finance"],
        at=clock.now(),
    )
