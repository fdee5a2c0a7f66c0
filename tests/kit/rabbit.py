"""A private RabbitMQ for a test run: a node, an epmd and a folder of its own, on free ports of this machine."""

from __future__ import annotations

import base64
import ctypes
import hashlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.kit.ports import kept_ports
from tools import rabbit as tool

START_SECONDS = 90
"""In which a broker that starts writes something to its log."""
STOP_SECONDS = 30
ADMIN, ADMIN_PASSWORD = "admin", "admin-secret"
"""May everything: the programs of the tests."""
PAGE, PAGE_PASSWORD = "nightshift", "page-secret-Pa55"
"""The page's own user, with the least rights (docs/reference/api.md)."""
INTAKE, RESULTS, EXCHANGE = "intake", "results", "requests"
POISON = "poison"
"""Where rejected messages of the intake go (a dead-letter queue)."""


def password_hash(password: str) -> str:
    """As RabbitMQ's definitions have it (rabbit_password_hashing_sha256): salt and the salted password's hash, in base64."""
    salt = secrets.token_bytes(4)
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def definitions() -> dict[str, Any]:
    """Users, rights, queues and exchanges. ``page`` has what docs/reference/api.md gives a page that takes messages from one queue."""

    def user(name: str, password: str) -> dict[str, Any]:
        hashed = {"password_hash": password_hash(password), "hashing_algorithm": "rabbit_password_hashing_sha256"}
        return {"name": name, **hashed, "tags": []}

    def rights(name: str, vhost: str, configure: str, write: str, read: str) -> dict[str, str]:
        return {"user": name, "vhost": vhost, "configure": configure, "write": write, "read": read}

    def queue(name: str, **arguments: Any) -> dict[str, Any]:
        return {"name": name, "vhost": "/", "durable": True, "auto_delete": False, "arguments": arguments}

    dead = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": POISON}
    return {
        "vhosts": [{"name": "/"}, {"name": "other"}],
        "users": [user(ADMIN, ADMIN_PASSWORD), user(PAGE, PAGE_PASSWORD), user("mute", "mute"), user("deaf", "deaf")],
        "permissions": [
            rights(ADMIN, "/", ".*", ".*", ".*"),
            rights(PAGE, "/", "", "^amq\\.default$", f"^{INTAKE}$"),
            rights("mute", "/", "", "", f"^{INTAKE}$"),
            rights("deaf", "/", "", "^amq\\.default$", ""),
        ],
        "queues": [queue(INTAKE, **dead), queue(RESULTS), queue(POISON)],
        "exchanges": [{"name": EXCHANGE, "vhost": "/", "type": "topic", "durable": True, "auto_delete": False, "arguments": {}}],
    }


def _end_with_parent() -> None:
    """A test run that is killed leaves no broker behind (Linux: PR_SET_PDEATHSIG is 1)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


class Rabbit:
    """One private broker. ``start``, ``stop`` (as a restart does), ``kill`` (as a crash does); its queues outlive all of them."""

    def __init__(self, root: Path, home: Path) -> None:
        self.root, self.home = root, home
        self.amqp_port, self.web_port, self._stomp, self._distribution, self._epmd = kept_ports(5)
        self.node = f"nightshift-{os.getpid()}-{secrets.token_hex(3)}@localhost"
        self._process: subprocess.Popen[bytes] | None = None
        self._environment = self._write()

    @property
    def address(self) -> str:
        """Of Web STOMP."""
        return f"ws://127.0.0.1:{self.web_port}/ws"

    @property
    def url(self) -> str:
        """Of AMQP, for a program that may everything."""
        return f"amqp://{ADMIN}:{quote(ADMIN_PASSWORD)}@127.0.0.1:{self.amqp_port}/%2F"

    def _write(self) -> dict[str, str]:
        root = self.root
        for name in ("mnesia", "log", "home", "conf", "conf/schema", "conf/generated"):
            (root / name).mkdir(parents=True)
        cookie = root / "home" / ".erlang.cookie"
        cookie.write_text(secrets.token_hex(10).upper())
        cookie.chmod(0o400)
        conf = root / "conf"
        (conf / "enabled_plugins").write_text("[rabbitmq_web_stomp].\n")
        (conf / "definitions.json").write_text(json.dumps(definitions()))
        settings = {
            "listeners.tcp.1": f"127.0.0.1:{self.amqp_port}",
            "stomp.listeners.tcp.1": f"127.0.0.1:{self._stomp}",
            "web_stomp.tcp.listener": f"127.0.0.1:{self.web_port}",
            "web_stomp.ws_frame": "binary",
            "load_definitions": f"{conf}/definitions.json",
            "log.console": "false",
        }
        (conf / "rabbitmq.conf").write_text("".join(f"{name} = {value}\n" for name, value in settings.items()))
        return {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "HOME": f"{root}/home",
            "RABBITMQ_NODENAME": self.node,
            "RABBITMQ_CONF_ENV_FILE": f"{conf}/none",
            "RABBITMQ_CONFIG_FILE": f"{conf}/rabbitmq.conf",
            "RABBITMQ_ADVANCED_CONFIG_FILE": f"{conf}/advanced.config",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{conf}/enabled_plugins",
            "RABBITMQ_MNESIA_BASE": f"{root}/mnesia",
            "RABBITMQ_LOG_BASE": f"{root}/log",
            "RABBITMQ_GENERATED_CONFIG_DIR": f"{conf}/generated",
            "RABBITMQ_SCHEMA_DIR": f"{conf}/schema",
            "RABBITMQ_PID_FILE": f"{root}/pid",
            "RABBITMQ_DIST_PORT": str(self._distribution),
            "ERL_EPMD_PORT": str(self._epmd),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1} +S 2:2",
        }

    def start(self) -> Rabbit:
        """Start it, and wait until it takes connections, as long as it goes on writing its log: a busy machine is no failure."""
        output = self.root / "log" / "output.txt"
        with output.open("ab") as out:
            self._process = subprocess.Popen(
                [str(self.home / "bin" / "rabbitmq-server")],
                env=self._environment,
                cwd=self.root,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_end_with_parent,
            )
        written, end = -1, 0.0
        while not self._ready():
            size = sum(one.stat().st_size for one in output.parent.iterdir())
            if size != written:
                written, end = size, time.monotonic() + START_SECONDS
            if self._process.poll() is not None or time.monotonic() > end:
                self.kill()
                raise AssertionError(f"RabbitMQ did not start:\n{output.read_text()[-3000:]}")
            time.sleep(0.1)
        return self

    def _ready(self) -> bool:
        """AMQP is opened last, after the plugins: it answers a wrong version with its own."""
        try:
            with socket.create_connection(("127.0.0.1", self.amqp_port), 1) as amqp:
                amqp.settimeout(2)
                amqp.sendall(b"AMQP\x00\x00\x09\x01")
                if not amqp.recv(8):
                    return False
            with socket.create_connection(("127.0.0.1", self.web_port), 1) as web:
                web.settimeout(2)
                web.sendall(b"GET /ws HTTP/1.1\r\nHost: localhost\r\n\r\n")
                return web.recv(8).startswith(b"HTTP/1.1")
        except OSError:
            return False

    def stop(self) -> None:
        """End it as a restart would: connections are told."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
        self._process = None

    def kill(self) -> None:
        """End it as a crash would."""
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._process = None

    def close(self) -> None:
        """End it, and its epmd."""
        self.stop()
        epmd = shutil.which("epmd") or "epmd"
        subprocess.run([epmd, "-port", str(self._epmd), "-kill"], capture_output=True, check=False)


@contextmanager
def running() -> Iterator[Rabbit]:
    """A broker, removed at the end. Skips the test where this machine has no RabbitMQ and no package manager can give one."""
    try:
        home = tool.find()
    except FileNotFoundError as error:
        pytest.skip(str(error))
    with tempfile.TemporaryDirectory(prefix="nightshift-rabbit-", ignore_cleanup_errors=True) as folder:
        rabbit = Rabbit(Path(folder), home)
        try:
            yield rabbit.start()
        finally:
            rabbit.close()


@pytest.fixture(scope="session")
def rabbit() -> Iterator[Rabbit]:
    """One broker for the whole run. A test that ends it starts it again."""
    with running() as found:
        yield found
