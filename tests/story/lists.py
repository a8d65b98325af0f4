"""A price list as a real ERP writes it: the form of ANVISA's, with a few hundred rows."""

from decimal import Decimal

HEAD = "CÓDIGO;DESCRIÇÃO;LABORATÓRIO;CATEGORIA;PREÇO FÁBRICA"
ROWS = 320
FIRST = ("MED00000001", "e-CPF A1 12 MESES; MÍDIA À PARTE", "1.228,49")
SECOND = ("MED00000002", "e-CNPJ A3 36 MESES COM LEITORA", "19,74")


def price_list() -> bytes:
    """Semicolons, Windows' letters and lines, thousands with points, texts in quotes."""
    lines = [HEAD, _row(*FIRST), _row(*SECOND)]
    for number in range(3, ROWS + 1):
        price = Decimal(1000 + 37 * number) / 100
        lines.append(_row(f"MED{number:08}", f"CERTIFICADO Nº {number}", _brazilian(price)))
    return ("\r\n".join(lines) + "\r\n").encode("cp1252")


def _row(code: str, name: str, price: str) -> str:
    return f'{code};"{name}";AUTORIDADE CERTIFICADORA LTDA;Certificados;{price}'


def _brazilian(price: Decimal) -> str:
    return f"{price:,.2f}".translate(str.maketrans(",.", ".,"))
