"""Commands that make users and tokens, for set-up and for other systems."""

import functools
from collections.abc import Callable
from datetime import date
from typing import Any, ParamSpec, TypeVar

import click
from flask import current_app
from flask.cli import AppGroup
from flask_babel import force_locale, gettext
from sqlalchemy.orm import Session

from portal import clock
from portal.errors import PortalError
from portal.people.errors import NoSuchUser
from portal.people.queries.users import user_by_email
from portal.people.rules.passwords import MAXIMAL_LENGTH, hash_password
from portal.people.rules.permissions import COMMAND_LINE
from portal.people.rules.sessions import end_of_last_day
from portal.people.services.tokens import create_token_for
from portal.people.services.users import create_user
from portal.transactions import transact

P = ParamSpec("P")
T = TypeVar("T")

users = AppGroup("users", help="People who sign in.")
tokens = AppGroup("tokens", help="Tokens for other systems.")
commands = (users, tokens)


def _in_words(command: Callable[P, T]) -> Callable[P, T]:
    """Say in one line why something was refused, and exit with 1."""

    @functools.wraps(command)
    def said(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return command(*args, **kwargs)
        except PortalError as error:
            raise click.ClickException(_words(error)) from error

    return said


def _words(error: PortalError) -> str:
    with force_locale("en"):
        parts = [gettext(p.text) % p.facts for p in error.problems]
        fields = [p.field for p in error.problems]
        said = "; ".join(f"{f}: {w}" for f, w in zip(fields, parts, strict=True))
        return said or gettext(error.text) % error.facts


@users.command("create")
@click.option("--email", required=True, help="What the person signs in with.")
@click.option("--password", required=True, help="The password to begin with.")
@click.option("--profile", required=True, help="The code of a profile, such as administrator.")
@click.option(
    "--service-point", "points", multiple=True, help="A service point's code; repeatable."
)
@click.option("--name", default="", help="How the person is called; by default from the e-mail.")
@_in_words
def create(email: str, password: str, profile: str, points: tuple[str, ...], name: str) -> None:
    """Create a user."""
    cost = current_app.config["SETTINGS"].argon2
    if not 0 < len(password) <= MAXIMAL_LENGTH:
        raise click.ClickException(f"password: 1 to {MAXIMAL_LENGTH} characters.")
    user = transact(
        create_user,
        by=COMMAND_LINE,
        email=email,
        name=name.strip() or email.split("@")[0],
        profile_code=profile,
        service_points=points,
        password_hash=hash_password(password, cost),
        at=clock.now(),
    )
    click.echo(f"User {user.id}: {user.email}")


@tokens.command("create")
@click.option("--user", "email", required=True, help="Whose token it is, by e-mail.")
@click.option("--name", required=True, help="What it is for.")
@click.option("--scope", "scopes", multiple=True, help="A permission; repeatable. Default: all.")
@click.option("--expires", type=click.DateTime(["%Y-%m-%d"]), help="The last day it is good for.")
@_in_words
def create_for(email: str, name: str, scopes: tuple[str, ...], expires: Any) -> None:
    """Create a token and print it, alone on the last line. It is not shown again."""
    last_day = expires.date() if expires else None
    if last_day is not None and last_day < clock.today():
        raise click.ClickException("expires: the day has passed.")
    secret = transact(_make, email=email, name=name, scopes=scopes or None, last_day=last_day)
    click.echo("Keep it: it is not shown again.")
    click.echo(secret)


def _make(
    session: Session,
    *,
    email: str,
    name: str,
    scopes: tuple[str, ...] | None,
    last_day: date | None,
) -> str:
    user = user_by_email(session, email)
    if user is None:
        raise NoSuchUser
    _, secret = create_token_for(
        session,
        user,
        by=COMMAND_LINE,
        name=name,
        scopes=scopes,
        expires_at=end_of_last_day(last_day) if last_day else None,
        at=clock.now(),
    )
    return secret
