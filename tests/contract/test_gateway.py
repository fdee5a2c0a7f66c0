"""The local server: what it serves, to whom, and how it starts."""

import http.client
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import msgspec
import pytest

from tests.contract.local_server import small_site
from tests.kit.site import ROOT, serving

KEY = {"Authorization": "Bearer practice"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_site(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    with serving(folder) as found:
        yield found


@pytest.fixture
def practice(address: str) -> Iterator[httpx.Client]:
    """A client of the practice provider, which has forgotten what came before."""
    with httpx.Client(base_url=f"{address}/practice", headers=KEY) as client:
        client.post("/control", json={"reset": True})
        yield client


def raw_get(address: str, path: str, host: str | None = None) -> tuple[int, str]:
    """Status and body of a GET with exactly this path and Host header: a browser or a library would tidy them up."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc)
    connection.putrequest("GET", path, skip_host=host is not None)
    if host is not None:
        connection.putheader("Host", host)
    connection.endheaders()
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, body


@pytest.mark.parametrize(
    ("path", "type"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/index.html", "text/html; charset=utf-8"),
        ("/pyscript.toml", "application/toml"),
        ("/LICENSE", "text/plain; charset=utf-8"),
        ("/app/core/openai/wire.py", "text/x-python; charset=utf-8"),
        ("/static/css/page.css", "text/css; charset=utf-8"),
        ("/static/js/store.mjs", "text/javascript; charset=utf-8"),
        ("/static/js/boot.js", "text/javascript; charset=utf-8"),
        ("/static/icons/moon.svg", "image/svg+xml"),
        ("/static/data/prices.json", "application/json"),
        ("/static/vendor/pyodide.asm.wasm", "application/wasm"),
        ("/static/vendor/python_stdlib.zip", "application/zip"),
        ("/static/vendor/msgspec-0.22.0-py3-none-any.whl", "application/zip"),
    ],
)
def test_a_page_file(address: str, path: str, type: str) -> None:
    """Each file of the page is served with its MIME type and the security headers."""
    answer = httpx.get(address + path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, type)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"


@pytest.mark.parametrize(
    "path",
    [
        "/README.md",
        "/.env",
        "/app/core/notes.txt",
        "/app/__pycache__/wire.pyc",
        "/static/.hidden/a.js",
        "/static/node_modules/x/index.js",
        "/static/",
        "/static",
        "/app",
        "/static/../README.md",
        "/static/../../../../../../etc/passwd",
        "/static/%2e%2e/README.md",
        "/static/..%2fREADME.md",
        "/static/..%5cREADME.md",
        "/static/css/page.css%00.py",
        "//etc/passwd",
        "/etc/passwd",
    ],
)
def test_a_file_that_is_not_the_pages(address: str, path: str) -> None:
    """Other files, hidden files, folders and ways out of the folder are 404 with a sentence."""
    status, body = raw_get(address, path)
    assert status == 404
    assert body.startswith("There is no file ") or body == "Not Found\n"


def test_a_link_out_of_the_folder(address: str, folder: Path, tmp_path: Path) -> None:
    """A symbolic link that leads out of the folder is not followed."""
    (tmp_path / "secret.js").write_text("secret")
    (folder / "static" / "link.js").symlink_to(tmp_path / "secret.js")
    assert httpx.get(f"{address}/static/link.js").status_code == 404


def test_an_unchanged_file(address: str) -> None:
    """With the ETag that was given, the answer is 304 without a body; with another it is whole."""
    first = httpx.get(f"{address}/static/css/page.css")
    assert first.headers["cache-control"] == "no-cache"
    again = httpx.get(first.url, headers={"If-None-Match": f'"x", W/{first.headers["etag"]}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert httpx.get(first.url, headers={"If-None-Match": '"x"'}).status_code == 200


def test_the_page_and_its_worker_are_marked(address: str, folder: Path) -> None:
    """So that the page knows of the mailbox, also where a browser that was killed has kept the page and not the cookie."""
    (folder / "worker.js").write_text("// kept")
    (folder / "other.js").write_text("// nothing")
    marked = {
        path: "nightshift-server=1" in httpx.get(f"{address}{path}").headers.get("set-cookie", "")
        for path in ("/", "/worker.js", "/other.js")
    }
    assert marked == {"/": True, "/worker.js": True, "/other.js": False}


def test_a_changed_file(address: str, folder: Path) -> None:
    """After a change the old ETag no longer matches."""
    path = folder / "static" / "css" / "changing.css"
    path.write_text("a {}")
    first = httpx.get(f"{address}/static/css/changing.css")
    path.write_text("a { color: red }")
    again = httpx.get(first.url, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.text) == (200, "a { color: red }")


def test_a_file_of_a_build(address: str) -> None:
    """What lies in a folder that is named after its content may be kept for ever."""
    answer = httpx.get(f"{address}/0123456789abcdef/app.zip")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(("accepted", "encoding"), [("gzip, br", "br"), ("br;q=0.5", "br"), ("gzip", None), ("br;q=0", None), ("", None)])
def test_a_compressed_file(address: str, accepted: str, encoding: str | None) -> None:
    """A file that lies there compressed is sent so to whoever takes Brotli; its type stays, and it can't be asked for itself."""
    with httpx.stream("GET", f"{address}/0123456789abcdef/a.wasm", headers={"Accept-Encoding": accepted}) as answer:
        assert answer.headers.get("content-encoding") == encoding
        assert (answer.headers["content-type"], answer.headers["vary"]) == ("application/wasm", "Accept-Encoding")
        assert b"".join(answer.iter_raw()) == (b"packed" if encoding else b"wasm")
    assert httpx.get(f"{address}/0123456789abcdef/a.wasm.br").status_code == 404


def test_head(address: str) -> None:
    """HEAD gives the headers of GET without the body."""
    answer = httpx.head(address)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(len(httpx.get(address).content))


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1:1", "[::1]", "[::1]:8000", "LOCALHOST:80"])
def test_a_name_of_this_machine(address: str, host: str) -> None:
    """Names of this machine are answered, with any port."""
    assert raw_get(address, "/", host)[0] == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "localhost.evil.example:80", "[::2]", "", "::1"]
)
@pytest.mark.parametrize("path", ["/", "/practice/v1/models", "/practice/control"])
def test_a_foreign_name(address: str, host: str, path: str) -> None:
    """A foreign name in the Host header (DNS rebinding) is refused everywhere, with a sentence."""
    status, body = raw_get(address, path, host)
    assert status == 421
    assert "Open it by one of these names" in body


def test_port_taken(folder: Path) -> None:
    """A taken port is told in one sentence, with exit status 1 and no traceback."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        environment = {**os.environ, "PORT": str(port), "NIGHTSHIFT_ROOT": str(folder)}
        done = subprocess.run([sys.executable, "-m", "app.gateway"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == f"Port {port} is taken by another program. Stop it, or choose another port: make run PORT={port + 1}\n"


@pytest.mark.parametrize(("name", "value", "sentence"), [("PORT", "eight", "PORT must be"), ("NIGHTSHIFT_ROOT", "/nowhere", "no page in")])
def test_a_wrong_setting(name: str, value: str, sentence: str) -> None:
    """A wrong setting is told in one sentence."""
    environment = {**os.environ, name: value}
    done = subprocess.run([sys.executable, "-m", "app.gateway"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert sentence in done.stderr


# --- the practice provider over HTTP


def preflight(practice: httpx.Client, headers: str) -> httpx.Response:
    asked = {"Origin": "https://page.example", "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": headers}
    return practice.options("/v1/batches", headers=asked)


def test_cors(practice: httpx.Client) -> None:
    """Any origin; Authorization and Content-Type; only X-Request-ID is exposed; errors carry the headers too."""
    allowed = preflight(practice, "authorization,content-type")
    assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (204, "*")
    assert allowed.headers["access-control-allow-headers"] == "Authorization, Content-Type"
    for answer in (practice.get("/v1/models"), practice.get("/v1/models", headers={"Authorization": "Bearer x"})):
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["access-control-expose-headers"] == "X-Request-ID"
        assert answer.headers["x-request-id"].startswith("req_")


def test_another_header_fails_the_preflight(practice: httpx.Client) -> None:
    """A page that wants to send any other header is refused."""
    refused = preflight(practice, "authorization,x-stainless-os")
    assert refused.status_code == 400
    assert "access-control-allow-origin" not in refused.headers


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "text/plain"},
        {"content-type": "application/json", "origin": "https://evil.example"},
        {"content-type": "application/json", "origin": "null"},
    ],
)
@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_control_obeys_no_other_site(practice: httpx.Client, method: str, headers: dict[str, str]) -> None:
    """A page of another site can send what needs no preflight; control does nothing for it."""
    practice.put("/control", json={"speed": 7})
    refused = 403 if "origin" in headers else 415
    assert practice.request(method, "/control", content=b'{"reset":true,"speed":1}', headers=headers).status_code == refused
    assert practice.get("/control").json()["scenario"]["speed"] == 7


def test_no_other_site_may_frame_the_page(practice: httpx.Client) -> None:
    """Only a header can say so: in a <meta> it has no effect."""
    assert "frame-ancestors 'none'" in practice.get("/control").headers["content-security-policy"]


def test_control_answers_no_other_origin(practice: httpx.Client) -> None:
    """The control has no CORS headers."""
    assert "access-control-allow-origin" not in practice.get("/control").headers


def test_cors_refused(practice: httpx.Client) -> None:
    """Under the trap the answer lacks the CORS headers."""
    practice.put("/control", json={"traps": ["cors_refused"]})
    assert "access-control-allow-origin" not in practice.get("/v1/models").headers


def upload(practice: httpx.Client, data: bytes) -> httpx.Response:
    return practice.post("/v1/files", files={"file": ("in.jsonl", data)}, data={"purpose": "batch"})


LINE = (
    b'{"custom_id":"%d","method":"POST","url":"/v1/chat/completions",'
    b'"body":{"model":"gpt-4o","messages":[{"role":"user","content":"Hi"}]}}\n'
)


def test_a_batch_over_http(practice: httpx.Client) -> None:
    """Upload, create, poll, download: every row comes back; the control has counted the calls."""
    practice.put("/control", json={"speed": 0})
    file_id = upload(practice, b"".join(LINE % number for number in range(500))).json()["id"]
    order = {"input_file_id": file_id, "endpoint": "/v1/chat/completions", "completion_window": "24h"}
    batch = practice.post("/v1/batches", json=order).json()
    lines = practice.get(f"/v1/files/{batch['output_file_id']}/content").content.splitlines()
    assert {msgspec.json.decode(line)["custom_id"] for line in lines} == {str(number) for number in range(500)}
    report = practice.get("/control").json()
    assert (report["uploads"], report["batches"], report["calls"]["create"]) == (1, 1, 1)
    assert [seen["call"] for seen in report["log"]] == ["upload", "create", "download"]


def test_time_can_be_moved(practice: httpx.Client) -> None:
    """The control lets seconds pass at once."""
    file_id = upload(practice, LINE % 1).json()["id"]
    order = {"input_file_id": file_id, "endpoint": "/v1/chat/completions", "completion_window": "24h"}
    batch = practice.post("/v1/batches", json=order).json()
    assert batch["status"] == "validating"
    practice.post("/control", json={"advance": 60})
    assert practice.get(f"/v1/batches/{batch['id']}").json()["status"] == "completed"


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_a_wrong_command(practice: httpx.Client, method: str) -> None:
    """Something that is no scenario or no command is 400 with a sentence that names the field."""
    answer = practice.request(method, "/control", json={"traps": ["no_such_trap"], "advance": "soon"})
    assert answer.status_code == 400
    assert "traps" in answer.text or "advance" in answer.text


@pytest.mark.parametrize("sender", [{}, {"X-Forwarded-For": "203.0.113.7"}], ids=["itself", "forwarded"])
def test_connection_broken_closes_the_connection(practice: httpx.Client, sender: dict[str, str]) -> None:
    """Under the trap the server hangs up without an answer, whoever the request says that it comes from."""
    practice.put("/control", json={"traps": [{"trap": "connection_broken", "call": "models", "times": 1}]})
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        practice.get("/v1/models", headers=sender)
    assert practice.get("/v1/models").status_code == 200


def test_timeout_gives_no_answer(practice: httpx.Client) -> None:
    """Under the trap the caller waits until it gives up."""
    practice.put("/control", json={"traps": [{"trap": "timeout", "times": 1}]})
    with pytest.raises(httpx.ReadTimeout):
        practice.get("/v1/models", timeout=0.2)
    assert practice.get("/v1/models").status_code == 200


def test_timeout_ends(practice: httpx.Client) -> None:
    """After the scenario's hold the server hangs up by itself."""
    practice.put("/control", json={"traps": ["timeout"], "hold": 0.01})
    with pytest.raises(httpx.RemoteProtocolError):
        practice.get("/v1/models")


def test_download_breaks_halfway_closes_the_connection(practice: httpx.Client) -> None:
    """Half of the bytes arrive, then the server hangs up before the end; the next download is whole."""
    practice.put("/control", json={"traps": ["download_breaks_halfway"]})
    data = LINE % 1 * 20_000
    path = f"/v1/files/{upload(practice, data).json()['id']}/content"
    got = bytearray()

    def read() -> None:
        with practice.stream("GET", path) as answer:
            for chunk in answer.iter_raw():
                got.extend(chunk)

    with pytest.raises(httpx.RemoteProtocolError):
        read()
    assert bytes(got) == data[: len(data) // 2]
    assert practice.get(path).content == data


def test_upload_answer_lost_stores_the_file(practice: httpx.Client) -> None:
    """The server hangs up after it has stored the file."""
    practice.put("/control", json={"traps": ["upload_answer_lost"]})
    with pytest.raises(httpx.RemoteProtocolError):
        upload(practice, LINE)
    assert len(practice.get("/v1/files").json()["data"]) == 1


def test_413(practice: httpx.Client) -> None:
    """A file above 200 MB is read to its end and refused with 413 and a sentence with both sizes; nothing is kept."""
    piece = b"x" * (1 << 20)
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="in.jsonl"\r\n\r\n'
    middle = b'\r\n--b\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n--b--\r\n'

    def body() -> Iterator[bytes]:
        yield head
        for _ in range(201):
            yield piece
        yield middle

    answer = practice.post("/v1/files", content=body(), headers={"Content-Type": "multipart/form-data; boundary=b"}, timeout=60)
    assert answer.status_code == 413
    assert answer.json()["error"]["message"] == "Maximum content size limit (209715200) exceeded (210763776 bytes read)."
    assert practice.get("/control").json()["uploads"] == 0


@pytest.mark.parametrize("type", ["multipart/form-data", "multipart/form-data; boundary=b"])
def test_a_broken_form(practice: httpx.Client, type: str) -> None:
    """A form that cannot be read is 400 with a sentence."""
    answer = practice.post("/v1/files", content=b"--b\r\nrubbish", headers={"Content-Type": type})
    assert answer.status_code == 400
    assert "form" in answer.json()["error"]["message"]
