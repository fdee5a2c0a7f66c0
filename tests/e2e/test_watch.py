"""The watch over the pages hears what it must, whatever the browser: otherwise the other journeys would prove less than they say."""

from __future__ import annotations

import pytest

from tests.kit.browser import ATTACKER, Watch
from tests.kit.journey import Journey
from tests.kit.ports import kept_ports

MISDEEDS = """async ([elsewhere]) => {
  const later = (deed) => new Promise((resolve) => setTimeout(() => { setTimeout(resolve); deed(); }));
  console.error('a complaint');
  await later(() => { throw new TypeError('a slip'); });
  await later(() => { Promise.reject(new Error('a broken promise')); });
  const script = document.createElement('script');
  script.textContent = attacker.createScript('document.documentElement.dataset.ran = "yes"');
  document.body.append(script);
  document.body.insertAdjacentHTML('beforeend', attacker.createHTML('<p style="color: red" onclick="0">'));
  await fetch(elsewhere).catch(() => {});
  await later(() => alert('a dialog'));
}"""


@pytest.mark.cold
@pytest.mark.also("file", "firefox")
def test_the_watch_hears_what_a_page_must_not_do(tab: Journey, watch: Watch) -> None:
    """An error, a rejection, a complaint, a breach of the policy, a request to a host that no test named, a dialog: each is on its list."""
    elsewhere = f"http://127.0.0.1:{kept_ports(1)[0]}"
    tab.page.add_init_script(ATTACKER)
    tab.add_provider("Elsewhere", f"{elsewhere}/v1")
    tab.reload_for_provider()
    assert not watch.unexpected()
    tab.page.evaluate(MISDEEDS, [f"{elsewhere}/v1/models"])
    missing = [
        "a complaint",
        "a slip",
        "a broken promise",
        "inline script",
        "inline style",
        "event handler",
        f"{elsewhere}/v1/models",
        "a dialog",
    ]
    for _ in range(500):
        missing = [words for words in missing if not any(words in one for one in watch.problems)]
        if not missing:
            break
        tab.page.wait_for_timeout(20)  # events are heard of while Playwright waits
    assert not missing
    assert tab.page.evaluate("() => document.documentElement.dataset.ran") is None
    watch.expect("")
