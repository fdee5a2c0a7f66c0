"""The page as one file, opened from the disk: that it starts, what it answers from itself, and what its policy lets nobody do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.far import running
from tests.browser.test_boot import FOREIGN, directive
from tests.kit.browser import ATTACKER, Watch, place, wait_ready, wait_state

ATTACKS = {
    "an inline script": """() => {
      document.body.append(Object.assign(document.createElement('script'), { textContent: attacker.createScript('globalThis.ran = 1') }));
    }""",
    "a script with the nonce of this load": """() => {
      const script = Object.assign(document.createElement('script'), { textContent: attacker.createScript('globalThis.ran = 1') });
      [, script.nonce] = document.querySelector('meta[http-equiv="Content-Security-Policy"]').content.match(/'nonce-([^']+)'/) ?? [];
      document.body.append(script);
    }""",
    "a script from another host": """() => {
      document.body.append(Object.assign(document.createElement('script'), { src: attacker.createScriptURL('EVIL/x.js') }));
    }""",
    "an event handler": """() => {
      document.body.insertAdjacentHTML('beforeend', attacker.createHTML('<img src=data:, onerror="globalThis.ran = 1">'));
    }""",
    "a picture from another host": "() => { document.body.insertAdjacentHTML('beforeend', attacker.createHTML('<img src=EVIL/x.png>')); }",
    "a style attribute": """() => {
      document.body.insertAdjacentHTML('beforeend', attacker.createHTML('<p style="background: url(EVIL/x.png)">text</p>'));
    }""",
    "a style sheet": """() => {
      document.body.insertAdjacentHTML('beforeend', attacker.createHTML('<style>body { background: url(EVIL/x.png) }</style>'));
    }""",
    "a frame with a text of its own": """() => {
      document.body.insertAdjacentHTML('beforeend', attacker.createHTML('<iframe srcdoc="<script>parent.ran = 1</script>"></iframe>'));
    }""",
    "a frame of another host": """() => {
      document.body.insertAdjacentHTML('beforeend', attacker.createHTML('<iframe src=EVIL/></iframe>'));
    }""",
    "a script's address": """() => {
      document.body.insertAdjacentHTML('beforeend', attacker.createHTML('<a id="pressed" href="javascript:globalThis.ran = 1">x</a>'));
      document.querySelector('#pressed').click();
    }""",
    "a form": """() => {
      document.body.insertAdjacentHTML('beforeend', attacker.createHTML('<form id="sent" action="EVIL/" method="post"></form>'));
      document.querySelector('#sent').submit();
    }""",
    "another base": "() => { document.head.insertAdjacentHTML('beforeend', attacker.createHTML('<base href=EVIL/>')); }",
    "a plugin": "() => { document.body.insertAdjacentHTML('beforeend', attacker.createHTML('<object data=EVIL/x></object>')); }",
    "a worker": "() => { try { new Worker(attacker.createScriptURL('EVIL/x.js')); } catch { /* refused at once */ } }",
}
"""What somebody might do who got markup, or even the DOM, into the page."""

SETTLED = "() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve(globalThis.ran ?? 0))))"


def policies(page: Page) -> list[str]:
    """The policies that the page wrote for itself, in their order."""
    return [str(one.get_attribute("content")) for one in page.locator("meta[http-equiv=Content-Security-Policy]").all()]


@pytest.fixture(scope="module")
def opened(chromium: Browser, one_file: str) -> Iterator[Page]:
    """The file, started once for what only looks at it. Its start has nothing to complain of; what is tried then may break its policy."""
    watch = Watch({place(one_file)})
    context = chromium.new_context()
    watch.attach(context)
    context.add_init_script(ATTACKER)
    page = context.new_page()
    page.goto(one_file)
    wait_ready(page)
    assert not watch.problems
    watch.expect("Content Security Policy")
    yield page
    context.close()
    assert not watch.unexpected(), "\n".join(watch.unexpected())


def test_policy_is_the_strictest_that_boots(opened: Page) -> None:
    """Hashes and blobs while the file is read, blobs alone after; no address of its own, and no inline style but ours."""
    first, last = policies(opened)
    assert directive(first, "default-src") == ["'none'"]
    assert {source.split("-")[0] for source in directive(first, "script-src")} == {"'sha256", "'nonce", "blob:", "'wasm"}
    assert all(source.startswith("'sha256-") for source in directive(first, "style-src"))
    assert directive(first, "connect-src") == ["https://api.openai.com"]
    assert directive(first, "img-src") == ["data:", "blob:"]
    assert directive(first, "worker-src") == ["blob:"]
    assert (
        last == "script-src blob: 'wasm-unsafe-eval'; require-trusted-types-for 'script'; trusted-types default nightshift nightshift-kept"
    )


@pytest.mark.parametrize("where", ["served", "one file"])
def test_injected_markup_neither_runs_nor_calls(page: Page, watch: Watch, built_site: str, one_file: str, where: str) -> None:
    """Whatever gets into the document, served or from the file: no script runs, and no request leaves the browser."""
    address = one_file if where == "one file" else f"{built_site}/"
    with running() as far:
        watch.expect(f"Content Security Policy|Refused|violates|{far.origin}")
        watch.hosts.add(place(address))
        page.add_init_script(ATTACKER)
        page.goto(address)
        wait_ready(page)
        address = page.url
        for name, attack in ATTACKS.items():
            page.evaluate(attack.replace("EVIL", far.origin))
            assert page.evaluate(SETTLED) == 0, name
            assert page.url == address, name
            assert page.evaluate("() => document.baseURI") == address, name
        assert far.seen == []


def test_not_even_our_own_inline_scripts_run_again(opened: Page) -> None:
    """The hashes count only as long as the file is read."""
    opened.evaluate("() => addEventListener('nightshift:piece', () => { globalThis.ran = 1; })")
    opened.evaluate(
        """() => document.body.append(Object.assign(document.createElement('script'), {
          textContent: attacker.createScript("dispatchEvent(new Event('nightshift:piece'))") }))"""
    )
    assert opened.evaluate("() => globalThis.ran ?? 0") == 0


def test_answers_only_for_what_it_holds(opened: Page) -> None:
    """A file of the build comes from memory; a neighbour on the disk and a host that nobody configured do not come."""
    asked = """async (address) => {
      try {
        return (await (await fetch(address)).text()).length;
      } catch (error) {
        return error.name;
      }
    }"""
    config = opened.evaluate("() => document.querySelector('script[type=py]').getAttribute('config')")
    assert opened.evaluate(asked, config) > 10
    assert opened.evaluate(asked, "index.html") == "TypeError"
    assert opened.evaluate(asked, FOREIGN) == "TypeError"


def test_starts_again_on_a_route(opened: Page) -> None:
    """A reload becomes ready as well, without a request to anywhere, and has a nonce of its own: nothing in the file tells it."""

    def nonces() -> set[str]:
        return {source for source in directive(policies(opened)[0], "script-src") if "nonce" in source}

    before = nonces()
    assert opened.evaluate("() => document.querySelectorAll('[data-path]').length") == 0
    opened.evaluate("() => { location.hash = '#/queue'; }")
    opened.reload()
    wait_ready(opened)
    assert opened.locator("h1").first.inner_text() == "Queue"
    assert len(before | nonces()) == 2


@pytest.mark.parametrize("share", [0.3, 0.9])
def test_a_file_that_was_cut_off_is_told(page: Page, watch: Watch, one_file: str, tmp_path: Path, share: float) -> None:
    """Half a download says so."""
    watch.expect("Traceback|PythonError|page error|console error")
    whole = Path(one_file.removeprefix("file://")).read_bytes()
    half = tmp_path / "half.html"
    half.write_bytes(whole[: int(len(whole) * share)])
    watch.hosts.add(place(half.as_uri()))
    page.goto(half.as_uri())
    assert wait_state(page) == "failed"
    assert "The file is not whole" in page.locator("#boot-failure pre").inner_text()


def test_a_damaged_file_is_told(page: Page, watch: Watch, one_file: str, tmp_path: Path) -> None:
    """Bytes that changed on their way end in a sentence, not in a page that waits."""
    watch.expect("Traceback|PythonError|page error|console error")
    text = Path(one_file.removeprefix("file://")).read_text()
    at = text.index(">", text.index('data-type="application/wasm"')) + 200_000
    damaged = tmp_path / "damaged.html"
    damaged.write_text(text[:at] + "AAAAAAAAAAAA" + text[at + 12 :])
    watch.hosts.add(place(damaged.as_uri()))
    page.goto(damaged.as_uri())
    assert wait_state(page) == "failed"
    assert page.locator("#boot-failure pre").inner_text().strip()
