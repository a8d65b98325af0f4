"""T12, T16: whatever is uploaded as a logo, only a small picture drawn anew is kept."""

import struct
import time
import zlib
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import Deed
from portal.catalogue.queries import stamp_of
from portal.errors import Forbidden
from portal.partners.errors import NoSuchServicePoint
from portal.storefronts.errors.admin import LogoRefused
from portal.storefronts.models import ShopLogo
from portal.storefronts.rules.admin.logos import MAX_BYTES, SIZE, read_logo
from portal.storefronts.services.logos import remove_logo, set_logo
from tests.factories import NOON, make_actor, make_service_point

RED = (220, 20, 30)


def picture(
    kind: str = "PNG", size: tuple[int, int] = (300, 100), *, mode: str = "RGB", **options: Any
) -> bytes:
    content = BytesIO()
    Image.new(mode, size, options.pop("fill", RED if mode == "RGB" else 0)).save(
        content, kind, **options
    )
    return content.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_bomb(side: int) -> bytes:
    """A PNG of a few kilobytes that unpacks to `side` times `side` dots."""
    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes(side + 1) * 64, 9) if side > 10_000 else b""
    parts = (chunk(b"IHDR", head), chunk(b"IDAT", rows), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
EMPTY_PNG = chunk(b"IHDR", struct.pack(">IIBBBBB", 0, 0, 8, 2, 0, 0, 0))
WORDS = chunk(b"zTXt", b"a\x00\x00" + zlib.compress(bytes(32 * 1024 * 1024), 9))
HUGE_WEBP = b"RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\x7f\xfe\x9f\x0f" + bytes(9)
HOSTILE = {
    "an SVG": SVG,
    "an SVG with a head": b'<?xml version="1.0"?>' + SVG,
    "an SVG behind a PNG's beginning": b"\x89PNG\r\n\x1a\n" + SVG,
    "a page": b"<!doctype html><script>alert(1)</script>",
    "a GIF": picture("GIF", mode="P"),
    "a BMP": picture("BMP"),
    "a TIFF": picture("TIFF"),
    "an icon": picture("ICO", (32, 32)),
    "a PDF": b"%PDF-1.7\n1 0 obj",
    "a ZIP": b"PK\x03\x04" + bytes(100),
    "PostScript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    "a sound in RIFF": b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(30),
    "nothing": b"",
    "half a PNG": picture()[:60],
    "half a JPEG": picture("JPEG")[:200],
    "a PNG without dots": b"\x89PNG\r\n\x1a\n" + EMPTY_PNG,
    "a PNG of 64 million dots": png_bomb(8_000),
    "a PNG of 10 billion dots": png_bomb(100_000),
    "a WebP of 256 million dots": HUGE_WEBP,
    "five million dots": picture(size=(2_500, 2_001)),
    "a line": picture(size=(1_300, 100)),
    "more than two megabytes": picture() + bytes(MAX_BYTES),
    "words that unpack to 32 megabytes": picture()[:33] + WORDS + picture()[33:],
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_what_is_no_small_picture_is_refused_at_once(name: str) -> None:
    begun = time.perf_counter()

    with pytest.raises(LogoRefused) as refused:
        read_logo(HOSTILE[name])

    assert [one.field for one in refused.value.problems] == ["file"]
    assert time.perf_counter() - begun < 2


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        (picture(), ("image/png", 300, 100)),
        (picture("JPEG"), ("image/jpeg", 300, 100)),
        (picture("WEBP"), ("image/png", 300, 100)),
        (picture("JPEG", mode="CMYK"), ("image/jpeg", 300, 100)),
        (picture(mode="RGBA"), ("image/png", 300, 100)),
        (picture(mode="P"), ("image/png", 300, 100)),
        (picture(mode="I;16"), ("image/png", 300, 100)),
        (picture(size=(1_440, 1_440)), ("image/png", SIZE[1], SIZE[1])),
        (picture(size=(1, 1)), ("image/png", 1, 1)),
    ],
)
def test_a_picture_is_kept_as_png_or_jpeg_within_a_size(
    sent: bytes, stored: tuple[str, int, int]
) -> None:
    logo = read_logo(sent)

    assert (logo.media_type, logo.width, logo.height) == stored
    with Image.open(BytesIO(logo.content)) as image:
        assert image.size == stored[1:]


def test_nothing_of_the_file_is_kept_but_its_dots() -> None:
    exif = Image.Exif()
    exif[0x010E] = "casa da dona"
    sent = picture("JPEG", exif=exif, comment=b"<script>alert(1)</script>") + b"<?php system(1) ?>"

    content = read_logo(sent).content

    assert b"casa" in sent
    for trace in (b"casa", b"script", b"php", b"Exif"):
        assert trace not in content
    with Image.open(BytesIO(content)) as image:
        assert image.convert("RGB").getpixel((9, 9)) == pytest.approx(RED, abs=3)


def test_a_picture_that_lies_on_its_side_is_put_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6

    logo = read_logo(picture("JPEG", (300, 100), exif=exif))

    assert (logo.width, logo.height) == (100, 300)


def test_a_logo_is_put_up_changed_and_taken_down(session: Session) -> None:
    point = make_service_point(session)
    first, second = read_logo(picture()), read_logo(picture(size=(200, 200)))

    stamps = [stamp_of(session)]
    for logo in (first, first, second):
        set_logo(session, point.code, logo, by=make_actor(), at=NOON)
        stamps.append(stamp_of(session))
    stored = session.get_one(ShopLogo, point.id)
    held = (stored.digest, stored.content)
    remove_logo(session, point.code, by=make_actor(), at=NOON)
    remove_logo(session, point.code, by=make_actor(), at=NOON)

    assert held == (second.digest, second.content)
    assert session.get(ShopLogo, point.id) is None
    assert stamps[1] == stamps[2]
    assert stamps[0] < stamps[1] < stamps[3] < stamp_of(session)
    deeds = session.scalars(select(Deed.action).where(Deed.entity_type == "shop")).all()
    assert deeds == ["shop.logo_changed"] * 3


def test_only_those_who_run_the_shop_change_its_logo(session: Session) -> None:
    point, other = make_service_point(session), make_service_point(session)
    logo = read_logo(picture())
    stranger = make_actor(points=(other,))
    powerless = make_actor(without=("shop.edit",))

    with pytest.raises(NoSuchServicePoint):
        set_logo(session, point.code, logo, by=stranger, at=NOON)
    with pytest.raises(Forbidden):
        set_logo(session, point.code, logo, by=powerless, at=NOON)
    with pytest.raises(Forbidden):
        remove_logo(session, point.code, by=powerless, at=NOON)
    assert session.get(ShopLogo, point.id) is None
