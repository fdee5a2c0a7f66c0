"""Webhooks that go through the server: what came of each, and where it never goes."""

import ipaddress
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.programs.relay import FORWARDS, FORWARDS_PARALLEL
from app.gateway.relay import webhooks
from app.gateway.relay.webhooks import is_public, plain
from tests.fakes.page import answer_line
from tests.kit.gateway import threaded


class Receiver(BaseHTTPRequestHandler):
    """Does what its path says, and writes down what came."""

    got: list[tuple[str, dict[str, str], bytes]]
    waits: threading.Event

    def do_POST(self) -> None:
        """Answer."""
        body = self.rfile.read(int(self.headers["content-length"]))
        self.got.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
        if self.path == "/stalls":
            self.waits.wait(20)
        if self.path == "/hangs-up":
            return
        status = int(self.path[1:]) if self.path[1:].isdecimal() else 200
        self.send_response(status)
        if status in (301, 302, 307, 308):
            self.send_header("Location", "/200")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def receiver() -> Iterator[tuple[str, type[Receiver]]]:
    class OneReceiver(Receiver):
        """With a list of its own."""

    kind = OneReceiver
    kind.got, kind.waits = [], threading.Event()
    with ThreadingHTTPServer(("127.0.0.1", 0), kind) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", kind
        finally:
            kind.waits.set()
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def relay(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A server that may reach private addresses."""
    with threaded(folder, tmp_path_factory.mktemp("data"), private=True) as address, httpx.Client(base_url=address, timeout=30) as client:
        yield client


def send(relay: httpx.Client, url: str, **more: Any) -> dict[str, Any]:
    (told,) = send_all(relay, asked(url, **more))
    assert told is not None
    return told


def asked(url: str, **more: Any) -> dict[str, Any]:
    return {"url": url, "headers": {"content-type": "application/json"}, "body": "{}", "private": True, **more}


def send_all(relay: httpx.Client, *forwards: object, parallel: int = 1) -> list[dict[str, Any] | None]:
    answer = relay.post("/api/relay/webhook", json={"forwards": forwards, "parallel": parallel})
    assert answer.status_code == 200, answer.text
    return list(answer.json())


def test_the_whole_line_arrives(relay: httpx.Client) -> None:
    """Body and headers arrive as the page gave them; 2xx is success, with the time it took."""
    line = answer_line("a", "ü\u2028").decode()
    headers = {"content-type": "application/json", "idempotency-key": "k", "webhook-signature": "v1,x=", "x-custom-id": "a"}
    with receiver() as (address, kind):
        told = send(relay, f"{address}/202", headers=headers, body=line)
    assert (told["outcome"], told["status"]) == ("success", 202)
    ((_, got, body),) = kind.got
    assert body.decode() == line
    assert headers.items() <= got.items()
    assert "cookie" not in got


@pytest.mark.parametrize(
    ("path", "outcome", "status"),
    [
        ("401", "authorization_error", 401),
        ("403", "authorization_error", 403),
        ("404", "http_status_not_2xx", 404),
        ("500", "http_status_not_2xx", 500),
        ("302", "http_status_not_2xx", 302),
        ("308", "http_status_not_2xx", 308),
        ("hangs-up", "connection_error", None),
    ],
)
def test_what_is_no_success(relay: httpx.Client, path: str, outcome: str, status: int | None) -> None:
    """Each is told as what it is; a redirect is not followed; nothing is sent twice."""
    with receiver() as (address, kind):
        told = send(relay, f"{address}/{path}")
        assert (told["outcome"], told.get("status"), bool(told["error"])) == (outcome, status, True)
        assert len(kind.got) == 1


def test_a_receiver_that_stalls(relay: httpx.Client) -> None:
    """Is given up after the page's time."""
    begun = time.monotonic()
    with receiver() as (address, _):
        assert send(relay, f"{address}/stalls", timeout=1)["outcome"] == "timeout"
    assert time.monotonic() - begun < 15


def test_nobody_listens(relay: httpx.Client) -> None:
    """A refused connection, and a name that is not there, are connection errors."""
    assert send(relay, "http://127.0.0.1:1/")["outcome"] == "connection_error"
    assert send(relay, "http://no-such-host.invalid/")["outcome"] == "connection_error"


@pytest.mark.slow
@pytest.mark.parametrize(("server", "page"), [(False, True), (True, False), (False, False)])
def test_no_request_forgery_to_private_addresses(folder: Path, tmp_path: Path, server: bool, page: bool) -> None:
    """Unless server and page both allow it, this machine and its network are not reached, however they are written."""
    with receiver() as (address, kind), threaded(folder, tmp_path, private=server) as found, httpx.Client(base_url=found) as client:
        port = address.rpartition(":")[2]
        for host in ("127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "2130706433", "127.1"):  # noqa: S104
            told = send(client, f"http://{host}:{port}/200", private=page)
            assert told["outcome"] in ("not_configured", "connection_error"), host
        assert send(client, f"{address}/200", private=page)["outcome"] == "not_configured"
        assert kind.got == []


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "224.0.0.1", "255.255.255.255"),
        "0.0.0.0",  # noqa: S104
        *(
            "::127.0.0.1",
            "::10.0.0.1",
            "::ffff:0:127.0.0.1",
            "::ffff:0:10.0.0.1",
            "fec0::1",
            "feff::1",
            "5f00::1",
            "192.0.0.8",
            "192.88.99.1",
        ),
        *("2002:c0a8:101::1", "2001:0:5db8:d822::f5ff:fffe", "2001:db8::1", "3fff::1", "100::1", "4000::1", "2001:20::1", "1::1", ""),
        *("2606:2800:220:1:0:5efe:7f00:1", "2606:2800:220:1:200:5efe:a00:1", "64:ff9b::a00:1", "not an address", "::ffff:7f00:1"),
        *("::1", "::", "fe80::1%eth0", "fd00::1", "ff02::1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "64:ff9b:1::1"),
    ],
)
def test_addresses_that_are_not_public(address: str) -> None:
    """This machine, local networks, a cloud's metadata, and IPv6 forms that lead there."""
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::5db8:d822", "::ffff:93.184.216.34", "2002:5db8:d822::1"]
)
def test_addresses_that_are_public(address: str) -> None:
    """Are reached."""
    assert is_public(address)


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "ftp://example.com"},
        {"url": "https://user:secret@example.com/"},
        {"headers": {"Host": "evil"}},
        {"headers": {"Transfer-Encoding": "chunked"}},
        {"headers": {"x-a": "b\r\nevil: c"}},
        {"headers": {"x-a\r\nevil": "c"}},
        {"headers": {"Cookie": "a=b"}},
        {"body": 7},
    ],
)
def test_what_may_not_be_asked(relay: httpx.Client, wrong: dict[str, Any]) -> None:
    """Other schemes, credentials in the address, headers that change what is sent or where: not sent, with the reason, and the others of
    the request are."""
    with receiver() as (address, kind):
        told = send_all(relay, asked(f"{address}/a"), {**asked("https://example.com"), "headers": {}, **wrong}, asked(f"{address}/b"))
    assert [one and one["outcome"] for one in told] == ["success", "other", "success"]
    assert told[1] is not None
    assert "does not send this" in told[1]["error"]
    assert [path for path, _, _ in kind.got] == ["/a", "/b"]


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"forwards": []},
        {"forwards": [asked("https://example.com")] * (FORWARDS + 1)},
        {"forwards": [asked("https://example.com")], "parallel": 0},
        {"forwards": [asked("https://example.com")], "parallel": FORWARDS_PARALLEL + 1},
        {"forwards": "x"},
        [],
    ],
)
def test_what_is_no_group(relay: httpx.Client, wrong: object) -> None:
    """422: none, too many, or too many at a time."""
    assert relay.post("/api/relay/webhook", json=wrong).status_code == 422


def test_each_of_a_group_ends_by_itself(relay: httpx.Client) -> None:
    """In the order in which they were handed in, whatever became of the others; each is judged by itself."""
    with receiver() as (address, kind):
        told = send_all(
            relay, *(asked(f"{address}/{path}") for path in ("200", "500", "hangs-up")), asked(f"{address}/200", private=False), parallel=2
        )
    outcomes = [one and one["outcome"] for one in told]
    assert outcomes == ["success", "http_status_not_2xx", "connection_error", "not_configured"]
    assert len(kind.got) == 3


def test_a_group_that_takes_long_is_answered_before_all_were_begun(relay: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was not begun is null: the page hands it in anew. The first is begun in any case."""
    monkeypatch.setattr(webhooks, "FORWARDS_FOR", 0.0)
    with receiver() as (address, kind):
        told = send_all(relay, asked(f"{address}/200"), asked(f"{address}/201"), asked(f"{address}/202"))
    assert [one and one["status"] for one in told] == [200, None, None]
    assert len(kind.got) == 1


def test_a_page_of_another_site_may_not_ask(relay: httpx.Client) -> None:
    """Neither with its Origin, nor as a form that needs no preflight."""
    group = {"forwards": [asked("https://example.com")]}
    assert relay.post("/api/relay/webhook", json=group, headers={"Origin": "https://evil.example"}).status_code == 403
    assert relay.post("/api/relay/webhook", content="{}", headers={"content-type": "text/plain"}).status_code == 415


@given(st.integers(0, 2**32 - 1))
def test_an_address_within_an_address(number: int) -> None:
    """However an IPv4 address is wrapped, it is as public as it is by itself."""
    inner = ipaddress.IPv4Address(number)
    public = is_public(str(inner))
    for around in (
        f"::ffff:{inner}",
        f"64:ff9b::{inner}",
        f"::ffff:0:{inner}",
        str(ipaddress.IPv6Address((0x2002 << 112) | (number << 80) | 1)),
    ):
        assert is_public(around) == public, around
    assert not is_public(f"fe80::5efe:{inner}")
    assert public or not is_public(f"2606:2800:220:1:0:5efe:{inner}")


@given(st.integers(0, 2**128 - 1))
def test_an_address_of_no_public_block(number: int) -> None:
    """Of IPv6 only 2000::/3 is, and what holds a public IPv4 address."""
    found = ipaddress.IPv6Address(number)
    if is_public(str(found)):
        assert found.is_global
        assert number >> 125 == 1 or str(found).startswith(("64:ff9b::", "::"))


ODD_HOSTS = [
    *(
        "ü.example",
        "xn--nxasmq6b.invalid",
        "例え.テスト",
        "a" * 64 + ".example",
        "ä" * 60 + ".example",
        "a..b",
        ".a",
        "a.",
        ".",
        "..",
        "a" * 300,
    ),
    *(
        f"{'a.' * 130}example",
        "-",
        "_",
        "xn--",
        "xn--ü",
        "a。b",
        "[::1",
        "[::1]]",
        "[v1.x]",
        "[fe80::1%25eth0]",
        "::1",
        "%00",
        "%zz",
        "\u00ad",
    ),
    *("\u200d", "ß.example", "😀.example", "1" * 500, "a:0", "a:65536", "a:" + "9" * 5_000, "a:x", "a:", "a@b"),
]


@pytest.mark.slow
@pytest.mark.parametrize("host", ODD_HOSTS, ids=range(len(ODD_HOSTS)))
def test_odd_hosts(relay: httpx.Client, host: str, capfd: pytest.CaptureFixture[str]) -> None:
    """A name that cannot be one is refused with a sentence, or cannot be reached; the server has no fault of its own with any."""
    for rest in ("/hook", "/ü?ä=1", ""):
        told = send(relay, f"http://{host}{rest}", timeout=1)
        assert told["error"], told
        assert not told["error"].startswith("The local server failed"), told
    assert "failed" not in capfd.readouterr().err


def test_addresses_beyond_ascii(relay: httpx.Client) -> None:
    """A path in any script arrives with its characters escaped, once."""
    with receiver() as (address, kind):
        assert send(relay, f"{address}/ü%20ä?q=é&r=%C3%A9")["outcome"] == "success"
    assert kind.got[0][0] == "/%C3%BC%20%C3%A4?q=%C3%A9&r=%C3%A9"
    assert plain("https://bücher.example:8443/ü") == "https://xn--bcher-kva.example:8443/%C3%BC"
