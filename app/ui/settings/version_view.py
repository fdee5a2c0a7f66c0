"""The program's own version: whether it is kept for use without a network, and the notice of a newer one."""

from __future__ import annotations

from simple_html import code, div, h2, header, p, section

from app.core.base import text
from app.ui.activity.actions import ToggleDebug
from app.ui.base.actions import TakeUpdate
from app.ui.base.markup import NOTHING, Node, at
from app.ui.base.parts import Tone, command, note, pill
from app.ui.base.state import State

WHY = {
    "full": "The browser has no space for it. Free some space, then reload.",
    "refused": "This browser does not save pages here: this is a private window, an address without https, or a browser setting.",
    "gone": "The browser cleared the saved page. It is saved again the next time the page is opened.",
    "sources": "This page is served from its source files.",
}
"""Why nothing is kept, by the words of static/js/updates.mjs."""


def update_note(state: State) -> Node:
    """Says that a newer version is there; nothing happens until the person wants it."""
    button = command(state, TakeUpdate(), "small")
    if state.browser.update == "elsewhere":
        return note(
            "info",
            "Another tab has switched to a newer version of Nightshift.",
            "This tab keeps working. Reload it when it suits you; nothing is lost, and batches continue.",
            button,
        )
    return note("info", "A new version of Nightshift is ready.", "Reload to use it; nothing is lost, and batches continue.", button)


def version(state: State) -> Node:
    """The card in the settings."""
    tone, word, said = _offline(state)
    return section(
        at("card", aria_label="Version"),
        header({}, h2({}, "Version"), pill(tone, word)),
        div(
            at("pad stack tight"),
            p({}, "Build ", code({}, state.browser.version), ".") if state.browser.version else NOTHING,
            p(at("dim"), said),
            div(at("row wrap"), command(state, ToggleDebug(), "quiet small")),
        ),
    )


def _offline(state: State) -> tuple[Tone, str, str]:
    kept = state.browser.kept
    if state.browser.setting == "file" or (kept is not None and kept.why == "file"):
        return "good", "works offline", "Everything is in this one file."
    if kept is None:
        return "wait", "being saved", "The browser is saving this page, so that it opens without a network as well."
    if not kept.bytes:
        return "warn", "needs the network", f"Nightshift does not open without a network here. {WHY.get(kept.why, kept.why)}"
    said = f"This page opens without a network as well; {text.size(kept.bytes)} are kept in this browser for that."
    if kept.why:
        said += f" A newer version could not be saved: {WHY.get(kept.why, kept.why)}"
    return "good", "works offline", said
