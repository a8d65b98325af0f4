"""The shapes of what is typed about people."""

from wtforms import BooleanField, HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from portal.i18n import N_
from portal.web.forms import PortalForm


class SignInForm(PortalForm):
    """E-mail and password."""

    email = StringField(N_("E-mail"), [InputRequired(), Length(max=254)])
    password = PasswordField(N_("Password"), [InputRequired(), Length(max=256)])
    remember = BooleanField(N_("Remember this device for 30 days"))
    next = HiddenField()
