"""Static files: lasting addresses, nothing from elsewhere, and headers on every answer."""

import hashlib
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask, Response

from portal.web.assets import Assets, register_assets
from portal.web.headers import register_headers

STATIC = Path(__file__).resolve().parents[2] / "static"
TEMPLATES = STATIC.parent / "templates"


def make_portal(env: str = "testing") -> Flask:
    app = Flask(__name__, static_folder=str(STATIC))
    app.config["SETTINGS"] = SimpleNamespace(env=env)
    register_assets(app)
    register_headers(app)
    app.add_url_rule("/", "home", lambda: "hello")
    return app


def test_an_address_changes_with_the_content_and_is_kept_for_ever() -> None:
    app = make_portal()
    address = app.jinja_env.globals["asset_url"]("css/base.css")  # type: ignore[operator] # untyped in Jinja

    answer = app.test_client().get(address, buffered=True)

    digest = hashlib.sha256((STATIC / "css" / "base.css").read_bytes()).hexdigest()[:12]
    assert address == f"/static/css/base.{digest}.css"
    assert answer.status_code == 200
    assert answer.data == (STATIC / "css" / "base.css").read_bytes()
    assert "immutable" in answer.headers["Cache-Control"]


def test_a_plain_address_is_looked_at_again() -> None:
    answer = make_portal().test_client().get("/static/css/base.css", buffered=True)

    assert answer.status_code == 200
    assert "immutable" not in answer.headers["Cache-Control"]


def test_a_file_that_is_not_there_is_an_error_at_once() -> None:
    with pytest.raises(LookupError):
        Assets(STATIC).url("css/missing.css")


def test_while_debugging_names_stay_plain() -> None:
    assert Assets(STATIC, hashed=False).url("css/base.css") == "/static/css/base.css"


def test_what_others_wrote_is_here_with_licence_and_matching_checksums() -> None:
    for folder in sorted((STATIC / "vendor").iterdir()):
        sums = dict(
            reversed(line.split(maxsplit=1))
            for line in (folder / "SHA256SUMS").read_text(encoding="ascii").splitlines()
        )
        files = {path.name: path for path in folder.iterdir() if path.suffix != ".gz"}
        del files["SHA256SUMS"]

        assert "LICENSE" in files
        assert sums == {
            name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()
        }


def test_every_icon_that_templates_name_is_in_the_sprite() -> None:
    drawn = set(
        re.findall(r'<symbol id="([^"]+)"', (STATIC / "icons.svg").read_text(encoding="utf-8"))
    )
    named = {
        name
        for path in TEMPLATES.rglob("*.html")
        for name in re.findall(
            r'icon(?:_name)?\(?=?"([a-z0-9-]+)"', path.read_text(encoding="utf-8")
        )
    }

    assert named <= drawn


def test_no_template_holds_a_style_a_script_or_a_handler() -> None:
    inline = re.compile(
        r'\sstyle="|\son[a-z]+="|<style|<script(?![^>]*\ssrc=)|="data:|href="javascript:',
        re.IGNORECASE,
    )
    guilty = {
        path.relative_to(TEMPLATES).as_posix()
        for path in TEMPLATES.rglob("*.html")
        if "mail" not in path.parts
        and inline.search(_without_comments(path.read_text(encoding="utf-8")))
    }

    assert guilty == set()


def test_every_answer_forbids_what_is_inline_or_from_elsewhere() -> None:
    headers = make_portal().test_client().get("/").headers

    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert "Strict-Transport-Security" not in headers


def test_production_insists_on_encryption() -> None:
    headers = make_portal("production").test_client().get("/").headers

    assert headers["Strict-Transport-Security"].startswith("max-age=31536000")


def test_an_answer_may_decide_how_long_it_is_kept() -> None:
    app = make_portal()
    app.add_url_rule(
        "/kept", "kept", lambda: Response("x", headers={"Cache-Control": "max-age=60"})
    )

    assert app.test_client().get("/kept").headers["Cache-Control"] == "max-age=60"


def _without_comments(text: str) -> str:
    return re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL)
