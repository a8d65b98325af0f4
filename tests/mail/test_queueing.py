"""Queueing: a mail belongs to the transaction of what it tells of, and is told once."""

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Engine, event, func, select
from sqlalchemy.orm import Session

from portal.mail.models import Mail, MailState
from portal.mail.services import queue_mail


def queue(session: Session, at: datetime, **changes: Any) -> None:
    facts: dict[str, Any] = {
        "key": "order-1042-placed",
        "to": "ana@cliente.example",
        "subject": "Pedido 1042 confirmado",
        "text": "Olá, Ana.",
        "language": "pt-BR",
    }
    queue_mail(session, **facts | changes, at=at)


def only_mail(session: Session) -> Mail:
    return session.scalars(select(Mail)).one()


def test_a_mail_waits_with_all_that_was_said(session: Session, now: datetime) -> None:
    queue(session, now, html="<p>Olá, Ana.</p>", service_point_id=7, entity=("order", 1042))

    mail = only_mail(session)
    assert (mail.recipient, mail.subject) == ("ana@cliente.example", "Pedido 1042 confirmado")
    assert (mail.text, mail.html) == ("Olá, Ana.", "<p>Olá, Ana.</p>")
    assert (mail.language, mail.service_point_id) == ("pt-BR", 7)
    assert (mail.entity_type, mail.entity_id) == ("order", "1042")
    assert (mail.state, mail.attempts, mail.created_at) == (MailState.QUEUED, 0, now)


def test_the_same_key_twice_is_one_mail_as_it_was_said_first(
    session: Session, now: datetime
) -> None:
    queue(session, now)
    queue(session, now, subject="Outra coisa")
    queue(session, now, key="ORDER-1042-PLACED")

    told = list(session.scalars(select(Mail.subject).order_by(Mail.id)))
    assert told == ["Pedido 1042 confirmado"] * 2  # keys that differ in case are two


def test_a_mail_goes_with_its_transaction(engine: Engine, now: datetime) -> None:
    with Session(engine) as given_up:
        queue(given_up, now)
        given_up.rollback()

    with Session(engine) as seen:
        assert seen.scalar(select(func.count(Mail.id))) == 0


@pytest.mark.engines("mariadb")
def test_two_who_tell_of_the_same_at_once_tell_it_once(engine: Engine, now: datetime) -> None:
    def tell() -> None:
        with Session(engine) as late:
            queue(late, now, subject="Second")
            late.commit()

    with Session(engine) as first:
        queue(first, now)
        second = threading.Thread(target=tell)
        second.start()
        second.join(timeout=0.3)
        waits = second.is_alive()
        first.commit()
        second.join()

    with Session(engine) as seen:
        assert only_mail(seen).subject == "Pedido 1042 confirmado"
    assert waits


def test_queueing_costs_one_statement(session: Session, engine: Engine, now: datetime) -> None:
    session.connection()
    sent: list[str] = []
    count: Callable[..., None] = lambda _c, _k, statement, *_: sent.append(statement)  # noqa: E731 - shorter so

    event.listen(engine, "before_cursor_execute", count)
    queue(session, now)
    event.remove(engine, "before_cursor_execute", count)

    assert len(sent) == 1


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize(
    "address",
    [
        "",
        "ana",
        "ana@cliente.example, bob@cliente.example",
        "ana@cliente.example\r\nBcc: bob@cliente.example",
        "ana@cliente.example\nBcc: bob@cliente.example",
        "Ana <ana@cliente.example>",
        '"ana\r\n"@cliente.example',
        "ana@cliente.example\x00",
        "a" * 300 + "@cliente.example",
    ],
)
def test_no_address_is_a_dead_mail_and_stops_nothing(
    session: Session, now: datetime, address: str
) -> None:
    queue(session, now, to=address)

    mail = only_mail(session)
    assert mail.state == MailState.DEAD
    assert mail.last_error == "This is no address that a mail can go to."
    assert mail.recipient.isprintable()


@pytest.mark.engines("sqlite")
def test_a_subject_is_one_line_that_fits(session: Session, now: datetime) -> None:
    queue(session, now, subject="Pedido\r\nBcc: bob@cliente.example\x00 " + "x" * 300)

    subject = only_mail(session).subject
    assert subject.startswith("Pedido Bcc: bob@cliente.example xxx")
    assert len(subject) == 200
