"""Texts that a spreadsheet would take for a formula: escaped in CSV, and brought back."""

import re

_STARTS = "=+\\-@＝＋－＠"
"""Full-width forms too: spreadsheets take them for the others."""
_FORMULA = re.compile(rf"(^|[;,\t\r\n\"])([ ]*)(?='*[{_STARTS}])|^(?='*[\t\r\n])")
_ESCAPED = re.compile(rf"(^|[;,\t\r\n\"])([ ]*)'(?='*[{_STARTS}])|^'(?='*[\t\r\n])")


def safe_text(text: str) -> str:
    """Write a text so that no spreadsheet takes it for a formula.

    Nor a part of it that another separator than ours would cut off. A text that already has the
    apostrophe gets one more, so that `plain_text` always gives back what was there.
    """
    return _FORMULA.sub(r"\1\2'", text)


def plain_text(text: str) -> str:
    """Undo `safe_text` on what comes back in an import."""
    return _ESCAPED.sub(r"\1\2", text) if "'" in text else text
