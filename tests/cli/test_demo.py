"""The demo: a believable distributor, whole, sound, and the same every time."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.orm import Session
from stdnum.br import cnpj

from portal.audit.models import Deed
from portal.catalogue.models import Issuer, Product
from portal.cli.demo import people, prices
from portal.cli.demo.partners import EXPIRED, EXPIRING, LOW, NEW, OWING
from portal.credit.models import Account, Entry, Lot
from portal.orders.models import Order, OrderLine
from portal.partners.models import CreditPolicy, ServicePoint
from portal.payments.models import HEADQUARTERS, PixAccount
from portal.people.models import Profile, User
from portal.people.rules.passwords import is_right
from portal.pricing.models import Edition, EditionItem, PriceAssignment, PriceTable
from tests.cli.conftest import count, flask_on
from tests.cli.figures import fingerprints
from tests.conftest import CHEAP_ARGON2

pytestmark = pytest.mark.xdist_group("demo")  # so that one worker loads it, once
TODAY = date(2026, 12, 1)


def account(session: Session, code: str) -> Account:
    wanted = select(Account).join(ServicePoint, ServicePoint.id == Account.service_point_id)
    return session.scalars(wanted.where(ServicePoint.code == code)).one()


def lots(session: Session, code: str) -> list[Lot]:
    own = select(Lot).where(Lot.account_id == account(session, code).id)
    return list(session.scalars(own.order_by(Lot.expires_on)))


# How much there is


@pytest.mark.parametrize(
    ("model", "many"),
    [(Issuer, 3), (Product, 25), (ServicePoint, 40), (Account, 40), (CreditPolicy, 5)],
)
def test_there_is_as_much_as_was_promised(demo: Session, model: Any, many: int) -> None:
    assert count(demo, model) == many


def test_headquarters_and_each_shop_have_a_pix_key(demo: Session) -> None:
    shops = set(demo.scalars(select(ServicePoint.id).where(ServicePoint.shop_slug.is_not(None))))

    assert set(demo.scalars(select(PixAccount.owner))) == {HEADQUARTERS, *shops}


def test_every_service_point_has_a_cnpj_and_some_have_letters(demo: Session) -> None:
    tax_ids = demo.scalars(select(ServicePoint.tax_id)).all()

    assert all(cnpj.is_valid(tax_id) for tax_id in tax_ids)
    assert len(set(tax_ids)) == 40
    assert sum(not str(tax_id).isdigit() for tax_id in tax_ids) == 8


def test_most_service_points_may_type_prices_and_one_is_closed(demo: Session) -> None:
    assert count(demo, ServicePoint, ServicePoint.may_edit_final_price) == 38
    assert count(demo, ServicePoint, ~ServicePoint.active) == 1


def test_products_have_categories_and_some_come_in_fractions(demo: Session) -> None:
    assert count(demo, Product, Product.category_id.is_(None)) == 0
    assert count(demo, Product, Product.fractional) == 3
    assert count(demo, Product, Product.kind == "good") == 4


def test_each_shipped_profile_has_someone_and_each_service_point_an_owner(demo: Session) -> None:
    used = demo.scalars(select(Profile.code).join(User, User.profile_id == Profile.id).distinct())
    owned = text(
        "SELECT count(DISTINCT m.service_point_id) FROM memberships m JOIN users u "
        "ON u.id = m.user_id JOIN profiles p ON p.id = u.profile_id WHERE p.code = 'owner'"
    )

    assert set(used) == {"administrator", "pricing", "finance", "auditor", "owner", "seller"}
    assert demo.scalar(owned) == 39


# Prices


def test_tables_are_of_every_kind(demo: Session) -> None:
    kinds = demo.execute(
        select(PriceTable.kind, PriceTable.calculation, func.count()).group_by(
            PriceTable.kind, PriceTable.calculation
        )
    )

    assert {(kind, how): many for kind, how, many in kinds} == {
        ("general", "fixed"): 4,
        ("general", "adjusted"): 4,
        ("own", "fixed"): 4,
        ("own", "percent_of_sale"): 2,
    }
    assert count(demo, PriceTable, PriceTable.rounding_step.is_not(None)) == 2
    assert count(demo, PriceTable, PriceTable.rounding_ending.is_not(None)) == 1


def test_one_adjusted_table_stands_on_another(demo: Session) -> None:
    base = select(PriceTable.id).where(PriceTable.calculation == "adjusted").scalar_subquery()

    assert count(demo, PriceTable, PriceTable.base_table_id.in_(base)) == 1


def test_editions_are_past_present_to_come_superseded_and_drafted(demo: Session) -> None:
    published = Edition.state == "published"

    assert count(demo, Edition, published, Edition.valid_until < TODAY) >= 5
    assert count(demo, Edition, published, Edition.valid_from > TODAY) == 3
    assert count(demo, Edition, Edition.state == "superseded") == 1
    assert count(demo, Edition, Edition.state == "draft") == 1
    assert count(demo, EditionItem, EditionItem.min_quantity > Decimal(0)) > 20
    assert count(demo, EditionItem, EditionItem.free) > 5


def test_one_service_point_changed_models_and_one_has_no_table_yet(demo: Session) -> None:
    def modes(code: str) -> list[str]:
        own = select(PriceAssignment.mode).join(
            ServicePoint, ServicePoint.id == PriceAssignment.service_point_id
        )
        wanted = own.where(ServicePoint.code == code).order_by(PriceAssignment.valid_from)
        return list(demo.scalars(wanted))

    assert modes(prices.CHANGED) == ["general", "general", "own"]
    assert modes(NEW) == []


# Orders and credit


def test_three_months_of_orders_stand_in_every_state_a_seller_sees(demo: Session) -> None:
    sold = select(Order.status, func.count()).where(Order.channel != "site")
    by_state = dict(demo.execute(sold.group_by(Order.status)).tuples().all())
    days = demo.execute(select(func.min(Order.day), func.max(Order.day))).one()

    assert set(by_state) == {"draft", "placed", "fulfilled", "cancelled"}
    assert min(by_state.values()) >= 5
    assert sum(by_state.values()) > 800
    assert (days[1] - days[0]).days >= 88
    assert days[1] <= TODAY


def test_orders_keep_both_prices_and_why(demo: Session) -> None:
    placed = select(Order.id).where(Order.placed_at.is_not(None))
    unexplained = OrderLine.acquisition_because.is_(None) | OrderLine.sale_because.is_(None)

    assert count(demo, OrderLine, OrderLine.order_id.in_(placed), unexplained) == 0
    assert demo.scalar(select(func.sum(Order.sale_total - Order.acquisition_total))) > Decimal(0)
    assert count(demo, Order, Order.acquisition_total > Order.sale_total) == 0


def test_what_was_cancelled_gave_its_credit_back(demo: Session) -> None:
    cancelled = select(Order.id).where(
        Order.status == "cancelled", Order.acquisition_total > Decimal(0)
    )
    rest = (
        select(func.sum(Entry.qty))
        .where(Entry.order_id.in_(cancelled))
        .group_by(Entry.order_id)
        .having(func.sum(Entry.qty) != 0)
    )

    assert count(demo, Order, Order.id.in_(cancelled)) > 20
    assert demo.scalars(rest).all() == []


def test_one_is_below_its_threshold_and_one_owes_within_its_overdraft(demo: Session) -> None:
    low, owing = account(demo, LOW), account(demo, OWING)

    assert 0 < low.balance < 50_000
    assert -200_000 == owing.floor < owing.balance < 0
    assert owing.debt == -owing.balance
    assert count(demo, Account, Account.debt > 0) == 1


def test_credit_is_paid_and_bonus_ends_soon_and_has_ended(demo: Session) -> None:
    ending = [lot for lot in lots(demo, EXPIRING) if lot.expires_on and lot.remaining]
    ended = [lot for lot in lots(demo, EXPIRED) if lot.expired]

    assert [(lot.kind, (lot.expires_on - TODAY).days) for lot in ending[:2]] == [
        ("bonus", 6),
        ("paid", 25),
    ]
    assert [(lot.kind, lot.expired) for lot in ended] == [("bonus", 12_000)]


def test_nothing_happened_after_now_and_numbers_rise_with_time(demo: Session) -> None:
    moments = demo.scalars(select(Deed.at).order_by(Deed.id)).all()

    assert moments == sorted(moments)
    assert moments[-1].isoformat() == "2026-12-01T12:00:00+00:00"


def test_the_ledger_verifies(demo_url: str) -> None:
    verified = flask_on(demo_url, "ledger", "verify")

    assert verified.exit_code == 0, verified.output
    assert "The ledger is whole." in verified.output


# The command


def test_it_names_one_user_for_each_profile_who_may_sign_in(demo_said: str, demo: Session) -> None:
    rows = re.findall(r"^ +(\S+@\S+) +(\S+) +(\w+) ", demo_said, re.MULTILINE)

    assert {profile for _, _, profile in rows} == set(demo.scalars(select(Profile.code)))
    for email, password, profile in rows:
        user = demo.scalars(select(User).where(User.email == email)).one()
        assert user.profile.code == profile
        assert is_right(password, user.password_hash, CHEAP_ARGON2)
    assert "PA-0001 and PA-0002" in demo_said
    assert people.other_owners()[0].email in demo_said


def test_loading_again_changes_nothing_says_so_and_names_the_users_again(
    demo_url: str, demo_said: str
) -> None:
    before = fingerprints(demo_url)

    again = flask_on(demo_url, "demo", "load", now="2027-02-01T12:00:00Z")

    assert again.exit_code == 0
    assert "there already: nothing was changed" in again.output
    assert again.output.split("Demo users")[1] == demo_said.split("Demo users")[1]
    assert fingerprints(demo_url) == before


def test_the_same_day_gives_the_same_figures_to_the_byte(
    demo_url: str, make_database: Callable[[str], str]
) -> None:
    other = make_database("sqlite")

    flask_on(other, "demo", "load")

    assert fingerprints(other) == fingerprints(demo_url)


def test_mariadb_gets_the_same_orders_and_balances(
    demo: Session, make_database: Callable[[str], str]
) -> None:
    url = make_database("mariadb")

    loaded = flask_on(url, "demo", "load")

    other_engine = create_engine(url)
    with Session(other_engine) as other:
        assert loaded.exit_code == 0, loaded.output
        assert _told(other) == _told(demo)
    other_engine.dispose()
    assert flask_on(url, "ledger", "verify").exit_code == 0


def _told(session: Session) -> tuple[Any, ...]:
    orders = select(Order.status, Order.day, Order.acquisition_total, Order.sale_total)
    balances = select(ServicePoint.code, Account.balance, Account.debt).join(
        Account, Account.service_point_id == ServicePoint.id
    )
    return (
        session.execute(orders.order_by(Order.id)).all(),
        session.execute(balances.order_by(ServicePoint.code)).all(),
    )


def test_its_stories_come_out_on_any_day(make_database: Callable[[str], str]) -> None:
    url, now = make_database("sqlite"), "2027-01-01T03:00:30Z"

    loaded = flask_on(url, "demo", "load", now=now)

    made = create_engine(url)
    with Session(made) as session:
        assert loaded.exit_code == 0, loaded.output
        assert 0 < account(session, LOW).balance < 50_000
        assert account(session, OWING).floor < account(session, OWING).balance < 0
        assert count(session, Order) > 800
    made.dispose()
    assert flask_on(url, "ledger", "verify").exit_code == 0


def test_production_refuses_demo_data(make_app: Callable[..., Flask]) -> None:
    app = make_app(env="production", secret_key="of-production-and-long", now=None)

    refused = app.test_cli_runner().invoke(args=["demo", "load"])

    assert refused.exit_code == 1
    assert "no use in production" in refused.output


def test_real_data_and_demo_data_are_not_mixed(app: Flask, session: Session) -> None:
    session.add(Issuer(code="AC-REAL", name="Real"))
    session.commit()

    refused = app.test_cli_runner().invoke(args=["demo", "load"])

    assert refused.exit_code == 1
    assert "holds data of its own (1 issuers)" in refused.output
    assert count(session, ServicePoint) == 0


def test_without_tables_it_says_what_to_do(tmp_path: Path) -> None:
    refused = flask_on(f"sqlite:///{tmp_path / 'new.sqlite3'}", "demo", "load")

    assert refused.exit_code == 1
    assert "Run: flask db upgrade" in refused.output


def test_a_load_that_is_cut_short_leaves_nothing(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prices, "assign_all", _stumble)

    cut = app.test_cli_runner().invoke(args=["demo", "load"])

    assert isinstance(cut.exception, KeyError)
    assert count(session, ServicePoint) == count(session, Order) == count(session, Deed) == 0


def _stumble(*_: Any) -> None:
    raise KeyError
