"""The shapes of what is typed about people."""

from typing import Any

from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    PasswordField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import (
    EqualTo,
    InputRequired,
    Length,
    Optional,
    Regexp,
    ValidationError,
)

from portal.i18n import N_
from portal.people.rules.passwords import MAXIMAL_LENGTH
from portal.people.rules.permissions import PERMISSIONS
from portal.web.forms import DayField, PortalForm

_NAME = (InputRequired(), Length(max=120))


def visible_text(_form: Any, field: StringField) -> None:
    """Refuse control characters and mere blanks; trim."""
    text = (field.data or "").strip()
    if not text or not text.isprintable():
        raise ValidationError(N_("Type a text without control characters."))
    field.data = text


class SignInForm(PortalForm):
    """E-mail and password."""

    email = StringField(N_("E-mail"), [InputRequired(), Length(max=254)])
    password = PasswordField(N_("Password"), [InputRequired(), Length(max=MAXIMAL_LENGTH)])
    remember = BooleanField(N_("Remember this device for 30 days"))
    next = HiddenField()


class NameForm(PortalForm):
    """The own name."""

    name = StringField(N_("Name"), [*_NAME, visible_text])


class PasswordForm(PortalForm):
    """The own password: the present one, and the new one twice."""

    current = PasswordField(N_("Current password"), [InputRequired(), Length(max=MAXIMAL_LENGTH)])
    password = PasswordField(
        N_("New password"),
        [InputRequired(), Length(max=MAXIMAL_LENGTH)],
        description=N_("At least 10 characters; a sentence is easy to remember."),
    )
    again = PasswordField(
        N_("New password, again"),
        [InputRequired(), EqualTo("password", N_("Both must be the same."))],
    )


class TokenForm(PortalForm):
    """A token: what for, what it may, until when."""

    name = StringField(
        N_("Name"),
        [InputRequired(), Length(max=80), visible_text],
        description=N_("Which system uses it, for example ERP."),
    )
    expires = DayField(N_("Last day"), [Optional()], description=N_("Empty: it does not expire."))
    scopes = SelectMultipleField(N_("What it may do"), choices=[], validate_choice=False)


class UserForm(PortalForm):
    """A user as an administrator or a service point's owner writes one."""

    name = StringField(N_("Name"), [*_NAME, visible_text])
    profile = SelectField(N_("Profile"), [InputRequired()], choices=[])
    service_points = SelectMultipleField(
        N_("Service points"),
        choices=[],
        description=N_("Only for profiles of service points."),
    )
    version = IntegerField(N_("Version"), [Optional()])


class NewUserForm(UserForm):
    """A user who is not there yet."""

    LEADS = ("name", "email")

    email = StringField(N_("E-mail"), [InputRequired(), Length(max=254)])
    password = PasswordField(
        N_("Initial password"),
        [Optional(), Length(max=MAXIMAL_LENGTH)],
        description=N_("Empty: the portal makes one and shows it once."),
    )


class ProfileForm(PortalForm):
    """What a profile is called and allows."""

    name = StringField(N_("Name"), [InputRequired(), Length(max=80), visible_text])
    permissions = SelectMultipleField(
        N_("Permissions"), choices=[SelectChoice(name, name) for name in PERMISSIONS]
    )
    version = IntegerField(N_("Version"), [Optional()])


class NewProfileForm(ProfileForm):
    """A profile that is not there yet."""

    code = StringField(
        N_("Code"),
        [
            InputRequired(),
            Regexp(r"^[a-z][a-z0-9-]{1,39}\Z", message=N_("Small letters, digits and hyphens.")),
        ],
        description=N_("How commands and other systems name it; it stays."),
    )
    headquarters = SelectField(
        N_("For people of"),
        choices=[SelectChoice("", N_("service points")), SelectChoice("1", N_("headquarters"))],
    )
