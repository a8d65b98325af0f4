"""What shops decide: carts, colours, searches, who buys."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.errors import Invalid
from portal.storefronts.errors.visitors import CartFull
from portal.storefronts.rules import buyers, cart, colours, offers
from portal.storefronts.rules.buyers import Typed, buyer_of, email_of, masked_email
from portal.storefronts.rules.cart import Cart, CartLine
from portal.storefronts.rules.offers import Item


def item(sku: str, price: str = "10", *, fractional: bool = False, **facts: str) -> Item:
    values = {"name": f"Produto {sku}", "category": "", "summary": ""} | facts
    return Item(
        1, sku, values["name"], values["category"], fractional, Decimal(price), values["summary"]
    )


def held(*lines: tuple[str, str]) -> Cart:
    return tuple(CartLine(sku, Decimal(quantity)) for sku, quantity in lines)


# Carts


def test_more_of_the_same_is_one_line() -> None:
    more = cart.with_more(held(("A", "1")), "A", Decimal(2))

    assert more == held(("A", "3"))


def test_none_of_it_takes_it_out() -> None:
    assert cart.with_quantity(held(("A", "1"), ("B", "2")), "A", Decimal(0)) == held(("B", "2"))


def test_a_cart_ends_at_twenty_products_and_at_999_pieces() -> None:
    full = held(*((f"P{number}", "1") for number in range(20)))

    assert cart.with_more(full, "P3", Decimal(5000))[3].quantity == 999
    with pytest.raises(CartFull):
        cart.with_more(full, "P20", Decimal(1))


def test_a_cart_costs_what_its_lines_cost_and_names_what_is_gone() -> None:
    sold = {"A": item("A", "39.495"), "B": item("B", "0.625", fractional=True)}

    stands = cart.standing(held(("A", "1"), ("GONE", "3"), ("B", "1.5")), sold)

    assert [line.amount for line in stands.lines] == [Decimal("39.50"), Decimal("0.94")]
    assert stands.total == Decimal("40.44")
    assert stands.gone == ("GONE",)


def test_a_product_no_longer_sold_in_parts_is_counted_whole() -> None:
    (line,) = cart.standing(held(("A", "1.5")), {"A": item("A")}).lines

    assert line.quantity == 2


@pytest.mark.parametrize(
    ("typed", "fractional", "quantity"),
    [
        ("2", False, "2"),
        (" 10 ", False, "10"),
        ("1,5", True, "1.5"),
        ("1.5", True, "1.5"),
        ("1,5", False, None),
        ("2,0", False, "2.0"),
        ("0", False, "0"),
        ("999", False, "999"),
        ("1000", False, None),
        ("-1", False, None),
        ("1,2345", True, None),
        ("", False, None),
        ("um", False, None),
        ("1e3", True, None),
        ("NaN", True, None),
        ("٣", False, None),
        (".", True, None),
        ("1.2.3", True, None),
    ],
)
def test_quantities_are_read_as_people_type_them(
    typed: str, fractional: bool, quantity: str | None
) -> None:
    expected = None if quantity is None else Decimal(quantity)

    assert cart.quantity_of(typed, fractional=fractional) == expected


@given(
    st.lists(
        st.tuples(
            st.text(min_size=1, max_size=64),
            st.decimals("0.001", "999", places=3, allow_nan=False),
        ),
        max_size=20,
        unique_by=lambda line: line[0],
    )
)
def test_a_cart_comes_back_as_it_was_written(lines: list[tuple[str, Decimal]]) -> None:
    written = tuple(CartLine(sku, quantity) for sku, quantity in lines)

    assert cart.unpacked(cart.packed(written)) == written


@pytest.mark.parametrize(
    "written",
    [None, 7, "AB", [["A"]], [["A", "NaN"]], [["A", "-1"]], [["A", "1"], ["A", "2"]], [["", "1"]],
     [["A", "1000"]], [["A", "x"]], [["A" * 65, "1"]], [[f"P{n}", "1"] for n in range(21)],
     {"A": 1}],
)  # fmt: skip
def test_a_cart_that_makes_no_sense_is_empty(written: object) -> None:
    assert cart.unpacked(written) == ()


# Colours


@pytest.mark.parametrize(
    "colour",
    [
        "#000000",
        "#ffffff",
        "#ffff00",
        "#00ff00",
        "#ff0000",
        "#0000ff",
        "#6b2c7f",
        "#808080",
        "#f7e9b0",
    ],
)
def test_any_colour_can_be_read_by_day_and_by_night(colour: str) -> None:
    found = colours.shades(colour)

    pairs = [
        (found.day, "#ffffff"), (found.day, "#faf9fa"), (found.day, found.day_soft),
        (found.day_on, found.day), (found.night, "#121013"), (found.night, "#1b181d"),
        (found.night, found.night_soft), (found.night_on, found.night),
    ]  # fmt: skip
    assert [pair for pair in pairs if colours.contrast(*pair) < Decimal("4.5")] == []


def test_contrast_is_that_of_wcag() -> None:
    assert colours.contrast("#000000", "#ffffff") == 21
    assert colours.contrast("#777777", "#ffffff").quantize(Decimal("0.01")) == Decimal("4.48")


@pytest.mark.parametrize(
    ("text", "colour"),
    [(" #6B2C7F ", "#6b2c7f"), ("6b2c7f", None), ("#fff", None), ("red", None), ("#6b2c7g", None)],
)
def test_a_colour_is_six_digits(text: str, colour: str | None) -> None:
    assert colours.colour_of(text) == colour


# What is shown


ITEMS = offers.in_order(
    [
        item("TOKEN", "99.90", name="Token criptográfico", category="Mídias"),
        item("ECNPJ", "219", name="e-CNPJ A1", category="Certificados", summary="Nota e Receita"),
        item("ECPF", "169", name="e-CPF A1", category="Certificados"),
        item("SOLTO", "5", name="Avulso"),
    ]
)


def test_products_stand_by_category_the_cheapest_first_those_without_last() -> None:
    assert [one.sku for one in ITEMS] == ["ECPF", "ECNPJ", "TOKEN", "SOLTO"]
    assert offers.categories(ITEMS) == ["Certificados", "Mídias"]


@pytest.mark.parametrize(
    ("words", "category", "found"),
    [
        ("", "", ["ECPF", "ECNPJ", "TOKEN", "SOLTO"]),
        ("criptografico", "", ["TOKEN"]),
        ("MIDIAS token", "", ["TOKEN"]),
        ("receita", "", ["ECNPJ"]),
        ("a1", "Certificados", ["ECPF", "ECNPJ"]),
        ("", "Mídias", ["TOKEN"]),
        ("token nota", "", []),
        ("%", "", []),
        ("", "Nada", []),
    ],
)
def test_products_are_found_by_words_without_case_and_accents(
    words: str, category: str, found: list[str]
) -> None:
    shown = offers.shelf(ITEMS, words=words, category=category)

    assert [one.sku for group in shown.groups for one in group.items] == found
    assert shown.found == len(found)


@pytest.mark.parametrize(
    ("page", "number", "first"), [(1, 1, 0), (3, 3, 100), (9, 3, 100), (-5, 1, 0)]
)
def test_a_page_holds_fifty(page: int, number: int, first: int) -> None:
    many = [item(f"P{number:03}", "1", category="X") for number in range(120)]

    shown = offers.shelf(many, page=page)

    assert (shown.pages, shown.number) == (3, number)
    assert shown.groups[0].items[0].sku == f"P{first:03}"


# Who buys


GOOD = Typed(
    "  Maria  das Dores ", "529.982.247-25", "Maria@Example.com", "(19) 99123-4567", consent=True
)


def test_a_buyer_is_stored_bare() -> None:
    found = buyer_of(GOOD)

    assert found == buyers.Buyer(
        "person", "Maria das Dores", "52998224725", "maria@example.com", "+5519991234567"
    )


def test_a_company_may_have_letters_in_its_cnpj() -> None:
    found = buyer_of(Typed("Ipê", "12.abc.345/01de-35", GOOD.email, GOOD.phone, consent=True))

    assert (found.kind, found.tax_id) == ("company", "12ABC34501DE35")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""), ("name", "x"), ("name", "12"), ("name", "x" * 121), ("name", "Ma\x00ria"),
        ("tax_id", ""), ("tax_id", "111.111.111-11"), ("tax_id", "529.982.247-26"),
        ("tax_id", "12.ABC.345/01DE-36"), ("email", "maria"), ("email", "maria@"),
        ("email", "maria@localhost"), ("email", "a@b.com\nBcc: x@y.com"), ("email", "a b@c.com"),
        ("phone", ""), ("phone", "1234567"), ("phone", "99123-4567"), ("phone", "+0x55"),
        ("phone", "(19) 99123-45678"), ("consent", ""),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_at_its_field(field: str, value: str) -> None:
    facts = {name: getattr(GOOD, name) for name in ("name", "tax_id", "email", "phone", "consent")}

    with pytest.raises(Invalid) as refused:
        buyer_of(Typed(**(facts | {field: value})))

    assert [problem.field for problem in refused.value.problems] == [field]


def test_everything_wrong_is_told_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        buyer_of(Typed("", "", "", "", consent=False))

    assert len(refused.value.problems) == 5


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("19 3000 1234", "+551930001234"),
        ("+598 99 123 456", "+59899123456"),
        ("019 99123-4567", "+5519991234567"),
    ],
)
def test_phones_are_stored_with_their_country(typed: str, stored: str) -> None:
    assert buyer_of(Typed(GOOD.name, GOOD.tax_id, GOOD.email, typed, consent=True)).phone == stored


def test_an_email_is_shown_so_that_only_its_owner_knows_it() -> None:
    assert email_of(" Marina@Gmail.COM.br ") == "marina@gmail.com.br"
    assert masked_email("marina@gmail.com.br") == "ma…@g….com.br"
