"""The poster: one A4 page whose QR code is the shop's address, module by module."""

import re
import zlib
from datetime import timedelta
from io import BytesIO

import pytest
import segno
from PIL import Image

from portal.storefronts.views.admin.paper import Poster, Words, draw_poster
from tests.factories import NOON

URL = "https://repasse.example/loja/contabil-ipe"
WORDS = Words("Compre pelo celular", "Aponte a câmera para o código", "Pague com Pix, sem fila")
POINT = 72 / 25.4
"""A millimetre in the points of a PDF."""


def poster(**changes: object) -> Poster:
    facts = {
        "name": "Contábil Ipê",
        "tagline": "Certificado digital em Campinas",
        "colour": "#6b2c7f",
        "url": URL,
        "words": WORDS,
        "foot": ("Contábil Ipê Serviços Ltda · 12.ABC.345/01DE-35", "(19) 3000-1234"),
    }
    return Poster(**(facts | changes))  # type: ignore[arg-type] # what a test names fits


def drawing(pdf: bytes) -> str:
    """Return what the page's operators say, unpacked."""
    streams = re.findall(rb"stream\n(.*?)\nendstream", pdf, re.DOTALL)
    unpacked = [zlib.decompress(one) for one in streams if one[:1] == b"x"]
    (page,) = [one for one in unpacked if b" re f" in one]
    return page.decode("cp1252")


def modules(page: str) -> list[list[int]]:
    """Read the QR code back from its rectangles."""
    found = re.findall(r"([\d.]+) ([\d.]+) ([\d.]+) (-?[\d.]+) re f", page)
    boxes = [[abs(float(part)) for part in one] for one in found]
    side = min(height for *_, height in boxes)
    runs = [
        (x, y, width) for x, y, width, height in boxes if height == pytest.approx(side, abs=0.02)
    ]
    left, top = min(x for x, _, _ in runs), max(y for _, y, _ in runs)
    size = round((max(x + width for x, _, width in runs) - left) / side)
    grid = [[0] * size for _ in range(size)]
    for x, y, width in runs:
        for column in range(round(width / side)):
            grid[round((top - y) / side)][round((x - left) / side) + column] = 1
    return grid


def test_the_code_on_the_poster_is_the_shops_whole_address() -> None:
    page = drawing(draw_poster(poster(), at=NOON))

    wanted = segno.make(URL, error="q", micro=False)
    assert modules(page) == [list(row) for row in wanted.matrix]
    assert modules(page) != [list(row) for row in segno.make(URL + "x", error="q").matrix]


def test_the_poster_is_one_page_of_a4_with_its_words_in_portuguese() -> None:
    pdf = draw_poster(poster(), at=NOON)
    page = drawing(pdf)

    assert pdf.startswith(b"%PDF-")
    assert pdf.rstrip().endswith(b"%%EOF")
    assert len(re.findall(rb"/Type /Page\b(?!s)", pdf)) == 1
    assert b"595.28 841.89" in pdf
    assert b"/Lang (pt-BR)" in pdf
    for words in (
        "Contábil Ipê",
        "Certificado digital em Campinas",
        "Compre pelo celular",
        "Aponte a câmera para o código",
        "repasse.example/loja/contabil-ipe",
        "12.ABC.345/01DE-35",
    ):
        assert words in page


@pytest.mark.parametrize("colour", ["#6b2c7f", "#ffcc00", "#ffffff", "#00ffff"])
def test_the_name_is_white_on_a_colour_on_which_white_can_be_read(colour: str) -> None:
    page = drawing(draw_poster(poster(colour=colour), at=NOON))

    fill = re.findall(r"([\d.]+) ([\d.]+) ([\d.]+) rg", page)
    grey = re.findall(r"([\d.]+) g\n", page)
    shade = [float(part) for part in fill[0]] if fill else [float(grey[0])] * 3
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in shade
    ]
    bright = sum(a * b for a, b in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
    assert 1.05 / (bright + 0.05) >= 4.5


def test_long_names_foreign_signs_and_a_logo_fit_on_the_page() -> None:
    logo = BytesIO()
    Image.new("RGBA", (400, 120), (10, 120, 200, 128)).save(logo, "PNG")
    name = "Associação dos Contabilistas “Ipê–Amarelo” 中文 😀 e Região " * 2

    pdf = draw_poster(poster(name=name[:120], logo=logo.getvalue()), at=NOON)

    page = drawing(pdf)
    assert "“Ipê–Amarelo”" in page
    assert b"/SMask" in pdf
    sizes = [float(size) for size in re.findall(r"/F\d+ ([\d.]+) Tf", page)]
    assert min(sizes) >= 8
    assert modules(page) == [list(row) for row in segno.make(URL, error="q", micro=False).matrix]


def test_the_same_poster_is_the_same_file() -> None:
    first = draw_poster(poster(), at=NOON)

    assert draw_poster(poster(), at=NOON) == first
    assert draw_poster(poster(), at=NOON + timedelta(days=1)) != first
