"""The listening socket, the data folder, and the server's life."""

from __future__ import annotations

import errno
import os
import socket
import sqlite3
import sys

import uvicorn

from app.core.programs.protocol import MAX_FRAME
from app.gateway.application import DATABASE, application
from app.gateway.http.connections import Connections
from app.gateway.http.settings import SettingError, Settings, settings
from app.gateway.mailbox.database import Database, NewerData
from app.gateway.mailbox.datafolder import Held, hold, write_address


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


def address_of(listener: socket.socket) -> str:
    """Where a listening socket is, without a slash at the end."""
    host, port = listener.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def free_port(host: str, port: int) -> int:
    """A port after ``port`` that is free now, if one of the next hundred is."""
    for candidate in range(port + 1, min(port + 101, 65536)):
        try:
            listen(host, candidate).close()
        except SettingError:
            continue
        return candidate
    return port % 65535 + 1


def _why(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is taken by another program. Stop it, or choose another port: make run PORT={port % 65535 + 1}"
    if error.errno == errno.EACCES:
        return f"The system does not allow port {port}. Choose one above 1023: make run PORT=8000"
    return f"Nightshift cannot listen on {host}:{port}: {error.strerror or error}."


class Server(uvicorn.Server):
    """A uvicorn server that says where it is as soon as it answers, and tells those who wait when it stops."""

    def __init__(self, config: uvicorn.Config, connections: Connections) -> None:
        super().__init__(config)
        self._connections = connections

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listener in sockets or ():
            print(f"Nightshift is at {address_of(listener)}", flush=True)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for call in self._connections.on_stop:
            call()
        await super().shutdown(sockets)


def make_server(chosen: Settings, connections: Connections | None = None) -> Server:
    """A server that is ready to run on a listening socket."""
    connections = connections or Connections()
    config = uvicorn.Config(
        application(chosen, connections),
        http=connections.protocol(),
        ws=connections.sockets(),
        ws_max_size=MAX_FRAME,
        ws_per_message_deflate=False,  # the page is on this machine or near it: time counts, not bytes
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,  # a connection is known by its peer, whatever a request says
        timeout_graceful_shutdown=2,
    )
    return Server(config, connections)


def prepare(chosen: Settings) -> None:
    """Make what lies in the data folder, or look whether it can be used. Raises SettingError."""
    path = chosen.data / DATABASE
    try:
        Database(path).prepare()
    except NewerData:
        raise SettingError(f"{path} was written by a newer Nightshift. Start that one, or name another folder: NIGHTSHIFT_DATA=…") from None
    except (sqlite3.Error, OSError) as error:
        raise SettingError(f"{path} cannot be used: {error}. Repair it or move it, or name another folder: NIGHTSHIFT_DATA=…") from error


def main() -> int:
    """Serve until stopped. Returns the exit code: 0 after a stop, 1 when it cannot start."""
    try:
        chosen = settings(os.environ)
        try:
            held = hold(chosen.data)  # first: it says more than that the port is taken
        except Held as error:
            raise SettingError(error.sentence(free_port(chosen.host, chosen.port or 8000))) from error
        write_address(chosen.data, "")  # that of one that was stopped by force
        listener = listen(chosen.host, chosen.port)
        prepare(chosen)
    except SettingError as error:
        print(error, file=sys.stderr)
        return 1
    write_address(chosen.data, address_of(listener))
    server = make_server(chosen)
    try:
        server.run(sockets=[listener])
    except KeyboardInterrupt:
        print("Nightshift stopped.")
    finally:
        write_address(chosen.data, "")
        held.close()
    return 0
