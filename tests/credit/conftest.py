"""What the tests of credit ask for."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal.credit import services as credit
from tests.credit.stories import Story
from tests.factories import make_credit_policy, make_service_point

TellStory = Callable[..., Story]


@pytest.fixture
def tell_story(engine: Engine) -> TellStory:
    """Begin the story of a new account."""

    def begin(overdraft: str = "0.00") -> Story:
        with Session(engine) as session:
            limit = make_credit_policy(session, money=Decimal(overdraft))
            point = make_service_point(session, credit_policy=limit.code)
            account = credit.open_account(
                session,
                service_point_id=point.id,
                at=datetime(2020, 1, 1, tzinfo=UTC),
                overdraft=Decimal(overdraft),
            )
            session.commit()
            return Story(engine, account.id, point.id)

    return begin
