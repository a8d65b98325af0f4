"""What holds for every file: who commits, who asks the clock, what templates may not carry."""

import ast
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message

from scripts import messages

ROOT = Path(__file__).resolve().parent.parent
PORTAL = ROOT / "portal"
TEMPLATES = ROOT / "templates"
BUSINESS_ROOMS = {"errors", "models", "queries", "rules", "services"}
LONGEST = 400
LONG_FOR_A_REASON = {
    "tests/fire/test_two_at_once.py": "any two deeds at one instant are one question",
}
"""Files over the limit, each with why it is one thing all the same."""

Check = Callable[[str], Iterator[tuple[int, str]]]
"""Takes the text of a file, and names the line and the fault of each breach."""


def python_files(*folders: Path) -> list[Path]:
    return [path for folder in folders for path in sorted(folder.rglob("*.py"))]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def breaches(check: Check, files: list[Path]) -> list[str]:
    found = []
    for path in files:
        for line, fault in check(path.read_text(encoding="utf-8")):
            found.append(f"{name_of(path)}:{line}: {fault}")
    return found


def none_of(found: list[str]) -> None:
    assert not found, "\n".join(["", *found])


def calls(source: str) -> Iterator[tuple[ast.Call, str]]:
    """List the calls of a module, each with the dotted name of what is called."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            yield node, dotted(node.func)


def dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


# Transactions, the clock, templates from strings, floats, SQL


def transaction_calls(source: str) -> Iterator[tuple[int, str]]:
    for node, name in calls(source):
        if name.rpartition(".")[2] in {"commit", "begin", "rollback"} and "." in name:
            yield node.lineno, f"{name}() outside portal/transactions.py"


def clock_calls(source: str) -> Iterator[tuple[int, str]]:
    asking = re.compile(
        r"(^|\.)((datetime|date)\.(now|utcnow|today)|time\.(time|time_ns|localtime|gmtime))$"
    )
    for node, name in calls(source):
        if asking.search(name):
            yield node.lineno, f"{name}() asks a clock that is not portal.clock"


def templates_from_text(source: str) -> Iterator[tuple[int, str]]:
    for node, name in calls(source):
        if name.rpartition(".")[2] in {"render_template_string", "from_string"}:
            yield node.lineno, f"{name}() makes a template of a text"


def floats(source: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name) and node.id == "float":
            yield node.lineno, "float where money is counted"
        elif isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield node.lineno, f"{node.value} is a float where money is counted"


def built_sql(source: str) -> Iterator[tuple[int, str]]:
    """SQL made at run time and not vouched for beside it.

    What a module makes of its own constants when it is loaded is fine.
    """
    senders = {"text", "execute", "executemany", "exec_driver_sql", "scalar", "scalars", "Sql"}
    lines = source.splitlines()
    for node, name in calls_in_functions(source):
        vouched = any("noqa: S608 - " in line for line in lines[node.lineno - 1 : node.end_lineno])
        if (
            name.rpartition(".")[2] in senders
            and node.args
            and is_built(node.args[0])
            and not vouched
        ):
            yield node.lineno, f"{name}() is handed SQL that was pasted together"


def calls_in_functions(source: str) -> Iterator[tuple[ast.Call, str]]:
    for function in ast.walk(ast.parse(source)):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            for node in ast.walk(function):
                if isinstance(node, ast.Call):
                    yield node, dotted(node.func)


def is_built(node: ast.expr) -> bool:
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(part, ast.FormattedValue) for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod | ast.Add):
        return any(
            isinstance(side, ast.Constant | ast.JoinedStr) for side in (node.left, node.right)
        )
    return isinstance(node, ast.Call) and dotted(node.func).endswith("format") and is_text(node)


def is_text(node: ast.Call) -> bool:
    made_from = node.func.value if isinstance(node.func, ast.Attribute) else None
    return isinstance(made_from, ast.Constant) and isinstance(made_from.value, str)


def unsafe_statements(source: str) -> Iterator[tuple[int, str]]:
    """What works on one server and silently stops on a cluster, or walks around triggers."""
    words = r"GET_LOCK|SKIP LOCKED|LOCK TABLES|INSERT OR REPLACE|REPLACE INTO|MappedAsDataclass"
    for node in ast.walk(ast.parse(source)):
        said = node.value if isinstance(node, ast.Constant) else dotted_or_nothing(node)
        if isinstance(said, str) and (match := re.search(words, said)):
            yield getattr(node, "lineno", 0), f"{match[0]} is not to be relied on"


def dotted_or_nothing(node: ast.AST) -> str:
    return dotted(node) if isinstance(node, ast.Attribute | ast.Name) else ""


def test_only_transactions_py_opens_commits_and_rolls_back() -> None:
    files = [path for path in python_files(PORTAL) if path != PORTAL / "transactions.py"]

    none_of(breaches(transaction_calls, files))


def test_only_the_clock_knows_what_time_it_is() -> None:
    machine_time = {
        "portal/clock.py",  # the one clock
        "portal/web/limits.py",  # the limiter counts in windows of the machine's own seconds
    }
    files = [path for path in python_files(PORTAL) if name_of(path) not in machine_time]

    none_of(breaches(clock_calls, files))


def test_no_template_is_made_of_a_text() -> None:
    none_of(breaches(templates_from_text, python_files(PORTAL)))


def test_business_rooms_know_no_floats() -> None:
    files = [path for path in python_files(PORTAL) if room_of(path) in BUSINESS_ROOMS]

    none_of(breaches(floats, [*files, PORTAL / "money.py"]))


def room_of(path: Path) -> str:
    """Return the room of a file, also when the room has grown into a package."""
    parts = path.relative_to(PORTAL).with_suffix("").parts
    return parts[1] if len(parts) > 1 else ""


def test_no_statement_is_pasted_together() -> None:
    fixed = "portal/transactions.py"  # PRAGMA takes no parameters; its words are constants

    found = [
        line for line in breaches(built_sql, python_files(PORTAL)) if not line.startswith(fixed)
    ]

    none_of(found)


def test_nothing_relies_on_what_a_cluster_or_a_trigger_does_not_see() -> None:
    none_of(breaches(unsafe_statements, python_files(PORTAL)))


# Templates


INLINE = {
    r"\sstyle\s*=": "a style on an element",
    r"<style\b": "a style sheet in the page",
    r"<script\b(?![^>]*\ssrc\s*=)": "a script in the page",
    r"<script\b[^>]*>\s*[^<\s]": "a script in the page",
    r"\son[a-z]+\s*=\s*[\"']": "a handler on an element",
    r"(?:href|src|action)\s*=\s*[\"']\s*javascript:": "a script as an address",
    r"(?:src|href)\s*=\s*[\"']data:": "data as an address",
    r"(?:src|action)\s*=\s*[\"'](?:https?:)?//": "something from another site",
    r"<link\b[^>]*href\s*=\s*[\"'](?:https?:)?//": "something from another site",
    r"\|\s*safe\b": "a text that is not escaped",
    r"\{%-?\s*autoescape\s+false": "texts that are not escaped",
}


def inline_things(source: str) -> Iterator[tuple[int, str]]:
    text = re.sub(r"\{#.*?#\}", lambda match: "\n" * match[0].count("\n"), source, flags=re.DOTALL)
    for pattern, fault in INLINE.items():
        for match in re.finditer(pattern, text, re.IGNORECASE):
            yield text.count("\n", 0, match.start()) + 1, fault


def test_templates_carry_nothing_that_the_content_policy_refuses() -> None:
    none_of(breaches(inline_things, sorted(TEMPLATES.rglob("*.html"))))


# The checks themselves


@pytest.mark.parametrize(
    ("check", "planted"),
    [
        (transaction_calls, "session.commit()"),
        (transaction_calls, "with db.engine.begin() as c: pass"),
        (transaction_calls, "self.session.rollback()"),
        (clock_calls, "datetime.now(UTC)"),
        (clock_calls, "import datetime as d; d.date.today()"),
        (clock_calls, "time.time()"),
        (templates_from_text, "render_template_string(text)"),
        (templates_from_text, "env.from_string(text)"),
        (floats, "total = float(price)"),
        (floats, "rate = 0.1"),
        (floats, "def f(price: float) -> None: ..."),
        (built_sql, "def f(): session.execute(f'SELECT {name}')"),
        (built_sql, "def f(): text('SELECT ' + name)"),
        (built_sql, "lambda: Sql('SELECT %s' % name)"),
        (built_sql, "def f(): text('SELECT {}'.format(name))"),
        (unsafe_statements, "text('SELECT GET_LOCK(1)')"),
        (unsafe_statements, "class A(MappedAsDataclass): ..."),
        (inline_things, '<p style="color: red">'),
        (inline_things, "<style>p {}</style>"),
        (inline_things, "<script>go()</script>"),
        (inline_things, '<script src="/x.js">go()</script>'),
        (inline_things, '<a onclick="go()">'),
        (inline_things, '<a href="javascript:go()">'),
        (inline_things, '<img src="data:image/png;base64,x">'),
        (inline_things, '<img src="//elsewhere.example/x.png">'),
        (inline_things, "{{ text|safe }}"),
    ],
)
def test_a_planted_breach_is_found(check: Check, planted: str) -> None:
    assert list(check(planted))


@pytest.mark.parametrize(
    ("check", "innocent"),
    [
        (transaction_calls, "with session.begin_nested(): ..."),
        (clock_calls, "clock.now(); time.monotonic(); time.perf_counter()"),
        (built_sql, "def f(): session.execute(select(Order).where(Order.id == number))"),
        (built_sql, "ALL = Sql(f'SELECT {COLUMNS} FROM orders')"),
        (built_sql, "def f(): session.execute(text('SELECT 1'), {'a': f'{b}'})"),
        (floats, "total = Decimal('0.1')"),
        (inline_things, '<script src="/static/js/confirm.js" defer></script>'),
        (inline_things, '<form data-confirm="Sure?" method="post" action="/orders">'),
        (inline_things, '{# never style="" #}<p class="note">'),
    ],
)
def test_what_is_allowed_is_not_reported(check: Check, innocent: str) -> None:
    assert list(check(innocent)) == []


# Files


def test_a_silenced_check_says_why() -> None:
    silencing = re.compile(r"#\s*(?:noqa|type:\s*ignore|nosec)\b(?P<rest>.*)$")
    silent = []
    for path in python_files(PORTAL, ROOT / "tests", ROOT / "scripts"):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            match = silencing.search(line)
            if match and not re.search(r" - \S| # \S", match["rest"]):
                silent.append(f"{name_of(path)}:{number}")

    none_of([place for place in silent if not place.startswith("tests/test_architecture.py")])


def test_long_files_are_two_things_or_say_why_not() -> None:
    long = {
        name_of(path)
        for path in python_files(PORTAL, ROOT / "tests", ROOT / "scripts")
        if len(path.read_text(encoding="utf-8").splitlines()) > LONGEST
    }

    assert long == set(LONG_FOR_A_REASON)


def test_nothing_is_left_for_later() -> None:
    marks = re.compile("TO" + "DO|FIX" + "ME|X" + "XX|NotImplemented" + "Error")
    files = [*python_files(PORTAL, ROOT / "tests"), *sorted(TEMPLATES.rglob("*.html"))]

    none_of([name_of(path) for path in files if marks.search(path.read_text(encoding="utf-8"))])


def test_every_feature_keeps_the_order_of_rooms() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    ordered = {name for one in contracts["contracts"] for name in one.get("containers", [])}
    features = {path.parent for path in PORTAL.glob("*/__init__.py") if has_business(path.parent)}

    assert {f"portal.{path.name}" for path in features} <= ordered


def has_business(package: Path) -> bool:
    rooms = {path.stem for path in package.iterdir()}
    return package.name != "web" and bool(rooms & BUSINESS_ROOMS)


# Translations


def problems_of(extracted: Catalog, translated: Catalog) -> Iterator[str]:
    """Name what a catalogue lacks, and what it has too much."""
    known = {messages.key_of(message): message for message in translated if message.id}
    for message in extracted:
        if message.id:
            yield from faults_of(message, known.pop(messages.key_of(message), None))
    yield from (f"no longer used: {text!r}" for _context, text in known)


def faults_of(asked: Message, given: Message | None) -> Iterator[str]:
    if given is None or not messages.is_whole(given):
        yield f"not translated: {asked.id!r}"
        return
    wanted = blanks(*([asked.id] if isinstance(asked.id, str) else asked.id))
    strings = [given.string] if isinstance(given.string, str) else given.string
    for string in strings:
        if not blanks(string) <= wanted or (len(strings) == 1 and blanks(string) != wanted):
            yield f"other blanks than {sorted(wanted)}: {string!r}"


def blanks(*texts: str) -> set[str]:
    return {name for text in texts for name in re.findall(r"%\((\w+)\)", text)}


@pytest.fixture(scope="module")
def texts() -> dict[str, Catalog]:
    return messages.extract()


@pytest.mark.parametrize("locale", messages.LOCALES)
@pytest.mark.parametrize(
    "feature", sorted(path.parent.name for path in PORTAL.glob("*/__init__.py"))
)
def test_every_text_is_translated(texts: dict[str, Catalog], feature: str, locale: str) -> None:
    translated = messages.load(messages.catalogue_file(feature, locale), locale)

    none_of(list(problems_of(texts.get(feature, Catalog()), translated)))


@pytest.mark.parametrize("locale", messages.VISITOR_LOCALES)
def test_every_text_that_visitors_read_is_translated(locale: str) -> None:
    read = messages.extract_for(locale)[messages.VISITORS]
    translated = messages.load(messages.catalogue_file(messages.VISITORS, locale), locale)

    assert len(read) > 150
    none_of(list(problems_of(read, translated)))


@pytest.mark.parametrize("locale", messages.LOCALES)
def test_a_text_is_translated_alike_in_every_catalogue(locale: str) -> None:
    said: dict[messages.Key, set[str]] = {}
    for path in messages.catalogue_files():
        for message in messages.load(path, locale) if path.parts[-3] == locale else ():
            if message.id:
                said.setdefault(messages.key_of(message), set()).add(str(message.string))

    assert {key: strings for key, strings in said.items() if len(strings) > 1} == {}


def test_a_missing_a_fuzzy_and_a_maimed_translation_are_found() -> None:
    asked, given = Catalog(), Catalog(locale="pt_BR")
    for text in ("Save", "Order %(number)s", "Price", "Total"):
        asked.add(text)
    given.add("Order %(number)s", "Pedido")
    given.add("Price", "Preço", flags=["fuzzy"])
    given.add("Total", "Total")
    given.add("Old", "Velho")

    found = list(problems_of(asked, given))

    assert len(found) == 4
    assert not any("Total" in problem for problem in found)
