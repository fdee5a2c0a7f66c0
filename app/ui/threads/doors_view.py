"""What an empty app offers: what it is for, and the ways in."""

from __future__ import annotations

from simple_html import a, b, div, h2, label, p, section, span

from app.ui.base.markup import NOTHING, Node, at
from app.ui.base.parts import icon
from app.ui.base.state import State
from app.ui.base.worked_view import examples


def doors(state: State) -> Node:
    """Below the composer, while nothing was ever made here."""
    if not is_new(state):
        return NOTHING
    first = state.compose.thread.messages[0].id if state.compose.thread.messages else ""
    write = label(
        at("door", for_=f"text-{first}"), _said("compose", "Write a prompt", "Type a message above, choose a model, and submit it.")
    )
    return ways_in(state, write)


def is_new(state: State) -> bool:
    """Whether nothing was ever made here: no prompt, no table, no queue, no batch."""
    return not (state.threads.all or state.queue.lanes or state.batches.all or state.preferences.recent_tables or _begun(state))


def ways_in(state: State, write: Node = NOTHING) -> Node:
    """What the app is for, and where one can begin. ``write``: the way to a prompt, where it is on this very view."""
    free = (
        "Practice mode is on: answers are simulated and nothing is billed. Add an API key in Settings when you are ready."
        if state.profile.practice
        else "Nothing is sent, and nothing is billed, before you submit."
    )
    return section(
        at("card pad stack", aria_label="Get started"),
        h2({}, "Get started"),
        p(
            {},
            "Nightshift sends requests through the OpenAI Batch API: half the price, answers within 24 hours. "
            "What you make stays in this browser until you submit it.",
        ),
        div(
            at("doors"),
            a(at("door", href="#/data"), _said("data", "Open a table", "CSV, Excel, JSON or Parquet. One prompt is sent for every row.")),
            write or a(at("door", href="#/compose"), _said("compose", "Write a prompt", "Type a message, choose a model, and submit it.")),
            a(
                at("door", href="#/programs"),
                _said("programs", "Connect a program", "Send requests over HTTP, the OpenAI SDK, RabbitMQ or from a folder."),
            ),
        ),
        p({}, "Or open an example: a small table with its prompt, ready to run."),
        examples(state),
        p(at("dim"), free),
    )


def _begun(state: State) -> bool:
    thread = state.compose.thread
    return thread.raw is not None or any(one.text or one.images for one in thread.messages)


def _said(name: str, title: str, said: str) -> Node:
    return [icon(name), span({}, b({}, title), span(at("dim"), said))]
