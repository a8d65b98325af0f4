"""What the pages promise is there: links, settings, commands, demo users."""

import re
from pathlib import Path

import pytest
from flask import Flask

from portal.cli.demo import people

ROOT = Path(__file__).resolve().parent.parent
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page: Path) -> None:
    links = LINK.findall(page.read_text(encoding="utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_page_is_in_the_index() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    pages = [path for path in (ROOT / "docs").rglob("*.md") if path.name != "README.md"]
    named = [path.relative_to(ROOT / "docs").as_posix() for path in pages]

    assert [name for name in named if f"({name})" not in index] == []


def test_every_setting_is_explained() -> None:
    config = (ROOT / "portal" / "config.py").read_text(encoding="utf-8")
    server = (ROOT / "gunicorn.conf.py").read_text(encoding="utf-8")
    manual = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    read = re.findall(r"environ\.get\(\"([A-Z_]+)\"", config + server)

    assert len(read) > 12
    assert [name for name in read if f"`{name}`" not in manual] == []


def test_the_readme_names_the_demo_users_and_their_password() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    shown = {person.email for person in people.SHOWN}

    assert {email for email in shown if email not in readme} <= {"joao@certa.example"}
    assert f"`{people.PASSWORD}`" in readme


def test_every_command_that_the_pages_name_is_one(app: Flask) -> None:
    said = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    groups = set(re.findall(r"-m flask ([a-z]+)", said))

    assert groups <= set(app.cli.commands)
