"""Who is asking, and whether the door is open: the same for pages and API."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.actors import Actor
from portal.errors import Forbidden, PortalError
from portal.i18n import N_
from portal.web.tracing import request_id

PUBLIC = "public"
SIGNED_IN = "signed_in"
API_ROOT = "/api/"
SCHEME = "bearer "

View = TypeVar("View", bound=Callable[..., Any])


class Unauthorized(PortalError):
    """Nobody is signed in, or the token is not valid."""

    status = 401
    code = "unauthorized"
    text = N_("Sign in, or send a valid token.")


@dataclass(slots=True)
class _Loaders:
    page: Callable[[], Actor | None]
    token: Callable[[str], Actor | None]


def load_with(
    page_loader: Callable[[], Actor | None], token_loader: Callable[[str], Actor | None]
) -> Callable[[Flask], None]:
    """Return what tells an application how to find out who asks.

    `page_loader` reads the session's cookie, `token_loader` gets the bearer token as it was sent.
    Both return None for nobody. `address` and `request_id` of the actor are filled in here.
    """

    def install(app: Flask) -> None:
        app.extensions["access"] = _Loaders(page_loader, token_loader)

    return install


def current_actor() -> Actor | None:
    """Return who asks, looked up once per request; None for nobody."""
    try:
        return g.actor  # type: ignore[no-any-return] # g holds anything
    except AttributeError:
        g.actor = None  # an error page drawn while the loader fails must not ask again
        g.actor = found = _load()
        return found


def actor() -> Actor:
    """Return who asks; Unauthorized for nobody."""
    found = current_actor()
    if found is None:
        raise Unauthorized
    return found


def _load() -> Actor | None:
    loaders: _Loaders | None = current_app.extensions.get("access")
    if loaders is None:
        return None
    if is_api():
        token = bearer_token()
        found = loaders.token(token) if token else None
    else:
        found = loaders.page()
    if found is None or found.request_id:
        return found
    return replace(found, address=request.remote_addr or "", request_id=request_id())


def is_api() -> bool:
    """Whether the request is one for other systems, answered in JSON."""
    return request.path.startswith(API_ROOT)


def bearer_token() -> str | None:
    """Return the token of the Authorization header, if there is one."""
    header = request.environ.get("HTTP_AUTHORIZATION", "")
    return (
        header[len(SCHEME) :].strip() or None if header[: len(SCHEME)].lower() == SCHEME else None
    )


def check(permission: str) -> None:
    """Let pass who may; Unauthorized for nobody, Forbidden for the others."""
    if permission == PUBLIC:
        return
    who = actor()
    if permission != SIGNED_IN and permission not in who.permissions:
        raise Forbidden


def requires(permission: str) -> Callable[[View], View]:
    """Open a page to those with the permission; nobody is led to the sign-in form."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **values: Any) -> ResponseReturnValue:
            if permission != PUBLIC and current_actor() is None:
                return _to_sign_in()
            check(permission)
            return view(*args, **values)  # type: ignore[no-any-return] # what the view returns

        guarded.permission = permission  # type: ignore[attr-defined] # read by the matrix of the suite
        return guarded  # type: ignore[return-value] # the same signature

    return decorate


signed_in = requires(SIGNED_IN)
public = requires(PUBLIC)


def permission_of(view: Callable[..., Any]) -> str | None:
    """Return the permission that a view declares."""
    return getattr(view, "permission", None)


def _to_sign_in() -> ResponseReturnValue:
    back = request.full_path.rstrip("?") if request.method == "GET" else None
    if "people.sign_in" not in current_app.view_functions:
        raise Unauthorized
    address = url_for("people.sign_in", next=back if back != "/" else None)
    if request.headers.get("HX-Request"):
        return "", 401, {"HX-Redirect": url_for("people.sign_in")}
    return redirect(address, 303)


def local_target(address: str | None) -> str | None:
    """Return an address to go on to, if it is one of the portal's own pages."""
    if not address or not address.startswith("/") or address.startswith("//") or "\\" in address:
        return None
    if any(character < " " for character in address):
        return None
    parts = urlsplit(address)
    return None if parts.scheme or parts.netloc else address


def register(app: Flask) -> None:
    """Give templates the `actor`."""

    @app.context_processor
    def _actor() -> dict[str, Any]:
        return {"actor": current_actor()}
