"""The worker that computes: under the page's policy wherever the page is, stopped when it does not listen, and begun anew."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.far import running
from tests.kit.browser import Watch
from tests.kit.journey import Journey
from tests.kit.setting import ELSEWHERE, Setting

FETCHED = "fetch('ADDRESS').then(() => 'answered', (error) => error.name)"
EVALUATED = """new Promise((resolve) => setTimeout(() => {
  try {
    resolve(eval('1 + 1'));
  } catch (error) {
    resolve(error.name);
  }
}))"""
"""By a timer: what a test evaluates itself is let through."""
SIZE = """(address) => fetch(address).then(async (answer) => (answer.ok ? (await answer.arrayBuffer()).byteLength : 0), () => 0)"""
BY_BLOB = """(expression) => new Promise((resolve) => {
  const text = `(${expression}).then((value) => postMessage(value))`;
  new Worker(URL.createObjectURL(new Blob([text], { type: 'text/javascript' }))).onmessage = ({ data }) => resolve(data);
})"""
BY_ADDRESS = """(address) => new Promise((resolve) => {
  try {
    new Worker(new URL(address, document.baseURI), { type: 'module' }).onerror = () => resolve('refused');
  } catch {
    resolve('refused');
  }
})"""
HEARS = """() => {
  globalThis.looping = new Promise((resolve) => { new BroadcastChannel('looping').onmessage = () => resolve(true); });
}"""
LOOP = "() => { globalThis.onmessage = () => { new BroadcastChannel('looping').postMessage(1); for (;;); }; }"
"""Without an end, as soon as the worker is given a job; the page hears that it has begun."""
REFUSED = "() => performance.getEntriesByName('nightshift:no-worker').map(({ detail }) => detail)"
MARKS = re.compile(rb'"exports":\{"(x[^"]*)"')


def exported(tab: Journey, path: Path) -> bytes:
    """Press «Export»; the first line of the file."""
    with tab.page.expect_download() as download:
        tab.press("Export")
    download.value.save_as(path)
    return zlib.decompress(path.read_bytes(), wbits=31).partition(b"\n")[0]


@pytest.mark.also(*ELSEWHERE)
def test_a_worker_has_the_pages_policy_and_is_begun_anew(tab: Journey, watch: Watch, setting: Setting, tmp_path: Path) -> None:
    """The workspace is packed in a worker from a blob, which can call no foreign host and run no text; what it stores the page's next
    export finds. In a loop without end it is stopped by the page's button, and another one does the work."""
    tab.go("Settings")
    assert tab.page.workers == [], "nothing is begun before it is needed"
    first = exported(tab, tmp_path / "first")
    assert b'"exports":{}' in first
    assert tab.page.evaluate(REFUSED) == []
    (worker,) = tab.page.workers
    assert worker.url.startswith("blob:")
    watch.expect("Content Security Policy|Content-Security-Policy|Refused|violates|blocked|404|may not load data from file")
    ask: Callable[[str], str] = worker.evaluate
    if setting.name == "firefox":  # Playwright cannot ask this Firefox's workers anything: another one from a blob is asked

        def ask(expression: str) -> str:
            return str(tab.page.evaluate(BY_BLOB, expression))

    with running() as far:
        assert ask(FETCHED.replace("ADDRESS", f"{far.origin}/x")) == "TypeError"
        assert far.seen == []
    assert ask(EVALUATED) == "EvalError"
    build = tab.page.evaluate("() => document.documentElement.dataset.build")
    assert tab.page.evaluate(BY_ADDRESS, f"{build}/static/js/compute-worker.mjs") == "refused"
    second = exported(tab, tmp_path / "second")
    assert MARKS.search(second), "the worker has noted the first export in the page's database"

    if setting.name == "firefox":
        return  # nor can its worker be brought into a loop
    assert tab.page.workers == [worker]
    library = tab.page.evaluate("(path) => new URL(path, document.baseURI).href", f"{build}/static/vendor/python_calamine.zip")
    assert worker.evaluate(SIZE, library) > 100_000, "the build's files are in its reach, also in the one file"
    assert worker.evaluate(SIZE, f"{library}.nowhere") == 0
    tab.page.evaluate(HEARS)
    worker.evaluate(LOOP)
    tab.press("Export")
    tab.page.evaluate("() => globalThis.looping")
    tab.press("Cancel")
    tab.main.get_by_text("Stopped. Nothing was exported.").wait_for()
    exported(tab, tmp_path / "third")
    assert [one for one in tab.page.workers if one is not worker], "another one has done it"
    assert tab.page.evaluate(REFUSED) == []
