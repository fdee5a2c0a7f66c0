"""Data as a person uses it: a table is brought, corrected, looked at, renamed, deleted and had back."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys

import pytest

from app.core.model.datasets import Column
from app.core.openai.wire import BytesBlob
from app.ports import StorageFull
from app.services.datasets.datasets import Source
from app.ui.base.drawing import render
from app.ui.datasets import view as data_view
from app.ui.datasets.view import statistics
from tests.kit.screen import Visit
from tests.unit.ui.conftest import Open

CSV = 'id;Straße\n007;Größe\n008;"zwei\nZeilen"\n9\n'.encode()


async def given(visit: Visit, data: bytes, name: str = "tables/straßen.csv") -> None:
    """Choose a file."""
    visit.page.given["file-1"] = BytesBlob(data)
    fields = [one for one in visit.dom.of("input") if one.get("type") == "file"]
    await visit.emit(fields[0], "change", [{"name": name, "size": len(data), "token": "file-1"}])
    await seen(visit)


async def seen(visit: Visit) -> None:
    """Wait until nothing of a file is under way."""
    await visit.until(lambda: visit.state.data.draft is None or not visit.state.data.draft.doing)
    await visit.rest()


async def brought(visit: Visit, data: bytes = CSV, name: str = "straßen.csv") -> str:
    """Import a file as it seems; the table's id."""
    await visit.go("#/data")
    await given(visit, data, name)
    await visit.click("Import")
    await seen(visit)
    return visit.state.route.id


def cells(visit: Visit) -> list[list[str]]:
    return [[cell.text for cell in row if cell.get("role") == "cell"] for row in visit.dom.classed("table-line")[1:]]


async def test_a_table_from_file_to_rows(tabs: Open) -> None:
    """The strip shows what was guessed; what is corrected shows at once; the table is opened when it is there."""
    visit = await tabs()
    await visit.go("#/data")
    assert "No tables yet" in visit.text
    await given(visit, CSV)
    assert visit.field("Delimiter").value == ";"
    assert [one.text for one in visit.dom.of("td")] == ["007", "Größe", "008", "zwei Zeilen"]
    assert "Row 4: It has 1 cell" in visit.text
    await visit.choose("Delimiter", "|")
    await seen(visit)
    assert [one.text for one in visit.dom.of("th")] == ["id;Straße"]
    await visit.choose("Delimiter", ";")
    await seen(visit)
    await visit.check("First row is the header", False)
    await seen(visit)
    assert visit.dom.of("td")[0].text == "id"
    await visit.check("First row is the header", True)
    await seen(visit)
    await visit.choose("Row key", "id")
    await visit.type("Name", "Straßen 2026")
    await visit.click("Import")
    await seen(visit)
    assert visit.page.route.startswith("#/data/d-")
    assert visit.dom.of("h1")[0].text == "Straßen 2026"
    assert cells(visit) == [["2", "007", "Größe"], ["3", "008", "zwei Zeilen"]]
    assert "1 row of the file was skipped." in visit.text
    assert "2 distinct · longest 3" in visit.text
    assert "Imported 2 rows" in visit.toasts[-1]


async def test_a_table_that_is_still_read_is_not_said_to_be_gone(tabs: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the one that was just imported nor one that is opened, however long its first rows are."""
    visit = await tabs()
    drawn: list[str] = []
    patch = visit.page.patch

    def watched(html: str, title: str | None = None) -> None:
        drawn.append(html)
        patch(html, title)

    monkeypatch.setattr(visit.page, "patch", watched)
    id = await brought(visit)
    await visit.go("#/data")
    await visit.go(f"#/data/{id}")
    assert any("Größe" in one for one in drawn)
    assert not [one for one in drawn if "not found" in one]
    visit.state.data.open = None
    assert "Reading the table" in render(data_view.data(visit.state))
    visit.state.data.all = ()
    assert "Reading the table" in render(data_view.data(visit.state))


async def test_an_address_of_a_table_that_is_not_there(tabs: Open) -> None:
    """It says so, and does not show the list in its place; one that was deleted is restored there and opens."""
    visit = await tabs()
    id = await brought(visit)
    await visit.go("#/data/d-nobody/prompt")
    assert [one.text for one in visit.dom.of("h1")] == ["Table not found"]
    assert "#/data" in [one["href"] for one in visit.dom.of("a") if one.text == "All tables"]
    await visit.go(f"#/data/{id}")
    await visit.click("Delete")
    await visit.go(f"#/data/{id}")
    assert [one.text for one in visit.dom.of("h1")] == ["Table deleted"]
    await visit.click("Restore")
    assert "Größe" in visit.text


async def test_a_newer_file_updates_the_rows(tabs: Open) -> None:
    """By the key that was chosen; what changed is said."""
    visit = await tabs()
    await visit.go("#/data")
    await given(visit, b"id,price\na,1\nb,2\n")
    await visit.choose("Row key", "id")
    await visit.click("Import")
    await seen(visit)
    await given(visit, b"id,price\nb,3\nc,4\n", "newer.csv")
    assert "New version of" in visit.text
    await visit.click("Import")
    await seen(visit)
    assert "version 2: 1 new, 1 changed, 1 removed (by id)" in visit.text
    assert [row[1:] for row in cells(visit)] == [["b", "3"], ["c", "4"]]


async def test_rows_are_pasted(tabs: Open) -> None:
    """As a spreadsheet copies them."""
    visit = await tabs()
    await visit.go("#/data")
    await visit.click("Paste rows")
    assert "disabled" in visit.button("Continue").attributes
    await visit.type("Rows", "a\tb\n1\tzwei\n")
    await visit.click("Continue")
    await seen(visit)
    assert visit.field("Delimiter").value == "tab"
    await visit.click("Import")
    await seen(visit)
    assert visit.dom.of("h1")[0].text == "Pasted table"
    assert cells(visit) == [["2", "1", "zwei"]]


async def test_a_sample_table_is_offered_where_there_is_none(tabs: Open) -> None:
    """Its rows are read as those of any file: quotes, several languages, an emoji."""
    visit = await tabs()
    await visit.go("#/data")
    await visit.click("Try a sample table")
    await seen(visit)
    await visit.click("Import")
    await seen(visit)
    assert visit.dom.of("h1")[0].text == "Sample reviews"
    found = cells(visit)
    assert [row[1] for row in found] == [f"r-{n:03}" for n in range(1, 13)]
    assert found[7][3] == 'mochila cómoda, cabe el portátil de 15", y el color es precioso 😊'
    assert {row[4] for row in found} == {"positive", "negative", "neutral"}


async def test_an_encoding_is_asked_for(tabs: Open) -> None:
    """Nothing is imported before it is answered."""
    visit = await tabs()
    await visit.go("#/data")
    await given(visit, "name,ort\nJürgen,Köln\nBärbel,Düsseldorf\n".encode("cp1252"))
    assert "disabled" in visit.button("Import").attributes
    shown = [one.text for one in visit.dom.of("pre")]
    assert len(set(shown)) == len(shown), "encodings that make the same of the text stand together"
    await visit.click("Western European (Windows)")
    await seen(visit)
    await visit.click("Import")
    await seen(visit)
    assert cells(visit)[0] == ["2", "Jürgen", "Köln"]


async def test_deleted_and_had_back(tabs: Open) -> None:
    """At once by the toast, later from the list; permanently on demand."""
    visit = await tabs()
    await brought(visit)
    await visit.click("Delete")
    assert visit.page.route == "#/data"
    await visit.click("Undo")
    await visit.rest()
    assert "Deleted" not in [one.text for one in visit.dom.of("h2")]
    await visit.click("Delete straßen")
    await visit.click("Restore straßen")
    await visit.click("Delete straßen")
    await visit.click("Delete permanently …")
    await visit.click("Delete permanently")
    await visit.rest()
    assert "No tables yet" in visit.text
    assert not visit.store.disk.bytes


async def test_renamed_here_and_seen_elsewhere(tabs: Open) -> None:
    """Another tab lists what this one brought, by its new name."""
    visit = await tabs()
    await brought(visit)
    other = await visit.other_tab()
    await other.go("#/data")
    await visit.emit(visit.field("Table name"), "change", "Roads")
    await other.rest()
    assert "Roads" in other.text


async def test_what_is_no_table_is_refused(tabs: Open) -> None:
    """In a sentence; a file after it is taken."""
    visit = await tabs()
    await visit.go("#/data")
    await given(visit, b"\x1f\x8b\x08", "paper.gz")
    assert "Nothing was imported." in visit.text
    assert "archive (gzip)" in visit.text
    await given(visit, CSV)
    assert "Nothing was imported." not in visit.text


async def test_a_full_disk_is_said_and_the_file_stays(tabs: Open) -> None:
    """It can be tried again."""
    visit = await tabs()
    await visit.go("#/data")
    await given(visit, CSV)
    visit.store.fail_next = StorageFull("full")
    await visit.click("Import")
    await seen(visit)
    assert "Nothing was imported." in visit.text
    await visit.click("Import")
    await seen(visit)
    assert len(cells(visit)) == 2


async def test_an_import_is_stopped(tabs: Open) -> None:
    """It waits for another tab's of the same table. Nothing of it stays, and the file can be imported yet."""
    visit = await tabs()
    id = await brought(visit, b"a,b\n1,2\n")
    runs = set(visit.store.disk.bytes)
    ended = asyncio.Event()
    other = asyncio.ensure_future(visit.locks.hold(f"nightshift-dataset-{id}", ended.wait))  # type: ignore[arg-type]  # it returns True
    await given(visit, b"a,b\n3,4\n", "newer.csv")
    await visit.click("Import")
    assert "Importing … 0 %" in visit.text
    await visit.click("Stop")
    await seen(visit)
    assert "Stopped." in visit.text
    assert set(visit.store.disk.bytes) == runs
    ended.set()
    await other
    await visit.click("Import")
    await seen(visit)
    assert cells(visit) == [["2", "3", "4"]]


async def test_columns_are_shown_some_at_a_time(tabs: Open) -> None:
    """All of them can be reached."""
    visit = await tabs()
    names = [f"c{n}" for n in range(70)]
    await brought(visit, ("\n".join((",".join(names), ",".join(names).replace("c", "v")))).encode() + b"\n", "wide.csv")
    assert "Columns 1 to 30 of 70" in visit.text
    await visit.click("Next")
    await visit.click("Next")
    await visit.rest()
    assert cells(visit)[0][1:] == [f"v{n}" for n in range(60, 70)]


def test_what_is_in_a_column() -> None:
    """In a few words, with what is rare not called nothing."""
    assert statistics(Column("a", "text", 1, 5, True, 9), 1_000) == "text · < 1 % empty · 5+ distinct · longest 9"
    assert statistics(Column("a", "integer", 500, 5, False, 2), 1_000) == "integer · 50 % empty · 5 distinct · longest 2"
    assert statistics(Column("a"), 0) == "empty"


@pytest.mark.slow
def test_the_start_knows_nothing_of_tables() -> None:
    """The program is put together without a module about tables but those that ask for them; a new Python tells."""
    code = "import sys, app.program; print(*sorted(name for name in sys.modules if name.startswith('app.') and 'dataset' in name))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.split() == ["app.ui.datasets", "app.ui.datasets.actions", "app.ui.datasets.arriving"]


def request(id: str, **more: object) -> dict[str, object]:
    return {"custom_id": id, "method": "POST", "url": "/v1/responses", "body": {"model": "gpt-4.1", "input": id, **more}}


def batch_file(*given: object) -> bytes:
    return b"".join(json.dumps(one).encode() + b"\n" for one in given)


async def offered(visit: Visit, data: bytes, name: str = "work/orders.jsonl") -> None:
    """Choose a file of requests, and wait until its lines were looked over."""
    await visit.go("#/data")
    await given(visit, data, name)
    await visit.until(
        lambda: visit.state.data.draft is None or visit.state.data.draft.requests is None or not visit.state.data.draft.requests.doing
    )
    await visit.rest()


async def test_requests_are_queued_as_they_are(tabs: Open) -> None:
    """What stands against lines is said by number before they are queued, and the others go, under ids that belong to the file."""
    visit = await tabs()
    await offered(visit, batch_file(request("a"), {"custom_id": "b"}, request("c", temperature=9), request("d")))
    assert "These lines are already requests" in visit.text
    assert "2 requests can be sent" in visit.text
    assert "Line 2: The message has no" in visit.text
    assert "Line 3: " in visit.text
    await visit.click("Queue these requests as they are")
    await visit.until(lambda: visit.state.data.draft is None)
    await visit.rest()
    assert visit.page.route == "#/queue"
    assert "Added 2 requests of “orders.jsonl” to the queue. Nothing was sent yet. 2 lines at fault were left out." in visit.toasts[-1]
    assert [one.sums.requests for one in visit.state.queue.lanes] == [2]
    await offered(visit, batch_file(request("a"), {"custom_id": "b"}, request("c", temperature=9), request("d")))
    assert "2 requests of this very file were added to the queue" in visit.text
    assert "asked and billed a second time" in visit.text


async def settled(visit: Visit) -> None:
    """Wait until a file of requests was added, or was not."""
    here = visit.state.data
    await visit.until(lambda: here.draft is None or (here.draft.requests is not None and here.draft.requests.fault is not None))
    await visit.rest()


async def test_a_file_of_requests_is_queued_once_by_two_presses_and_by_two_tabs(tabs: Open) -> None:
    """A second press does nothing; another tab is refused, told, and may add it on purpose."""
    visit = await tabs()
    other = await tabs(beside=visit)
    file = batch_file(request("a"), request("b"))
    await offered(visit, file)
    await offered(other, file)
    press = "Queue these requests as they are"
    await asyncio.gather(visit.click(press), visit.click(press), other.click(press))
    await settled(visit)
    await settled(other)
    files = visit.app.services.planning().files
    assert len(await files.added()) == 1
    (late,) = [one for one in (visit, other) if one.state.data.draft is not None]
    assert "Nothing was added to the queue. 2 requests of the same were added to the queue in another tab meanwhile." in late.text
    assert "2 requests of this very file were added to the queue" in late.text
    await late.click(press)
    await late.until(lambda: late.state.data.draft is None)
    assert len(await files.added()) == 2


@pytest.mark.slow
async def test_the_answers_to_a_file_of_requests_are_saved_under_its_ids(tabs: Open) -> None:
    """From the list of such files; before any has come it is said that there are none."""
    visit = await tabs()
    await offered(visit, batch_file(request("a"), request("b")))
    await visit.click("Queue these requests as they are")
    await visit.until(lambda: visit.state.data.draft is None)
    await visit.rest()
    await visit.go("#/data")
    assert "2 requests queued" in visit.text
    await visit.click("Save answers to orders.jsonl")
    await visit.rest()
    assert "No answers to “orders.jsonl” are here yet." in visit.toasts[-1]
    await visit.go("#/queue")
    await visit.click("Submit 2")
    await visit.wait(180)
    await visit.go("#/data")
    await visit.click("Save answers to orders.jsonl")
    await visit.rest()
    saved = visit.page.saved[-1]
    assert saved.name == "orders-answers.jsonl"
    assert sorted(json.loads(line)["custom_id"] for line in saved.content.splitlines()) == ["a", "b"]
    assert "2 of 2 requests answered." in visit.toasts[-1]


@pytest.mark.slow
async def test_requests_may_be_a_table_as_well(tabs: Open) -> None:
    """And a newer version of a table is one in any case."""
    visit = await tabs()
    await offered(visit, batch_file(request("a"), request("b")))
    await visit.click("Import as a table")
    await seen(visit)
    assert visit.page.route.startswith("#/data/d-")
    assert cells(visit)[0][1] == "a"
    await given(visit, batch_file(request("a"), request("c")), "newer.jsonl")
    assert "These lines are already requests" not in visit.text
    assert visit.state.queue.lanes == []


async def test_pasted_requests_are_offered_too(tabs: Open) -> None:
    """And where none can be sent, why not is said."""
    visit = await tabs()
    await visit.go("#/data")
    await visit.click("Paste rows")
    await visit.type("Rows", batch_file(request("a", temperature=9), request("b", temperature=9)).decode())
    await visit.click("Continue")
    await seen(visit)
    await visit.until(
        lambda: (
            visit.state.data.draft is not None and visit.state.data.draft.requests is not None and not visit.state.data.draft.requests.doing
        )
    )
    await visit.rest()
    assert "No line of it can be sent as it is." in visit.text
    assert visit.button("Queue these requests as they are").get("title") == "No line can be sent as it is."
    await visit.click("Cancel")
    assert visit.state.data.draft is None


async def test_a_full_disk_queues_no_request(tabs: Open) -> None:
    """It is said, and the file can be queued yet."""
    visit = await tabs()
    await offered(visit, batch_file(request("a")))
    visit.store.fail_next = StorageFull("full")
    await visit.click("Queue these requests as they are")
    await visit.rest()
    assert "Nothing was added to the queue." in visit.text
    await visit.click("Queue these requests as they are")
    await visit.until(lambda: visit.state.data.draft is None)
    assert [one.sums.requests for one in visit.state.queue.lanes] == [1]


async def dropped(visit: Visit, *files: tuple[str, bytes]) -> None:
    """Drop files somewhere on the page."""
    for n, (_, data) in enumerate(files):
        visit.page.given[f"file-{n}"] = BytesBlob(data)
    told = [{"name": name, "size": len(data), "token": f"file-{n}"} for n, (name, data) in enumerate(files)]
    await visit.emit(next(one for one in visit.dom if "data-page-drop" in one.attributes), "page-drop", told)
    await seen(visit)


@pytest.mark.slow
async def test_a_file_may_be_dropped_on_any_view(tabs: Open) -> None:
    """It is looked at in Data."""
    visit = await tabs()
    for view in ("compose", "queue", "settings", "log"):
        await visit.go(f"#/{view}")
        await dropped(visit, ("a.csv", b"a,b\n1,2\n"))
        assert visit.page.route == "#/data"
        assert visit.dom.of("h1")[0].text == "a.csv"
        await visit.click("Cancel")


async def test_several_files_come_one_after_the_other(tabs: Open) -> None:
    """Imported or put away; one that is no table is said, and the next one comes. What is dropped meanwhile waits behind them."""
    visit = await tabs()
    await visit.go("#/queue")
    await dropped(visit, ("a.csv", b"a,b\n1,2\n"), ("p.gz", b"\x1f\x8b\x08"), ("b.csv", b"c,d\n3,4\n"), ("c.csv", b"e\n5\n"))
    assert visit.dom.of("h1")[0].text == "a.csv"
    assert "3 more files after this one. p.gz, b.csv, c.csv" in visit.text
    await visit.click("Import")
    await seen(visit)
    assert visit.dom.of("h1")[0].text == "b.csv"
    assert "p.gz: This is an archive" in visit.text
    await visit.click("Dismiss", 0)
    assert "p.gz" not in visit.text
    assert visit.dom.of("h1")[0].text == "b.csv", "what is said is put away, and not the file"
    await dropped(visit, ("d.csv", b"e\n5\n"))
    assert visit.dom.of("h1")[0].text == "b.csv"
    await visit.click("Cancel")
    await seen(visit)
    assert visit.dom.of("h1")[0].text == "c.csv"
    await visit.click("Leave them out")
    await visit.click("Import")
    await seen(visit)
    assert visit.page.route.startswith("#/data/d-")
    assert visit.state.data.all is not None
    assert sorted(one.name for one in visit.state.data.all) == ["a", "c"]


async def test_files_that_are_all_none_end_in_words(tabs: Open) -> None:
    """However many there are."""
    visit = await tabs()
    await dropped(visit, *((f"{n}.gz", b"\x1f\x8b\x08") for n in range(300)))
    assert visit.state.data.draft is None
    assert "Some files were not imported. 0.gz: This is an archive" in visit.text


PNG = b"\x89PNG\r\n\x1a\n...."


async def folder(visit: Visit, *files: tuple[str, bytes], on: str = "table-folder") -> None:
    """Choose a folder, or drop it on the page (``on`` nothing)."""
    visit.page.given["all"] = BytesBlob(b"".join(data for _, data in files))
    told = []
    for n, (path, data) in enumerate(files):
        visit.page.given[f"file-{n}"] = BytesBlob(data)
        told.append({"name": path.rpartition("/")[2], "path": path, "size": len(data), "token": f"file-{n}"})
    if on:
        await visit.emit(visit.dom.by_id(on), "change", told, together="all")
    else:
        await visit.emit(next(one for one in visit.dom if "data-page-drop" in one.attributes), "page-drop", told, together="all")
    await seen(visit)


async def test_the_files_of_a_folder_become_rows(tabs: Open) -> None:
    """One each, with its text or itself as a data: URL; those that can be none are listed by name, hidden ones are passed over."""
    visit = await tabs()
    await visit.go("#/data")
    await folder(visit, ("shop/a.png", PNG), ("shop/.DS_Store", b"x"), ("shop/notes/b.txt", b"red shoe"), ("shop/bad.pdf", b"nothing"))
    assert visit.dom.of("h1")[0].text == "shop"
    assert "shop/bad.pdf: Its name ends in .pdf, but it is not one" in visit.text
    assert "1 hidden file was skipped." in visit.text
    assert visit.field("Row key").value == "path"
    await visit.click("Import")
    await seen(visit)
    assert visit.dom.of("h1")[0].text == "shop"
    assert [row[2:4] for row in cells(visit)] == [["shop/a.png", "image/png"], ["shop/notes/b.txt", "text/plain"]]
    assert cells(visit)[0][6].startswith("data:image/png;base64,iVBOR")
    assert cells(visit)[1][5] == "red shoe"
    await folder(visit, ("shop/a.png", PNG + b"new"), ("shop/c.png", PNG))
    await visit.click("Import")
    await seen(visit)
    assert "version 2: 1 new, 1 changed, 1 removed (by path)" in visit.text


async def test_tables_in_a_folder_that_is_dropped_are_tables(tabs: Open) -> None:
    """One after the other, what is hidden passed over; with anything else in it, or where a folder was to be imported, each is a row."""
    visit = await tabs()
    await visit.go("#/queue")
    tables = ("year/q1.csv", b"a,b\n1,2\n"), ("year/.DS_Store", b"x"), ("year/late/q2.CSV", b"a,b\n3,4\n")
    await folder(visit, *tables, on="")
    for name in ("q1.csv", "q2.CSV"):
        assert visit.dom.of("h1")[0].text == name
        await visit.click("Import")
        await seen(visit)
    assert [one[1:3] for one in cells(visit)] == [["3", "4"]]
    await visit.go("#/data")
    for more, on in (((("year/why.txt", b"x"),), ""), ((), "table-folder")):
        await folder(visit, *tables, *more, on=on)
        assert visit.dom.of("h1")[0].text == "year"
        assert "1 hidden file was skipped." in visit.text
        await visit.click("Cancel")
        await visit.rest()


async def test_pictures_that_are_dropped_become_rows_and_tables_beside_them_tables(tabs: Open) -> None:
    """Whatever view they are dropped on."""
    visit = await tabs()
    await visit.go("#/queue")
    visit.page.given |= {"t": BytesBlob(b"a,b\n1,2\n"), "all": BytesBlob(b"a,b\n1,2\n" + PNG + PNG)}
    told = [
        {"name": "t.csv", "size": 8, "token": "t"},
        {"name": "a.png", "size": len(PNG), "token": "x"},
        {"name": "b.png", "size": len(PNG), "token": "y"},
    ]
    await visit.emit(next(one for one in visit.dom if "data-page-drop" in one.attributes), "page-drop", told, together="all")
    await seen(visit)
    assert visit.dom.of("h1")[0].text == "t.csv"
    await visit.click("Import")
    await seen(visit)
    assert visit.dom.of("h1")[0].text == "2 files"
    await visit.click("Import")
    await seen(visit)
    assert [row[1:3] for row in cells(visit)] == [["a.png", "a.png"], ["b.png", "b.png"]]


@pytest.mark.slow
async def test_a_folder_without_a_row_ends_in_words(tabs: Open) -> None:
    """And so does one of too many files."""
    visit = await tabs()
    await folder(visit, ("x/.git", b"x"), on="")
    assert "Nothing was imported." in visit.text or "There are no rows." in visit.text
    visit.page.given["all"] = BytesBlob(b"")
    many = [{"name": f"{n}.txt", "path": f"x/{n}.txt", "size": 0, "token": "t"} for n in range(50_001)]
    if visit.state.data.draft is not None:
        await visit.click("Cancel")
    await visit.emit(next(one for one in visit.dom if "data-page-drop" in one.attributes), "page-drop", many, together="all")
    await seen(visit)
    assert "50,001 files" in visit.text


async def test_files_that_cannot_be_read_and_empty_folders_are_said(tabs: Open) -> None:
    """By name, with what was brought; a folder without a file is no silence."""
    visit = await tabs()
    await visit.go("#/queue")
    taker = next(one for one in visit.dom if "data-page-drop" in one.attributes)
    await visit.emit(taker, "page-drop", [])
    assert visit.page.route == "#/data"
    assert "What was dropped or chosen is not a file." in visit.text
    visit.page.given |= {"f": BytesBlob(b"red"), "all": BytesBlob(b"red")}
    lost = {"name": "b", "path": "x/b", "size": 0, "error": "unreadable"}
    told = [lost, {"name": "a.txt", "path": "x/a.txt", "size": 3, "token": "f"}]
    await visit.emit(next(one for one in visit.dom if "data-page-drop" in one.attributes), "page-drop", told, together="all")
    await seen(visit)
    assert "The browser could not read one file or folder, and none of it was imported." in visit.text
    assert "x/b" in visit.text
    await visit.click("Import")
    await seen(visit)
    assert cells(visit)[0][5] == "red"
    await visit.go("#/data")
    await visit.emit(next(one for one in visit.dom if "data-page-drop" in one.attributes), "page-drop", [lost] * 7, together="all")
    assert "could not read 7 files or folders" in visit.text
    assert "and 2 more" in visit.text


async def test_what_comes_between_two_files_takes_the_place_of_none(tabs: Open) -> None:
    """While one was just imported and the next one is not open yet."""
    visit = await tabs()
    await visit.go("#/data")
    visit.state.data.waiting = (Source(BytesBlob(b"a,b\n1,2\n"), "a.csv"),)
    await dropped(visit, ("b.csv", b"c,d\n3,4\n"))
    assert visit.dom.of("h1")[0].text == "a.csv"
    await visit.click("Cancel")
    await seen(visit)
    assert visit.dom.of("h1")[0].text == "b.csv"


async def test_requests_are_checked_anew_by_another_encoding(tabs: Open) -> None:
    """What is queued is what was checked."""
    visit = await tabs()
    await offered(visit, json.dumps(request("a") | {"custom_id": "Ü"}, ensure_ascii=False).encode() + b"\n")
    draft = visit.state.data.draft
    assert draft is not None
    before = draft.requests
    await visit.choose("Encoding", "windows-1252")
    await visit.until(lambda: draft.requests is not None and draft.requests.report is not None)
    assert draft.requests is not None
    assert draft.requests is not before
    assert draft.requests.encoding == "windows-1252"


async def test_who_left_while_a_file_was_imported_stays_where_they_are(tabs: Open) -> None:
    """It is said there, and nothing takes them from what they write."""
    visit = await tabs()
    id = await brought(visit, b"a,b\n1,2\n")
    ended = asyncio.Event()
    other = asyncio.ensure_future(visit.locks.hold(f"nightshift-dataset-{id}", ended.wait))  # type: ignore[arg-type]  # it returns True
    await given(visit, b"a,b\n3,4\n", "newer.csv")
    await visit.click("Import")
    await visit.go("#/compose")
    ended.set()
    await other
    await seen(visit)
    assert visit.page.route == "#/compose"
    assert visit.state.route.view == "compose"
    assert "Imported 1 row" in visit.toasts[-1]
    assert "Imported 1 row" in visit.text


async def test_cancel_stops_requests_on_their_way_into_the_queue(tabs: Open) -> None:
    """It is no button that does nothing."""
    visit = await tabs()
    await offered(visit, batch_file(request("a")))
    draft = visit.state.data.draft
    assert draft is not None
    assert draft.requests is not None
    stopped: list[bool] = []
    draft.requests.doing, draft.requests.stop = "queue", lambda: stopped.append(True)
    await visit.click("Cancel")
    assert stopped == [True]
    assert visit.state.data.draft is draft
