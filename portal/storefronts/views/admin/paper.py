"""The poster that hangs at the counter: the shop's name, colour, address and QR code on one A4."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from itertools import groupby
from typing import TYPE_CHECKING, Final

import segno

from portal.storefronts.rules.colours import shades

if TYPE_CHECKING:
    from fpdf import FPDF

WIDTH: Final = 210
HEIGHT: Final = 297
MARGIN: Final = 20
BAND: Final = 82
CODE: Final = 116
"""How wide the QR code is, in millimetres: read from two metres away."""
QUIET: Final = 4
"""Empty modules around a QR code, without which readers do not find it."""
_ENCODING: Final = "cp1252"
_FONT: Final = "Helvetica"


@dataclass(frozen=True, slots=True)
class Words:
    """What the poster says beside the shop's own texts."""

    call: str
    how: str
    payment: str


@dataclass(frozen=True, slots=True)
class Poster:
    """What stands on it."""

    name: str
    tagline: str
    colour: str
    url: str
    words: Words
    foot: tuple[str, ...] = ()
    logo: bytes | None = None


def draw_poster(poster: Poster, *, at: datetime, language: str = "pt-BR") -> bytes:
    """Return the poster as a PDF of one page."""
    from fpdf import FPDF  # loads a sixth of all that the portal loads: only who draws needs it

    pdf = FPDF(format="A4")
    pdf.core_fonts_encoding = _ENCODING
    pdf.set_creation_date(at)
    pdf.set_title(_writable(f"{poster.name} - {poster.url}"))
    pdf.set_lang(language)
    pdf.set_auto_page_break(False)
    pdf.add_page()
    _band(pdf, poster)
    _code(pdf, poster)
    _foot(pdf, poster)
    return bytes(pdf.output())


def _band(pdf: "FPDF", poster: Poster) -> None:
    """Draw the head in the shop's colour, as dark as white can be read on it."""
    pdf.set_fill_color(shades(poster.colour).day)
    pdf.rect(0, 0, WIDTH, BAND, style="F")
    top = 26.0
    if poster.logo is not None:
        top = _logo(pdf, poster.logo)
    pdf.set_text_color(255)
    pdf.set_y(top)
    _line(pdf, poster.name, 40 if poster.logo is None else 30, bold=True)
    if poster.tagline:
        _line(pdf, poster.tagline, 17)


def _logo(pdf: "FPDF", content: bytes) -> float:
    """Put the logo onto a white plate, whatever its own colours are; return where words begin."""
    width, height, top = 66, 30, 10
    left = (WIDTH - width) / 2
    pdf.set_fill_color(255)
    pdf.rect(left, top, width, height, style="F", round_corners=True, corner_radius=3)
    picture = BytesIO(content)
    pdf.image(picture, left + 3, top + 3, width - 6, height - 6, keep_aspect_ratio=True)
    return top + height + 5


def _code(pdf: "FPDF", poster: Poster) -> None:
    """Draw the QR code of the shop's address, line by line as rectangles: sharp at any size."""
    pdf.set_text_color(26)
    pdf.set_y(BAND + 12)
    _line(pdf, poster.words.call, 30, bold=True)
    _line(pdf, poster.words.how, 15)
    rows = [list(row) for row in segno.make(poster.url, error="q", micro=False).matrix]
    module = CODE / (len(rows) + 2 * QUIET)
    left, top = (WIDTH - CODE) / 2 + QUIET * module, pdf.get_y() + 1 + QUIET * module
    pdf.set_fill_color(0)
    for number, row in enumerate(rows):
        for dark, run in groupby(range(len(row)), key=row.__getitem__):
            if dark:
                columns = list(run)
                x, y = left + columns[0] * module, top + number * module
                pdf.rect(x, y, len(columns) * module, module, style="F")
    pdf.set_y(top + len(rows) * module + QUIET * module)
    _line(pdf, poster.url.partition("://")[2] or poster.url, 22, bold=True)
    _line(pdf, poster.words.payment, 15)


def _foot(pdf: "FPDF", poster: Poster) -> None:
    pdf.set_text_color(90)
    pdf.set_y(HEIGHT - 10 - 6 * len(poster.foot))
    for line in poster.foot:
        _line(pdf, line, 11)


def _line(pdf: "FPDF", text: str, size: int, *, bold: bool = False) -> None:
    """Write a line in the middle, smaller where it would not fit."""
    said = _writable(text)
    pdf.set_font(_FONT, "B" if bold else "", size)
    while pdf.get_string_width(said) > WIDTH - 2 * MARGIN and size > 8:
        size -= 1
        pdf.set_font_size(size)
    pdf.set_x(MARGIN)
    height = size * 0.5
    pdf.cell(WIDTH - 2 * MARGIN, height, said, align="C", new_x="LMARGIN", new_y="NEXT")


def _writable(text: str) -> str:
    """Return a text in the signs that every PDF reader has of its own; others lose their marks."""
    return "".join(map(_sign, unicodedata.normalize("NFC", text)))


def _sign(sign: str) -> str:
    for written in (sign, unicodedata.normalize("NFKD", sign)):
        found = written.encode(_ENCODING, "ignore").decode(_ENCODING)
        if found:
            return found
    return ""
