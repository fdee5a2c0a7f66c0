"""Requests that schemathesis does not make: long numbers, long paths, odd forms. No fault of the server's own, whatever comes."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.kit.gateway import threaded

LONG = st.sampled_from(
    ["9" * 4_300, "9" * 4_301, "0" * 5_000, "0" * 5_000 + "5", "-" + "9" * 4_400, "1e400", "1" + "0" * 400 + ".5", "1_000"]
)
ODD = st.sampled_from(["", " ", "nan", "inf", "-0", "\u0663", "true", "[]", "\x00", "\ud7ff", "ä" * 500, "%", "a" * 5_000])
ID = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
ID |= st.sampled_from(["a" * 5_000, "/" * 500, "%2f" * 900, "." * 300, "\x00"])
QUERIES: list[tuple[str, tuple[str, ...]]] = [
    ("/api/requests", ("limit", "after", "state")),
    ("/api/requests/x", ("wait",)),
    ("/v1/files", ("limit", "after", "purpose", "order")),
    ("/v1/batches", ("limit", "after")),
    ("/practice/v1/files", ("limit", "after", "purpose", "order")),
    ("/practice/v1/batches", ("limit", "after")),
    ("/practice/control", ("key",)),
]
PATHS = ["/", "/app/", "/static/", "/static/css/", "/0123456789abcdef/", "/api/requests/", "/v1/files/", "/v1/batches/", "/v1/models/"]


@pytest.fixture(scope="module")
def client(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with threaded(folder, tmp_path_factory.mktemp("data")) as address, contextlib.ExitStack() as stack:
        yield stack.enter_context(httpx.Client(base_url=address, timeout=30, headers={"Authorization": "Bearer practice"}))


def sound(answer: httpx.Response) -> None:
    """It was answered, and not with a fault of the server's own."""
    assert answer.status_code < 500, (answer.request.url.path[:200], answer.text[:500])


@pytest.mark.slow
@settings(max_examples=40)
@given(st.sampled_from(QUERIES), st.data())
def test_odd_numbers(client: httpx.Client, query: tuple[str, tuple[str, ...]], data: st.DataObject) -> None:
    """In the query of every list."""
    path, names = query
    sound(client.get(path, params={name: data.draw(LONG | ODD) for name in names}))


@pytest.mark.slow
@settings(max_examples=40)
@given(st.sampled_from(PATHS), ID, st.booleans())
def test_odd_paths(client: httpx.Client, path: str, id: str, escaped: bool) -> None:
    """Long ones too: of the page's files and of everything that has a name."""
    text = quote(id, safe="" if escaped else "/:@%")
    assume(not f"{path}{text}".startswith("//"))  # no path for httpx; test_guard.py sends those over a socket
    sound(client.get(f"{path}{text}"))
    sound(client.delete(f"{path}{text}"))
    sound(client.post(f"{path}{text}/cancel"))


BOUNDARIES = ["", "b", "a" * 3_000, '"', '"b', "ä", "b;b", "="]


@pytest.mark.slow
@settings(max_examples=40)
@given(st.sampled_from(BOUNDARIES), st.sampled_from(["/v1/files", "/practice/v1/files"]), LONG | ODD)
def test_odd_forms(client: httpx.Client, boundary: str, path: str, value: str) -> None:
    """Boundaries that are none, and numbers in their fields."""
    kind = f"multipart/form-data; boundary={boundary}".encode()
    sound(client.post(path, content=b"--b\r\nrubbish", headers={b"Content-Type": kind}))
    fields: dict[str, Any] = {"purpose": "batch", "expires_after[anchor]": "created_at", "expires_after[seconds]": value}
    sound(client.post(path, data=fields, files={"file": (value[:200] or "x", b"{}\n")}))
