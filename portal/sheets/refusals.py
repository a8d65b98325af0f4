"""Why a file is not read. Each says what to do instead."""

from portal.errors import Refused
from portal.i18n import N_


class UnreadableFile(Refused):
    """The file is not what its name says, or not what this portal reads."""

    code = "unreadable_file"
    text = N_("The file could not be read. Save it as CSV or XLSX and try again.")


class FileTooLarge(UnreadableFile):
    """More bytes, rows or cells than are read at once."""

    code = "file_too_large"
    text = N_("The file has more than %(limit)s MB. Split it into smaller ones.")


class TooManyRows(FileTooLarge):
    """More rows than are read at once."""

    text = N_("The file has more than %(limit)s rows. Split it into smaller ones.")


class TooManyColumns(FileTooLarge):
    """More columns than any list of prices has."""

    text = N_("Row %(row)s has more than %(limit)s columns. Keep only those with prices.")


class LineTooLong(FileTooLarge):
    """A line, or a cell, that no list has."""

    text = N_("Row %(row)s is longer than any row of a list. Is this a list of prices?")


class EmptyFile(UnreadableFile):
    """Nothing in it."""

    code = "empty_file"
    text = N_("The file is empty.")


class UnknownKind(UnreadableFile):
    """Its name says that it is neither CSV nor XLSX."""

    text = N_("Files whose name ends in %(ending)s are not read. Save it as CSV or XLSX.")


class NotText(UnreadableFile):
    """It is called a text, and is none."""

    text = N_("The file is no text, whatever its name says. Save the list as CSV or XLSX.")


class NotAWorkbook(UnreadableFile):
    """It is called a workbook, and is none."""

    text = N_("The file is no XLSX workbook, whatever its name says, or it is damaged.")


class OldWorkbook(UnreadableFile):
    """The format of before 2007, or a workbook under a password."""

    text = N_(
        "The file is a workbook of the old kind, or has a password. Save it as XLSX without one."
    )


class WebPage(UnreadableFile):
    """A page with a table, under another name: some ERPs export that."""

    text = N_("The file is a web page, not a list. Open it in a spreadsheet and save it as XLSX.")


class WorkbookWithMacros(UnreadableFile):
    """It carries programs."""

    code = "macros_refused"
    text = N_("The workbook holds macros. Save it as XLSX, without macros.")


class WorkbookWithLinks(UnreadableFile):
    """It reaches out to other files, or carries them."""

    code = "links_refused"
    text = N_("The workbook refers to other files or holds some. Copy the list into a new one.")


class WorkbookTooLarge(FileTooLarge):
    """Unpacked it is far more than it seemed: a bomb, or a list of another size."""

    text = N_("Unpacked, the workbook is too large. Copy the list into a new one, or take CSV.")


class BrokenQuotes(UnreadableFile):
    """A quoted cell does not end where it should; what follows would be swallowed."""

    text = N_("Row %(row)s has a quotation mark that does not match. Correct it and try again.")


class NoSuchSheet(UnreadableFile):
    """The workbook has no sheet with cells, or not the one asked for."""

    text = N_("The workbook has no sheet with a list.")


class WorkbookWithFormulas(UnreadableFile):
    """Formulas whose cells do not say where they stand."""

    code = "formula"
    text = N_("The workbook holds formulas. Replace them by their values and try again.")
