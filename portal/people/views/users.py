"""Users: the list, a new one, changes, passwords, shutting out."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import Select
from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice

from portal import clock
from portal.actors import Actor, Place
from portal.errors import PortalError
from portal.i18n import N_
from portal.people.errors import GrantTooWide, NotYourServicePoint
from portal.people.forms import NewUserForm, UserForm
from portal.people.models import Profile, User
from portal.people.queries.listing import listed_users, of_point
from portal.people.queries.profiles import all_profiles, grantable_profiles
from portal.people.queries.users import choosable_places, places_of, user_of
from portal.people.rules.emails import checked_email
from portal.people.rules.passwords import check_password, hash_password, make_password
from portal.people.rules.permissions import as_set, covers
from portal.people.services.users import Changes, create_user, set_password, update_user
from portal.people.views.door import bp
from portal.people.views.saying import put_into
from portal.people.views.sign_in import cost
from portal.texts import holds_words
from portal.transactions import read, transact
from portal.web.access import actor, check, requires
from portal.web.forms import form_page
from portal.web.lists import Column, Filter, Listing, choice_filter

STATES = {"active": N_("Active"), "disabled": N_("Disabled")}


def _search(wanted: Select[Any], text: str) -> Select[Any]:
    return wanted.where(holds_words(text, User.name, User.email))


def _state(user: User) -> str:
    state = "active" if user.active else "disabled"
    return gettext(STATES[state])


USERS = Listing(
    title=N_("Users"),
    key=User.id,
    sort="name",
    columns=(
        Column("name", N_("Name"), lambda row: row[0].name, sort=User.name),
        Column("email", N_("E-mail"), lambda row: row[0].email, sort=User.email),
        Column("profile", N_("Profile"), lambda row: row[0].profile.name, sort=Profile.name),
        Column("points", N_("Service points"), lambda row: (row[1] or "").replace(",", ", ")),
        Column("seen", N_("Last seen"), lambda row: row[2]),
        Column(
            "state",
            N_("State"),
            lambda row: _state(row[0]),
            sort=User.active,
        ),
    ),
    filters=(
        Filter("q", N_("Text"), _search),
        Filter("profile", N_("Profile"), lambda wanted, code: wanted.where(Profile.code == code)),
        choice_filter(
            "state",
            N_("State"),
            STATES,
            lambda wanted, state: wanted.where(User.active.is_(state == "active")),
        ),
        Filter("point", N_("Service point"), lambda wanted, code: wanted.where(of_point(code))),
    ),
)


@bp.get("/users")
@requires("users.view")
def users() -> ResponseReturnValue:
    """List the users whom one may see."""
    by = actor()
    view = USERS.view(listed_users(by), by)
    if file := view.file():
        return file
    profiles = [
        (one.code, one.name)
        for one in read(all_profiles)
        if by.headquarters or not one.headquarters
    ]
    states = [(key, gettext(word)) for key, word in STATES.items()]
    return render_template("people/users.html", view=view, profiles=profiles, states=states)


@bp.route("/users/new", methods=["GET", "POST"])
@requires("users.edit")
def user_new() -> ResponseReturnValue:
    """Create a user; a password that the portal made is shown in this answer alone."""
    form = NewUserForm()
    _offer(form)
    if form.submitted():
        given = form.password.data
        word = given or make_password()
        try:
            user = _create(form, word)
        except PortalError as error:
            put_into(form, error)
        else:
            if not given:
                return render_template("people/user_password.html", user=user, password=word)
            flash(gettext("%(name)s can now sign in.", name=user.name), "success")
            return redirect(url_for(".users"), 303)
    return form_page("people/user_new.html", form)


def _create(form: NewUserForm, word: str) -> User:
    email = checked_email(form.email.data)
    check_password(word, email=email)
    return transact(
        create_user,
        by=actor(),
        email=email,
        name=form.name.data,
        profile_code=form.profile.data,
        service_points=form.service_points.data or [],
        password_hash=hash_password(word, cost()),
        at=clock.now(),
    )


@bp.route("/users/<int:user_id>", methods=["GET", "POST"])
@requires("users.view")
def user_edit(user_id: int) -> ResponseReturnValue:
    """Show a user; change name, profile and service points."""
    user, places = read(_user_with_places, actor(), user_id)
    form = UserForm(
        name=user.name,
        profile=user.profile.code,
        service_points=[place.code for place in places],
        version=user.version,
    )
    _offer(form, user, places)
    if form.is_submitted():
        check("users.edit")
        if form.validate():
            try:
                _update(form, user_id)
            except PortalError as error:
                put_into(form, error)
            else:
                flash(gettext("Saved."), "success")
                return redirect(url_for(".user_edit", user_id=user_id), 303)
    return form_page(
        "people/user.html", form, user=user, places=places, hindrance=_hindrance(user, places)
    )


def _update(form: UserForm, user_id: int) -> None:
    changes = Changes(
        name=form.name.data,
        profile=form.profile.data,
        service_points=form.service_points.data or [],
    )
    transact(
        update_user,
        user_id,
        changes,
        by=actor(),
        expected_version=form.version.data,
        at=clock.now(),
    )


@bp.post("/users/<int:user_id>/password")
@requires("users.edit")
def user_password(user_id: int) -> ResponseReturnValue:
    """Give a user a new password, shown in this answer alone."""
    word = make_password()
    hashed = hash_password(word, cost())
    user = transact(set_password, user_id, by=actor(), password_hash=hashed, at=clock.now())
    return render_template("people/user_password.html", user=user, password=word)


@bp.post("/users/<int:user_id>/disable")
@requires("users.edit")
def user_disable(user_id: int) -> ResponseReturnValue:
    """Shut a user out, everywhere and at once."""
    return _set_active(user_id, active=False)


@bp.post("/users/<int:user_id>/enable")
@requires("users.edit")
def user_enable(user_id: int) -> ResponseReturnValue:
    """Let a user in again."""
    return _set_active(user_id, active=True)


def _set_active(user_id: int, *, active: bool) -> ResponseReturnValue:
    user = transact(update_user, user_id, Changes(active=active), by=actor(), at=clock.now())
    said = (
        gettext("%(name)s may sign in again.", name=user.name)
        if active
        else gettext("%(name)s is shut out; sessions and tokens have ended.", name=user.name)
    )
    flash(said, "success")
    return redirect(url_for(".user_edit", user_id=user_id), 303)


def _user_with_places(session: Session, by: Actor, user_id: int) -> tuple[User, list[Place]]:
    """Of someone who also works elsewhere, only the actor's own service points are told."""
    user = user_of(session, by, user_id)
    places = places_of(session, [user.id]).get(user.id, [])
    return user, [place for place in places if by.sees(place.id)]


def _offer(form: UserForm, user: User | None = None, places: list[Place] | None = None) -> None:
    """Offer what the actor may grant, and what the user has already."""
    by = actor()
    profiles = read(grantable_profiles, by)
    if user is not None and user.profile_id not in {one.id for one in profiles}:
        profiles.append(user.profile)
    form.profile.choices = [SelectChoice(one.code, one.name) for one in profiles]
    choices = read(choosable_places, by)
    held = [place for place in places or [] if place not in choices]
    form.service_points.choices = [SelectChoice(one.code, one.name) for one in [*choices, *held]]


def _hindrance(user: User, places: list[Place]) -> str:
    """Return why the actor may only look, in words; nothing when he may manage the user."""
    by = actor()
    if not by.may("users.edit"):
        return gettext("Your profile shows users but does not change them.")
    if user.id == by.user_id:
        return gettext("This is you: name and password are changed under My account.")
    if not covers(by, as_set(user.profile.permissions), user.profile.headquarters):
        return gettext(GrantTooWide.text)
    everywhere = read(places_of, [user.id]).get(user.id, [])
    return gettext(NotYourServicePoint.text) if len(everywhere) > len(places) else ""
