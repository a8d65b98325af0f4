"""QR codes as drawings that a page carries in itself: no request, no style, no script."""

import segno

QUIET_ZONE = 4


def qr_svg(text: str, *, title: str = "") -> str:
    """Return an `<svg>` element, as large as its place; black on white in every theme."""
    return segno.make(text, error="m", micro=False).svg_inline(
        border=QUIET_ZONE,
        dark="#000",
        light="#fff",
        omitsize=True,
        svgclass="qr",
        lineclass=None,
        title=title or None,
    )
