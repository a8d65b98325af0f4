"""Why a list of prices is not stored."""

from portal.errors import Conflict, NotFound, PortalError, Refused
from portal.i18n import N_
from portal.price_imports.errors.report import Report


class NoSuchImport(NotFound):
    """No import has this number, or it is someone else's."""

    text = N_("There is no import %(number)s.")

    def __init__(self, number: int) -> None:
        super().__init__(number=number)


class ColumnsUnknown(Refused):
    """The header does not say where products and prices stand."""

    code = "columns_unknown"
    text = N_(
        "No row says which column holds the products and which the prices. "
        "Name them, for example SKU and Price."
    )


class NothingToImport(Refused):
    """The header is all there is."""

    code = "empty_file"
    text = N_("The file holds no rows below its header.")


class ImportRefused(Refused):
    """Some rows are wrong, so nothing is stored; the code is that of the first of them."""

    text = N_("%(errors)s errors in %(rows)s rows were found. Nothing was stored.")

    def __init__(self, report: Report) -> None:
        super().__init__(errors=report.error_count, rows=report.bad_rows)
        self.report = report
        self.code = report.errors[0].code  # type: ignore[misc] # the reason is the first row's own


class Rehearsed(PortalError):
    """Everything went well, and is undone: it was only to be tried."""

    def __init__(self, report: Report) -> None:
        super().__init__()
        self.report = report


class CalculationChanged(Conflict):
    """Between reading and storing the table began to take percentages, or prices."""

    text = N_("The price table was changed in the meantime. Check the file again.")


class ImportBusy(Conflict):
    """The import is not where this step begins: it runs, or is stored already."""

    code = "import_busy"
    text = N_("This import is running, or was stored already.")


class FileGone(Refused):
    """The file is kept only until it is stored."""

    code = "file_gone"
    text = N_("The file is no longer kept. Send it again.")


class ImportCutOff(Conflict):
    """The process that ran it is gone."""

    code = "import_cut_off"
    text = N_("The import broke off. Nothing was stored; it can be started again.")
