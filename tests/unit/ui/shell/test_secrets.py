"""A key is nowhere but in its drawer and in the header of calls to its provider."""

from __future__ import annotations

import pytest

from app.core.openai.wire import Response
from tests.fakes.platform import FakePage
from tests.kit.screen import RIGHT_KEY, WRONG_KEY, Visit
from tests.unit.ui.conftest import Open


class Watching(FakePage):
    """A page that keeps everything that was ever drawn."""

    def __init__(self) -> None:
        super().__init__()
        self.drawn: list[str] = []

    def patch(self, html: str, title: str | None = None) -> None:
        super().patch(html, title)
        self.drawn += [html, title or ""]


def leaks(visit: Visit, page: Watching, key: str) -> list[str]:
    """Where the key, or a long part of it, can be found."""
    part = key[3:-4]
    disk = visit.store.disk
    places = {
        "page": "".join(page.drawn),
        "saved": b"".join(one.content + one.name.encode() for one in page.saved).decode(),
        "copied": "".join(page.copied),
        "address": page.route,
        "state": repr(visit.state),
        "records": "".join(record.doc for rows in disk.records.values() for record in rows.values()),
        "bytes": b"".join(disk.bytes.values()).decode("utf-8", "replace"),
        "addresses of calls": "".join(one.url for one in visit.out.asked),
        "bodies of calls": "".join(f"{one.body!r}{one.fields!r}" for one in visit.out.asked),
        "calls as text": repr(visit.out.asked),
    }
    return [place for place, text in places.items() if part in text]


@pytest.mark.slow
@pytest.mark.parametrize("key", [RIGHT_KEY, WRONG_KEY, "sk-practice-" + "k" * 400])
async def test_nowhere(tabs: Open, key: str) -> None:
    """From typing a key to the answers' files: it is shown masked and found nowhere else."""
    page = Watching()
    visit = await tabs(page=page, route="#/settings")
    await visit.type("API key", key)
    assert leaks(visit, page, key) == ["state"]  # typed and not saved yet
    await visit.click("Save the key")
    assert leaks(visit, page, key) == []
    await visit.click("Test the key")
    await visit.queue("Hello")
    await visit.go("#/queue")
    await visit.click("Submit 1")
    await visit.wait(120)
    for name in ("Requests ↓", "Answers ↓"):
        if visit.has(name):
            await visit.click(name)
    await visit.go("#/queue")
    await visit.go("#/settings")
    assert leaks(visit, page, key) == []
    assert f"{key[:3]}…{key[-4:]}" in visit.text
    assert all(one.url.startswith("https://api.openai.com/") for one in visit.out.asked)
    await visit.click("Remove the key …")
    await visit.click("Remove the key")
    assert leaks(visit, page, key) == []
    assert f"{key[:3]}…{key[-4:]}" not in visit.text


@pytest.mark.slow
@pytest.mark.parametrize("status", [200, 301, 400, 401, 403, 404, 429, 500, 503])
async def test_a_provider_that_repeats_it(tabs: Open, status: int) -> None:
    """A provider that puts the key into its answers does not get it into the page."""
    page = Watching()
    visit = await tabs(page=page)
    said = RIGHT_KEY.encode()
    visit.out.answer = Response(status, {"x-request-id": RIGHT_KEY}, b'{"error":{"message":"you sent %s","code":"%s"}}' % (said, said))
    await visit.use_openai()
    await visit.click("Test the key")
    await visit.queue("Hello")
    await visit.go("#/queue")
    await visit.click("Submit 1")
    await visit.wait(120)
    await visit.go("#/queue")
    assert leaks(visit, page, RIGHT_KEY) == []


async def test_short_keys(tabs: Open) -> None:
    """Of a short key nothing is shown."""
    visit = await tabs()
    await visit.use_openai("practice1234")
    assert "••••••••" in visit.text
    assert "1234" not in visit.text


async def test_a_failure_in_a_handler(tabs: Open) -> None:
    """An error that quotes the key is shown without it."""
    page = Watching()
    visit = await tabs(page=page, route="#/settings")
    visit.store.fail_next = RuntimeError(f"could not write {RIGHT_KEY}")
    await visit.click("Dark")
    assert visit.notes == ["internal:SetTheme"]
    assert leaks(visit, page, RIGHT_KEY) == []
