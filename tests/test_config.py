"""Settings: read from the environment, and refused where they must not run."""

import dataclasses

import pytest

from portal.config import DEFAULT_DATABASE, DEFAULT_SECRET, BadSettings, MailServer, Settings

PRODUCTION = {
    "PORTAL_ENV": "production",
    "SECRET_KEY": "f3a9d1c07be24685",
    "DATABASE_URL": "mysql+pymysql://repasse@db.example/repasse",
}


def settings(**changes: str) -> Settings:
    return Settings.from_environment({**PRODUCTION, **changes})


def test_a_complete_production_starts() -> None:
    assert settings().is_production


def test_who_says_nothing_means_production_which_asks_for_a_secret() -> None:
    with pytest.raises(BadSettings, match="SECRET_KEY"):
        Settings.from_environment({})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", ""),
        ("SECRET_KEY", DEFAULT_SECRET),
        ("SECRET_KEY", "fifteen-letters"),
        ("PORTAL_NOW", "2026-12-01T12:00:00Z"),
        ("PORTAL_NOW", "@/tmp/now"),
        ("PAYMENTS_PROVIDER", "simulated"),
        ("FLASK_DEBUG", "1"),
        ("FLASK_DEBUG", "true"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "sqlite:///"),
        ("DATABASE_URL", "sqlite:///:memory:"),
        ("DATABASE_URL", "sqlite:///file::memory:?cache=shared&uri=true"),
        ("DATABASE_URL", "sqlite+pysqlite:///file:x?mode=memory&uri=true"),
    ],
)
def test_production_refuses_what_must_not_run_and_names_it(name: str, value: str) -> None:
    with pytest.raises(BadSettings, match=name):
        settings(**{name: value})


def test_production_may_keep_an_sqlite_file() -> None:
    assert settings(DATABASE_URL="sqlite:////var/lib/repasse/memory.sqlite3").is_production


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PAYMENTS_PROVIDER", "bank"),
        ("SERVES", "office"),
        ("PIX_KEY", "financeiro@example.com"),
        ("PIX_CITY", "Recife"),
        ("RATE_LIMIT", "many"),
        ("RATE_LIMIT", "-1"),
        ("TRUSTED_PROXIES", "1.5"),
        ("PORTAL_TIMEZONE", "Brazil/Nowhere"),
        ("PORTAL_TIMEZONE", "../../etc/passwd"),
    ],
)
def test_a_setting_that_means_nothing_is_named(name: str, value: str) -> None:
    with pytest.raises(BadSettings, match=name):
        settings(PORTAL_ENV="development", **{name: value})


@pytest.mark.parametrize("env", ["development", "testing"])
def test_elsewhere_it_may_run(env: str) -> None:
    made = settings(
        PORTAL_ENV=env, SECRET_KEY="", PORTAL_NOW="2026-12-01T12:00:00Z", FLASK_DEBUG="1"
    )

    assert not made.is_production
    assert made.secret_key == DEFAULT_SECRET
    assert made.debug


@pytest.mark.parametrize("env", ["prod", "Production", " "])
def test_an_environment_has_one_of_three_names(env: str) -> None:
    with pytest.raises(BadSettings, match="PORTAL_ENV must be one of"):
        settings(PORTAL_ENV=env)


def test_without_a_database_it_is_a_file_beside_the_portal() -> None:
    made = settings(DATABASE_URL="")

    assert made.database_url == made.migration_database_url == DEFAULT_DATABASE
    assert DEFAULT_DATABASE.startswith("sqlite:////")


@pytest.mark.parametrize(
    ("given", "understood"),
    [
        ("mysql://u:p@h/d", "mysql+pymysql://u:p@h/d"),
        ("mariadb://u@h/d?charset=utf8mb4", "mariadb+pymysql://u@h/d?charset=utf8mb4"),
        ("mysql+pymysql://u@h/d", "mysql+pymysql://u@h/d"),
    ],
)
def test_mysql_and_mariadb_mean_pymysql(given: str, understood: str) -> None:
    assert settings(DATABASE_URL=given).database_url == understood


def test_migrations_may_use_a_user_of_their_own() -> None:
    made = settings(MIGRATION_DATABASE_URL="mysql://owner@db.example/repasse")

    assert made.migration_database_url == "mysql+pymysql://owner@db.example/repasse"
    assert settings().migration_database_url == PRODUCTION["DATABASE_URL"]


@pytest.mark.parametrize(
    ("env", "text", "limit"),
    [
        ("production", "", 6000),
        ("testing", "", None),
        ("development", "", None),
        ("testing", "90", 90),
        ("production", "0", None),
    ],
)
def test_tokens_are_limited_in_production_and_where_it_is_said(
    env: str, text: str, limit: int | None
) -> None:
    assert settings(PORTAL_ENV=env, RATE_LIMIT=text).rate_limit == limit


def test_a_secret_does_not_show_when_settings_are_printed() -> None:
    made = settings(MAIL_URL="smtp://postmaster:hush@mail.example")

    assert PRODUCTION["SECRET_KEY"] not in repr(made)
    assert "hush" not in repr(made)


def test_settings_do_not_change_while_the_portal_runs() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings().env = "testing"  # type: ignore[misc] # the refusal is what is tested


# The mail server


def test_without_a_mail_url_there_is_no_mail_server() -> None:
    assert settings().mail_server is None


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example", MailServer("mail.example", 25)),
        ("smtp://127.0.0.1:1025/", MailServer("127.0.0.1", 1025)),
        ("smtps://mail.example", MailServer("mail.example", 465, tls="tls")),
        (
            "smtp://ana%40certa.example:p%40ss%2Fword@mail.example:587?starttls",
            MailServer("mail.example", 587, "ana@certa.example", "p@ss/word", "starttls"),
        ),
    ],
)
def test_a_mail_url_says_where_and_how(url: str, server: MailServer) -> None:
    assert settings(MAIL_URL=url).mail_server == server


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MAIL_URL", "mail.example"),
        ("MAIL_URL", "http://mail.example"),
        ("MAIL_URL", "smtp://"),
        ("MAIL_URL", "smtp://mail.example:none"),
        ("MAIL_URL", "smtp://mail.example:99999"),
        ("MAIL_URL", "smtp://mail.example/box"),
        ("MAIL_URL", "smtp://mail.example?tls=maybe"),
        ("MAIL_URL", "smtps://mail.example?starttls"),
        ("MAIL_FROM", "Certa"),
        ("MAIL_FROM", "Certa <pedidos@certa.example>\r\nBcc: bob@certa.example"),
        ("MAIL_FROM", "a@certa.example, b@certa.example"),
    ],
)
def test_a_mail_server_that_cannot_be_read_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(BadSettings, match=name):
        settings(**{name: value})


def test_settings_never_show_the_password_of_the_mail_server() -> None:
    chosen = settings(MAIL_URL="smtp://ana:hush-hush@mail.example")

    assert "hush-hush" not in f"{chosen} {chosen.mail_server}"
