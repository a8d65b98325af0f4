"""Settings: read once from the environment, frozen afterwards."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_DATABASE = f"sqlite:///{ROOT / 'instance' / 'repasse.sqlite3'}"
DEFAULT_SECRET = "not-a-secret-and-refused-in-production"  # noqa: S105 - its point is to be known
ENVIRONMENTS = ("development", "testing", "production")
PROVIDERS = ("", "simulated")
SHOP = "shop"
SERVES = ("all", SHOP)
MINIMAL_SECRET_LENGTH = 16
_SENDER = re.compile(r"[^<>\r\n]*<[^<>\s@]+@[^<>\s@]+>|[^<>\s@]+@[^<>\s@]+")
_MAIL_PORTS = {"smtp": 25, "smtps": 465}
_OWN_ADDRESS = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?")
_MEMORY = re.compile(r"sqlite(\+\w+)?://(/?(\?.*)?$|.*(:memory:|mode=memory))")


class BadSettings(ValueError):
    """The environment asks for something that must not run."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """The server that takes mails; `tls` is "", "starttls" or "tls"."""

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    tls: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """What an installation decides. `rate_limit` is requests a minute per token, None is off."""

    database_url: str = DEFAULT_DATABASE
    migration_database_url: str = ""
    secret_key: str = field(default=DEFAULT_SECRET, repr=False)
    env: str = "development"
    timezone: str = "America/Sao_Paulo"
    now: str | None = None
    rate_limit: int | None = None
    redis_url: str = ""
    mail_url: str = field(default="", repr=False)
    payments_provider: str = ""
    """`simulated` in demos and tests; empty: Pix where the payee has a key, else by hand."""
    pix_key: str = ""
    pix_name: str = ""
    pix_city: str = ""
    """Headquarters' Pix account, unless one is on file."""
    mail_from: str = ""
    """Who mails are from, such as `Certa <pedidos@certa.example>`."""
    public_url: str = ""
    """The portal's own address, such as https://loja.example; none: as each request names it."""
    trusted_proxies: int = 0
    serves: str = "all"
    """`shop`: this server answers the shops' public pages alone, and gives way to others."""
    debug: bool = False
    grace_days: int = 30
    """How long credit lives that comes back for a lot that has expired since."""
    argon2: tuple[int, int, int] = (3, 65536, 4)
    """Time cost, memory in KiB, lanes: argon2-cffi's own defaults."""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Settings":
        """Read the settings; BadSettings when they contradict each other."""
        env = environ.get("PORTAL_ENV", "production")
        database = environ.get("DATABASE_URL") or DEFAULT_DATABASE
        settings = cls(
            database_url=_with_driver(database),
            migration_database_url=_with_driver(environ.get("MIGRATION_DATABASE_URL") or database),
            secret_key=environ.get("SECRET_KEY") or DEFAULT_SECRET,
            env=env,
            timezone=environ.get("PORTAL_TIMEZONE") or "America/Sao_Paulo",
            now=environ.get("PORTAL_NOW") or None,
            rate_limit=_rate_limit(environ.get("RATE_LIMIT", ""), env),
            redis_url=environ.get("REDIS_URL", ""),
            mail_url=environ.get("MAIL_URL", ""),
            payments_provider=environ.get("PAYMENTS_PROVIDER", _usual_provider(env)),
            pix_key=environ.get("PIX_KEY", ""),
            pix_name=environ.get("PIX_NAME", ""),
            pix_city=environ.get("PIX_CITY", ""),
            mail_from=environ.get("MAIL_FROM", ""),
            public_url=environ.get("PUBLIC_URL", "").rstrip("/"),
            trusted_proxies=_number("TRUSTED_PROXIES", environ.get("TRUSTED_PROXIES", "")),
            serves=environ.get("SERVES") or "all",
            grace_days=_number("CREDIT_GRACE_DAYS", environ.get("CREDIT_GRACE_DAYS") or "30"),
            debug=environ.get("FLASK_DEBUG", "") not in {"", "0", "false"},
        )
        settings.check()
        return settings

    def check(self) -> None:
        """Refuse what must not run; BadSettings says which setting and why."""
        if self.env not in ENVIRONMENTS:
            raise BadSettings(f"PORTAL_ENV must be one of {', '.join(ENVIRONMENTS)}")
        _check_zone(self.timezone)
        if self.public_url and not _OWN_ADDRESS.fullmatch(self.public_url):
            raise BadSettings("PUBLIC_URL must be an address such as https://loja.example")
        if self.serves not in SERVES:
            raise BadSettings(f"SERVES must be one of {', '.join(SERVES)}")
        if self.payments_provider not in PROVIDERS:
            raise BadSettings("PAYMENTS_PROVIDER must be simulated, or empty")
        pix = (self.pix_key, self.pix_name, self.pix_city)
        if any(pix) and not all(pix):
            raise BadSettings("PIX_KEY, PIX_NAME and PIX_CITY belong together")
        _ = self.mail_server
        if self.mail_from and not _SENDER.fullmatch(self.mail_from):
            raise BadSettings("MAIL_FROM must be like Repasse <mail@distributor.example>")
        if self.env == "production":
            self._check_production()

    def _check_production(self) -> None:
        if self.secret_key == DEFAULT_SECRET or len(self.secret_key) < MINIMAL_SECRET_LENGTH:
            raise BadSettings("SECRET_KEY must be set, with 16 characters or more, in production")
        if self.now:
            raise BadSettings("PORTAL_NOW is refused in production: the clock must run")
        if self.payments_provider:
            raise BadSettings("PAYMENTS_PROVIDER simulated is refused in production: nobody pays")
        if self.debug:
            raise BadSettings("FLASK_DEBUG is refused in production")
        if _MEMORY.match(self.database_url):
            raise BadSettings("DATABASE_URL names an SQLite memory database: it keeps nothing")

    @property
    def mail_server(self) -> MailServer | None:
        """Return where mails go, None where nobody said; BadSettings when it cannot be read."""
        return _mail_server(self.mail_url) if self.mail_url else None

    @property
    def is_production(self) -> bool:
        """Whether real people's money is at stake."""
        return self.env == "production"


def _rate_limit(text: str, env: str) -> int | None:
    if text:
        return _number("RATE_LIMIT", text) or None
    return 6000 if env == "production" else None


def _usual_provider(env: str) -> str:
    return "simulated" if env == "development" else ""


def _number(name: str, text: str) -> int:
    if not re.fullmatch("[0-9]{0,9}", text):
        raise BadSettings(f"{name} must be a whole number")
    return int(text or 0)


def _check_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadSettings("PORTAL_TIMEZONE is no time zone such as America/Sao_Paulo") from error


def _mail_server(url: str) -> MailServer:
    """Read `smtp://user:password@host:port?starttls`, or `smtps://` for TLS from the start."""
    parts = urlsplit(url)
    query = parse_qs(parts.query, keep_blank_values=True)
    try:
        port = parts.port
    except ValueError:
        port = -1
    if parts.scheme not in _MAIL_PORTS or not parts.hostname or port == -1 or parts.path.strip("/"):
        raise BadSettings("MAIL_URL must be like smtp://user:password@host:587?starttls")
    if set(query) - {"starttls"} or (query and parts.scheme == "smtps"):
        raise BadSettings("MAIL_URL takes nothing but ?starttls, and smtps:// not even that")
    tls = "tls" if parts.scheme == "smtps" else "starttls" if query else ""
    return MailServer(
        parts.hostname,
        port or _MAIL_PORTS[parts.scheme],
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        tls,
    )


def _with_driver(url: str) -> str:
    """Let `mysql://` and `mariadb://` mean PyMySQL."""
    return re.sub(r"^(mysql|mariadb)://", r"\1+pymysql://", url)
