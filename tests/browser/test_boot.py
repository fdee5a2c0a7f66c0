"""The start: from an address to a drawn page, and what the person sees when that fails."""

import json
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from tests.kit.altered import alter
from tests.kit.browser import ATTACKER, Watch, wait_ready, wait_state
from tests.kit.room import Room

FOREIGN = "https://example.invalid/"


@pytest.fixture(scope="session")
def site(built_site: str) -> str:
    """The page as people get it."""
    return built_site


@pytest.fixture
def still(page: Page) -> Page:
    """A page whose program does not start: the policy is written before that."""
    page.route("**/static/js/entry.mjs", lambda route: route.fulfill(body="", content_type="text/javascript"))
    return page


def policy_of(page: Page) -> str:
    """The content security policy that the page wrote for itself."""
    return str(page.locator("meta[http-equiv=Content-Security-Policy]").get_attribute("content"))


def directive(policy: str, name: str) -> list[str]:
    """The values of one directive."""
    return next(part.split()[1:] for part in policy.split("; ") if part.split()[0] == name)


def test_page_becomes_ready_and_again_on_reload(page: Page) -> None:
    """The program starts, without an error and without a request to any other host: the shell is there before Python's first line, and
    that before the first view. A second visit of the same profile starts like the first."""
    page.goto("/")
    wait_ready(page)
    assert page.locator("#boot-failure").count() == 0
    starts = page.evaluate(
        "['shell', 'python', 'ready'].map((name) => performance.getEntriesByName(`nightshift:${name}`).map((mark) => mark.startTime))"
    )
    assert [len(times) for times in starts] == [1, 1, 1]
    shell, python, ready = (times[0] for times in starts)
    assert 0 < shell < python <= ready
    page.reload()
    wait_ready(page)


def test_policy_refuses_foreign_hosts_and_code_from_text(page: Page, watch: Watch) -> None:
    """A fetch to a host that nobody configured does not leave the page; neither eval nor an inline script runs."""
    watch.expect("example.invalid|Content Security Policy")
    page.add_init_script(ATTACKER)
    page.goto("/")
    wait_ready(page)
    answer = page.evaluate("(url) => fetch(url).then(() => 'sent', (error) => error.name)", FOREIGN)
    assert answer == "TypeError"
    assert any("Content Security Policy" in problem for problem in watch.problems)
    script = "attacker.createScript('globalThis.ran = 1')"
    write = f"() => document.body.append(Object.assign(document.createElement('script'), {{ textContent: {script} }}))"
    page.evaluate(write)
    assert page.evaluate("() => globalThis.ran ?? 0") == 0
    assert "unsafe-eval" not in directive(policy_of(page), "script-src")


def test_policy_names_configured_hosts(still: Page) -> None:
    """Origins from the settings may be asked; anything that is not plainly an origin is left out."""
    good = ["https://llm.example.org", "http://127.0.0.1:8001", "wss://broker.example.org:15673"]
    bad = [
        "*",
        "https://*",
        "https://a.example; script-src *",
        "javascript:alert(1)",
        "https://a.example/path",
        "https://a b",
        "http://[::1]:9000",
        "'unsafe-eval'",
        "",
        7,
        None,
    ]
    still.goto("/")
    still.evaluate("(hosts) => localStorage.setItem('nightshift:hosts', hosts)", json.dumps([*good, *bad]))
    still.reload()
    assert directive(policy_of(still), "connect-src") == ["'self'", "https://api.openai.com", *good]


@pytest.mark.parametrize("stored", ["{", '"https://a.example"', "null", '{"length": 1}'])
def test_policy_survives_damaged_settings(still: Page, stored: str) -> None:
    """What is not a list of origins counts as none."""
    still.goto("/")
    still.evaluate("(text) => localStorage.setItem('nightshift:hosts', text)", stored)
    still.reload()
    assert directive(policy_of(still), "connect-src") == ["'self'", "https://api.openai.com"]


def test_policy_takes_hosts_from_the_load_before_once(still: Page) -> None:
    """A reload for a new host does not depend on what localStorage shows by then; what comes that way is checked alike, and counts once."""
    still.goto("/")
    still.evaluate("() => history.replaceState({ hosts: ['https://new.example', 'https://*', 7] }, '')")
    still.reload()
    assert directive(policy_of(still), "connect-src") == ["'self'", "https://api.openai.com", "https://new.example"]
    still.reload()
    assert directive(policy_of(still), "connect-src") == ["'self'", "https://api.openai.com"]


def test_policy_without_storage(still: Page) -> None:
    """Where the browser refuses localStorage, the policy is written all the same."""
    still.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } })")
    still.goto("/")
    assert directive(policy_of(still), "connect-src") == ["'self'", "https://api.openai.com"]


@pytest.mark.parametrize(
    "missing",
    ["vendor/pyodide/stdlib.zip", "vendor/pyodide/pyodide.asm.wasm", "vendor/pyscript.mjs", "vendor/boot.mjs", "js/entry.mjs"],
)
def test_missing_file_is_told(page: Page, watch: Watch, missing: str) -> None:
    """When a file of the start does not load, the page says so and what to do."""
    watch.expect(".")
    page.route(f"**/static/{missing}", lambda route: route.fulfill(status=404, body="not here"))
    page.goto("/")
    assert wait_state(page) == "failed"
    told = page.locator("#boot-failure")
    assert "Nightshift could not start" in told.inner_text()
    assert "Reload the page" in told.inner_text()
    assert told.locator("pre").inner_text().strip()


@pytest.mark.parametrize("source", ['raise RuntimeError("<img src=x onerror=alert(1)>")', "import nowhere"])
def test_python_error_is_told_as_text(page: Page, rooms: Callable[[str], Room], sources: str, source: str) -> None:
    """An exception of the program is shown with its traceback, never as markup."""
    alter(page, rooms(sources), "app/bootstrap.py", source)
    page.goto("/")
    assert wait_state(page) == "failed"
    told = page.locator("#boot-failure pre").inner_text()
    assert "Error" in told
    assert "<img" in told or "<img" not in source
    assert page.locator("#boot-failure img").count() == 0


def test_sources_that_are_no_python_are_told(page: Page, sources: str, allow_hosts: set[str]) -> None:
    """Where the sources are served, as by ``make dev``."""
    allow_hosts.add(urlsplit(sources).netloc)
    page.route("**/app/bootstrap.py", lambda route: route.fulfill(body="def start(:", content_type="text/x-python"))
    page.goto(f"{sources}/")
    assert wait_state(page) == "failed"
    assert "SyntaxError" in page.locator("#boot-failure pre").inner_text()


def test_damaged_entry_is_told(page: Page, watch: Watch) -> None:
    """An error before the program's own handling is shown as well."""
    watch.expect("PythonError|Traceback|SyntaxError")
    page.route("**/app/main.py", lambda route: route.fulfill(body="1 +", content_type="text/x-python"))
    page.goto("/")
    assert wait_state(page) == "failed"
    assert "SyntaxError" in page.locator("#boot-failure pre").inner_text()


@pytest.mark.parametrize("config", ["", 'name = "no interpreter"', "[[["])
def test_damaged_configuration_is_told(page: Page, watch: Watch, config: str) -> None:
    """A configuration without content or sense ends in a sentence, not in a request for Pyodide to some other host."""
    watch.expect("console error|page error")
    page.route("**/pyscript.toml", lambda route: route.fulfill(body=config, content_type="application/toml"))
    page.goto("/")
    assert wait_state(page) == "failed"
    assert page.locator("#boot-failure pre").inner_text().strip()
