"""A crawl of all that somebody may ask for: every route, every link, order, filter and file."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from tests.safety.canaries import texts_of
from tests.safety.matrix import KINDS, ROUTES, address_of
from tests.safety.stage import API, Stage, read_page
from tests.safety.world import Person

MOST_PAGES = 1500
"""A crawl that would need more fails: what it never asked for, it would call clean."""
ARGUMENTS = (
    "format=csv", "format=xlsx", "sort=-acquisition", "sort=margin", "min_cost=1", "policy=LIMITE",
    "q=SKU",
)  # fmt: skip
PAGES_OF_API = ("limit=1", "cursor=nada", "credit_policy=LIMITE")


def crawl(stage: Stage, name: str, below: str = "/") -> Iterator[tuple[str, str]]:
    """Ask for everything that can be read; yield each address with all that was answered."""
    person = stage.person(name)
    waiting = [path for path in starts(stage, person) if path.startswith(below)]
    asked: set[str] = set()
    while waiting and len(asked) < MOST_PAGES:
        path = waiting.pop(0)
        if path in asked or path.startswith("/static/"):
            continue
        asked.add(path)
        with stage.get(name, path) as answer:
            text = texts_of(answer)
        yield path, text
        if answer.mimetype == "text/html":
            waiting += [one for one in onward(path, text) if one.startswith(below)]
    assert not set(waiting) - asked, f"{name} has more than {MOST_PAGES} pages"


def starts(stage: Stage, person: Person) -> Iterator[str]:
    """List the addresses of every readable route, one's own, the other unit's, with arguments."""
    for rule in stage.app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint == "static":
            continue
        kinds = KINDS[kind_of(rule.endpoint)]
        values = [kinds.own(stage.world, person), kinds.absent]
        if (foreign := kinds.foreign(stage.world, person)) is not None:
            values.append(foreign)
        for one in values:
            path = address_of(rule.rule, one) if one or not rule.arguments else ""
            if path:
                yield path
        path = address_of(rule.rule, values[0])
        if rule.arguments:
            yield from (f"{path}?format={kind}" for kind in ("csv", "xlsx"))
        else:
            for argument in PAGES_OF_API if path.startswith(API) else ARGUMENTS:
                yield f"{path}?{argument}"


def kind_of(endpoint: str) -> str:
    """Return the kind of thing in a route's address."""
    found = [route.kind for (_, name), route in ROUTES.items() if name == endpoint]
    return found[0] if found else "-"


def onward(path: str, html: str) -> Iterator[str]:
    """List the links of a page that lead to another page of the portal."""
    for link in read_page(html).links:
        parts = urlsplit(link)
        if not (parts.scheme or parts.netloc or parts.query) and link.startswith("/"):
            yield parts.path
