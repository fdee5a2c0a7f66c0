"""Settings from the environment, the listening socket, and the server's life."""

from __future__ import annotations

import errno
import os
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec
import uvicorn

from app.gateway.application import application
from app.gateway.connections import Connections
from app.gateway.guard import is_loopback


class SettingError(Exception):
    """A setting is wrong, or the machine refuses it; the message is a sentence for the person."""


class Settings(msgspec.Struct, frozen=True):
    """Where to listen and what to serve. ``port`` 0 takes any free port."""

    root: Path
    host: str = "127.0.0.1"
    port: int = 8000


def settings(environment: Mapping[str, str]) -> Settings:
    """Read PORT, HOST and NIGHTSHIFT_ROOT. Raises SettingError with a sentence."""
    port = environment.get("PORT") or "8000"
    if not port.isdecimal() or int(port) > 65535:
        raise SettingError(f"PORT must be a number from 0 to 65535, not {port!r}.")
    root = Path(environment.get("NIGHTSHIFT_ROOT") or Path(__file__).parents[2] / "build" / "site").resolve()
    if not (root / "index.html").is_file():
        raise SettingError(f"There is no page in {root}. `make run` prepares it; or set NIGHTSHIFT_ROOT to where index.html is.")
    return Settings(root=root, host=environment.get("HOST") or "127.0.0.1", port=int(port))


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises SettingError when the port is taken, not allowed, or the address is not this machine's."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    if os.name != "nt":  # on Windows this option would let two servers share the port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host.strip("[]"), port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise SettingError(_why(error, host, port)) from error
    return listener


def _why(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is taken by another program. Stop it, or choose another port: make run PORT={port % 65535 + 1}"
    if error.errno == errno.EACCES:
        return f"The system does not allow port {port}. Choose one above 1023: make run PORT=8000"
    return f"Nightshift cannot listen on {host}:{port}: {error.strerror or error}."


class Server(uvicorn.Server):
    """A uvicorn server that says where it is as soon as it answers."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listener in sockets or ():
            host, port = listener.getsockname()[:2]
            print(f"Nightshift is at http://{f'[{host}]' if ':' in host else host}:{port}", flush=True)


def make_server(chosen: Settings) -> Server:
    """A server that is ready to run on a listening socket."""
    connections = Connections()
    config = uvicorn.Config(
        application(chosen.root, connections, local_only=is_loopback(chosen.host)),
        http=connections.protocol(),
        ws="none",
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
    )
    return Server(config)


def main() -> int:
    """Serve until stopped. Returns the exit code: 0 after a stop, 1 when it cannot start."""
    try:
        chosen = settings(os.environ)
        listener = listen(chosen.host, chosen.port)
    except SettingError as error:
        print(error, file=sys.stderr)
        return 1
    server = make_server(chosen)
    try:
        server.run(sockets=[listener])
    except KeyboardInterrupt:
        print("Nightshift stopped.")
    return 0
