"""Profiles: the matrix of who may what, and each profile as an editable set."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from portal import clock
from portal.errors import PortalError
from portal.people.forms import NewProfileForm, ProfileForm
from portal.people.models import Profile
from portal.people.queries.profiles import all_profiles, people_per_profile, profile_by_code
from portal.people.rules.permissions import CATALOGUE, as_set
from portal.people.services.profiles import create_profile, update_profile
from portal.people.views.door import bp
from portal.people.views.saying import put_into
from portal.transactions import read, transact
from portal.web.access import actor, requires
from portal.web.forms import form_page


@bp.get("/profiles")
@requires("profiles.edit")
def profiles() -> ResponseReturnValue:
    """Show every permission of every profile."""
    rows, people = read(_matrix)
    held = {one.id: as_set(one.permissions) for one in rows}
    return render_template(
        "people/profiles.html", rows=rows, people=people, held=held, catalogue=CATALOGUE
    )


def _matrix(session: Session) -> tuple[list[Profile], dict[int, int]]:
    return all_profiles(session), people_per_profile(session)


@bp.route("/profiles/new", methods=["GET", "POST"])
@requires("profiles.edit")
def profile_new() -> ResponseReturnValue:
    """Create a profile, empty or after another one."""
    form = NewProfileForm(permissions=_model())
    if form.submitted():
        try:
            made = transact(
                create_profile,
                by=actor(),
                code=form.code.data,
                name=form.name.data,
                headquarters=bool(form.headquarters.data),
                permissions=form.permissions.data or [],
                at=clock.now(),
            )
        except PortalError as error:
            put_into(form, error)
        else:
            flash(gettext("The profile %(name)s was created.", name=made.name), "success")
            return redirect(url_for(".profiles"), 303)
    return form_page("people/profile.html", form, profile=None, catalogue=CATALOGUE)


def _model() -> list[str]:
    """Return the permissions of the profile that the new one is to resemble."""
    code = request.args.get("like")
    return sorted(as_set(read(profile_by_code, code).permissions)) if code else []


@bp.route("/profiles/<code>", methods=["GET", "POST"])
@requires("profiles.edit")
def profile_edit(code: str) -> ResponseReturnValue:
    """Change what a profile allows."""
    profile = read(profile_by_code, code)
    held = sorted(as_set(profile.permissions))
    form = ProfileForm(name=profile.name, permissions=held, version=profile.version)
    if form.submitted():
        try:
            transact(
                update_profile,
                code,
                by=actor(),
                name=form.name.data,
                permissions=form.permissions.data or [],
                expected_version=form.version.data or 0,
                at=clock.now(),
            )
        except PortalError as error:
            put_into(form, error)
        else:
            flash(gettext("Saved. It holds from the next click of everyone with it."), "success")
            return redirect(url_for(".profiles"), 303)
    return form_page("people/profile.html", form, profile=profile, catalogue=CATALOGUE)
