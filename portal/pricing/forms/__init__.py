"""The shapes of what is typed about prices, and of files of prices."""

from portal.pricing.forms.assignments import AssignmentsForm
from portal.pricing.forms.editions import (
    CopyForm,
    EditionForm,
    EndForm,
    NewEditionForm,
    PublishForm,
    RowForm,
)
from portal.pricing.forms.tables import NewTableForm, TableForm
from portal.pricing.forms.why import WhyForm

__all__ = [
    "AssignmentsForm",
    "CopyForm",
    "EditionForm",
    "EndForm",
    "NewEditionForm",
    "NewTableForm",
    "PublishForm",
    "RowForm",
    "TableForm",
    "WhyForm",
]
