"""People over HTTP: who one is, users, profiles, the own tokens."""

from datetime import date, datetime
from typing import Annotated, Any

from flask import current_app
from pydantic import Field
from sqlalchemy import Select
from sqlalchemy.orm import Session

from portal import clock
from portal.actors import Actor, Place
from portal.people.models import ApiToken, Profile, User
from portal.people.queries.profiles import all_profiles
from portal.people.queries.sessions import live_tokens
from portal.people.queries.users import places_of, user_of, visible_users
from portal.people.rules.emails import checked_email
from portal.people.rules.passwords import check_password, hash_password, make_password
from portal.people.rules.permissions import as_set
from portal.people.rules.sessions import end_of_last_day, last_day_of
from portal.people.services.rows import own_id
from portal.people.services.tokens import create_token, revoke_token
from portal.people.services.users import Changes, create_user, update_user
from portal.transactions import read, transact
from portal.web.access import actor
from portal.web.endpoint import Answer, Endpoints, expected_version
from portal.web.lists import api_page
from portal.web.paging import page_of_all
from portal.web.shapes import CodeText, Day, ListQuery, Moment, Shape, Text

api = Endpoints("people", __name__)

MOST_POINTS = 1000
Codes = Annotated[list[CodeText], Field(max_length=MOST_POINTS)]
Names = Annotated[list[Annotated[str, Text(64)]], Field(max_length=100)]


class PointOut(Shape):
    """A service point by its code."""

    code: str
    name: str


class WhoOut(Shape):
    """A user as references show one."""

    id: int
    email: str
    name: str
    profile: str


class MeOut(Shape):
    """Whose token it is, and what it may."""

    user: WhoOut
    headquarters: bool
    permissions: list[str]
    service_points: list[PointOut]


class UserIn(Shape):
    """A new user; without a password one is made and answered once."""

    email: Annotated[str, Text(254)]
    name: Annotated[str, Text(120)]
    profile: CodeText
    service_points: Codes = Field(default_factory=list)
    password: Annotated[str, Field(max_length=256)] | None = None


class UserPatch(Shape):
    """What is to change; what is missing stays."""

    name: Annotated[str, Text(120)] | None = None
    profile: CodeText | None = None
    service_points: Codes | None = None
    active: bool | None = None


class UserOut(Shape):
    """A user."""

    id: int
    email: str
    name: str
    profile: str
    headquarters: bool
    service_points: list[str]
    active: bool
    created_at: Moment
    initial_password: str | None = None


class UsersOut(Shape):
    """A page of users."""

    items: list[UserOut]
    next: str | None


class ProfileOut(Shape):
    """What a profile allows."""

    code: str
    name: str
    headquarters: bool
    permissions: list[str]


class ProfilesOut(Shape):
    """All profiles."""

    items: list[ProfileOut]
    next: str | None


class TokenIn(Shape):
    """A new token; without scopes it may do all that its maker may."""

    name: Annotated[str, Text(80)]
    scopes: Names | None = None
    expires_on: Day | None = None


class TokenOut(Shape):
    """A token; `token` itself only in the answer that creates it."""

    id: int
    name: str
    prefix: str
    scopes: list[str] | None
    created_at: Moment
    expires_on: Day | None
    used_at: Moment | None
    token: str | None = None


class TokensOut(Shape):
    """A page of tokens."""

    items: list[TokenOut]
    next: str | None


class UserQuery(ListQuery):
    """Filters of the list of users."""

    email: Annotated[str, Field(max_length=254)] | None = None
    active: bool | None = None


@api.get("/me", permission="signed_in", answer=MeOut, summary="Who the token acts as")
def me() -> dict[str, Any]:
    """Tell whose token it is, what it may do, and for which service points.

    People of headquarters see every service point; their list is empty.
    """
    who = actor()
    user = read(user_of, who, own_id(who))
    return {
        "user": {
            "id": user.id,
            "email": user.email,
            "name": user.name,
            "profile": user.profile.code,
        },
        "headquarters": who.headquarters,
        "permissions": sorted(who.permissions),
        "service_points": [{"code": one.code, "name": one.name} for one in who.service_points],
    }


@api.get("/users", permission="users.view", query=UserQuery, answer=UsersOut, summary="List users")
def list_users(query: UserQuery) -> dict[str, Any]:
    """List the users whom one may see."""
    return read(_users, actor(), query)


@api.post("/users", permission="users.edit", body=UserIn, answer=UserOut, status=201,
          summary="Create a user", errors=(409,))  # fmt: skip
def create(body: UserIn) -> Answer:
    """Create a user with at most one's own permissions and service points."""
    word = body.password or make_password()
    check_password(word, email=checked_email(body.email))
    user, places = transact(_create, body, actor(), _hashed(word), clock.now())
    shown = _user(user, places)
    if not body.password:
        shown["initial_password"] = word
    return Answer(shown, etag=user.version)


@api.get("/users/<int:user_id>", permission="users.view", answer=UserOut, summary="Read a user")
def show(user_id: int) -> Answer:
    """Return a user whom one may see."""
    user, places = read(_one, actor(), user_id)
    return Answer(_user(user, places), etag=user.version)


@api.patch("/users/<int:user_id>", permission="users.edit", body=UserPatch, answer=UserOut,
           summary="Change or disable a user")  # fmt: skip
def change(user_id: int, body: UserPatch) -> Answer:
    """Change what is given. `active: false` ends sessions and revokes tokens at once."""
    changes = Changes(body.name, body.profile, body.service_points, body.active)
    user, places = transact(_change, user_id, changes, actor(), expected_version(), clock.now())
    return Answer(_user(user, places), etag=user.version)


@api.get("/profiles", permission="users.view", query=ListQuery, answer=ProfilesOut,
         summary="List profiles")  # fmt: skip
def profiles(query: ListQuery) -> dict[str, Any]:
    """List what each profile allows; to service points those of service points."""
    seen = actor().headquarters
    shown = [_profile(one) for one in read(all_profiles) if seen or not one.headquarters]
    page = page_of_all(shown, key=_code, cursor=query.cursor, limit=query.limit)
    return {"items": page.items, "next": page.next}


@api.get("/tokens", permission="signed_in", query=ListQuery, answer=TokensOut,
         summary="List one's own tokens")  # fmt: skip
def list_tokens(query: ListQuery) -> dict[str, Any]:
    """List the user's tokens that are not revoked."""
    return read(
        api_page, live_tokens(own_id(actor())), _token,
        order=(ApiToken.id,), cursor=query.cursor, limit=query.limit,
    )  # fmt: skip


@api.post("/tokens", permission="signed_in", body=TokenIn, answer=TokenOut, status=201,
          summary="Create a token")  # fmt: skip
def make_token(body: TokenIn) -> dict[str, Any]:
    """Create a token no wider than the one that asks; it is answered once."""
    token, secret = transact(
        create_token,
        by=actor(),
        name=body.name,
        scopes=body.scopes,
        expires_at=_end_of(body.expires_on),
        at=clock.now(),
    )
    return {**_token(token), "token": secret}


@api.delete("/tokens/<int:token_id>", permission="signed_in", status=204, summary="Revoke a token")
def drop_token(token_id: int) -> None:
    """Revoke one of one's own tokens, at once."""
    transact(revoke_token, token_id, by=actor(), at=clock.now())


def _users(session: Session, by: Actor, query: UserQuery) -> dict[str, Any]:
    """Two statements for any number of users."""
    page = api_page(
        session, _narrowed(visible_users(by), query), lambda user: user,
        order=(User.id,), cursor=query.cursor, limit=query.limit,
    )  # fmt: skip
    places = _places(session, by, [user.id for user in page["items"]])
    items = [_user(user, places.get(user.id, [])) for user in page["items"]]
    return {"items": items, "next": page["next"]}


def _narrowed(wanted: Select[tuple[User]], query: UserQuery) -> Select[tuple[User]]:
    if query.email is not None:
        wanted = wanted.where(User.email == query.email.strip().lower())
    if query.active is not None:
        wanted = wanted.where(User.active.is_(query.active))
    return wanted


def _one(session: Session, by: Actor, user_id: int) -> tuple[User, list[Place]]:
    user = user_of(session, by, user_id)
    return user, _places(session, by, [user.id]).get(user.id, [])


def _places(session: Session, by: Actor, user_ids: list[int]) -> dict[int, list[Place]]:
    """Of people who also work elsewhere, only what is the actor's own is told."""
    found = places_of(session, user_ids)
    return {user: [one for one in places if by.sees(one.id)] for user, places in found.items()}


def _create(
    session: Session, body: UserIn, by: Actor, password_hash: str, at: datetime
) -> tuple[User, list[Place]]:
    user = create_user(
        session,
        by=by,
        email=body.email,
        name=body.name,
        profile_code=body.profile,
        service_points=body.service_points,
        password_hash=password_hash,
        at=at,
    )
    return user, _places(session, by, [user.id]).get(user.id, [])


def _change(
    session: Session, user_id: int, changes: Changes, by: Actor, version: int | None, at: datetime
) -> tuple[User, list[Place]]:
    user = update_user(session, user_id, changes, by=by, expected_version=version, at=at)
    return user, _places(session, by, [user.id]).get(user.id, [])


def _user(user: User, places: list[Place]) -> dict[str, Any]:
    return {
        "id": user.id,
        "email": user.email,
        "name": user.name,
        "profile": user.profile.code,
        "headquarters": user.profile.headquarters,
        "service_points": [place.code for place in places],
        "active": user.active,
        "created_at": user.created_at,
    }


def _code(shown: dict[str, Any]) -> tuple[str]:
    return (shown["code"],)


def _profile(profile: Profile) -> dict[str, Any]:
    return {
        "code": profile.code,
        "name": profile.name,
        "headquarters": profile.headquarters,
        "permissions": sorted(as_set(profile.permissions)),
    }


def _token(token: ApiToken) -> dict[str, Any]:
    return {
        "id": token.id,
        "name": token.name,
        "prefix": token.prefix,
        "scopes": None if token.scopes is None else sorted(as_set(token.scopes)),
        "created_at": token.created_at,
        "expires_on": last_day_of(token.expires_at) if token.expires_at else None,
        "used_at": token.used_at,
    }


def _end_of(day: date | None) -> datetime | None:
    return end_of_last_day(day) if day else None


def _hashed(word: str) -> str:
    return hash_password(word, current_app.config["SETTINGS"].argon2)
