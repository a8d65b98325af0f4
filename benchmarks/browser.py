"""Somebody with a browser: one connection, cookies, and forms sent as browsers send them."""

import re
from collections.abc import Mapping
from http.client import HTTPConnection
from urllib.parse import urlencode

HOST = "127.0.0.1"
NAME = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


class Browser:
    """Sends one request after the other."""

    def __init__(self, port: int) -> None:
        self.origin = f"http://{HOST}:{port}"
        self.cookies: dict[str, str] = {}
        self.came_with: Mapping[str, str] = {}
        self._connection = HTTPConnection(HOST, port, timeout=60)

    def get(self, path: str, expect: int = 200, **headers: str) -> bytes:
        """Open a page; return it as it travelled."""
        return self._send("GET", path, None, headers, expect)

    def submit(self, path: str, form: Mapping[str, str], expect: int = 303) -> str:
        """Send a form; return where it leads."""
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.origin}
        self._send("POST", path, urlencode(form).encode(), kind, expect)
        return self.came_with.get("Location", "")

    def hidden(self, path: str, name: str) -> str:
        """Open a page; return the value of a hidden field of its form."""
        page = self.get(path).decode()
        tag = next(tag for tag in re.findall(r"<input[^>]*>", page) if f'name="{name}"' in tag)
        return re.findall(r'value="([^"]*)"', tag)[0]

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def _send(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str], expect: int
    ) -> bytes:
        held = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        own = {"User-Agent": NAME} | ({"Cookie": held} if held else {})
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._connection.request(method, path, body, own | named)
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status != expect:
            raise SystemExit(f"{method} {path}: {answer.status} {content.decode()[:500]}")
        self.came_with = answer.headers
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return content
