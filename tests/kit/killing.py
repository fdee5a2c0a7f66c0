"""Kills Python in a page as a real fault does: WebAssembly traps, and no line of Python runs again."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

WATCHED = """
for (const name of ['instantiate', 'instantiateStreaming']) {
  const original = WebAssembly[name];
  WebAssembly[name] = async (...given) => {
    const made = await original.apply(WebAssembly, given);
    const { exports } = made.instance ?? made;
    if ('emscripten_stack_set_limits' in exports) globalThis.pythonsExports = exports;
    return made;
  };
}
"""
NOISE = "fatal|unreachable|out of bounds|call stack|fatally failed|Recursive call|RuntimeError"
"""What a dying Pyodide says by itself, in the console and to whoever still calls it."""
LAST_WORDS = "Exception in callback|handle: <Handle|Traceback|asyncio/events|^console error: $"
"""What Python's loop writes of a step in which it died."""


def prepare(context: BrowserContext) -> None:
    """Keep Python's WebAssembly in reach, in every page that opens from now on."""
    context.add_init_script(WATCHED)


def kill(page: Page) -> None:
    """Put the stack where there is no memory: the next call into Python traps."""
    page.evaluate("() => pythonsExports._emscripten_stack_restore(16)")
