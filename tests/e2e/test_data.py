"""Data: a table comes, is looked at and corrected, and is there after a reload."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest

from tests.kit.journey import Journey
from tests.kit.setting import ELSEWHERE

ROWS = 200


def table(delimiter: str = ";") -> bytes:
    """Rows with umlauts, quotes and line breaks."""
    written = io.StringIO()
    writer = csv.writer(written, delimiter=delimiter)
    writer.writerow(["id", "Straße", "Bemerkung"])
    for n in range(ROWS):
        writer.writerow([f"{n:05}", f"Größe {n}", f'sagt "ja"\nund; "nein" {n}'])
    return written.getvalue().encode()


def test_a_table_is_imported_and_stays(desk: Journey) -> None:
    """Delimiter guessed, wrong and right again; every row reachable, values as the file has them; deleted and had back."""
    page = desk.page
    desk.go("Data")
    page.get_by_text("No tables yet").wait_for()
    page.locator("#table-file").set_input_files({"name": "straßen.csv", "mimeType": "text/csv", "buffer": table()})
    page.get_by_role("cell", name="00000", exact=True).wait_for()
    page.get_by_label("Delimiter").select_option(",")
    page.get_by_role("columnheader", name="id;Straße;Bemerkung").wait_for()
    page.get_by_label("Delimiter").select_option(";")
    page.get_by_role("columnheader", name="Straße", exact=True).wait_for()
    page.get_by_label("Row key").select_option("id")
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_role("heading", name="straßen").wait_for()
    page.get_by_text("200 rows · 3 columns").wait_for()
    page.get_by_text("200 distinct").first.wait_for()
    page.locator("#window-table").evaluate("one => one.scrollTop = one.scrollHeight")
    page.get_by_role("cell", name="00199", exact=True).wait_for()
    page.get_by_role("cell", name='sagt "ja" und; "nein" 199').wait_for()
    desk.reload()
    page.get_by_role("cell", name="Größe 0", exact=True).wait_for()
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_text("Deleted “straßen”.").wait_for()
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("link", name="straßen").wait_for()


@pytest.mark.also(*ELSEWHERE)
def test_a_parquet_file_is_imported(desk: Journey) -> None:
    """Its reader is JavaScript in a worker of the worker that imports, wherever the page is; 64 bits and decimals are exact."""
    page = desk.page
    desk.go("Data")
    page.locator("#table-file").set_input_files(Path(__file__).parents[1] / "data" / "parquet" / "zstd.parquet")
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_role("heading", name="zstd").wait_for()
    page.wait_for_url(re.compile("#/data/."))
    page.get_by_role("cell", name="9007199254740993", exact=True).first.wait_for()


@pytest.mark.also(*ELSEWHERE)
def test_requests_of_a_file_are_queued_as_they_are(desk: Journey) -> None:
    """Every line is checked in the worker; those at fault are listed, the others go, and are sent from the queue as any other."""
    page = desk.page
    good = [
        {"custom_id": f"order-{n}", "method": "POST", "url": "/v1/responses", "body": {"model": "gpt-4.1-mini", "input": f"ask {n}"}}
        for n in range(300)
    ]
    lines = [json.dumps(one) for one in (*good, {**good[0], "custom_id": "warm", "body": {**good[0]["body"], "temperature": 9}})]  # type: ignore[dict-item]
    data = "\n".join(lines).encode()
    desk.go("Data")
    page.locator("#table-file").set_input_files({"name": "orders.jsonl", "mimeType": "application/jsonl", "buffer": data})
    page.get_by_text("300 requests can be sent").wait_for()
    page.get_by_text("1 line can't be sent and will be left out.").wait_for()
    page.get_by_role("button", name="Queue these requests as they are").click()
    page.get_by_text("Added 300 requests of “orders.jsonl” to the queue.").wait_for()
    page.get_by_text("order-0", exact=True).wait_for()  # its mark of the file is not shown


DROP = """(files) => {
  const data = new DataTransfer();
  for (const [name, text] of files) data.items.add(new File([text], name));
  for (const type of ['dragover', 'drop']) {
    const event = new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: data });
    document.querySelector('#main').dispatchEvent(event);
    if (!event.defaultPrevented) throw new Error(`${type} would leave the page`);
  }
}"""


@pytest.mark.also(*ELSEWHERE)
def test_files_are_dropped_on_any_view(desk: Journey) -> None:
    """They come into Data one after the other."""
    page = desk.page
    desk.go("Queue")
    page.evaluate(DROP, [["first.csv", "a,b\n1,2\n"], ["second.csv", "c,d\n3,4\n"]])
    page.get_by_role("heading", name="first.csv").wait_for()
    page.get_by_text("1 more file after this one.").wait_for()
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_role("heading", name="second.csv").wait_for()
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_role("heading", name="second").wait_for()
    page.get_by_role("cell", name="3", exact=True).wait_for()
    page.get_by_role("link", name="Data", exact=True).first.click()
    page.get_by_role("link", name="first").wait_for()


@pytest.mark.also(*(one for one in ELSEWHERE if one != "firefox"))  # which is given no folder by what drives it
def test_the_files_of_a_folder_become_rows(desk: Journey, tmp_path: Path) -> None:
    """Read one by one in the worker: texts as they read, pictures as what image parts of a request take, faults by name."""
    shop = tmp_path / "shop"
    (shop / "deep").mkdir(parents=True)
    (shop / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(2_000_000))
    (shop / "deep" / "b.txt").write_text("Größe 42", "utf-8")
    (shop / "bad.pdf").write_bytes(b"nothing")
    page = desk.page
    desk.go("Data")
    page.locator("#table-folder").set_input_files(shop)
    page.get_by_text("shop/bad.pdf: Its name ends in .pdf, but it is not one").wait_for()
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_role("heading", name="shop").wait_for()
    page.get_by_role("cell", name="Größe 42", exact=True).wait_for()
    page.get_by_role("cell", name="data:image/png;base64,iVBORw0KGgo").wait_for()


def test_a_file_that_was_changed_since_it_was_chosen_is_said(desk: Journey, tmp_path: Path) -> None:
    """The browser gives no byte of it any more: nothing waits for ever, and nothing of it is imported."""
    file = tmp_path / "shop.csv"
    file.write_bytes(table())
    page = desk.page
    desk.go("Data")
    page.locator("#table-file").set_input_files(file)
    page.get_by_role("cell", name="00000", exact=True).wait_for()
    file.write_bytes(table() + b"00200;Neu;x\n")
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_text("it was moved or changed, or another program holds it").wait_for()
    page.get_by_role("button", name="Import", exact=True).wait_for()
