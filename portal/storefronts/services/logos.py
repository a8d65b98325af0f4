"""A shop's logo is put up, changed and taken down."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.audit.services import record
from portal.catalogue.services import touch_offers
from portal.partners.queries import service_point_of
from portal.storefronts.models import ShopLogo
from portal.storefronts.rules.admin.logos import NewLogo
from portal.storefronts.services.settings import check_may_run


def set_logo(session: Session, code: str, logo: NewLogo, *, by: Actor, at: datetime) -> ShopLogo:
    """Put up a logo, read and drawn anew by `read_logo`."""
    check_may_run(by)
    point = service_point_of(session, by, code)
    stored = session.get(ShopLogo, point.id, with_for_update=True)
    before = stored.digest if stored else None
    if stored is not None and before == logo.digest:
        return stored
    stored = stored or ShopLogo(service_point_id=point.id)
    stored.digest, stored.media_type = logo.digest, logo.media_type
    stored.width, stored.height, stored.content = logo.width, logo.height, logo.content
    session.add(stored)
    _tell(session, point.id, before, logo.digest, by, at)
    return stored


def remove_logo(session: Session, code: str, *, by: Actor, at: datetime) -> None:
    """Take the logo down: the first letter of the shop's name stands for it."""
    check_may_run(by)
    point = service_point_of(session, by, code)
    stored = session.get(ShopLogo, point.id, with_for_update=True)
    if stored is not None:
        session.delete(stored)
        _tell(session, point.id, stored.digest, None, by, at)


def _tell(
    session: Session,
    service_point_id: int,
    before: str | None,
    after: str | None,
    by: Actor,
    at: datetime,
) -> None:
    session.flush()
    record(
        session,
        by=by,
        action="shop.logo_changed",
        entity=("shop", service_point_id),
        at=at,
        service_point_id=service_point_id,
        before={"logo": before},
        after={"logo": after},
    )
    touch_offers(session)
