"""What somebody who does not see the page is told: its accessibility tree, and what live regions say when they change."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

_LISTEN: Final = """() => {
  const LIVE = '[role=status],[role=alert],[role=log],[aria-live]';
  const heard = (window.nightshiftHeard = []);
  const before = new WeakMap();
  const words = (node) => (node.innerText ?? node.textContent ?? '').replace(/\\s+/g, ' ').trim();
  const element = (node) => (node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement);
  const say = (region, node) => {
    const said = words(node);
    const live = region.getAttribute('aria-live') ?? (region.role === 'alert' ? 'assertive' : 'polite');
    if (said && live !== 'off' && before.get(node) !== said) {
      before.set(node, said);
      heard.push(said);
    }
  };
  new MutationObserver((changes) => {
    for (const change of changes) {
      for (const node of [change.target, ...change.addedNodes]) {
        const region = element(node)?.closest(LIVE);
        if (region && region.getAttribute('aria-atomic') === 'false') {
          if (node !== region && element(node) !== region) say(region, element(node));
        } else if (region) say(region, region);
        for (const inner of element(node)?.querySelectorAll(LIVE) ?? []) if (node !== change.target) say(inner, inner);
      }
    }
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""
"""A region is read whole, or what came into it where it says so (``aria-atomic``), each text once as long as it stays the same (WAI-ARIA,
live region properties)."""


class Ears:
    """Hears one page, from now on until it is opened anew."""

    def __init__(self, page: Page) -> None:
        self._page = page
        page.evaluate(_LISTEN)

    def hears(self, words: str) -> None:
        """Wait until these words were said aloud."""
        self._page.wait_for_function("(words) => window.nightshiftHeard.some((one) => one.includes(words))", arg=words)

    @property
    def heard(self) -> list[str]:
        """Everything so far."""
        found: list[str] = self._page.evaluate("() => window.nightshiftHeard")
        return found


def reads(where: Locator, tree: str) -> None:
    """Wait until the accessibility tree has these nodes, in this order; others may stand between them."""
    expect(where).to_match_aria_snapshot(textwrap.dedent(tree).strip())
