"""The poster for the counter, to be printed."""

from flask import Response
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.clock import now
from portal.i18n import N_, in_own_language
from portal.storefronts.errors.admin import NoShopYet
from portal.storefronts.models import Shop
from portal.storefronts.queries.admin.shops import RunShop, run_shop
from portal.storefronts.queries.front import Front, front_of
from portal.storefronts.views.admin.door import SHOP_EDIT, bp, shop_url
from portal.storefronts.views.admin.paper import Poster, Words, draw_poster
from portal.transactions import read
from portal.web.access import actor, requires
from portal.web.filters import tax_id

CALL = N_("Buy on your phone")
HOW = N_("Point the camera at the code")
PAYMENT = N_("Pay by Pix, without queueing")


@bp.get("/service-points/<code>/shop/poster")
@requires(SHOP_EDIT)
def poster(code: str) -> ResponseReturnValue:
    """Answer with the poster as a PDF, in the installation's language: visitors read it."""
    run, logo = read(_read, actor(), code)
    url = shop_url(run)
    if url is None:
        raise NoShopYet
    look = front_of(run.point, run.shop or Shop(), None)
    drawn = draw_poster(_poster(look, url, logo), at=now())
    response = Response(drawn, content_type="application/pdf")
    response.headers.set("Content-Disposition", "attachment", filename=f"{look.slug}.pdf")
    return response


def _poster(look: Front, url: str, logo: bytes | None) -> Poster:
    seller = look.legal_name
    if look.tax_id:
        seller = f"{seller} · {tax_id(look.tax_id)}"
    reached = " · ".join(filter(None, (look.address, look.phone, look.email)))
    return Poster(
        name=look.name,
        tagline=look.tagline,
        colour=look.colour,
        url=url,
        words=Words(in_own_language(CALL), in_own_language(HOW), in_own_language(PAYMENT)),
        foot=tuple(filter(None, (seller, reached, look.hours))),
        logo=logo,
    )


def _read(session: Session, by: Actor, code: str) -> tuple[RunShop, bytes | None]:
    run = run_shop(session, by, code)
    return run, run.logo.content if run.logo else None
