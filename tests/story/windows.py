"""A window of Chromium that notes every complaint and every request that leaves the portal."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask

from tests.visitors import ZONE

WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
PASSWORD = "uma-senha-para-a-historia"
REFUSED = re.compile(r"Failed to load resource: .* 422 ")
"""Chromium notes a form that came back with its errors; that is no fault of the page."""


class Window:
    """One person at one browser; `scripted` says whether JavaScript runs."""

    def __init__(self, page: Any, address: str, *, scripted: bool = True) -> None:
        self.page = page
        self.address = address
        self.scripted = scripted
        self.complaints: list[str] = []
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._asked)
        page.on("response", self._answered)
        page.on("dialog", lambda dialog: dialog.accept())

    def open(self, path: str) -> None:
        """Go to an address of the portal."""
        self.page.goto(path)
        self.look()

    def press(self, name: str) -> None:
        """Press the button of this name, and wait for what comes of it."""
        self._arrive_by(self.page.get_by_role("button", name=name, exact=True).first)

    def follow(self, name: str) -> None:
        """Follow the link of this name in the page."""
        self._arrive_by(self.page.locator("main").get_by_role("link", name=name, exact=True).first)

    def go(self, name: str) -> None:
        """Go by the navigation; on a phone it is a drawer."""
        drawer = self.page.get_by_role("button", name="Abrir o menu", exact=True)
        if drawer.is_visible():
            drawer.click()
        self._arrive_by(self.page.locator("#side").get_by_role("link", name=name, exact=True))

    def fill(self, **fields: str) -> None:
        """Type into fields by their names."""
        for name, value in fields.items():
            self.page.locator(f"[name='{name.replace('__', '-')}']").fill(value)

    def choose(self, **fields: str) -> None:
        """Choose options by the names of their fields and what the options begin with."""
        for name, words in fields.items():
            field = self.page.locator(f"select[name='{name}']")
            fitting = field.locator("option", has_text=words).first
            field.select_option(value=fitting.get_attribute("value"))

    def pick(self, name: str, words: str, code: str) -> None:
        """Type a few letters and take what the list offers first; without script, type the code."""
        field = self.page.locator(f"[name='{name}']")
        if not self.scripted:
            field.fill(code)
            return
        field.click()
        field.press_sequentially(words)
        self.page.locator(".combo [role=option]").first.wait_for()
        field.press("Enter")
        assert field.input_value() == code, self.page.url

    def text(self, selector: str = "main") -> str:
        """Return what is to be read, with plain spaces and none between currency and amount."""
        words = " ".join(self.page.locator(selector).first.inner_text().split())
        return words.replace("R$ ", "R$")

    def _arrive_by(self, way: Any) -> None:
        with self.page.expect_navigation():
            way.click()
        self.look()

    def look(self) -> None:
        """See that the page fits its window: nothing is to be found sideways."""
        needed = self.page.evaluate("document.documentElement.scrollWidth")
        if needed > self.page.viewport_size["width"]:
            self.complaints.append(f"{self.page.url} is {needed} px wide")

    def _heard(self, message: Any) -> None:
        if message.type in {"error", "warning"} and not REFUSED.search(message.text):
            self.complaints.append(f"{self.page.url}: {message.text}")

    def _asked(self, request: Any) -> None:
        if not request.url.startswith(f"{self.address}/"):
            self.complaints.append(f"{self.page.url} asks {request.url}")

    def _answered(self, response: Any) -> None:
        if response.status >= 500:
            self.complaints.append(f"{response.url} answers {response.status}")


@contextmanager
def window(browser: Any, address: str, *, scripted: bool = True, **facts: Any) -> Iterator[Window]:
    """Open a window of a Brazilian; at its end nothing may have gone wrong in it."""
    facts = {"viewport": WIDE, "locale": "pt-BR", "timezone_id": ZONE} | facts
    context = browser.new_context(base_url=address, java_script_enabled=scripted, **facts)
    try:
        opened = Window(context.new_page(), address, scripted=scripted)
        yield opened
        assert not opened.complaints, "\n".join(opened.complaints)
    finally:
        context.close()


def sign_in(to: Window, email: str, password: str = PASSWORD) -> None:
    """Sign in by the form that the portal's address leads to."""
    to.open("/")
    to.fill(email=email, password=password)
    to.press("Entrar")
    assert to.page.url == f"{to.address}/", to.text("body")


def create_user(app: Flask, email: str, profile: str, *points: str) -> None:
    """Create somebody on the command line, as on the first day of an installation."""
    words = ["users", "create", "--email", email, "--password", PASSWORD, "--profile", profile]
    for point in points:
        words += ["--service-point", point]
    done = app.test_cli_runner().invoke(args=words)
    assert done.exit_code == 0, done.output
