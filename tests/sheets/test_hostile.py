"""Files that nobody should send are refused in a moment and take little memory (SAFETY T10)."""

import gc
import io
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from portal.sheets import refusals as why
from portal.sheets.reading import open_sheet
from tests.sheets.hostile import HOSTILE, workbook

SECONDS = 2.0
ROOM_BYTES = 100_000_000


def read_all(name: str, content: bytes) -> int:
    return sum(len(chunk) for chunk in open_sheet(name, content).chunks())


def memory_bytes() -> int:
    """What this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4_096


def test_there_are_enough_of_them() -> None:
    assert len(HOSTILE) >= 60
    assert len({title for title, *_ in HOSTILE}) == len(HOSTILE)


@pytest.mark.parametrize(
    ("name", "make", "refusal"), [one[1:] for one in HOSTILE], ids=[one[0] for one in HOSTILE]
)
def test_a_hostile_file_is_refused_in_a_moment(
    name: str, make: Callable[[], bytes], refusal: type[why.UnreadableFile]
) -> None:
    content = make()
    gc.collect()
    before, begun = memory_bytes(), time.monotonic()

    with pytest.raises(refusal):
        read_all(name, content)

    took, taken = time.monotonic() - begun, memory_bytes() - before
    assert took < SECONDS
    assert taken < ROOM_BYTES


def test_the_workbook_that_they_are_made_of_is_a_good_one() -> None:
    sheet = open_sheet("a.xlsx", workbook())

    assert sheet.head(5) == [["SKU", "Preço"]]
    assert zipfile.is_zipfile(io.BytesIO(workbook()))
