"""Ports for what listens there later, or again after it was away: nobody gets them by chance in between."""

from __future__ import annotations

import secrets
import socket
from contextlib import ExitStack
from pathlib import Path
from typing import Final

LOWEST: Final = 12_000
"""Above it browsers refuse no port (https://fetch.spec.whatwg.org/#port-blocking), and few services have one."""
GIVEN: Final = Path("/proc/sys/net/ipv4/ip_local_port_range")
"""Which ports Linux gives to whoever asks for any, each outgoing connection among them. Elsewhere they begin higher."""


def kept_ports(count: int) -> list[int]:
    """Different ports of this machine at which nobody listens, and that the system gives to nobody who asks for any."""
    end = int(GIVEN.read_text().split()[0]) if GIVEN.exists() else 32_768
    found: list[int] = []
    with ExitStack() as taken:
        while len(found) < count:
            port = LOWEST + secrets.randbelow(end - LOWEST)
            try:
                taken.enter_context(socket.create_server(("127.0.0.1", port)))
            except OSError:
                continue  # somebody has it
            found.append(port)
    return found
