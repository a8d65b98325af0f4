"""Shops that are open, and what visitors ordered there: an order in each state."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import partial

from sqlalchemy import select

from portal import clock
from portal.catalogue.models import Product
from portal.catalogue.services import touch_offers
from portal.cli.demo import credit
from portal.cli.demo.calendar import moment
from portal.cli.demo.products import AURORA, BY_SKU
from portal.cli.demo.stage import Stage
from portal.orders import services as orders
from portal.orders.models import SiteBuyer
from portal.partners import services as partners
from portal.partners.queries import service_point_of
from portal.partners.rules import PointChanges
from portal.payments import services as payments
from portal.storefronts.models import Shop, ShopProduct
from portal.storefronts.queries.front import load_front, load_items
from portal.storefronts.rules.buyers import Buyer
from portal.storefronts.rules.cart import CartLine, standing
from portal.storefronts.rules.words import consent_text
from portal.storefronts.services.checkout import Wish, order_from_cart
from portal.storefronts.services.counting import Came, add_days

SHOP, SHORT = "PA-0001", "PA-0013"
"""Where an order stands in each state; where a paid one waits for credit."""
BASE_URL = "http://127.0.0.1:8000"
_ADDRESS = "192.0.2.77"
_LOOKS: dict[str, dict[str, str]] = {
    SHOP: {
        "name": "Certa Sé",
        "tagline": "Certificado digital no centro de São Paulo",
        "headline": "Seu certificado digital pronto hoje",
        "intro": "Pague com Pix, confirme seus dados por vídeo e instale no mesmo dia.",
        "promises": "Atendimento de gente de São Paulo\nICP-Brasil\nDevolução em 7 dias",
        "advice": "Vai emitir nota e falar com a Receita pela empresa: e-CNPJ A1.\n"
        "É para você, pessoa física: e-CPF A1.\n"
        "Assina em computadores de outros: em nuvem ou com token.",
        "colour": "#6b2c7f",
        "address": "Praça da Sé, 120, sala 31, São Paulo/SP",
        "hours": "Segunda a sexta, 8h às 18h",
        "phone": "(11) 3000-1234",
        "email": "loja.se@certa.example",
    },
    "PA-0007": {
        "name": "Vale Digital",
        "tagline": "Certificados em São José dos Campos",
        "headline": "Certificado sem sair de casa",
        "intro": "Validação por vídeo, com gente do Vale.",
        "promises": "ICP-Brasil\nSuporte por telefone",
        "colour": "#0b5f73",
        "phone": "(12) 3000-4321",
        "email": "loja@vale.example",
    },
    SHORT: {
        "name": "Uberlândia Certificados",
        "tagline": "Para escritórios e empresas do Triângulo",
        "headline": "Certificados para a sua empresa",
        "intro": "e-CNPJ e NF-e com preço para quem compra sempre.",
        "colour": "#a03d00",
        "phone": "(34) 3000-5678",
        "email": "loja@uberlandia.example",
    },
}
_SAID = {
    "ECPF-A1-12": "Imposto de renda, gov.br e assinaturas, no computador",
    "ECPF-A3-36": "Para advogados, médicos e quem assina todo dia",
    "ECPF-NUVEM-36": "Assina pelo celular, em qualquer lugar",
    "ECNPJ-A1-12": "Nota fiscal, eSocial e Receita, em vários computadores",
    "ECNPJ-A3-36": "Fica só com quem tem o token e a senha",
    "NFE-A1-12": "Só para emitir nota, sem assinar pela empresa",
    "TOKEN-USB": "Guarda certificados A3; serve em qualquer computador",
    "LEITORA-USB": "Lê o cartão em computadores sem leitora",
}
_BUYERS = (
    Buyer("person", "Joana Castro", "52998224725", "joana@cliente.example", "+5511991230001"),
    Buyer("person", "Pedro Nogueira", "11144477735", "pedro@cliente.example", "+5511991230002"),
    Buyer("company", "Padaria Sol Ltda", "12ABC34501DE35", "caixa@sol.example", "+551130001111"),
)


@dataclass(frozen=True, slots=True)
class Bought:
    """Who buys what, how many days ago and at what hour, and what happens then, after minutes."""

    days: int
    hour: int
    sku: str
    buyer: int
    then: tuple[tuple[int, str], ...] = ()


_DAY = 24 * 60
_STORY = (
    Bought(9, 10, "ECPF-A1-12", 0, ((4, "pay"), (_DAY, "fulfil"))),
    Bought(7, 15, "ECNPJ-A1-12", 2, ((2, "pay"), (_DAY, "fulfil"))),
    Bought(6, 11, "NFE-A1-12", 1, ((_DAY, "lapse"),)),
    Bought(4, 9, "TOKEN-USB", 1, ((6, "pay"), (300, "cancel"))),
    Bought(3, 16, "ECPF-A3-36", 0, ((90, "cancel"),)),
    Bought(1, 14, "ECPF-NUVEM-36", 1, ((3, "pay"),)),
)


def schedule(stage: Stage) -> None:
    """Let the shops open three weeks ago, and visitors come."""
    stage.at(moment(stage.calendar.day(-21), 9, 15), lambda: _open_all(stage))
    for one in _STORY:
        at = moment(stage.calendar.day(-one.days), one.hour, 7 * one.buyer + 5)
        buy = partial(_buy, stage, SHOP, one.sku, Decimal(1), one.buyer, one.then)
        stage.at(at, buy)
    now = stage.calendar.now
    stage.at(now - timedelta(minutes=47), lambda: _buy_too_much(stage))
    stage.at(now - timedelta(minutes=25), lambda: _buy(stage, SHOP, "ECNPJ-A1-12", Decimal(2), 2))
    stage.at(now, lambda: _count_visits(stage))


def _open_all(stage: Stage) -> None:
    for code in _LOOKS:
        _open(stage, code)
    touch_offers(stage.session)


def _open(stage: Stage, code: str) -> None:
    """Open a shop through the issuer that it buys from, and say something of its products."""
    by, at = stage.actors["administrator"], clock.now()
    point = service_point_of(stage.session, by, code)
    facts = {"issuer_id": stage.issuers[AURORA], "updated_at": at, "legal_name": point.name}
    stage.session.add(Shop(service_point_id=point.id, **facts, **_LOOKS[code]))
    numbers = select(Product.sku, Product.id).where(Product.sku.in_(_SAID))
    for sku, product_id in stage.session.execute(numbers.order_by(Product.id)).tuples():
        stage.session.add(
            ShopProduct(service_point_id=point.id, product_id=product_id, summary=_SAID[sku])
        )
    changes: PointChanges = {"shop": {"slug": code.lower(), "enabled": True}}
    partners.change_service_point(stage.session, code, changes, by=by, at=at)


def _buy(
    stage: Stage,
    code: str,
    sku: str,
    quantity: Decimal,
    buyer: int,
    then: tuple[tuple[int, str], ...] = (),
) -> None:
    """Let a visitor order, and let the rest happen at its own time."""
    at = clock.now()
    front = load_front(stage.session, stage.points[code])
    cart = (CartLine(sku, quantity),)
    wish = Wish(
        front=front,
        cart=cart,
        buyer=_BUYERS[buyer],
        seen_total=standing(cart, load_items(stage.session, front, clock.today())).total,
        consent=consent_text(front.legal_name, "pt_BR"),
        language="pt_BR",
        base_url=BASE_URL,
        address=_ADDRESS,
    )
    link = order_from_cart(stage.session, wish, secret=code, at=at)
    made = stage.session.scalars(select(SiteBuyer).where(SiteBuyer.link == link)).one()
    for minutes, deed in then:
        stage.at(at + timedelta(minutes=minutes), partial(_DEEDS[deed], stage, code, made))


def _buy_too_much(stage: Stage) -> None:
    """An accountant's office orders more than the service point's credit covers, and pays."""
    sku = "ECNPJ-A1-12"
    available = credit.wallet(stage, SHORT).available
    pieces = max(available, Decimal(0)) // BY_SKU[sku].cost + 3
    _buy(stage, SHORT, sku, min(pieces, Decimal(999)), 2, ((3, "pay"),))


def _pay(stage: Stage, code: str, made: SiteBuyer) -> None:
    payments.confirm_charge(
        stage.session,
        made.charge_id,
        paid_on=clock.today(),
        method="pix",
        by=stage.actors[code],
        at=clock.now(),
    )


def _fulfil(stage: Stage, code: str, made: SiteBuyer) -> None:
    by, at = stage.actors[code], clock.now()
    orders.fulfill(stage.session, made.order_id, by=by, at=at)


def _cancel(stage: Stage, code: str, made: SiteBuyer) -> None:
    by, at = stage.actors[code], clock.now()
    orders.cancel(stage.session, made.order_id, reason="Cliente desistiu", by=by, at=at)


def _lapse(stage: Stage, code: str, made: SiteBuyer) -> None:
    orders.lapse_order(stage.session, made.order_id, at=clock.now())


_DEEDS: dict[str, Callable[[Stage, str, SiteBuyer], None]] = {
    "pay": _pay,
    "fulfil": _fulfil,
    "cancel": _cancel,
    "lapse": _lapse,
}


def _count_visits(stage: Stage) -> None:
    """Say how many came each day since the shops opened; the same for the same day."""
    drawn = random.Random(stage.calendar.today.toordinal())  # noqa: S311 - a story, the same every time
    came: dict[tuple[int, date], Came] = {}
    for code in _LOOKS:
        for offset in range(-21, 1):
            visits = drawn.randrange(18, 90)
            carts = visits * drawn.randrange(8, 16) // 100
            day = stage.calendar.day(offset)
            came[stage.points[code], day] = Came(visits, carts, carts // 2)
    add_days(stage.session, came)
