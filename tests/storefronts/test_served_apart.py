"""SERVES=shop: a server that answers the shops' public pages alone, and gives way to others."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from portal.config import SHOP
from tests.servers import PortalProcess
from tests.storefronts.factories import Stall

MACHINES = ("/health/live", "/health/ready", "/metrics")


@pytest.fixture
def apart(make_app: Callable[..., Flask]) -> Flask:
    return make_app(serves=SHOP)


@pytest.fixture
def passer_by(apart: Flask) -> FlaskClient:
    return apart.test_client()


def elsewhere(app: Flask) -> Iterator[Rule]:
    """List the addresses that are neither a shop's nor for machines or browsers."""
    for rule in app.url_map.iter_rules():
        of_shop = rule.endpoint.startswith("shop.")
        if not of_shop and rule.rule not in MACHINES and rule.endpoint != "static":
            yield rule


def test_the_shops_are_there_whole(passer_by: FlaskClient, stall: Stall) -> None:
    bought = passer_by.post(
        f"{stall.path}/carrinho", data={"sku": "ECPF-A1"}, headers={"Origin": "http://localhost"}
    )

    assert bought.status_code == 303
    for page in ("", "/p/ECPF-A1", "/carrinho", "/dados", "/es"):
        assert passer_by.get(stall.path + page).status_code == 200, page
    assert passer_by.get("/robots.txt").status_code == 200
    with passer_by.get("/static/css/base.css") as style:
        assert style.status_code == 200


def test_nothing_else_is_found_there(apart: Flask, passer_by: FlaskClient) -> None:
    names = dict.fromkeys({name for rule in elsewhere(apart) for name in rule.arguments}, "1")
    tried = 0

    for rule in elsewhere(apart):
        address = rule.build(names, append_unknown=False)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            answer = passer_by.open(address[1] if address else rule.rule, method=method)
            assert answer.status_code == 404, f"{method} {rule}"
            tried += 1

    assert tried > 200


@pytest.mark.parametrize("address", MACHINES)
def test_who_watches_it_is_answered(passer_by: FlaskClient, address: str) -> None:
    assert passer_by.get(address).status_code == 200


@pytest.mark.engines("sqlite")
def test_its_workers_give_way_and_it_does_no_timed_work(
    engine_url: str, start_portal: Callable[..., PortalProcess]
) -> None:
    portal = start_portal(engine_url, SERVES=SHOP, SCHEDULER="1")
    master = portal.process.pid if portal.process else 0
    usual = os.getpriority(os.PRIO_PROCESS, 0)

    children = Path(f"/proc/{master}/task/{master}/children").read_text(encoding="ascii").split()

    assert requests.get(f"{portal.address}/health/ready", timeout=30).status_code == 200
    assert requests.get(f"{portal.address}/sign-in", timeout=30).status_code == 404
    assert [os.getpriority(os.PRIO_PROCESS, int(child)) - usual for child in children] == [10]
    assert os.getpriority(os.PRIO_PROCESS, master) == usual
