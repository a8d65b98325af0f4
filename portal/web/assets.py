"""Static files: addresses that change with the content, cached for ever."""

import hashlib
import re
from pathlib import Path
from wsgiref.headers import Headers

from flask import Flask
from whitenoise import WhiteNoise

_PREFIX = "/static/"
_LASTING = re.compile(r"/static/vendor/|\.[0-9a-f]{12}\.[a-z0-9]+$")


class Assets:
    """The content hash of every static file, taken once when the application starts."""

    def __init__(self, folder: Path, *, hashed: bool = True) -> None:
        self.files = {
            path.relative_to(folder).as_posix(): path
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
        self.hashes = {name: _hash(path) for name, path in self.files.items()} if hashed else {}

    def url(self, name: str) -> str:
        """Return the address of a file under static/, such as `css/base.css`."""
        if name not in self.files:
            raise LookupError(f"static/{name} does not exist")
        return _PREFIX + (self.hashed_name(name) if name in self.hashes else name)

    def hashed_name(self, name: str) -> str:
        """Return `css/base.css` as `css/base.0123456789ab.css`."""
        stem, dot, suffix = name.rpartition(".")
        return f"{stem}.{self.hashes[name]}.{suffix}" if dot else name


def register_assets(app: Flask) -> None:
    """Serve static files before the application is asked, and give templates `asset_url`.

    While debugging the plain names are used and every request looks at the file anew.
    """
    folder = Path(app.static_folder or "static")
    assets = Assets(folder, hashed=not app.debug)
    server = WhiteNoise(
        app.wsgi_app,
        autorefresh=app.debug,
        max_age=0 if app.debug else 3600,
        allow_all_origins=False,
        immutable_file_test=lambda _path, url: bool(_LASTING.search(url)),
        add_headers_function=_add_headers,
    )
    server.add_files(str(folder), prefix=_PREFIX)
    for name, path in assets.files.items():
        if name in assets.hashes and not name.endswith(".gz"):
            server.add_file_to_dictionary(_PREFIX + assets.hashed_name(name), str(path))
    app.wsgi_app = server  # type: ignore[method-assign] # the way Flask documents for middleware
    app.jinja_env.globals["asset_url"] = assets.url


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def _add_headers(headers: Headers, _path: str, _url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Content-Security-Policy"] = "default-src 'none'"
