import json
from pathlib import Path

import pytest

from portal.partners.errors import InvalidTaxId
from portal.partners.rules import tax_id_of

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "tax_ids.json"
CASES = [(case["cnpj"], case["valid"]) for case in json.loads(GOLDEN.read_text("utf-8"))]


@pytest.mark.parametrize(("cnpj", "valid"), CASES)
def test_every_worked_cnpj_is_told_right(cnpj: str, valid: bool) -> None:
    if valid:
        assert tax_id_of(cnpj) == cnpj
    else:
        with pytest.raises(InvalidTaxId):
            tax_id_of(cnpj)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("12.abc.345/01de-35", "12ABC34501DE35"),
        (" 16.727.230/0001-97 ", "16727230000197"),
        ("529.982.247-25", "52998224725"),
        ("52998224725", "52998224725"),
    ],
)
def test_marks_go_and_letters_are_upper_case(typed: str, stored: str) -> None:
    assert tax_id_of(typed) == stored


@pytest.mark.parametrize(
    "typed",
    [
        *(str(digit) * 11 for digit in range(10)),
        *(str(digit) * 14 for digit in range(10)),
        "529.982.247-26",
        "12ABC34501DE36",
        "12ABC34501DEAB",
        "1234567890",
        "123456789012345",
        "١٦٧٢٧٢٣٠٠٠٠١٩٧",
        "529.982.247-2５",
        "12ÀBC34501DE35",
        "'; DROP TABLE--",
        "",
    ],
)
def test_what_is_no_cpf_and_no_cnpj_is_refused(typed: str) -> None:
    with pytest.raises(InvalidTaxId) as refusal:
        tax_id_of(typed)

    assert refusal.value.code == "invalid_tax_id"
    assert refusal.value.problems[0].field == "tax_id"
