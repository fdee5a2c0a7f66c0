"""Tables: from a file to requests in the queue, beside what the browser alone takes to read, split and store the same bytes."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.bench.bulk import COUNT
from tests.bench.figures import Figures
from tests.bench.page import Visit

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

WORDS = ("the", "handle", "got", "hot", "and", "the", "lid", "would", "not", "close", "so", "it", "went", "back", "to", "the", "shop")
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
KINDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKED = "http://schemas.openxmlformats.org/package/2006"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
PARTS = {
    "[Content_Types].xml": (
        f'<Types xmlns="{PACKED}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="{TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{TYPE}.worksheet+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{PACKED}/relationships">'
        f'<Relationship Id="a" Type="{KINDS}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{PACKED}/relationships">'
        f'<Relationship Id="a" Type="{KINDS}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'<workbook xmlns="{MAIN}" xmlns:r="{KINDS}"><sheets><sheet name="Data" sheetId="1" r:id="a"/></sheets></workbook>'
    ),
}
"""A workbook of one sheet, but for the sheet."""
STORED = 2_000.0
"""Goal: milliseconds for 50,000 rows of 60 MB, from «Import» to requests in the queue, without what a person does between."""
SHORT, SHEET, PLANNED, TOKENS, KEY = 4_000.0, 1_500.0, 1_000.0, 5_000.0, 50.0
"""Goals in milliseconds: importing a million short rows and a workbook, cutting and pricing a million rows by another limit, counting the
tokens of 60 MB in the background, and a key's letter on the screen while rows are imported."""
BASELINE = """async () => {
  const work = async () => {
    onmessage = async ({ data }) => {
      const lines = (await data.text()).split('\\n').map((line) => JSON.stringify(line));
      const opening = indexedDB.open('bench-baseline', 1);
      opening.onupgradeneeded = () => opening.result.createObjectStore('runs');
      const db = await new Promise((resolve) => { opening.onsuccess = () => resolve(opening.result); });
      const tx = db.transaction('runs', 'readwrite');
      tx.objectStore('runs').put(new TextEncoder().encode(lines.join('\\n')), 'all');
      await new Promise((resolve) => { tx.oncomplete = resolve; });
      db.close();
      indexedDB.deleteDatabase('bench-baseline');
      postMessage(lines.length);
    };
  };
  const worker = new Worker(URL.createObjectURL(new Blob([`(${work})()`], { type: 'text/javascript' })));
  const began = performance.now();
  worker.postMessage(document.querySelector('#bench-file').files[0]);
  await new Promise((resolve) => { worker.onmessage = resolve; });
  worker.terminate();
  return performance.now() - began;
}"""
OWN_PICKER = """() => {
  const picker = document.createElement('input');
  picker.type = 'file';
  picker.id = 'bench-file';
  document.documentElement.append(picker);
}"""


class _Made(NamedTuple):
    """A file of so many rows, and what the figures call it."""

    name: str
    path: Path
    rows: int


def _text(n: int, words: int) -> str:
    return " ".join(WORDS[(n + i) % len(WORDS)] for i in range(words))


def _large(folder: Path, rows: int) -> _Made:
    path = folder / "large.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write("id,review\n")
        file.writelines(f'{n:06},"{_text(n, 270)}, {n}"\n' for n in range(rows))
    return _Made(f"CSV of {path.stat().st_size / 1e6:.0f} MB, {rows:,} rows", path, rows)


def _short(folder: Path, rows: int) -> _Made:
    path = folder / "short.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write("id,word\n")
        file.writelines(f"{n},{WORDS[n % len(WORDS)]}\n" for n in range(rows))
    return _Made(f"CSV of {rows:,} short rows", path, rows)


def _sheet(folder: Path, rows: int, columns: int = 10) -> _Made:
    path = folder / "sheet.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in PARTS.items():
            archive.writestr(name, text)
        with archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
            sheet.write(f'<worksheet xmlns="{MAIN}"><sheetData>'.encode())
            for n in range(rows + 1):
                texts = [f"column {c}" if n == 0 else f"{_text(n + c, 4)} {n}" for c in range(columns)]
                cells = "".join(f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in texts)
                sheet.write(f"<row>{cells}</row>".encode())
            sheet.write(b"</sheetData></worksheet>")
    return _Made(f"XLSX of {rows:,} × {columns}", path, rows)


def _press(words: str) -> str:
    return f"[...document.querySelectorAll('main button')].find((one) => one.textContent.trim().startsWith('{words}')).click()"


def _says(words: str) -> str:
    return f"document.querySelector('main').textContent.includes('{words}')"


def _chosen(visit: Visit, one: _Made) -> None:
    """Choose the file, which is not measured."""
    page = visit.page
    page.evaluate("() => { location.hash = '#/data'; }")
    page.get_by_text("Tables, kept in this browser").wait_for()
    page.locator("#table-file").set_input_files(one.path)
    page.locator("main button:enabled", has_text="Import").first.wait_for(timeout=60_000)


def _imported(visit: Visit, figures: Figures, one: _Made, goal: float | None = None) -> float:
    _chosen(visit, one)
    return visit.timed(figures, f"import: {one.name}", _press("Import"), _says(f"{one.rows:,} rows · "), goal=goal)


def _keys(visit: Visit, figures: Figures, one: _Made) -> None:
    """Type the table's name while it is imported."""
    page = visit.page
    _chosen(visit, one)
    page.get_by_label("Name", exact=True).focus()
    here = _says(f"{one.rows:,} rows · ")
    page.evaluate(f"() => {{ globalThis.benchKeys = bench.keys(() => {here}); {_press('Import')}; }}")
    while not page.evaluate(f"() => {here}"):  # the table's own view has a field of that name as well
        page.keyboard.press("a")
    found: list[float] = page.evaluate("() => globalThis.benchKeys")
    for each in found:
        figures.told(f"key to painted letter, importing: {one.name}", "ms", each)
    figures.told(f"key to painted letter, importing: {one.name}, longest", "ms", max(found, default=0.0), goal=KEY)


def _cut(visit: Visit, figures: Figures, one: _Made) -> None:
    """Cut the plan, and price it, by another limit."""
    said = "document.querySelector('[aria-label=\"Batches\"] header').textContent"
    before = visit.page.evaluate(said)
    typed = (
        f"const field = document.querySelector('#plan-tokens-0'); field.value = '{4 * one.rows}';"
        "field.dispatchEvent(new Event('change', { bubbles: true }))"
    )
    visit.timed(figures, f"plan and price by another limit: {one.name}", typed, f"{said} !== {before!r}", goal=PLANNED)


def _checked(visit: Visit, figures: Figures, one: _Made, prompt: str) -> float:
    """Write the prompt, which is not measured, and check the rows; the milliseconds."""
    page = visit.page
    page.get_by_role("link", name="Prompt", exact=True).click()
    page.get_by_label("Text of message 1").fill(prompt)
    page.get_by_label("Model", exact=True).fill("gpt-4o-mini")
    page.locator("[data-saved]").wait_for()
    page.get_by_role("link", name="Check and price").click()
    page.locator("main button:enabled", has_text="Check").first.wait_for()
    return visit.timed(figures, f"check and plan: {one.name}", _press("Check"), _says(f"{one.rows:,} rows checked"))


def _added(visit: Visit, figures: Figures, one: _Made) -> float:
    return visit.timed(figures, f"add to the queue: {one.name}", _press("Add"), _says(f"Added {one.rows:,} requests"))


def measure(context: BrowserContext, figures: Figures, count: int = COUNT) -> None:
    """One round over a table of ``count`` long rows, a workbook of as many, and twenty times as many short rows."""
    with tempfile.TemporaryDirectory(prefix="nightshift-bench-") as made:
        folder = Path(made)
        visit = Visit(context, "#/data")
        large = _large(folder, count)
        visit.page.evaluate(OWN_PICKER)
        visit.page.locator("#bench-file").set_input_files(large.path)
        alone = visit.page.evaluate(BASELINE)
        spent = _imported(visit, figures, large) + _checked(visit, figures, large, "Rate {{review}}")
        visit.timed(figures, f"tokens, beside the page: {large.name}", "", _says("tokens counted in every request"), goal=TOKENS)
        spent += _added(visit, figures, large)
        whole = f"to requests in the queue: {large.name}"
        figures.told(whole, "ms", spent, goal=STORED)
        figures.compared(whole, alone)
        _keys(visit, figures, large)
        _imported(visit, figures, _sheet(folder, count), SHEET)
        short = _short(folder, 20 * count)
        _imported(visit, figures, short, SHORT)
        _checked(visit, figures, short, "Is {{word}} a noun?")
        _cut(visit, figures, short)
        _added(visit, figures, short)
        visit.holds(figures, "after these tables")
        visit.page.close()
