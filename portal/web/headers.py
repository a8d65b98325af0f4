"""What every answer tells the browser: nothing inline, nothing from elsewhere, nothing kept."""

from flask import Flask, Response

CONTENT_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_ONE_YEAR = "max-age=31536000; includeSubDomains"


def register_headers(app: Flask) -> None:
    """Set the security headers on every answer that has not set its own."""
    settings = app.config.get("SETTINGS")
    pairs = list(_HEADERS.items())
    if getattr(settings, "env", None) == "production":
        pairs.append(("Strict-Transport-Security", _ONE_YEAR))

    @app.after_request
    def _protect(response: Response) -> Response:
        own = {name.lower() for name in response.headers.keys()}  # noqa: SIM118 - pairs otherwise
        response.headers.extend([pair for pair in pairs if pair[0].lower() not in own])
        return response
