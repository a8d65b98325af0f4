"""The shop's address, with its QR code and its poster."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from markupsafe import Markup

from portal.clock import now
from portal.errors import Conflict, PreconditionFailed, Refused
from portal.payments.rules.qr import qr_svg
from portal.storefronts.forms.admin import AddressForm
from portal.storefronts.queries.admin.shops import run_shop
from portal.storefronts.services.settings import change_address
from portal.storefronts.views.admin.door import SHOP_EDIT, bp, frame
from portal.transactions import read, transact
from portal.web.access import actor, requires
from portal.web.forms import form_page


@bp.route("/service-points/<code>/shop/address", methods=["GET", "POST"])
@requires(SHOP_EDIT)
def address(code: str) -> ResponseReturnValue:
    """Show and change where visitors find the shop."""
    run = read(run_shop, actor(), code)
    point = run.point
    form = AddressForm(data={"shop_slug": point.shop_slug, "version": point.version})
    if form.submitted():
        with form.taking(Refused, Conflict, PreconditionFailed):
            changed = transact(
                change_address,
                code,
                form.shop_slug.data or "",
                by=actor(),
                at=now(),
                version=form.seen_version(),
            )
            flash(_said(changed.shop_slug), "success")
            return redirect(url_for(".address", code=code), 303)
    head = frame(run, "address")
    url = head["shop_url"]
    drawing = Markup(qr_svg(url, title=url)) if url else None  # noqa: S704 - segno's own drawing
    return form_page("storefronts/admin/address.html", form, **head, qr=drawing)


def _said(slug: str | None) -> str:
    if slug is None:
        return gettext("The shop has no address any more.")
    return gettext("The shop's address is %(address)s.", address=f"/loja/{slug}")
