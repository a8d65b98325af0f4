"""Mails on the screen and over HTTP: who sees which, what became of them, sending one again."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.audit.models import Deed
from portal.db import database_now
from portal.mail.models import Mail, MailState
from portal.people.models import User
from portal.people.rules.permissions import COMMAND_LINE
from portal.people.services import profiles
from tests.factories import NOON, bearer, make_service_point, make_user, sign_in
from tests.mail.conftest import Deliver
from tests.mail.factories import make_mail
from tests.mail.post_office import PostOffice
from tests.visitors import PortalClient


@pytest.fixture
def watching(client: PortalClient, session: Session) -> PortalClient:
    sign_in(client, make_user(session, "administrator"))
    return client


def become(session: Session, mail: Mail, **facts: Any) -> None:
    session.execute(update(Mail).where(Mail.id == mail.id).values(**facts))


def make_manager(session: Session, point: Any) -> User:
    """Somebody of one service point who may see and repeat."""
    profiles.create_profile(
        session,
        by=COMMAND_LINE,
        code="watcher",
        name="Watcher",
        headquarters=False,
        permissions=frozenset({"operations.view", "operations.retry"}),
        at=NOON,
    )
    return make_user(session, "watcher", point)


def test_the_list_says_what_became_of_each_mail(watching: PortalClient, session: Session) -> None:
    make_mail(session, 1)
    become(session, make_mail(session, 2), state=MailState.SENT, sent_at=NOON)
    become(session, make_mail(session, 3), state=MailState.DEAD, last_error="550 no such user")
    make_mail(session, 4, to="nobody")

    page = watching.get("/mails").text

    for said in ("Aguardando", "Enviado", "Desistido", "550 no such user", "01/12/2026 09:00"):
        assert said in page
    assert "Este endereço não pode receber e-mails." in page
    assert "Nenhum servidor de e-mail está configurado." in page


def test_the_list_is_searched_narrowed_and_exported(
    watching: PortalClient, session: Session
) -> None:
    make_mail(session, 1, to="ana@cliente.example")
    become(session, make_mail(session, 2, to="bia@cliente.example"), state=MailState.DEAD)

    found = watching.get("/mails?q=ana").text
    dead = watching.get("/mails?state=dead").text
    file = watching.get("/mails?format=csv").text

    assert "Pedido 1 confirmado" in found
    assert "Pedido 2 confirmado" not in found
    assert "Pedido 2 confirmado" in dead
    assert "Pedido 1 confirmado" not in dead
    assert "ana@cliente.example" in file
    assert "bia@cliente.example" in file


def test_a_mail_is_shown_as_text_never_as_a_page(watching: PortalClient, session: Session) -> None:
    mail = make_mail(session, text="Olá <script>alert(1)</script>", html="<b>never shown</b>")

    page = watching.get(f"/mails/{mail.id}").text

    assert "Olá &lt;script&gt;" in page
    assert "never shown" not in page


def test_a_dead_mail_is_sent_again_and_the_trail_says_by_whom(
    watching: PortalClient,
    session: Session,
    deliver: Deliver,
    office: PostOffice,
) -> None:
    mail = make_mail(session)
    become(session, mail, state=MailState.DEAD, attempts=10, last_error="550 full")

    answer = watching.submit(f"/mails/{mail.id}/resend")
    page = watching.get(answer.location).text
    deliver()

    assert answer.status_code == 303
    assert "O e-mail será enviado em instantes." in page
    assert office.subjects() == ["Pedido 1042 confirmado"]
    deed = session.scalars(select(Deed).where(Deed.action == "mail.resent")).one()
    assert (deed.entity_type, deed.entity_id) == ("mail", str(mail.id))
    assert deed.actor_id is not None


def test_a_mail_that_is_being_sent_is_not_queued_again(
    watching: PortalClient, session: Session
) -> None:
    mail = make_mail(session)
    soon = database_now(session.connection()) + timedelta(minutes=1)
    become(session, mail, lease="another", leased_until=soon, attempts=1)

    page = watching.get(watching.submit(f"/mails/{mail.id}/resend").location).text

    assert "Este e-mail está sendo enviado neste momento." in page
    session.refresh(mail)
    assert (mail.lease, mail.attempts) == ("another", 1)


def test_a_service_point_sees_and_repeats_the_mails_about_its_own(
    client: PortalClient, session: Session
) -> None:
    here, there = make_service_point(session, "SP-1"), make_service_point(session, "SP-2")
    own = make_mail(session, 1, service_point_id=here.id)
    strange = make_mail(session, 2, service_point_id=there.id)
    general = make_mail(session, 3)
    sign_in(client, make_manager(session, here))

    page = client.get("/mails").text

    assert "Pedido 1 confirmado" in page
    assert "Pedido 2 confirmado" not in page
    assert "Pedido 3 confirmado" not in page
    assert client.get(f"/mails/{own.id}").status_code == 200
    for mail in (strange, general):
        assert client.get(f"/mails/{mail.id}").status_code == 404
        assert client.submit(f"/mails/{mail.id}/resend").status_code == 404
    assert client.get("/jobs").status_code == 403
    assert 'href="/mails"' in page
    assert 'href="/jobs"' not in page


def test_another_system_reads_what_became_of_mails(client: PortalClient, session: Session) -> None:
    headers = bearer(session, make_user(session, "auditor"))
    make_mail(session, 1, entity=("order", 1))
    become(session, make_mail(session, 2), state=MailState.DEAD, last_error="550 no", attempts=1)

    everything = client.get("/api/v1/mails", headers=headers).get_json()
    dead = client.get("/api/v1/mails?state=dead", headers=headers).get_json()
    first = client.get("/api/v1/mails?limit=1", headers=headers).get_json()

    assert [mail["key"] for mail in everything["items"]] == ["order-2-placed", "order-1-placed"]
    assert everything["items"][1] == {
        "id": 1,
        "key": "order-1-placed",
        "to": "ana@cliente.example",
        "subject": "Pedido 1 confirmado",
        "language": "pt-BR",
        "about": {"type": "order", "id": "1"},
        "state": "queued",
        "attempts": 0,
        "next_try_at": None,
        "last_error": None,
        "created_at": "2026-12-01T12:00:00Z",
        "sent_at": None,
    }
    assert [mail["last_error"] for mail in dead["items"]] == ["550 no"]
    assert len(first["items"]) == 1
    assert first["next"] is not None
