"""The local server in a thread of the test's own process: it answers after 50 ms, where a process of its own takes a second."""

import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from app.gateway.application import DATABASE
from app.gateway.http.connections import Connections
from app.gateway.http.settings import Settings
from app.gateway.mailbox.database import Database
from app.gateway.mailbox.datafolder import hold
from app.gateway.server import listen, make_server, prepare


@cache
def _empty() -> bytes:
    """A database as the server makes it, made once: making one waits for the disk several times."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / DATABASE
        Database(path).prepare()
        return path.read_bytes()


@contextmanager
def threaded(root: Path, data: Path, connections: Connections | None = None, **more: Any) -> Iterator[str]:
    """Serve the folder ``root``, keeping messages in ``data``; the address, without a slash at its end."""
    chosen = Settings(root=root, data=data, port=0, **more)
    with listen(chosen.host, 0) as listener, hold(data):
        if not (data / DATABASE).exists():
            (data / DATABASE).write_bytes(_empty())
        prepare(chosen)
        server = make_server(chosen, connections)
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive(), "The server ended before it listened."
                time.sleep(0.005)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


class Leaver:
    """Stops servers that a test is done with while the next tests run: a stop is a quarter of a second of waiting (uvicorn looks ten times
    a second whether it should, and gives its connections 0.1 s)."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool
        self.left: list[Future[bool | None]] = []

    @contextmanager
    def leaving(self, server: AbstractContextManager[str]) -> Iterator[str]:
        """``server`` for one test; what goes wrong while it stops shows at the end (``left``)."""
        address = server.__enter__()
        try:
            yield address
        finally:
            self.left.append(self._pool.submit(server.__exit__, None, None, None))


@contextmanager
def leaver() -> Iterator[Leaver]:
    """For a suite: at its end all servers have stopped, and what went wrong is raised."""
    with ThreadPoolExecutor(8) as pool:
        found = Leaver(pool)
        yield found
    for one in found.left:
        one.result()
