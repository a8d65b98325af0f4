"""The visitors' door: every shop under its address, in three languages, for nobody in particular.

Who visits is a visitor, signed in or not: the session's cookie is not even looked at, so that no
page can show more to one than to another. Forms carry no token and need no cookie; instead they
are taken only from pages of the portal itself, by what browsers say of where a form comes from.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.exceptions import HTTPException

from portal import clock
from portal.actors import Actor, Place
from portal.errors import PortalError
from portal.extensions import csrf
from portal.i18n import LANGUAGE, N_
from portal.storefronts.errors.visitors import NoSuchShop, ShopClosed
from portal.storefronts.queries.front import Front, Glance, glance_at, load_front, load_items
from portal.storefronts.rules.offers import Item
from portal.storefronts.views.public.kept import Kept
from portal.transactions import glance, read
from portal.web import logs
from portal.web.access import public
from portal.web.language import speak
from portal.web.problems import BadForm, explain
from portal.web.tracing import request_id

shop = Blueprint("shop", __name__)
csrf.exempt(shop)

LANGUAGES = {"": LANGUAGE, "es": "es", "en": "en"}
"""By what stands in addresses; Portuguese needs nothing there."""
NAMES = {"": "Português", "es": "Español", "en": "English"}
VISITOR = Actor(
    user_id=None,
    email="visitor",
    name="",
    profile_name="visitor",
    headquarters=False,
    permissions=frozenset(),
)
LONGEST_SLUG = 63

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])


@dataclass(frozen=True, slots=True)
class Entered:
    """The shop that a visitor is in."""

    glance: Glance
    front: Front

    @property
    def is_open(self) -> bool:
        """Whether it takes orders."""
        return self.glance.is_open

    def items(self) -> dict[str, Item]:
        """Return what it sells today, by SKU."""
        key = (self.front.service_point_id, self.glance.stamp, clock.today())
        return kept().items.get(key, lambda: dict(read(load_items, self.front, key[2])))


@dataclass(frozen=True, slots=True)
class Shops:
    """What this process keeps of shops: small, and dropped when their stamp moves on."""

    fronts: Kept[Front] = field(default_factory=lambda: Kept(256))
    items: Kept[dict[str, Item]] = field(default_factory=lambda: Kept(128))
    pages: Kept[Any] = field(default_factory=lambda: Kept(512))


def kept() -> Shops:
    """Return what is kept of shops."""
    found: Shops = current_app.extensions["shops"]
    return found


@shop.record_once
def _install(state: Any) -> None:
    state.app.extensions["shops"] = Shops()


def route(rule: str, **options: Any) -> Callable[[View], View]:
    """Open a page of every shop in every language."""

    def decorate(view: View) -> View:
        opened = public(view)
        for base in ("/loja/<slug>", "/loja/<slug>/<any(es, en):language>"):
            shop.add_url_rule(base + rule, view.__name__, opened, strict_slashes=False, **options)
        return opened

    return decorate


@shop.url_value_preprocessor
def _read_address(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    given = values or {}
    g.shop_language = given.pop("language", "")
    g.shop_slug = given.get("slug", "")
    speak(LANGUAGES[g.shop_language])


@shop.url_defaults
def _write_address(endpoint: str, values: dict[str, Any]) -> None:
    """Let addresses stay in the shop and in its language."""
    for name, value in (("slug", g.get("shop_slug")), ("language", g.get("shop_language"))):
        if (
            value
            and name not in values
            and current_app.url_map.is_endpoint_expecting(endpoint, name)
        ):
            values[name] = value


@shop.before_request
def _come_in() -> None:
    g.actor = replace(VISITOR, address=request.remote_addr or "", request_id=request_id())
    if request.method not in {"GET", "HEAD", "OPTIONS"}:
        _insist_on_own_page()


def _insist_on_own_page() -> None:
    sent_from = request.headers.get("Origin") or request.headers.get("Referer") or ""
    if urlsplit(sent_from).netloc.lower() != request.host.lower():
        raise BadForm


def enter(slug: str) -> Entered:
    """Return the shop at an address; NoSuchShop for none."""
    if len(slug) > LONGEST_SLUG:
        raise NoSuchShop
    seen = glance(glance_at, slug)
    key = (seen.service_point_id, seen.stamp, slug)
    front = kept().fronts.get(key, lambda: read(load_front, seen.service_point_id))
    g.shop = entered = Entered(seen, front)
    return entered


def enter_open(slug: str) -> Entered:
    """Return the shop at an address, if it takes orders; ShopClosed otherwise."""
    entered = enter(slug)
    if not entered.is_open:
        raise ShopClosed
    return entered


def be_of(entered: Entered) -> None:
    """Let the visitor be one of the shop's: the answer to a form is theirs to have again."""
    front = entered.front
    place = Place(front.service_point_id, front.slug, front.name)
    g.actor = replace(g.actor, service_points=(place,))


def base_url() -> str:
    """Return the portal's own address, as links in mails and for search engines name it."""
    settings = current_app.config["SETTINGS"]
    return str(settings.public_url or request.host_url).rstrip("/")


def in_language(code: str) -> str:
    """Return the address of the present page in another language."""
    arguments = dict(request.view_args or {})
    endpoint = request.endpoint or "shop.catalogue"
    kept_arguments = request.args.to_dict() if request.method == "GET" else {}
    return url_for(endpoint, **(kept_arguments | arguments | {"language": code or None}))


@shop.context_processor
def _words() -> dict[str, Any]:
    entered: Entered | None = g.get("shop")
    return {
        "front": entered.front if entered else None,
        "is_open": entered.is_open if entered else False,
        "languages": NAMES,
        "language": g.get("shop_language", ""),
        "in_language": in_language,
        "base_url": base_url,
    }


def said(error: PortalError) -> str:
    """Return why something was refused, in words for visitors.

    What is the portal's own business is told by what to do about it.
    """
    if type(error).__module__.startswith("portal.storefronts."):
        return explain(error)
    return gettext(_DO.get(error.code, _REPEAT))


_REPEAT = N_("That did not work. Load the page again and repeat.")
_NOTHING = N_("There is nothing at this address.")
_DO = {
    "form_expired": N_("The page was open for too long. Load it again and repeat."),
    "busy": N_("The shop is busy. Nothing was stored: send it again in a moment."),
    "idempotency_key_reused": N_(
        "This order was sent already. Look for its link in your e-mail before you order again."
    ),
    "not_found": _NOTHING,
}


@shop.errorhandler(PortalError)
def _refused(error: PortalError) -> ResponseReturnValue:
    """Answer a refusal in the shop's own look, if the shop is known by then."""
    status = HTTPStatus.OK if isinstance(error, ShopClosed) else error.status
    response = _oops(status, said(error))
    if "seconds" in error.facts:
        response.headers["Retry-After"] = str(error.facts["seconds"])
    return response


@shop.errorhandler(HTTPException)
def _http(error: HTTPException) -> ResponseReturnValue:
    """Answer what Flask itself refuses; redirects pass."""
    if error.response is not None or (error.code or 500) < HTTPStatus.BAD_REQUEST:
        return error.get_response()
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    text = _NOTHING if status == HTTPStatus.NOT_FOUND else _REPEAT
    return _oops(status, gettext(text))


@shop.errorhandler(Exception)
def _failed(error: Exception) -> ResponseReturnValue:
    """Answer a failure of the portal itself: logged, without details."""
    logs.log_failure(error)
    return _oops(HTTPStatus.INTERNAL_SERVER_ERROR, gettext(_REPEAT))


def _oops(status: int, message: str) -> Response:
    return Response(
        render_template("storefronts/refused.html", status=status, message=message), status
    )
