"""Catalogues of translated texts: one per feature, kept complete, without fuzzy guesses.

A text of `portal/<feature>/` or `templates/<feature>/` belongs to that feature's catalogue; all
others, and what pages share, to the one of `portal/web/`, which the features do not repeat.
Visitors of shops read more languages: what they read stands in one feature, whose catalogues in
those languages are whole by themselves.
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from babel.util import pathmatch

ROOT = Path(__file__).resolve().parent.parent
LOCALES = ("pt_BR",)
VISITOR_LOCALES = ("es",)
"""What visitors read besides; English is what stands in the code."""
VISITORS = "storefronts"
NOT_FOR_VISITORS = "admin"
"""Parts of the feature whose folder or file is called so are the service point's own side."""
SHARED = "web"
KEYWORDS = {**DEFAULT_KEYWORDS, "lazy_gettext": None, "lazy_pgettext": ((1, "c"), 2)}

Key = tuple[str | None, str]
"""Context, and the text (its singular)."""


def catalogue_file(feature: str, locale: str, root: Path = ROOT) -> Path:
    """Return where a feature's translations stand."""
    return root / "portal" / feature / "translations" / locale / "LC_MESSAGES" / "messages.po"


def catalogue_files(root: Path = ROOT) -> list[Path]:
    """Return every catalogue there is."""
    return sorted(root.glob("portal/*/translations/*/LC_MESSAGES/messages.po"))


def key_of(message: Message) -> Key:
    """Return what makes a text the same text."""
    identity = message.id
    return message.context, identity if isinstance(identity, str) else identity[0]


def feature_of(path: Path, root: Path = ROOT) -> str:
    """Return whose text it is, by the file it stands in."""
    parts = path.relative_to(root).parts
    is_feature = len(parts) > 2 and (root / "portal" / parts[1] / "__init__.py").is_file()
    return parts[1] if is_feature else SHARED


def sources(root: Path = ROOT) -> Iterator[tuple[Path, str, dict[str, object]]]:
    """List the files that hold texts, with how to read them."""
    with (root / "babel.cfg").open(encoding="utf-8") as config:
        methods, options = parse_mapping_cfg(config)
    for folder in ("portal", "templates"):
        for path in sorted((root / folder).rglob("*")):
            name = path.relative_to(root).as_posix()
            for pattern, method in methods:
                if path.is_file() and pathmatch(pattern, name):
                    yield path, method, options.get(pattern, {})
                    break


def extract(root: Path = ROOT) -> dict[str, Catalog]:
    """Collect the texts of every feature."""
    return _without_shared(_collect(sources(root), root))


def extract_for(locale: str, root: Path = ROOT) -> dict[str, Catalog]:
    """Collect the texts that a language needs: all, or what visitors read."""
    if locale in LOCALES:
        return extract(root)
    return _collect((one for one in sources(root) if is_for_visitors(one[0], root)), root)


def is_for_visitors(path: Path, root: Path = ROOT) -> bool:
    """Whether visitors of shops read the texts of a file."""
    names = [Path(part).stem for part in path.relative_to(root).parts]
    return feature_of(path, root) == VISITORS and NOT_FOR_VISITORS not in names


def _collect(
    files: Iterable[tuple[Path, str, dict[str, object]]], root: Path
) -> dict[str, Catalog]:
    found: dict[str, Catalog] = defaultdict(Catalog)
    for path, method, options in files:
        catalogue = found[feature_of(path, root)]
        texts = extract_from_file(method, path, KEYWORDS, (), dict(options))
        for _line, identity, _comments, context in texts:
            if identity:
                catalogue.add(identity, context=context)
    return found


def _without_shared(found: dict[str, Catalog]) -> dict[str, Catalog]:
    """Leave out of the features what pages share."""
    shared = {key_of(message) for message in found[SHARED] if message.id}
    for feature, catalogue in found.items():
        if feature == SHARED:
            continue
        for message in [m for m in catalogue if m.id and key_of(m) in shared]:
            catalogue.delete(message.id, message.context)
    return {feature: catalogue for feature, catalogue in found.items() if len(catalogue)}


def load(path: Path, locale: str) -> Catalog:
    """Read a catalogue; an empty one if there is none."""
    if not path.exists():
        return Catalog(locale=locale)
    with path.open("rb") as file:
        return read_po(file, locale=locale)


def update(features: Iterable[str] = (), root: Path = ROOT) -> dict[Path, int]:
    """Write the catalogues anew, keep their translations; return how many are missing in each."""
    wanted = set(features)
    missing: dict[Path, int] = {}
    for locale in (*LOCALES, *VISITOR_LOCALES):
        for feature, extracted in sorted(extract_for(locale, root).items()):
            if wanted and feature not in wanted:
                continue
            path = catalogue_file(feature, locale, root)
            merged = _merge(extracted, load(path, locale), locale)
            missing[path] = sum(1 for message in merged if message.id and not is_whole(message))
            _write(path, merged)
    return missing


def _merge(extracted: Catalog, known: Catalog, locale: str) -> Catalog:
    kept = {key_of(m): m.string for m in known if m.id and not m.fuzzy}
    merged = Catalog(locale=locale, project="Repasse", fuzzy=False)
    for message in extracted:
        if message.id:
            string = kept.get(key_of(message), "")
            fits = isinstance(string, str) is isinstance(message.id, str)
            merged.add(message.id, string if fits else "", context=message.context)
    return merged


def is_whole(message: Message) -> bool:
    """Whether a text is translated, in each of its numbers."""
    strings = [message.string] if isinstance(message.string, str) else list(message.string)
    return all(strings) and not message.fuzzy


def _write(path: Path, catalogue: Catalog) -> None:
    """Write without places and dates, which only make changes look larger than they are."""
    buffer = BytesIO()
    write_po(buffer, catalogue, width=100, no_location=True, omit_header=True, sort_output=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    head = (
        'msgid ""\nmsgstr ""\n'
        f'"Project-Id-Version: Repasse\\n"\n"Language: {catalogue.locale}\\n"\n'
        f'"Plural-Forms: {catalogue.plural_forms}\\n"\n'
        '"MIME-Version: 1.0\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
        '"Content-Transfer-Encoding: 8bit\\n"\n\n'
    )
    path.write_text(head + buffer.getvalue().decode("utf-8"), encoding="utf-8")


def compile_stale(root: Path = ROOT) -> list[Path]:
    """Compile the catalogues that are newer than what was compiled of them."""
    stale = [path for path in catalogue_files(root) if _is_stale(path)]
    for path in stale:
        catalogue = load(path, path.parts[-3])
        fresh = path.with_suffix(".mo.new")
        with fresh.open("wb") as file:
            write_mo(file, catalogue)
        fresh.replace(path.with_suffix(".mo"))
    return stale


def _is_stale(path: Path) -> bool:
    compiled = path.with_suffix(".mo")
    return not compiled.exists() or compiled.stat().st_mtime < path.stat().st_mtime


def main(arguments: list[str]) -> int:
    """Update or compile."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=["update", "compile"])
    parser.add_argument("features", nargs="*", help="only these features' catalogues")
    given = parser.parse_args(arguments)
    if given.command == "compile":
        for path in compile_stale():
            print(f"compiled {path.relative_to(ROOT)}")
        return 0
    for path, count in update(given.features).items():
        print(f"{path.relative_to(ROOT)}: {count or 'nothing'} to translate")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
