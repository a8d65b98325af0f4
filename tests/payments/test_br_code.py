import json
import re
import xml.etree.ElementTree as ET
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from portal.errors import Invalid
from portal.payments.rules.br_code import br_code, folded
from portal.payments.rules.pix_keys import pix_key_of
from portal.payments.rules.qr import qr_svg

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "br_codes.json"
CASES = json.loads(GOLDEN.read_text("utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[case["txid"] for case in CASES])
def test_every_worked_br_code_comes_out(case: dict[str, Any]) -> None:
    facts = {name: value for name, value in case.items() if name != "br_code"}

    assert br_code(**(facts | {"amount": Decimal(case["amount"])})) == case["br_code"]


def test_accents_are_folded_and_what_is_too_long_is_cut() -> None:
    code = br_code(
        key="12345678000195",
        name="Confeitaria São João das Três Irmãs Ltda",
        city="São José do Rio Preto",
        txid="A1",
        amount=Decimal("0.05"),
    )

    assert "5925CONFEITARIA SAO JOAO DAS " not in code  # a blank at the cut goes too
    assert "5924CONFEITARIA SAO JOAO DAS6015SAO JOSE DO RIO62060502A1" in code
    assert "54040.05" in code


def test_letters_without_a_latin_form_go() -> None:
    assert folded("  Żabka – Açaí № 1 漢 ") == "ZABKA ACAI NO 1"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("12.345.678/0001-95", "12345678000195"),
        ("12.abc.345/01de-35", "12ABC34501DE35"),
        ("529.982.247-25", "52998224725"),
        (" Financeiro@Example.com ", "financeiro@example.com"),
        ("+55 (11) 98765-4321", "+5511987654321"),
        ("+551133334444", "+551133334444"),
        ("123E4567-E12B-12D1-A456-426655440000", "123e4567-e12b-12d1-a456-426655440000"),
    ],
)
def test_a_pix_key_is_stored_as_banks_know_it(typed: str, stored: str) -> None:
    assert pix_key_of(typed) == stored


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "11987654321",  # eleven digits are a CPF, and this is none
        "+11987654321",
        "+5501987654321",
        "+55119876543210",
        "someone@",
        "a b@example.com",
        "é@example.com",
        f"{'a' * 70}@example.com",
        "123e4567-e12b-12d1-a456-42665544000",
        "12345678000196",
        "٥٢٩٩٨٢٢٤٧٢٥",
    ],
)
def test_what_is_no_pix_key_is_refused(typed: str) -> None:
    with pytest.raises(Invalid) as refusal:
        pix_key_of(typed)

    assert refusal.value.problems[0].field == "key"


def test_the_qr_code_is_a_drawing_without_style_or_script() -> None:
    drawn = qr_svg(CASES[0]["br_code"], title="Pix <1> & co")

    root = ET.fromstring(drawn)  # noqa: S314 - made right here
    assert root.tag == "svg"
    assert root.find("title").text == "Pix <1> & co"  # type: ignore[union-attr] # it is there
    assert not re.search(r"style=|<script|xlink|href=", drawn)
