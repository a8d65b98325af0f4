"""What a page is made of, whatever its words: to tell whether it shows anything not seen before."""

from dataclasses import dataclass
from html.parser import HTMLParser

REFERRING = (
    "for",
    "aria-labelledby",
    "aria-describedby",
    "aria-controls",
    "form",
    "headers",
    "list",
)
"""Attributes that name other elements of the page."""
TELLING = ("type", "role", "scope", "aria-current", "aria-expanded", "aria-hidden", "aria-sort")
"""Attributes whose values make a difference to those who do not see the page."""
FIELDS = frozenset({"input", "select", "textarea"})
EMPTY = frozenset({
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track",
    "wbr",
})  # fmt: skip


@dataclass
class Element:
    """An element with what it stands in."""

    tag: str
    attributes: dict[str, str]
    within: str
    has_text: bool = False

    @property
    def kind(self) -> str:
        """Its name with its classes."""
        return f"{self.tag}.{'.'.join(sorted(self.attributes.get('class', '').split()))}"


class _Reader(HTMLParser):
    """Reads the elements of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self._open: list[Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        within = self._open[-1].kind if self._open else ""
        element = Element(tag, {name: value or "" for name, value in attrs}, within)
        self.elements.append(element)
        if tag not in EMPTY:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        for at in range(len(self._open) - 1, -1, -1):
            if self._open[at].tag == tag:
                del self._open[at:]
                return

    def handle_data(self, data: str) -> None:
        if self._open and data.strip():
            self._open[-1].has_text = True


def shapes_of(html: str) -> frozenset[str]:
    """Return each kind of element that a page holds.

    A kind is where it stands, which attributes it has, and whether what it refers to is there.
    """
    reader = _Reader()
    reader.feed(html)
    ids = {one.attributes["id"] for one in reader.elements if "id" in one.attributes}
    named = {one.attributes.get("for") for one in reader.elements if one.tag == "label"}
    return frozenset(_shape(one, ids, named) for one in reader.elements)


def _shape(one: Element, ids: set[str], named: set[str | None]) -> str:
    parts = [one.within, one.kind, *sorted(one.attributes)]
    parts += [f"{name}={one.attributes.get(name)}" for name in TELLING]
    for name in REFERRING:
        lost = set(one.attributes.get(name, "").split()) - ids
        parts.append(f"{name} leads {'nowhere' if lost else 'somewhere'}")
    if one.tag in FIELDS:
        parts.append("named" if one.attributes.get("id") in named else "without a name")
    parts.append("with text" if one.has_text else "empty")
    return " ".join(parts)
