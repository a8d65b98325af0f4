"""A shop: its pages against a bare view, its checkout against the back office, and both at once."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from operator import mul
from statistics import median

from benchmarks import shop_floor, shop_world, world
from benchmarks.browser import Browser
from benchmarks.serving import PORT, need_wrk, result_of, served, wrk
from benchmarks.table import Row, interleaved, p50

CLIENTS, VISITORS = 16, 64
PAUSE = 1_000
"""Milliseconds between a visitor's pages, give or take half of it; people take longer."""
WARM_SECONDS, SECONDS, ROUNDS = 1, 4, 3
RETURNS = 200
APART, NICE = PORT + 2, 19
"""The shop's own server; who loads it gives way as well, for visitors' browsers are elsewhere."""
LIMIT = 60
NAME, FLOOR = "repasse_bench_shop", "repasse_bench_shop_floor"
SIZE = world.Size(points=100, tables=10, products=1_000)
PATH = f"/loja/{shop_floor.SLUG}"
SKUS = ("SKU-7", "SKU-17", "SKU-27")
_numbers = count(100_000_000)


def run() -> Iterator[Row]:
    """Measure one shop, on three servers: the portal's, the floor's, and the shop's own."""
    need_wrk()
    app = world.portal_on(world.fresh(NAME))
    world.fill(app, SIZE)
    shop_world.fill(app)
    world.fresh(FLOOR)
    shop_world.fill_floor(FLOOR)
    database = world.address_of(NAME)
    floor = served("benchmarks.shop_floor:app", PORT + 1, BENCH_DATABASE=FLOOR)
    apart = served("wsgi:app", APART, DATABASE_URL=database, SERVES="shop", WORKERS="", THREADS="")
    try:
        with served("wsgi:app", DATABASE_URL=database):
            with floor:
                yield from _pages()
                yield from _visitor()
            with apart:
                yield from _together()
    finally:
        world.drop(NAME)
        world.drop(FLOOR)


def _pages() -> Iterator[Row]:
    rates: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for port, found in zip((PORT, PORT + 1), rates, strict=True):
            _rate(port, WARM_SECONDS)
            found.append(_rate(port, SECONDS))
    ours, floor = map(median, rates)
    yield Row("shop, catalogue of 50 products", ours, floor, "/s", 0.6, at_least=True)

    visitor = Browser(PORT)
    visitor.get(PATH)
    etag = visitor.came_with["ETag"]
    for _ in range(RETURNS):
        assert visitor.get(PATH, expect=304, If_None_Match=etag) == b""
    yield Row("shop, second visits answered 304", RETURNS, RETURNS, "", 1, at_least=True)
    size = len(visitor.get(PATH)) / 1000
    yield Row("shop, first page, not packed", size, LIMIT, "kB", 1)
    visitor.close()


def _rate(port: int, seconds: int) -> float:
    return result_of(wrk("shop", CLIENTS, seconds, port, BENCH_PATH=PATH))[0]


def _visitor() -> Iterator[Row]:
    visitor, other, owner = Browser(PORT), Browser(PORT + 1), _owner()
    pair, bare = interleaved(
        lambda: _fill_cart(visitor), lambda: other.get(PATH), rounds=10, each=20
    )
    yield Row("shop, into the cart and open it", p50(pair) * 1e3, p50(bare) * 1e3, "ms", 2)
    other.close()

    order, sell = _ordering(visitor), _selling(owner)
    checkout, sale = interleaved(order, sell, rounds=10, each=15)
    yield Row("shop, checkout against back office", p50(checkout) * 1e3, p50(sale) * 1e3, "ms", 1.5)
    yield Row("shop, CSS and script as they travel", _beside(visitor, order()), LIMIT, "kB", 1)
    visitor.close()
    owner.close()


def _fill_cart(visitor: Browser) -> None:
    """Put a product into an empty cart, and open it."""
    visitor.cookies.clear()
    visitor.submit(f"{PATH}/carrinho", {"sku": SKUS[0], "quantity": "1"})
    visitor.get(f"{PATH}/carrinho")


def _ordering(visitor: Browser) -> Callable[[], str]:
    """Fill a cart; return what orders it, each time for someone else, up to the payment's page."""
    visitor.cookies.clear()
    for sku in SKUS:
        visitor.submit(f"{PATH}/carrinho", {"sku": sku, "quantity": "2"})
    cookies = dict(visitor.cookies)
    typed = {
        "cart": visitor.hidden(f"{PATH}/dados", "cart"),
        "seen_total": str(shop_world.PRICE * 2 * len(SKUS)),
        "name": "Maria das Dores",
        "email": "maria@example.com",
        "phone": "(19) 99123-4567",
        "consent": "y",
    }

    def order() -> str:
        number = next(_numbers)
        own = {"form_key": f"benchmark-{number}", "tax_id": _cpf(number)}
        address = visitor.submit(f"{PATH}/dados", typed | own)
        visitor.cookies = dict(cookies)
        return address

    return order


def _cpf(number: int) -> str:
    """Return a CPF: nine digits and the two that check them."""
    digits = [int(sign) for sign in str(number)]
    for _ in range(2):
        weights = range(len(digits) + 1, 1, -1)
        left = sum(map(mul, digits, weights)) * 10 % 11
        digits.append(left % 10)
    return "".join(map(str, digits))


def _owner() -> Browser:
    """Sign the shop's owner in."""
    owner = Browser(PORT)
    token = owner.hidden("/sign-in", "csrf_token")
    owner.submit(
        "/sign-in",
        {"csrf_token": token, "email": shop_world.OWNER, "password": shop_world.PASSWORD},
    )
    return owner


def _selling(owner: Browser) -> Callable[[], str]:
    """Return what places the same lines in the back office, through its form."""
    typed = {
        "csrf_token": owner.hidden("/orders/new", "csrf_token"),
        "service_point": "SP-00001",
        "issuer": "",
        "payment": "",
        "kind": "sale",
        "document_type": "cash_sale",
        "action": "place",
    }
    for at, sku in enumerate(SKUS):
        line = {"sku": sku, "quantity": "2", "unit_price": "150,00"}
        typed |= {f"lines-{at}-{name}": value for name, value in line.items()}

    def sell() -> str:
        return owner.submit("/orders/new", typed | {"form_key": f"benchmark-{next(_numbers)}"})

    return sell


def _beside(visitor: Browser, order: str) -> float:
    """Return the kB of all styles and scripts that a visitor's pages ask for."""
    linked = re.compile(r'(?:<link rel="stylesheet" href|<script src)="([^"]+)"')
    pages = [visitor.get(path).decode() for path in (PATH, f"{PATH}/dados", order)]
    files = {path for page in pages for path in linked.findall(page)}
    return sum(len(visitor.get(path, Accept_Encoding="gzip")) for path in files) / 1000


@dataclass(frozen=True, slots=True)
class Crowd:
    """Visitors: how they are, how long they pause, which server is theirs, and what may be."""

    how: str
    pause: int
    port: int
    rounds: int
    target: float | None


CROWDS = (
    Crowd("a page a second each", PAUSE, PORT, ROUNDS, 1.5),
    Crowd("without a pause", 0, PORT, 1, None),
    Crowd("without a pause, shop served apart", 0, APART, ROUNDS, 1.5),
)


def _together() -> Iterator[Row]:
    """Orders of the back office alone and among visitors, in turns."""
    owner, visitor = _owner(), Browser(PORT)
    sell = _selling(owner)
    _fill_cart(visitor)
    for crowd in CROWDS:
        alone: list[float] = []
        among: list[float] = []
        for _ in range(crowd.rounds):
            alone += _times(sell)
            visitors = wrk(
                "shop", VISITORS, SECONDS, crowd.port, nice=NICE if crowd.port == APART else 0,
                BENCH_PATH=PATH, BENCH_CART=visitor.cookies["cart"], BENCH_PAUSE=str(crowd.pause),
            )  # fmt: skip
            time.sleep(WARM_SECONDS)
            among += _times(sell)
            result_of(visitors)
            time.sleep(WARM_SECONDS)  # what they asked for last is answered yet
        name = f"back office among {VISITORS} visitors, {crowd.how}"
        yield Row(name, p50(among) * 1e3, p50(alone) * 1e3, "ms", crowd.target)
    owner.close()
    visitor.close()


def _times(deed: Callable[[], object]) -> list[float]:
    """Time a deed until the visitors are about to leave; seconds each."""
    taken: list[float] = []
    ends = time.perf_counter() + SECONDS - 2 * WARM_SECONDS
    while (begun := time.perf_counter()) < ends:
        deed()
        taken.append(time.perf_counter() - begun)
    return taken
