"""Logos: whatever is uploaded is read within limits and drawn anew, so that nothing else is kept.

The file's name and its media type are never believed: what the bytes are is found out here.
"""

import hashlib
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from PIL import Image, ImageOps

from portal.i18n import N_
from portal.storefronts.errors.admin import LogoRefused

MAX_BYTES: Final = 2 * 1024 * 1024
MAX_PIXELS: Final = 4_000_000
"""Four million dots unpack to 16 MB; more is refused before anything is unpacked."""
MAX_RATIO: Final = 12
FORMATS: Final = ("PNG", "JPEG", "WEBP")
SIZE: Final = (720, 320)
"""What is stored fits into this: it is shown 40 dots high, and 60 mm wide on the poster."""
DIGEST_LENGTH: Final = 16
_MAGIC = {b"\x89PNG\r\n\x1a\n": "PNG", b"\xff\xd8\xff": "JPEG", b"RIFF": "WEBP"}
_NO_IMAGE = N_("Choose a picture in PNG, JPEG or WebP; drawings such as SVG are not taken.")


@dataclass(frozen=True, slots=True)
class NewLogo:
    """A logo as it is stored."""

    content: bytes
    media_type: str
    width: int
    height: int

    @property
    def digest(self) -> str:
        """What stands in its address: another picture, another address."""
        return hashlib.sha256(self.content).hexdigest()[:DIGEST_LENGTH]


def read_logo(data: bytes) -> NewLogo:
    """Read an upload and draw it anew; LogoRefused for what is no picture, or too much of one."""
    if len(data) > MAX_BYTES:
        raise LogoRefused(N_("Use a picture of at most %(megabytes)s MB."), megabytes=2)
    kind = next((name for magic, name in _MAGIC.items() if data.startswith(magic)), None)
    if kind is None:
        raise LogoRefused(_NO_IMAGE)
    try:  # decoders raise anything for a maimed file
        return _drawn_anew(data, kind)
    except LogoRefused:
        raise
    except Exception as error:
        raise LogoRefused(_NO_IMAGE) from error


def _drawn_anew(data: bytes, kind: str) -> NewLogo:
    with Image.open(BytesIO(data), formats=(kind,)) as image:
        _check_size(*image.size)
        image.load()
        turned = ImageOps.exif_transpose(image)
        clear = turned.has_transparency_data
        plain = turned.convert("RGBA" if clear else "RGB")
    plain.thumbnail(SIZE)
    bare = Image.new(plain.mode, plain.size)
    bare.paste(plain)  # a new picture: no text, place or camera of the old one comes along
    as_jpeg = kind == "JPEG" and not clear
    content = BytesIO()
    if as_jpeg:
        bare.save(content, "JPEG", quality=90, optimize=True)
    else:
        bare.save(content, "PNG", optimize=True)
    return NewLogo(content.getvalue(), "image/jpeg" if as_jpeg else "image/png", *bare.size)


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        said = N_("The picture has too many dots: at most %(megapixels)s million.")
        raise LogoRefused(said, megapixels=MAX_PIXELS // 1_000_000)
    if max(width, height) > MAX_RATIO * min(width, height):
        raise LogoRefused(N_("The picture is too long and thin for a logo."))
