"""Profiles as editable sets of permissions."""

import importlib.util
from datetime import datetime
from pathlib import Path
from types import ModuleType

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from portal.audit.models import Deed
from portal.errors import Invalid, PreconditionFailed
from portal.people.errors import GrantTooWide, NoSuchProfile, OwnAccount, ProfileTaken
from portal.people.models import Profile
from portal.people.queries.actors import From, actor_of_token
from portal.people.queries.profiles import all_profiles, profile_by_code
from portal.people.rules.passwords import digest
from portal.people.rules.permissions import ALL, as_set
from portal.people.services.profiles import create_profile, update_profile
from tests.factories import make_actor, make_service_point, make_token, make_user
from tests.people.test_users import PROFILES, at_work

MIGRATION = (
    Path(__file__).parents[2] / "migrations" / "versions" / "20261122_0930_shipped_profiles.py"
)


def test_a_changed_profile_holds_at_once_for_everyone_with_it(
    session: Session, now: datetime
) -> None:
    seller = make_user(session, "seller", make_service_point(session))
    secret = make_token(session, seller)
    by = at_work(session, make_user(session))
    profile = profile_by_code(session, "seller")

    update_profile(
        session, "seller", by=by, name="Vendas", permissions=["orders.view", "costs.view"],
        expected_version=profile.version, at=now,
    )  # fmt: skip
    session.flush()

    found = actor_of_token(session, digest(secret), at=now, origin=From())
    assert found is not None
    assert found.actor.permissions == {"orders.view", "costs.view"}
    assert found.actor.profile_name == "Vendas"


def test_nobody_changes_the_own_profile(session: Session, now: datetime) -> None:
    by = at_work(session, make_user(session))

    with pytest.raises(OwnAccount):
        update_profile(
            session,
            "administrator",
            by=by,
            name="Chefe",
            permissions=[],
            expected_version=1,
            at=now,
        )


def test_a_profile_with_more_than_the_own_permissions_is_out_of_reach(
    session: Session, now: datetime
) -> None:
    by = make_actor("profiles.edit", "orders.view")

    with pytest.raises(GrantTooWide):
        update_profile(
            session,
            "owner",
            by=by,
            name="X",
            permissions=["orders.view"],
            expected_version=1,
            at=now,
        )
    with pytest.raises(GrantTooWide):
        create_profile(
            session,
            by=by,
            code="x",
            name="X",
            headquarters=False,
            permissions=["costs.view"],
            at=now,
        )


def test_a_profile_changed_meanwhile_is_not_overwritten(session: Session, now: datetime) -> None:
    by = at_work(session, make_user(session))
    update_profile(
        session, "owner", by=by, name="A", permissions=["orders.view"], expected_version=1, at=now
    )

    with pytest.raises(PreconditionFailed):
        update_profile(
            session, "owner", by=by, name="B", permissions=[], expected_version=1, at=now
        )


def test_a_permission_that_does_not_exist_is_refused(session: Session, now: datetime) -> None:
    with pytest.raises(Invalid):
        create_profile(
            session, by=make_actor(), code="x", name="X", headquarters=True, permissions=["root"],
            at=now,
        )  # fmt: skip


def test_two_profiles_never_share_a_code(session: Session, now: datetime) -> None:
    with pytest.raises(ProfileTaken):
        create_profile(
            session, by=make_actor(), code="owner", name="X", headquarters=False, permissions=[],
            at=now,
        )  # fmt: skip


def test_a_new_profile_is_on_record_with_what_it_allows(session: Session, now: datetime) -> None:
    create_profile(
        session, by=make_actor(), code="support", name="Suporte", headquarters=True,
        permissions=["orders.view", "audit.view"], at=now,
    )  # fmt: skip

    deed = session.scalars(select(Deed).where(Deed.action == "profile.created")).one()
    assert (deed.entity_type, deed.entity_id) == ("profile", "support")
    assert '"permissions":["audit.view","orders.view"]' in (deed.after or "")


def test_what_does_not_exist_is_not_found(session: Session) -> None:
    with pytest.raises(NoSuchProfile):
        profile_by_code(session, "nobody")


# The ones that come with it


def shipped() -> ModuleType:
    spec = importlib.util.spec_from_file_location("shipped", MIGRATION)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(engine: Engine, step: str) -> None:
    with engine.connect() as connection:
        with Operations.context(MigrationContext.configure(connection)):
            getattr(shipped(), step)()
        connection.commit()


def codes(session: Session) -> list[str]:
    session.commit()
    found = [profile.code for profile in all_profiles(session)]
    session.commit()
    return found


def test_six_profiles_come_with_the_portal(session: Session) -> None:
    assert codes(session) == list(PROFILES)
    assert as_set(profile_by_code(session, "administrator").permissions) == ALL


def test_shipping_goes_back_and_forth_and_leaves_those_in_use(
    session: Session, engine: Engine
) -> None:
    make_user(session, "pricing")
    session.commit()

    run(engine, "downgrade")
    left = codes(session)
    run(engine, "upgrade")

    assert left == ["pricing"]
    assert sorted(codes(session)) == sorted(PROFILES)


def test_shipping_again_keeps_what_the_installation_has_changed(
    session: Session, engine: Engine
) -> None:
    session.execute(delete(Profile).where(Profile.code == "auditor"))
    profile_by_code(session, "seller").permissions = "orders.view"
    session.commit()

    run(engine, "upgrade")

    assert profile_by_code(session, "seller").permissions == "orders.view"
    assert "auditor" in codes(session)
