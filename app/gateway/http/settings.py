"""Settings from the environment, each checked once, with a sentence where it is wrong."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

import msgspec

from app.core.base.text import whole_number
from app.core.programs.protocol import RabbitSettings, ServerSettings
from app.gateway.http.guard import is_loopback

MIN_TOKEN = 16
"""Characters of a token: it stands between the network and an account that costs money."""


class SettingError(Exception):
    """A setting is wrong, or the machine refuses it; the message is a sentence for the person."""


class Broker(msgspec.Struct, frozen=True):
    """The one broker that the relay reaches. Never printed: it holds the password."""

    user: str
    password: str
    shown: RabbitSettings

    def __repr__(self) -> str:
        return f"Broker({self.shown.host}:{self.shown.port})"


class Settings(msgspec.Struct, frozen=True):
    """The server's settings."""

    root: Path
    data: Path
    """The folder of the messages that programs post."""
    host: str = "127.0.0.1"
    port: int = 8000
    """0: any free port."""
    token: str = ""
    keep_days: float = 30.0
    """Days that a message stays after its result was delivered."""
    private: bool = False
    """Webhooks through the server may reach private addresses."""
    broker: Broker | None = None
    practice_origins: frozenset[str] = frozenset()
    """Origins of other pages that may use the practice provider here."""
    practice_quota: int = 1_000_000_000
    """Bytes of files that the practice provider keeps at most."""

    def __repr__(self) -> str:
        return f"Settings(root={self.root}, data={self.data}, {self.host}:{self.port})"

    @property
    def local_only(self) -> bool:
        """Whether only this machine can reach the server."""
        return is_loopback(self.host)

    def for_page(self) -> ServerSettings:
        """What the page may know."""
        return ServerSettings(private=self.private, rabbitmq=self.broker.shown if self.broker else None)


def settings(environment: Mapping[str, str]) -> Settings:
    """Read the environment (docs/reference/api.md has the list). Raises SettingError with a sentence."""
    host, port = environment.get("HOST") or "127.0.0.1", _port(environment)
    token = environment.get("NIGHTSHIFT_TOKEN") or ""
    if token and (len(token) < MIN_TOKEN or not token.isascii() or not token.isprintable() or " " in token):
        raise SettingError(f"NIGHTSHIFT_TOKEN must be at least {MIN_TOKEN} characters, ASCII, without spaces.")
    if not is_loopback(host) and not token:
        raise SettingError(
            f"HOST={host} can be reached by other machines, so a token is needed: set NIGHTSHIFT_TOKEN to a long random text, "
            "or leave out HOST to serve this machine only."
        )
    return Settings(
        root=_root(environment),
        data=Path(environment.get("NIGHTSHIFT_DATA") or default_data(environment)).expanduser().resolve(),
        host=host,
        port=port,
        token=token,
        keep_days=_days(environment),
        private=_switch(environment, "NIGHTSHIFT_PRIVATE_WEBHOOKS"),
        broker=_broker(environment),
        practice_origins=_origins(environment),
        practice_quota=_megabytes(environment, "NIGHTSHIFT_PRACTICE_QUOTA", 1_000),
    )


def default_data(environment: Mapping[str, str], platform: str = sys.platform) -> Path:
    """The folder ``nightshift`` where this system keeps a user's data."""
    home = Path(environment.get("HOME") or Path.home())
    if platform == "win32":
        return Path(environment.get("LOCALAPPDATA") or home / "AppData" / "Local") / "Nightshift"
    if platform == "darwin":
        return home / "Library" / "Application Support" / "Nightshift"
    return Path(environment.get("XDG_DATA_HOME") or home / ".local" / "share") / "nightshift"


def _port(environment: Mapping[str, str]) -> int:
    said = environment.get("PORT") or "8000"
    port = whole_number(said, 0, 65535)
    if port is None:
        raise SettingError(f"PORT must be a number from 0 to 65535, not {said[:40]!r}.")
    return port


def _root(environment: Mapping[str, str]) -> Path:
    root = Path(environment.get("NIGHTSHIFT_ROOT") or Path(__file__).parents[3] / "build" / "site").resolve()
    if not (root / "index.html").is_file():
        raise SettingError(f"There is no page in {root}. `make run` prepares it; or set NIGHTSHIFT_ROOT to where index.html is.")
    return root


def _days(environment: Mapping[str, str]) -> float:
    said = environment.get("NIGHTSHIFT_KEEP_DAYS") or "30"
    days = whole_number(said, 0, 36_500)
    if days is None:
        raise SettingError(f"NIGHTSHIFT_KEEP_DAYS must be a whole number of days, not {said[:40]!r}; 0 keeps everything.")
    return float(days)


def _origins(environment: Mapping[str, str]) -> frozenset[str]:
    said = [origin.strip() for origin in (environment.get("NIGHTSHIFT_PRACTICE_ORIGINS") or "").split(",")]
    origins = frozenset(origin.lower() for origin in said if origin)
    for origin in origins:
        if origin != "null" and not re.fullmatch(r"https?://[^/?#@\s]+", origin):
            raise SettingError(
                f"NIGHTSHIFT_PRACTICE_ORIGINS must be origins such as https://page.example, with commas between, not {origin!r}."
            )
    return origins


def _megabytes(environment: Mapping[str, str], name: str, default: int) -> int:
    """Bytes of a setting that is told in megabytes."""
    said = environment.get(name) or str(default)
    found = whole_number(said, 0, 1_000_000)
    if found is None:
        raise SettingError(f"{name} must be a whole number of megabytes up to a million, not {said[:40]!r}.")
    return found * 1_000_000


def _switch(environment: Mapping[str, str], name: str) -> bool:
    said = environment.get(name, "").lower()
    if said not in ("", "0", "1", "no", "yes", "false", "true"):
        raise SettingError(f"{name} must be 1 or 0.")
    return said in ("1", "yes", "true")


def _broker(environment: Mapping[str, str]) -> Broker | None:
    """RABBITMQ_URL in the form of https://www.rabbitmq.com/docs/uri-spec: a missing vhost is ``/``, missing credentials are ``guest``."""
    said = environment.get("RABBITMQ_URL") or ""
    if not said:
        return None
    try:
        url = urlsplit(said)
        port = url.port
    except ValueError:
        url, port = urlsplit(""), None
    if url.scheme not in ("amqp", "amqps") or not url.hostname:
        raise SettingError("RABBITMQ_URL must look like amqp://user:password@host:5672/vhost (or amqps://).")
    tls = url.scheme == "amqps"
    shown = RabbitSettings(
        host=url.hostname,
        port=port or (5671 if tls else 5672),
        vhost=unquote(url.path[1:]) if len(url.path) > 1 else "/",
        tls=tls,
        input_queue=environment.get("RABBITMQ_INPUT_QUEUE") or "",
        input_exchange=environment.get("RABBITMQ_INPUT_EXCHANGE") or "",
        input_routing_key=environment.get("RABBITMQ_INPUT_ROUTING_KEY") or "",
    )
    return Broker(unquote(url.username or "guest"), unquote(url.password or "guest"), shown)
