"""Delivery: what a real mail server is given, and what its answers do to a mail."""

import ssl
import subprocess
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.db import database_now
from portal.mail.errors import MailServerAway
from portal.mail.jobs import delivering
from portal.mail.models import Mail, MailState
from portal.mail.rules.tries import MOST_TRIES
from tests.mail.conftest import Deliver
from tests.mail.factories import NOON, make_mail
from tests.mail.post_office import MailServer, PostOffice

pytestmark = pytest.mark.engines("sqlite", "mariadb")
HTML = '<p class="note">Olá, <b>Ana</b>.</p><a class="button" href="https://x.example/p">Ver</a>'


def again(session: Session, mail: Mail) -> Mail:
    session.expire_all()
    session.refresh(mail)
    return mail


def let_its_time_come(session: Session, mail: Mail) -> None:
    """Move the next try, and the lease of whoever died, into the past."""
    past = database_now(session.connection()) - timedelta(seconds=1)
    session.execute(update(Mail).where(Mail.id == mail.id).values(next_try_at=past))
    session.execute(
        update(Mail).where(Mail.id == mail.id, Mail.lease.is_not(None)).values(leased_until=past)
    )
    session.commit()


def body(letter: EmailMessage, kind: str) -> str:
    part = letter.get_body((kind,))
    assert isinstance(part, EmailMessage)
    return str(part.get_content())


# What arrives


def test_a_mail_arrives_as_it_was_said(
    session: Session, deliver: Deliver, office: PostOffice
) -> None:
    mail = make_mail(session, subject="Pedido nº 1042: confirmação", html=HTML)

    told = deliver(mail_from="Certa Certificados <pedidos@certa.example>")

    (letter,) = office.letters
    assert told == "1 mails sent, 0 not"
    assert letter["Subject"] == "Pedido nº 1042: confirmação"
    assert letter["From"] == "Certa Certificados <pedidos@certa.example>"
    assert letter["To"] == letter["X-Envelope-To"] == "ana@cliente.example"
    assert letter["Date"].datetime == NOON
    assert letter["Content-Language"] == "pt-BR"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert body(letter, "plain").splitlines() == ["Olá, Ana."]
    assert again(session, mail).state == MailState.SENT
    assert (mail.sent_at, mail.attempts, mail.lease, mail.last_error) == (NOON, 1, None, None)


def test_html_carries_its_styles_in_its_tags(
    session: Session, deliver: Deliver, office: PostOffice
) -> None:
    make_mail(session, html=HTML)

    deliver()

    html = body(office.letters[0], "html")
    assert '<p class="note" style="' in html
    assert "background: #0b5f73" in html.split('class="button"')[1]
    assert "<style" not in html


def test_a_mail_of_text_alone_has_one_part(
    session: Session, deliver: Deliver, office: PostOffice
) -> None:
    make_mail(session)

    deliver()

    assert office.letters[0].get_content_type() == "text/plain"


def test_mails_leave_in_the_order_in_which_they_were_told(
    session: Session, deliver: Deliver, office: PostOffice
) -> None:
    for number in (3, 1, 2):
        make_mail(session, number)

    deliver()
    deliver()

    assert office.subjects() == [f"Pedido {n} confirmado" for n in (3, 1, 2)]


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize(
    ("mail_from", "shown"),
    [
        ("pedidos@certa.example", "pedidos@certa.example"),
        ("", "Repasse <repasse@localhost>"),
    ],
)
def test_a_mail_is_from_whom_the_installation_says(
    session: Session, deliver: Deliver, office: PostOffice, mail_from: str, shown: str
) -> None:
    make_mail(session)

    deliver(mail_from=mail_from)

    assert office.letters[0]["From"] == shown


@pytest.mark.engines("sqlite")
def test_nothing_smuggles_a_header_in(
    session: Session, deliver: Deliver, office: PostOffice
) -> None:
    bad = "\r\nBcc: bob@cliente.example\r\n\r\nhello"
    make_mail(session, 1, subject="Pedido" + bad)
    make_mail(session, 2, to="ana@cliente.example" + bad)
    lost = make_mail(session, 3)
    session.execute(update(Mail).where(Mail.id == lost.id).values(recipient="a@b.example" + bad))
    tongue = make_mail(session, 4)
    session.execute(update(Mail).where(Mail.id == tongue.id).values(language="x\r\nBcc:"))

    deliver()

    (letter,) = office.letters
    assert letter["Bcc"] is None
    assert letter["X-Envelope-To"] == "ana@cliente.example"
    assert letter["Subject"] == "Pedido Bcc: bob@cliente.example hello"
    assert again(session, lost).state == again(session, tongue).state == MailState.DEAD


# Ways in


without_tls = pytest.mark.filterwarnings("ignore:Requiring AUTH", "ignore:Session.login_data")
"""The server of the tests says that passwords want TLS; here nobody listens."""


@without_tls
@pytest.mark.engines("sqlite")
def test_it_signs_in_with_what_the_address_says(
    session: Session, deliver: Deliver, open_server: Callable[..., MailServer]
) -> None:
    strict = open_server(auth_required=True, auth_require_tls=False)
    make_mail(session)

    deliver(strict.url.replace("//", "//ana%40certa.example:p%40ss%2Fword@"))

    assert strict.office.sign_ins == [("ana@certa.example", "p@ss/word")]
    assert strict.office.letters[0]["From"] == "Repasse <ana@certa.example>"


@without_tls
@pytest.mark.engines("sqlite")
def test_a_refused_sign_in_is_told_and_costs_no_mail_a_try(
    session: Session, deliver: Deliver, open_server: Callable[..., MailServer]
) -> None:
    strict = open_server(auth_required=True, auth_require_tls=False)
    mail = make_mail(session)

    with pytest.raises(MailServerAway) as away:
        deliver(strict.url.replace("//", "//ana:wrong@"))

    assert away.value.facts["reason"].startswith("535")
    assert again(session, mail).attempts == 0


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Make a certificate for 127.0.0.1 that signs itself."""
    made = tmp_path / "server.pem"
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
            "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext",
            "subjectAltName=IP:127.0.0.1", "-keyout", str(made), "-out", str(tmp_path / "crt"),
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    made.write_text(made.read_text() + (tmp_path / "crt").read_text())
    return made


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize("tls", ["smtps", "starttls"])
def test_a_wire_is_closed_to_others_and_the_server_must_prove_itself(
    session: Session,
    deliver: Deliver,
    open_server: Callable[..., MailServer],
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
    tls: str,
) -> None:
    keys = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    keys.load_cert_chain(certificate)
    how = {"smtps": "ssl_context", "starttls": "tls_context"}[tls]
    server = open_server(**{how: keys})
    url = server.url.replace("smtp:", "smtps:") if tls == "smtps" else server.url + "?starttls"
    mail = make_mail(session)

    with pytest.raises(MailServerAway, match="mail_server_away"):
        deliver(url)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    deliver(url)

    assert len(server.office.letters) == 1
    assert again(session, mail).attempts == 1


@pytest.mark.engines("sqlite")
def test_starttls_is_not_waived_by_a_server_that_offers_none(
    session: Session, deliver: Deliver, mail_server: MailServer
) -> None:
    make_mail(session)

    with pytest.raises(MailServerAway):
        deliver(mail_server.url + "?starttls")

    assert mail_server.office.letters == []


def test_without_a_mail_server_mails_wait(session: Session, deliver: Deliver) -> None:
    mail = make_mail(session)

    told = deliver(mail_url="")

    assert told == "1 mails wait"
    assert (again(session, mail).state, mail.attempts) == (MailState.QUEUED, 0)


# Refusals


def test_a_closed_server_costs_no_tries_and_all_goes_out_when_it_is_back(
    session: Session, deliver: Deliver, mail_server: MailServer
) -> None:
    mail = make_mail(session)
    mail_server.close()

    for _ in range(3):
        with pytest.raises(MailServerAway):
            deliver()
    waiting = again(session, mail).state, mail.attempts
    mail_server.open()
    deliver()

    assert waiting == (MailState.QUEUED, 0)
    assert again(session, mail).state == MailState.SENT


@pytest.mark.parametrize("where", ["rcpt", "data"])
def test_a_refusal_for_good_ends_a_mail_and_no_other(
    session: Session, deliver: Deliver, office: PostOffice, where: str
) -> None:
    office.rcpt = {"bob@cliente.example": "550 5.1.1 no such user"} if where == "rcpt" else {}
    office.data = {"Pedido 1 confirmado": "554 5.7.1 unwanted"} if where == "data" else {}
    refused = make_mail(session, 1, to="bob@cliente.example")
    taken = make_mail(session, 2)

    told = deliver()

    assert told == "1 mails sent, 1 not"
    assert again(session, refused).state == MailState.DEAD
    assert str(refused.last_error)[:3] in {"550", "554"}
    assert again(session, taken).state == MailState.SENT


def test_a_refusal_for_now_is_tried_again_later_and_later_and_given_up(
    session: Session, deliver: Deliver, office: PostOffice
) -> None:
    office.rcpt = {"ana@cliente.example": "451 4.3.0 greylisted"}
    mail = make_mail(session)

    pauses = []
    while again(session, mail).state == MailState.QUEUED:
        deliver()
        assert deliver() == "0 mails wait"  # not before its time
        if again(session, mail).next_try_at is not None:
            pauses.append(mail.next_try_at - database_now(session.connection()))
            let_its_time_come(session, mail)

    minutes = [round(pause / timedelta(minutes=1)) for pause in pauses]
    assert minutes == [1, 5, 15, 60, 180, 360, 720, 1440, 1440]
    assert (mail.state, mail.attempts) == (MailState.DEAD, MOST_TRIES)
    assert mail.last_error == "451 4.3.0 greylisted"


# Trouble in the middle


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_connection_lost_over_a_mail_leaves_it_for_later(
    session: Session, deliver: Deliver, office: PostOffice, when: str
) -> None:
    first, second = make_mail(session, 1), make_mail(session, 2)
    office.hang_up = when

    with pytest.raises(MailServerAway):
        deliver()
    first_tried = again(session, first).attempts, first.state, first.lease
    second_tried = again(session, second).attempts
    office.hang_up = None
    let_its_time_come(session, first)
    deliver()

    assert first_tried == (1, MailState.QUEUED, None)
    assert second_tried == 0
    assert again(session, first).state == again(session, second).state == MailState.SENT
    marks = [str(letter["Message-ID"]) for letter in office.letters]
    assert (
        marks[:2].count(marks[0]) == {"before": 1, "after": 2}[when]
    )  # twice, as one and the same
    assert len(set(marks)) == 2


@pytest.mark.engines("sqlite")
def test_a_server_that_falls_silent_is_left_and_the_mail_waits(
    session: Session, deliver: Deliver, office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.mail.jobs.post.PATIENCE_SECONDS", 0.3)
    office.pause = 1.0
    mail = make_mail(session)

    with pytest.raises(MailServerAway):
        deliver()

    assert (again(session, mail).state, mail.attempts) == (MailState.QUEUED, 1)
    assert mail.next_try_at is not None


def test_a_mail_whose_tries_never_end_is_given_up(
    session: Session, deliver: Deliver, office: PostOffice
) -> None:
    mail = make_mail(session)
    session.execute(update(Mail).values(attempts=MOST_TRIES))

    deliver()

    assert office.letters == []
    assert again(session, mail).state == MailState.DEAD
    assert mail.last_error == delivering.UNFINISHED
