"""The settings: one frozen value, read once from `BALLOT_…` variables and passed in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from ballot.errors import OperationError
from ballot.language import N_, Text, closest


class SettingError(OperationError):
    """An environment variable does not hold what it should."""

    message = N_("环境变量 %(name)s 的值不可用：%(value)s。应为%(wanted)s。")


@dataclass(frozen=True)
class Settings:
    """What an installation may set. With nothing set, everything lives in `./var`.

    `grace_seconds`: how long after closing a vote already on its way is still taken.
    `smallest_group`: a group's result with fewer ballots is never shown alone (k).
    `console_here`: to other machines only voters' pages and screens answer (web/wall.py).
    `lan_address`: the hall's address, as `serve --lan` found it; empty without. `wifi_name`,
    `wifi_password`: what phones need for the hall's Wi-Fi, where the organiser said it.
    """

    folder: Path
    database_url: str
    secret_file: Path
    public_url: str
    language: str
    grace_seconds: int = 90
    smallest_group: int = 5
    console_here: bool = False
    lan_address: str = ""
    wifi_name: str | None = None
    wifi_password: str | None = field(default=None, repr=False)

    @property
    def sqlite_file(self) -> Path | None:
        """The database's file, or None if it is not SQLite."""
        prefix = "sqlite:///"
        return Path(self.database_url[len(prefix) :]) if self.on_sqlite else None

    @property
    def secure(self) -> bool:
        """Whether phones reach this installation over TLS."""
        return self.public_url.startswith("https:")

    @property
    def on_sqlite(self) -> bool:
        """Whether the database is one SQLite file."""
        return self.database_url.startswith("sqlite:")


def from_environment(environ: Mapping[str, str]) -> Settings:
    """Read the settings.

    Raises: SettingError for a value of the wrong form.
    """
    folder = Path(environ.get("BALLOT_FOLDER", "var")).absolute()
    return Settings(
        folder=folder,
        database_url=_database_url(environ, folder),
        secret_file=Path(environ.get("BALLOT_SECRET_FILE", folder / "secret.key")).absolute(),
        public_url=_public_url(environ),
        language=closest(environ.get("BALLOT_LANGUAGE")),
        grace_seconds=_whole(environ, "BALLOT_GRACE_SECONDS", 90),
        smallest_group=_whole(environ, "BALLOT_SMALLEST_GROUP", 5),
        console_here=_console_here(environ),
        lan_address=environ.get("BALLOT_LAN_ADDRESS", ""),
        wifi_name=environ.get("BALLOT_WIFI_NAME") or None,
        wifi_password=environ.get("BALLOT_WIFI_PASSWORD"),
    )


def _database_url(environ: Mapping[str, str], folder: Path) -> str:
    url = environ.get("BALLOT_DATABASE_URL") or f"sqlite:///{folder / 'ballot.db'}"
    if url.startswith("sqlite:///"):
        return f"sqlite:///{Path(url.removeprefix('sqlite:///')).absolute()}"
    for scheme in ("postgresql+psycopg://", "postgresql://", "postgres://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    raise SettingError(
        name="BALLOT_DATABASE_URL", value=url.split("://")[0], wanted="sqlite:///… / postgresql://…"
    )


def _public_url(environ: Mapping[str, str]) -> str:
    """Return the address that phones open, without a path (the QR code holds it in upper case)."""
    url = environ.get("BALLOT_PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path or parts.query:
        raise SettingError(name="BALLOT_PUBLIC_URL", value=url, wanted="http(s)://HOST[:PORT]")
    return url


def _console_here(environ: Mapping[str, str]) -> bool:
    value = environ.get("BALLOT_CONSOLE", "anywhere")
    if value not in {"anywhere", "here"}:
        raise SettingError(name="BALLOT_CONSOLE", value=value, wanted="anywhere / here")
    return value == "here"


def _whole(environ: Mapping[str, str], name: str, default: int) -> int:
    value = environ.get(name, str(default))
    if not value.isascii() or not value.isdigit():
        raise SettingError(name=name, value=value, wanted=Text("非负整数"))
    return int(value)
