"""Every page, to everyone: accessible, within its window, light on a desk and dark on a phone."""

from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.factories import PASSWORD
from tests.story.every_page import NO_PAGES, PAGES, SHOPS, SIGNED_OUT, set_the_scene
from tests.story.shapes import shapes_of
from tests.story.windows import PHONE, WIDE, sign_in, window

OPEN, SHUT = {200}, {403, 404}
PROFILES = ("administrator", "pricing", "owner", "seller")
LOOKS = (("light", WIDE), ("dark", PHONE))
LOOKED_AT: defaultdict[str, set[str]] = defaultdict(set)
"""What each address has shown so far: others open it too, and look where they find more."""
SERIOUS = """async () => {
  const found = await axe.run({resultTypes: ["violations"], preload: false});
  return found.violations.filter(one => ["serious", "critical"].includes(one.impact))
    .flatMap(one => one.nodes.map(node => `${one.id}: ${node.html.slice(0, 200)}`));
}"""


@cache
def axe() -> str:
    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()


def pages_of(app: Flask) -> Iterator[str]:
    """List the endpoints that a browser opens."""
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and not rule.rule.startswith("/api/v1"):
            yield rule.endpoint


def faults_of(page: Any) -> list[str]:
    """Look at the open page in both looks; say what is wrong with it."""
    faults = []
    page.evaluate(axe())
    for scheme, size in LOOKS:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size(size)
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > size["width"]:
            faults.append(f"is {width} px wide in a window of {size['width']}")
        faults += page.evaluate(SERIOUS)
    return [f"{page.url}: {fault}" for fault in faults]


def test_every_page_is_among_those_looked_at(app: Flask) -> None:
    known = {*PAGES, *SIGNED_OUT, *NO_PAGES, *SHOPS}

    assert set(pages_of(app)) - known == set()
    assert known - {rule.endpoint for rule in app.url_map.iter_rules()} == set()


@pytest.mark.parametrize("profile", PROFILES)
def test_every_page_is_accessible_and_fits(
    app: Flask, session: Session, browser: Any, served: str, profile: str
) -> None:
    scene = set_the_scene(app, session)
    looker = scene.lookers[profile]
    faults = []

    with window(browser, served, reduced_motion="reduce") as seen:
        sign_in(seen, looker.email, PASSWORD)
        for address, is_open in scene.addresses(looker):
            answer = seen.page.request.get(address)
            assert "/sign-in" not in answer.url, address
            if answer.status not in (OPEN if is_open else SHUT):
                faults.append(f"{address} answers {answer.status}, {is_open=}")
            elif is_open and not (shapes := shapes_of(answer.text())) <= LOOKED_AT[address]:
                LOOKED_AT[address] |= shapes
                seen.page.goto(address)
                faults += faults_of(seen.page)
        assert seen.page.goto("/nowhere").status == 404
        faults += faults_of(seen.page)
        seen.complaints = [one for one in seen.complaints if "status of 40" not in one]

    assert not faults, "\n".join(faults)


def test_signing_in_is_accessible_and_fits(browser: Any, served: str) -> None:
    with window(browser, served, reduced_motion="reduce") as seen:
        seen.open("/sign-in")
        faults = faults_of(seen.page)
        seen.press("Entrar")
        refused = faults_of(seen.page)

    assert not faults + refused, "\n".join(faults + refused)
