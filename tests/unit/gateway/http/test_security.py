"""Who may speak to the mailbox."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from app.core.programs import protocol as words
from app.core.programs.protocol import Welcome
from app.gateway.http.settings import SettingError, Settings, default_data, settings
from tests.fakes.page import FakePage
from tests.kit.gateway import threaded
from tests.kit.site import ROOT
from tests.unit.gateway.conftest import message

TOKEN = "a-token-of-20-letters"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
PATHS = ["/api/requests", "/api/requests/x", "/api/settings", "/batches/b/files/input/download", "/v1/batches", "/v1/files"]


@pytest.fixture(scope="module")
def closed(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with a token."""
    with threaded(folder, tmp_path_factory.mktemp("data"), token=TOKEN) as address:
        yield address


@pytest.fixture(scope="module")
def opened(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server without one."""
    with threaded(folder, tmp_path_factory.mktemp("data")) as address:
        yield address


@pytest.mark.slow
@pytest.mark.parametrize("path", [*PATHS, "/health"])
def test_dns_rebinding(opened: str, path: str) -> None:
    """A foreign name in the Host header is refused everywhere."""
    assert httpx.get(opened + path, headers={"Host": "evil.example"}).status_code == 421


def test_dns_rebinding_by_websocket(opened: str) -> None:
    """The page's WebSocket and the relay's are refused to a foreign name too."""
    port = httpx.URL(opened).port
    for path in (words.PATH, words.AMQP_PATH):
        sock = socket.create_connection(("127.0.0.1", port))
        with pytest.raises(InvalidStatus, match="403"), connect(f"ws://evil.example:{port}{path}", sock=sock):
            pass


@pytest.mark.slow
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "Cross-Site"},
        {"Sec-Fetch-Site": "new-word"},
    ],
)
def test_pages_of_other_sites(opened: str, headers: dict[str, str]) -> None:
    """Are refused for every method, also where the browser asks nothing before; nothing is kept."""
    answer = httpx.post(f"{opened}/api/requests", json=message("evil"), headers=headers)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (403, "foreign_origin")
    assert httpx.get(f"{opened}/api/requests/evil").status_code == 404
    for path in PATHS:
        assert httpx.get(opened + path, headers=headers).status_code == 403
    with pytest.raises(InvalidStatus, match="403"), connect(opened.replace("http", "ws") + words.PATH, additional_headers=headers):
        pass


def test_the_own_page(opened: str) -> None:
    """Is let in with its own Origin, over HTTP and by WebSocket."""
    assert httpx.get(f"{opened}/api/settings", headers={"Origin": opened, "Sec-Fetch-Site": "same-origin"}).json() == {}
    with FakePage(opened, Origin=opened) as page:
        page.hear(Welcome)


@pytest.mark.slow
def test_no_cors(opened: str) -> None:
    """No answer allows another site to read it."""
    for path in PATHS:
        assert not [name for name in httpx.get(opened + path).headers if name.startswith("access-control")]


@pytest.mark.slow
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": TOKEN}, {"Cookie": f"nightshift_session={TOKEN}"}, {"Cookie": '"'}]
)
def test_no_login_open_to_the_network(closed: str, path: str, headers: dict[str, str]) -> None:
    """With a token set nobody speaks to the mailbox without it, and is told so in the shape that the caller reads."""
    answer = httpx.get(closed + path, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.json()["error" if path.startswith("/v1") else "errors"]
    with pytest.raises(InvalidStatus, match="403"), connect(closed.replace("http", "ws") + words.PATH, additional_headers=headers):
        pass


def test_a_program_with_the_token(closed: str) -> None:
    """Is let in; /health tells it more than the others."""
    assert httpx.post(f"{closed}/api/requests", json=message("a"), headers=BEARER).status_code == 202
    assert httpx.get(f"{closed}/health").json() == {"status": "ok"}
    assert httpx.get(f"{closed}/health", headers=BEARER).json()["messages"]["waiting"] == 1


def test_a_page_with_the_token(closed: str) -> None:
    """It shows the token once and has a cookie then, which no script can read and no other site's request carries."""
    assert httpx.post(f"{closed}/api/session").status_code == 401
    answer = httpx.post(f"{closed}/api/session", headers=BEARER)
    assert answer.status_code == 204
    cookie = answer.headers["set-cookie"]
    assert TOKEN not in cookie
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
    given = {"Cookie": f"other=1; {cookie.partition(';')[0]}"}
    assert httpx.get(f"{closed}/api/settings", headers=given).status_code == 200
    with FakePage(closed, **given) as page:
        page.hear(Welcome)


def test_the_page_itself_needs_no_token(closed: str) -> None:
    """Its files hold no secret, and without them nobody could show the token."""
    assert httpx.get(closed).status_code == 200


@pytest.mark.slow
def test_another_address_needs_a_token(folder: Path) -> None:
    """The server does not start on an address that others can reach without one, and says what to do."""
    environment = {**os.environ, "HOST": "0.0.0.0", "PORT": "0", "NIGHTSHIFT_ROOT": str(folder)}  # noqa: S104 — refused, that is the point
    done = subprocess.run([sys.executable, "-m", "app.gateway"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "NIGHTSHIFT_TOKEN" in done.stderr


def read(folder: Path, **environment: str) -> Settings:
    return settings({"NIGHTSHIFT_ROOT": str(folder), "HOME": "/home/x", **environment})


def test_settings(folder: Path) -> None:
    """Every setting of the environment is read; the broker's password is in no text."""
    url = "amqps://user:p%40ss@broker.example/my%2Fhost"
    found = read(folder, RABBITMQ_URL=url, RABBITMQ_INPUT_QUEUE="in", HOST="::", NIGHTSHIFT_TOKEN=TOKEN, NIGHTSHIFT_DATA="~/x")
    assert found.broker is not None
    assert (found.broker.user, found.broker.password, found.broker.shown.vhost, found.broker.shown.port) == (
        "user",
        "p@ss",
        "my/host",
        5671,
    )
    assert "p@ss" not in f"{found} {found!r} {found.broker!r} {found.for_page()}"
    assert TOKEN not in repr(found)
    assert not found.local_only
    assert found.for_page().rabbitmq == words.RabbitSettings("broker.example", 5671, "my/host", True, "in")


@pytest.mark.parametrize(
    "wrong",
    [
        {"PORT": "٣"},
        {"NIGHTSHIFT_TOKEN": "short"},
        {"NIGHTSHIFT_TOKEN": "with a space and long enough"},
        {"RABBITMQ_URL": "http://x"},
        {"RABBITMQ_URL": "amqp://"},
        {"RABBITMQ_URL": "amqp://x:port"},
        {"NIGHTSHIFT_KEEP_DAYS": "-1"},
        {"NIGHTSHIFT_PRIVATE_WEBHOOKS": "perhaps"},
        {"NIGHTSHIFT_PRACTICE_QUOTA": "1e9"},
        {"NIGHTSHIFT_PRACTICE_QUOTA": "9" * 5_000},
        {"NIGHTSHIFT_PRACTICE_ORIGINS": "page.example"},
        {"NIGHTSHIFT_PRACTICE_ORIGINS": "https://a.example, https://page.example/path"},
        {"NIGHTSHIFT_KEEP_DAYS": "9" * 5_000},
        {"PORT": "9" * 5_000},
        {"HOST": "192.168.1.1"},
    ],
)
def test_a_wrong_setting(folder: Path, wrong: dict[str, str]) -> None:
    """Is told in a sentence that names it, and does not repeat a secret."""
    with pytest.raises(SettingError, match=next(iter(wrong))) as caught:
        read(folder, **wrong)
    if "TOKEN" in next(iter(wrong)):
        assert next(iter(wrong.values())) not in str(caught.value)


@pytest.mark.parametrize(
    ("platform", "environment", "path"),
    [
        ("linux", {"HOME": "/home/x"}, "/home/x/.local/share/nightshift"),
        ("linux", {"HOME": "/home/x", "XDG_DATA_HOME": "/data"}, "/data/nightshift"),
        ("darwin", {"HOME": "/Users/x"}, "/Users/x/Library/Application Support/Nightshift"),
        ("win32", {"HOME": "/x", "LOCALAPPDATA": "/local"}, "/local/Nightshift"),
    ],
)
def test_where_messages_are_kept(platform: str, environment: dict[str, str], path: str) -> None:
    """Where each system keeps a user's data."""
    assert default_data(environment, platform) == Path(path)


@pytest.mark.slow
def test_nothing_secret_in_logs(folder: Path, tmp_path: Path) -> None:
    """Whatever happens, neither tokens nor messages nor the broker's password are printed."""
    secrets = [TOKEN, "p4ssw0rd", "the-text-of-a-message", "Hello"]
    environment = {
        **os.environ,
        "PORT": "0",
        "NIGHTSHIFT_ROOT": str(folder),
        "NIGHTSHIFT_DATA": str(tmp_path),
        "NIGHTSHIFT_TOKEN": TOKEN,
        "RABBITMQ_URL": "amqp://u:p4ssw0rd@127.0.0.1:1/",
        "PYTHONUNBUFFERED": "1",
    }
    command = [sys.executable, "-m", "app.gateway"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        address = said.split()[-1].rstrip("/")
        with httpx.Client(base_url=address, headers=BEARER) as api:
            api.post("/api/requests", json=message("the-text-of-a-message"))
            api.post("/api/requests", content=b"the-text-of-a-message", headers={"content-type": "application/json"})
            api.get("/api/requests/the-text-of-a-message?wait=x")
            api.post("/api/session")
            with FakePage(address, **BEARER) as page:
                page.socket.send("the-text-of-a-message")
            (tmp_path / "mailbox.sqlite-wal").unlink()  # the next write fails in a way that nobody foresees
            (tmp_path / "mailbox.sqlite").write_bytes(b"no database")
            api.post("/api/requests", json=message("b"))
        process.terminate()
        said += process.stdout.read()
    assert not [secret for secret in secrets if secret in said], said


# --- the practice provider


def upload(address: str, data: bytes, key: str = "practice", **headers: str) -> httpx.Response:
    """A file for the practice provider."""
    given = {"Authorization": f"Bearer {key}", **headers}
    form = {"file": ("in.jsonl", data, "application/jsonl")}
    return httpx.post(f"{address}/practice/v1/files", data={"purpose": "batch"}, files=form, headers=given)


@pytest.mark.slow
def test_practice_needs_the_token(closed: str) -> None:
    """Where there is one, it is the key; a key that is right elsewhere is not."""
    for path in ("/practice/v1/models", "/practice/v1/files", "/practice/control"):
        for headers in ({}, {"Authorization": "Bearer practice"}):
            answer = httpx.get(closed + path, headers=headers)
            assert (answer.status_code, "token" in answer.json()["error"]["message"]) == (401, True)
        assert httpx.get(closed + path, headers=BEARER).status_code == 200
    assert httpx.put(f"{closed}/practice/control", json={"speed": 7}).status_code == 401
    assert upload(closed, b"{}\n").status_code == 401
    assert upload(closed, b"{}\n", TOKEN).status_code == 200


@pytest.mark.slow
def test_practice_has_a_quota(folder: Path, tmp_path: Path) -> None:
    """All files together stay below it, whoever uploads and however many at once; room comes back when one is deleted."""
    with threaded(folder, tmp_path, practice_quota=2_500_000) as address, ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda n: upload(address, b"x" * 1_000_000, f"practice-{n}"), range(6)))
        kept = [answer for answer in answers if answer.status_code == 200]
        refused = [answer.json()["error"] for answer in answers if answer.status_code == 400]
        assert 1 <= len(kept) <= 2
        assert len(kept) + len(refused) == 6
        assert {one["code"] for one in refused} == {"storage_quota_exceeded"}
        assert "NIGHTSHIFT_PRACTICE_QUOTA" in refused[0]["message"]
        for answer in kept:
            httpx.delete(
                f"{address}/practice/v1/files/{answer.json()['id']}", headers={"Authorization": "Bearer practice"}
            ).raise_for_status()
        assert upload(address, b"x" * 2_500_000).status_code == 200
        assert upload(address, b"x").status_code == 400


@pytest.mark.slow
def test_small_files_fill_the_quota_too(folder: Path, tmp_path: Path) -> None:
    """A file of one byte takes a block of the disk, and an empty one a name in it: a thousand of them are not for nothing."""
    with threaded(folder, tmp_path, practice_quota=50_000) as address:
        assert [upload(address, b"x" * (n % 2)).status_code for n in range(20)] == [200] * 12 + [400] * 8
        for one in httpx.get(f"{address}/practice/v1/files", headers={"Authorization": "Bearer practice"}).json()["data"]:
            httpx.delete(f"{address}/practice/v1/files/{one['id']}", headers={"Authorization": "Bearer practice"}).raise_for_status()
        assert upload(address, b"x" * 50_000).status_code == 200


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/practice/v1/files", "/v1/files"])
@pytest.mark.parametrize("end", ["gone", "broken"])
def test_a_form_that_does_not_end_leaves_nothing(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, end: str
) -> None:
    """The file has come whole, then the sender goes, or what follows is no form: nothing lies on a disk, or counts there."""
    kept = tmp_path / "temporary"
    kept.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(kept))
    file = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.jsonl"\r\n\r\n' + b"y" * 60_000 + b"\r\n--b\r\n"
    rest = b"garbage" if end == "broken" else b'Content-Disposition: form-data; name="purpose"\r\n\r\nbat'
    more = 0 if end == "broken" else 50
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer practice\r\nContent-Type: multipart/form-data; boundary=b"
    with threaded(folder, tmp_path / "data", practice_quota=100_000) as address:

        def files() -> list[Path]:
            return [one for place in (kept, tmp_path / "data" / "files") for one in place.rglob("file-*")]

        for _ in range(3):
            with socket.create_connection(("127.0.0.1", httpx.URL(address).port or 0), timeout=10) as wire:
                wire.sendall(f"{head}\r\nContent-Length: {len(file + rest) + more}\r\n\r\n".encode() + file + rest)
                if end == "broken":
                    assert wire.recv(100).startswith(b"HTTP/1.1 400")
                else:
                    eventually(lambda: bool(files()))
            eventually(lambda: not files())
        assert upload(address, b"x" * 90_000).status_code == 200


def eventually(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.slow
@pytest.mark.parametrize("key", ["", "sk-real", "Practice"])
def test_who_has_no_key_fills_no_disk(folder: Path, tmp_path: Path, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A form that any page can send without asking carries no key: nothing of it is written, not even while it comes."""
    kept = tmp_path / "temporary"
    kept.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(kept))
    with threaded(folder, tmp_path / "data") as address:
        assert upload(address, b"x" * 3_000_000, key or "x").status_code == 401
        assert not list(kept.rglob("*"))
        assert upload(address, b"{}\n").status_code == 200
        assert len(list(kept.rglob("file-*"))) == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://evil.example", 403),
        ("null", 403),
        ("http://localhost.evil.example", 403),
        ("http://127.0.0.1.evil.example:8000", 403),
        ("http://evil.example#http://localhost", 403),
        ("https://page.example", 200),
        ("http://localhost:3000", 200),
        ("http://127.0.0.1", 200),
        ("http://[::1]:9", 200),
    ],
)
def test_who_may_practise(folder: Path, tmp_path: Path, origin: str, status: int) -> None:
    """Pages of this machine and of origins in NIGHTSHIFT_PRACTICE_ORIGINS; others are told why, in an answer that they can read."""
    with threaded(folder, tmp_path, practice_origins=frozenset({"https://page.example"})) as address:
        for answer in (
            upload(address, b"{}\n", Origin=origin),
            httpx.get(
                f"{address}/practice/v1/models",
                headers={"Authorization": "Bearer practice", "Origin": origin, "Sec-Fetch-Site": "cross-site"},
            ),
        ):
            assert answer.status_code == status
            assert answer.headers["access-control-allow-origin"] == "*"
            assert status == 200 or "NIGHTSHIFT_PRACTICE_ORIGINS" in answer.json()["error"]["message"]
