"""A page is looked at again as soon as it holds anything that it did not hold before."""

import pytest

from tests.story.shapes import shapes_of

PAGE = """<main><h1>Pedidos</h1><p class="muted">Nenhum</p>
<label for="a">Nome</label><input id="a" name="a" aria-describedby="b"><span id="b">De quem</span>
<table><tr><th scope="col">Total</th></tr><tr><td class="num">1,00</td></tr></table></main>"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Nenhum", "Dois"),
        ("1,00", "2,00"),
        ('<td class="num">1,00</td>', 2 * "<td class=num>3</td>"),
    ],
)
def test_other_words_are_nothing_new(before: str, after: str) -> None:
    assert shapes_of(PAGE.replace(before, after)) <= shapes_of(PAGE)


def test_a_page_with_less_on_it_is_nothing_new() -> None:
    assert shapes_of(PAGE.replace('<p class="muted">Nenhum</p>', "")) <= shapes_of(PAGE)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<p class", "<p hidden class"),
        ("muted", "loud"),
        ("Nenhum", ""),
        ("Nome", ""),
        ('<label for="a">', '<label for="c">'),
        ('<label for="a">Nome</label>', ""),
        ('id="b"', 'id="d"'),
        ("<h1>Pedidos</h1>", "<div><h1>Pedidos</h1></div>"),
        ('scope="col"', 'scope="row"'),
        ("<th scope", "<td scope"),
    ],
)
def test_another_class_place_name_or_reference_is_new(before: str, after: str) -> None:
    assert not shapes_of(PAGE.replace(before, after)) <= shapes_of(PAGE)
