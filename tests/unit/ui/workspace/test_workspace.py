"""Export and import of the whole workspace, as a person does it in the settings."""

from __future__ import annotations

import asyncio
import gzip
from typing import Any

import pytest

from app.core.model.providers import Profile
from app.core.openai.wire import BytesBlob
from app.core.workspace.imports import Import
from app.ports import PutBytes, StorageFull, Table
from app.services.runtime.records import put
from app.ui.workspace.dialogs import ImportDialog
from tests.kit.screen import RIGHT_KEY, Visit
from tests.kit.workspaces import content, worked
from tests.unit.ui.conftest import Open

SECRET = "a long passphrase"


async def exported(visit: Visit) -> BytesBlob:
    """Press «Export»; the file."""
    await visit.go("#/settings")
    before = len(visit.page.saved)
    await visit.click("Export")
    await visit.until(lambda: len(visit.page.saved) > before)
    await visit.rest()
    return BytesBlob(visit.page.saved[-1].content)


async def chosen(visit: Visit, blob: BytesBlob, name: str = "mine.nightshift") -> None:
    """Choose a file."""
    await visit.go("#/settings")
    visit.page.given["file-1"] = blob
    await visit.emit(visit.field("Import a workspace file"), "change", [{"name": name, "size": blob.size, "token": "file-1"}])
    await visit.until(lambda: not visit.state.workspace.doing)
    await visit.rest()


async def brought(visit: Visit, how: str) -> None:
    """Press a button of the dialog, and wait for the reload."""
    reloads = visit.page.reloads
    await visit.click(how)
    await visit.until(lambda: visit.page.reloads > reloads or not visit.state.workspace.doing)
    await visit.rest()


def notes(visit: Visit) -> str:
    return " ".join(one.text for one in visit.dom.classed("note"))


@pytest.mark.slow
async def test_a_workspace_goes_from_one_browser_to_another(tabs: Open) -> None:
    """Export, choose the file elsewhere, read what is in it, merge: after the reload it is there, and a toast offers the way back."""
    first, second = await tabs(), await tabs(seed=50)
    await first.queue("one", "two")
    blob = await exported(first)
    assert first.page.saved[-1].name == "nightshift-2023-11-14.nightshift"
    assert "Exported." in notes(first)
    await second.queue("three")
    await chosen(second, blob)
    assert second.dialog is not None
    words = second.dialog.text
    for said in ("mine.nightshift", "2 prompts", "2 requests in the queue", "0 batches", "Made just now"):
        assert said in words
    await brought(second, "Merge with what is here")
    assert second.page.reloads == 1
    opened = await tabs(beside=second)
    assert "Imported mine.nightshift and merged it with what was here." in opened.toasts
    assert sum(one.requests for one in opened.state.queue.lanes) == 3
    await opened.go("#/settings")
    assert "An import can be undone" in opened.text
    await opened.click("Undo the import")
    await opened.until(lambda: opened.page.reloads == 1)
    last = await tabs(beside=opened)
    assert sum(one.requests for one in last.state.queue.lanes) == 1
    assert "The import was undone." in last.toasts
    await last.go("#/settings")
    assert "An import can be undone" not in last.text


@pytest.mark.slow
async def test_addresses_that_come_with_a_file_are_listed_before_the_buttons(tabs: Open) -> None:
    """A file whose «OpenAI» lies elsewhere: the dialog names the address and says that ours stays where it is; with nothing of the kind it
    says nothing."""
    first, second = await tabs(), await tabs(seed=50)
    await first.app.services.profiles.save(Profile(id="openai", name="OpenAI", base_url="https://evil.example/v1"))
    await chosen(second, await exported(first))
    assert second.dialog is not None
    said = " ".join(second.dialog.text.split())
    assert "OpenAI (imported) https://evil.example/v1 OpenAI stays at https://api.openai.com/v1." in said
    body = next(one for one in second.dialog if one.get("class") == "body")
    assert "evil.example" in body.text, "it stands above the buttons"
    await brought(second, "Replace what is here")
    opened = await tabs(beside=second)
    assert opened.state.provider.profiles["openai"].base_url == "https://api.openai.com/v1"
    await opened.go("#/settings")
    assert "OpenAI (imported)" in opened.text
    third = await tabs(seed=70)
    await chosen(third, await exported(await tabs(seed=71)))
    assert third.dialog is not None
    assert "Addresses" not in third.dialog.text


@pytest.mark.slow
async def test_replacing_and_keeping_it(tabs: Open) -> None:
    """Replace puts the file's workspace in the place of this one; «Keep the import» ends the undo and clears what was kept."""
    first, second = await tabs(), await tabs(seed=50)
    await first.queue("one", "two")
    blob = await exported(first)
    await second.queue("three")
    await chosen(second, blob)
    await brought(second, "Replace what is here")
    opened = await tabs(beside=second)
    assert sum(one.requests for one in opened.state.queue.lanes) == 2
    assert [id for id in opened.store.disk.bytes if id.startswith("import:")]
    await opened.go("#/settings")
    await opened.click("Keep the import")
    await opened.until(lambda: not opened.state.workspace.doing)
    await opened.rest()
    assert "An import can be undone" not in opened.text
    assert not [id for id in opened.store.disk.bytes if id.startswith("import:")]
    assert worked(await content(await exported(opened))) == worked(await content(blob))


async def test_the_toast_takes_it_back(tabs: Open) -> None:
    """The toast's «Undo» does what the button in the settings does."""
    first, second = await tabs(), await tabs(seed=50)
    await first.queue("one")
    await chosen(second, await exported(first))
    await brought(second, "Replace what is here")
    opened = await tabs(beside=second)
    await opened.click("Undo")
    await opened.until(lambda: opened.page.reloads == 1)
    assert opened.store.disk.records[Table.SEGMENTS] == {}


async def test_the_tab_that_leads_lets_another_one_import(tabs: Open) -> None:
    """The tab whose engine works hears of the import at once, lets go, and shows what came; nobody has to wait or to close it."""
    leader = await tabs()
    source = await tabs(seed=50)
    await source.queue("one", "two")
    blob = await exported(source)
    second = await tabs(beside=leader)
    assert (leader.state.engine.leads, second.state.engine.leads) == (True, False)
    await chosen(second, blob)
    await brought(second, "Replace what is here")
    assert second.page.reloads == 1
    await leader.rest()
    assert sum(one.requests for one in leader.state.queue.lanes) == 2
    assert leader.state.workspace.last is not None
    await leader.wait(2)
    assert leader.state.engine.leads or second.state.engine.leads


async def test_cancelling_before_anything_is_imported(tabs: Open) -> None:
    """«Cancel», the cross and Esc close the dialog; nothing was changed."""
    first, second = await tabs(), await tabs(seed=50)
    await first.queue("one")
    blob = await exported(first)
    before = second.store.snapshot()
    for way in ("Cancel", "Close"):
        await chosen(second, blob)
        await second.click(way)
        assert second.dialog is None
    await chosen(second, blob)
    await second.escape()
    assert second.dialog is None
    assert second.store.snapshot().bytes == before.bytes


@pytest.mark.slow
@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "The file is empty"),
        (b"PK\x03\x04 a zip", "not a workspace"),
        (gzip.compress(b'{"nightshift":"workspace","format":9}\n'), "newer Nightshift"),
        (gzip.compress(b'{"nightshift":"workspace","format":1,"schema":1}\n'), "not complete"),
        (gzip.compress(b'{"nightshift":"workspace","format":1,"schema":1}\n')[:-3], "not complete"),
        (gzip.compress(b'{"nightshift":"workspace","format":1,"schema":1}\n{"kind":"bytes","size":1,"crc":1}\nx\n'), "damaged at byte 49"),
    ],
)
async def test_a_file_that_cannot_be_imported_is_told_in_words(visit: Visit, data: bytes, words: str) -> None:
    """No dialog opens; the card says what is wrong with the file and that nothing was imported."""
    await chosen(visit, BytesBlob(data))
    assert visit.dialog is None
    assert words in notes(visit)
    assert "Nothing was imported" in notes(visit)
    assert visit.notes == []


async def test_a_file_that_is_not_there_any_more(visit: Visit) -> None:
    """The page let go of it, or it came as something else: said in words."""
    await visit.go("#/settings")
    for value in (None, [], [{"name": "x", "error": "unreadable"}], [7], "x"):
        await visit.emit(visit.field("Import a workspace file"), "change", value)
        assert "could not read the file" in notes(visit)


@pytest.mark.slow
async def test_keys_go_sealed_and_are_asked_for(tabs: Open) -> None:
    """Two equal passphrases of some length; on import a wrong one is told, the right one brings the key, and none leaves it out."""
    first = await tabs()
    await first.use_openai()
    await first.go("#/settings")
    await first.check("With the API keys, encrypted", True)
    for one, other, words in (("short", "short", "at least 8"), (SECRET, "another", "differ")):
        await first.type("Passphrase", one)
        await first.type("Passphrase again", other)
        await first.click("Export")
        assert words in first.text
        assert first.page.saved == []
    await first.type("Passphrase again", SECRET)
    blob = await exported(first)
    assert "Its API keys are encrypted." in notes(first)
    assert RIGHT_KEY.encode() not in gzip.decompress(blob.data)
    assert SECRET not in repr(first.state)
    assert SECRET not in first.page.html
    assert not first.has("Passphrase")
    second = await tabs(seed=50)
    await chosen(second, blob)
    await second.type("Passphrase of its API keys", "something else")
    await second.click("Merge with what is here")
    await second.until(lambda: not second.state.workspace.doing)
    await second.rest()
    assert "This is not the passphrase" in second.text
    assert isinstance(second.state.dialog, ImportDialog)
    assert second.page.reloads == 0
    await second.type("Passphrase of its API keys", SECRET)
    await brought(second, "Merge with what is here")
    opened = await tabs(beside=second)
    assert opened.state.provider.keys["openai"].present
    assert any("1 API key came with it." in one for one in opened.toasts)
    third = await tabs(seed=60)
    await chosen(third, blob)
    await brought(third, "Merge with what is here")
    assert not (await tabs(beside=third)).state.provider.keys["openai"].present


async def test_without_a_key_there_is_none_to_seal(visit: Visit) -> None:
    """Asked for keys where none are: the export says so."""
    await visit.go("#/settings")
    await visit.check("With the API keys, encrypted", True)
    await visit.type("Passphrase", SECRET)
    await visit.type("Passphrase again", SECRET)
    await exported(visit)
    assert "There was no API key to go with it." in notes(visit)


@pytest.mark.slow
async def test_batches_on_their_way_are_pointed_out(tabs: Open) -> None:
    """Before an export and before an import the page says that a batch must go on in one place only."""
    first, second = await tabs(), await tabs(seed=50)
    await first.use_openai()
    first.out.gate = asyncio.Event()
    await first.queue("one")
    await first.go("#/queue")
    await first.click("Submit 1")
    await first.go("#/settings")
    assert "1 batch is on its way." in notes(first)
    assert "in one place only" in notes(first)
    await chosen(second, await exported(first))
    assert second.dialog is not None
    assert "1 batch is on its way." in second.dialog.text


class Slow:
    """Makes a store's reading wait until it is told to go on."""

    def __init__(self, visit: Visit) -> None:
        self.gate, self._real = asyncio.Event(), visit.store.load
        visit.store.load = self.load  # type: ignore[method-assign, assignment]

    async def load(self, ids: list[str]) -> list[bytes | None]:
        await self.gate.wait()
        return await self._real(ids)


async def test_an_export_can_be_stopped(visit: Visit) -> None:
    """While it runs the card shows how far it is and a button to stop it; stopped, no file is saved."""
    await visit.queue("one")
    await visit.go("#/settings")
    slow = Slow(visit)
    await visit.click("Export")
    assert "Writing the file: 0 %" in visit.text
    assert not visit.has("Import a workspace file")
    await visit.click("Cancel")
    slow.gate.set()
    await visit.rest()
    assert "Stopped. Nothing was exported." in notes(visit)
    assert visit.page.saved == []
    await exported(visit)


async def test_an_import_can_be_stopped(tabs: Open) -> None:
    """While bytes are written the dialog shows how far it is; stopped, the workspace is as it was."""
    first, second = await tabs(), await tabs(seed=50)
    await first.queue("one")
    blob = await exported(first)
    await second.queue("two")
    await chosen(second, blob)
    gate = asyncio.Event()
    real = second.store.dump

    async def dump() -> Any:
        await gate.wait()
        return await real()

    second.store.dump = dump  # type: ignore[method-assign]
    await second.click("Replace what is here")
    assert "Importing: " in second.text
    await second.click("Cancel")
    gate.set()
    await second.until(lambda: not second.state.workspace.doing)
    await second.rest()
    assert "Stopped. Nothing was imported." in notes(second)
    assert second.dialog is None
    assert sum(one.requests for one in second.state.queue.lanes) == 1
    assert not [id for id in second.store.disk.bytes if id.startswith("import:")]


async def test_no_room_is_told(tabs: Open) -> None:
    """The browser has no space for the imported bytes: said in words, and nothing was imported."""
    first, second = await tabs(), await tabs(seed=50)
    await first.queue("one " * 20_000)
    blob = await exported(first)
    await chosen(second, blob)
    second.store.quota = 20_000
    await brought(second, "Replace what is here")
    assert second.page.reloads == 0
    assert "Nothing was imported." in notes(second)
    assert "space" in notes(second)


async def test_an_import_that_broke_off_is_tidied_when_the_page_opens(tabs: Open) -> None:
    """The tab died while bytes were written: the next one sweeps them, and everything that was there is there."""
    visit = await tabs()
    await visit.queue("three")
    log = Import(id="last", files="import:x:", name="mine.nightshift")
    left = [PutBytes("import:x:written", b'["lines:left"]'), PutBytes("lines:left", b"left"), PutBytes("import:x:new:a", b"")]
    await visit.store.commit([put(log, 0), *left])
    opened = await tabs(beside=visit)
    await opened.rest()
    assert not [id for id in opened.store.disk.bytes if id.startswith("import:") or id == "lines:left"]
    assert "import:last" not in opened.store.disk.records[Table.SETTINGS]
    assert sum(one.requests for one in opened.state.queue.lanes) == 1


@pytest.mark.slow
async def test_a_full_disk_while_undoing(tabs: Open) -> None:
    """Undoing fails for lack of room: it is said, and can be tried again."""
    first, second = await tabs(), await tabs(seed=50)
    await first.queue("one")
    await chosen(second, await exported(first))
    await brought(second, "Replace what is here")
    opened = await tabs(beside=second)
    await opened.go("#/settings")
    real = opened.store.commit

    async def commit(changes: Any) -> None:
        if len(changes) > 3:
            raise StorageFull("no room")
        await real(changes)

    opened.store.commit = commit  # type: ignore[method-assign]
    await opened.click("Undo the import")
    await opened.until(lambda: not opened.state.workspace.doing)
    await opened.rest()
    assert "The import was not undone." in notes(opened)
    opened.store.commit = real  # type: ignore[method-assign]
    await opened.click("Undo the import")
    await opened.until(lambda: opened.page.reloads == 1)
