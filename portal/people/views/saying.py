"""Putting a refusal where it belongs in a form."""

from portal.errors import PortalError
from portal.web.forms import PortalForm
from portal.web.problems import explain, explain_problem


def put_into(form: PortalForm, error: PortalError) -> None:
    """Show each problem beside its field, and what belongs to none on top."""
    for problem in error.problems:
        form.refuse(problem.field.split("[")[0], explain_problem(problem))
    if not error.problems:
        form.form_errors = [*form.form_errors, explain(error)]
