"""A sale table, as it is typed."""

from typing import Any

from flask_babel import gettext
from wtforms import HiddenField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from portal.i18n import N_
from portal.pricing.forms.tables import past_reason
from portal.sale_tables.models import NAME_LENGTH, Channel, SaleTable
from portal.web.forms import DayField, PortalForm

CHANNELS = {Channel.BACK_OFFICE.value: N_("back office"), Channel.SITE.value: N_("site")}


class ChannelsField(SelectMultipleField):
    """One tick per channel."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class TableForm(PortalForm):
    """A sale table."""

    name = StringField(N_("Name"), [InputRequired(), Length(max=NAME_LENGTH)])
    channels = ChannelsField(
        N_("Where its prices hold"),
        choices=[SelectChoice(name, word) for name, word in CHANNELS.items()],
    )
    reason = past_reason()
    version = HiddenField()


class NewTableForm(TableForm):
    """A sale table that is not on file yet."""

    service_point = StringField(N_("Service point"), [InputRequired(), Length(max=64)])
    begins = DayField(N_("First day"), description=N_("Of its first edition; empty for today."))


def typed(table: SaleTable) -> dict[str, Any]:
    """Return a table as its form shows it."""
    channels = [channel.value for channel in table.channels]
    return {"name": table.name, "channels": channels, "version": table.version}


def channels_of(table: SaleTable) -> str:
    """Write the channels of a table: back office, site."""
    return ", ".join(gettext(CHANNELS[channel]) for channel in table.channels)
