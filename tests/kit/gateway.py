"""The local server in a thread of the test's own process: it answers after 50 ms, where a process of its own takes a second."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app.gateway.http.connections import Connections
from app.gateway.http.settings import Settings
from app.gateway.mailbox.datafolder import hold
from app.gateway.server import listen, make_server, prepare


@contextmanager
def threaded(root: Path, data: Path, connections: Connections | None = None, **more: Any) -> Iterator[str]:
    """Serve the folder ``root``, keeping messages in ``data``; the address, without a slash at its end."""
    chosen = Settings(root=root, data=data, port=0, **more)
    with listen(chosen.host, 0) as listener, hold(data):
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
