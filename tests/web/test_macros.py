"""What the shared parts of pages make of what they are given."""

from types import SimpleNamespace

import pytest
from flask import Flask, render_template_string
from flask_babel import Babel
from flask_wtf.csrf import CSRFProtect
from wtforms import BooleanField, Form, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from portal.actors import Actor
from portal.config import ROOT
from portal.web.assets import register_assets
from portal.web.filters import register_filters
from portal.web.navigation import register_navigation


class PackageForm(Form):
    name = StringField("Name", [InputRequired("Write the name.")], description="As on invoices")
    amount = StringField("Amount")
    kind = SelectField("Kind", choices=[SelectChoice("a", "Paid"), SelectChoice("b", "Given")])
    text = TextAreaField("Text")
    active = BooleanField("Active")


@pytest.fixture
def app() -> Flask:
    """Return the shell alone, without the portal's features."""
    app = Flask(
        __name__, template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static")
    )
    app.config.update(
        SECRET_KEY="of the tests",
        SETTINGS=SimpleNamespace(env="testing"),
        BABEL_DEFAULT_LOCALE="en",
    )
    Babel(app)
    CSRFProtect(app)
    for register in (register_assets, register_filters, register_navigation):
        register(app)
    app.context_processor(lambda: {"actor": None})
    return app


def shown(app: Flask, source: str, path: str = "/", **facts: object) -> str:
    with app.test_request_context(path):
        return render_template_string(source, **facts)


def test_a_wrong_field_names_its_error_and_its_help(app: Flask) -> None:
    form = PackageForm()
    form.validate()

    html = shown(
        app,
        '{% from "_macros/form.html" import field %}{{ field(form.name, class="f4") }}',
        form=form,
    )

    assert 'aria-describedby="name-error name-help"' in html
    assert 'aria-invalid="true"' in html
    assert '<p class="err" id="name-error">Write the name.</p>' in html
    assert '<p class="help" id="name-help">As on invoices</p>' in html
    assert '<label class="form-label" for="name">Name</label>' in html


def test_the_summary_links_to_the_field_that_is_wrong(app: Flask) -> None:
    form = PackageForm()
    form.validate()

    source = '{% from "_macros/form.html" import error_summary %}{{ error_summary(form) }}'

    assert '<a href="#name">Name</a>: Write the name.' in shown(app, source, form=form)
    assert shown(app, source, form=PackageForm()) == ""


@pytest.mark.parametrize(
    ("name", "control"),
    [
        ("kind", "<select"),
        ("text", "<textarea"),
        ("active", 'type="checkbox"'),
        ("amount", "<input"),
    ],
)
def test_each_kind_of_field_finds_its_control(app: Flask, name: str, control: str) -> None:
    source = '{% from "_macros/form.html" import field %}{{ field(form[name]) }}'

    html = shown(app, source, form=PackageForm(), name=name)

    assert control in html
    assert f'for="{name}"' in html


def test_money_is_typed_to_the_right_with_its_currency_in_the_label(app: Flask) -> None:
    html = shown(
        app,
        '{% from "_macros/form.html" import money %}{{ money(form.amount) }}',
        form=PackageForm(),
    )

    assert "Amount, R$</label>" in html
    assert 'class="form-control num"' in html
    assert 'inputmode="decimal"' in html


def test_what_is_typed_is_never_markup(app: Flask) -> None:
    html = shown(
        app,
        '{% from "_macros/filters.html" import chips %}{{ chips([(name, name, "/")], "/") }}',
        name="<script>",
    )

    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_a_sorted_column_says_so_and_turns_at_the_next_click(app: Flask) -> None:
    source = (
        '{% from "_macros/table.html" import sort_header %}'
        '{{ sort_header("Total", "total", current) }}'
    )

    rising = shown(app, source, "/orders?state=done&after=x", current="total")
    falling = shown(app, source, "/orders?state=done", current="-total")
    other = shown(app, source, "/orders", current="number")

    assert 'aria-sort="ascending"' in rising
    assert 'href="/orders?state=done&amp;sort=-total"' in rising
    assert 'aria-sort="descending"' in falling
    assert 'href="/orders?state=done&amp;sort=total"' in falling
    assert "aria-sort" not in other


def test_a_page_without_neighbours_has_no_links(app: Flask) -> None:
    source = '{% from "_macros/paging.html" import pager %}{{ pager(page, "3 orders") }}'

    alone = shown(app, source, page=SimpleNamespace(previous_url=None, next_url=None))
    first = shown(app, source, page=SimpleNamespace(previous_url=None, next_url="/?after=3"))

    assert "<a" not in alone
    assert 'rel="next" href="/?after=3"' in first


@pytest.mark.parametrize("status", [400, 403, 404, 409, 412, 413, 429, 500, 503])
def test_a_visitor_reads_what_happened_and_what_to_do(app: Flask, status: int) -> None:
    source = '{% extends "errors/error.html" %}'

    html = shown(app, source, status=status, request_id="r-1", message=None)

    assert f"Error {status}" in html
    assert '<span class="code">r-1</span>' in html
    assert 'id="side"' not in html


def test_the_shell_names_the_person_and_whose_data_it_is(app: Flask) -> None:
    person = Actor(1, "rita@example.org", "Rita Teles", "Clerk", True, frozenset())
    source = '{% extends "base.html" %}{% block title %}Orders{% endblock %}'

    html = shown(app, source, actor=person)

    assert "<title>Orders · Repasse</title>" in html
    assert '<span class="av" aria-hidden="true">RT</span>' in html
    assert "Demonstration environment" in html
    assert html.count("<h1>Orders</h1>") == 1
