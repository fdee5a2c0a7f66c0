"""What is shown where an address names no view: the address, and the ways to the views."""

from __future__ import annotations

from typing import Final

from simple_html import a, b, code, div, h1, h2, header, li, nav, p, section, span, ul

from app.ui.base.markup import Node, at
from app.ui.base.state import TITLES, State

_OFFERED: Final = {
    "compose": "Write a prompt and send it",
    "home": "What needs you, what runs, and what it cost",
    "threads": "Conversations, kept in this browser",
    "data": "Tables, kept in this browser",
    "queue": "Requests that have not been sent",
    "batches": "What was sent, and how far it is",
    "results": "Answers of all batches in one table",
    "programs": "Programs that send requests here and get the results",
    "settings": "Providers, keys, limits and storage",
    "log": "What happened and when",
    "help": "The guide and its search",
}
"""The views that can be gone to, in the order of the navigation, and what is there."""


def nowhere(state: State) -> Node:
    return [
        header(
            {},
            div(
                {},
                h1({}, TITLES["nowhere"]),
                p({}, "No view has the address ", code({}, state.route.id), ". The link may be cut off or mistyped. Nothing was changed."),
            ),
        ),
        section(
            at("card"),
            header({}, h2({}, "Open a view")),
            nav(at(aria_label="Views to open"), ul(at("home-lines"), [_line(view, there) for view, there in _OFFERED.items()])),
        ),
    ]


def _line(view: str, there: str) -> Node:
    return li({}, a(at("home-line", href=f"#/{view}"), b(at("grow"), TITLES[view]), " ", span(at("dim"), there)))
