"""All threads: search, open, delete, restore."""

from __future__ import annotations

from simple_html import a, div, h1, h2, header, input_, p, section, small, span

from app.core.base import text
from app.core.model.threads import Thread
from app.core.threads import editing
from app.ui.base.actions import AskEnd
from app.ui.base.markup import Node, at, join
from app.ui.base.parts import act, command, empty, few, pill, tool
from app.ui.base.picking import pick_bar, pick_box, pick_start
from app.ui.base.stars import first, star
from app.ui.base.state import State
from app.ui.base.times import ago
from app.ui.threads.actions import DeleteThread, DuplicateThread, NewThread, RestoreThread, SearchThreads


def thread_list(state: State) -> Node:
    kept = first(state, "prompt", (thread for thread in state.threads.all if not thread.deleted), lambda thread: thread.id)
    binned = [thread for thread in state.threads.all if thread.deleted]
    found = [one for one in kept if editing.matches(one, state.compose.search)]
    return [
        header(
            {},
            div({}, h1({}, "Prompts"), p({}, f"{text.count(len(kept), 'conversation')}, kept in this browser")),
            div(at("actions"), pick_start(state, "prompt"), command(state, NewThread(), "primary")),
        ),
        pick_bar(state, "prompt", [one.id for one in found]),
        _found(state, kept, found),
        _bin(binned) if binned else "",
    ]


def _found(state: State, kept: list[Thread], found: list[Thread]) -> Node:
    if not kept:
        return empty(
            "No prompts yet",
            "A prompt is a conversation that you write once and send as often as you like. It is saved as you type.",
            command(state, NewThread(), "primary", words="Write your first prompt"),
        )
    return section(
        at("card"),
        header(
            {},
            input_(
                at(
                    "input",
                    id="search",
                    type="search",
                    value=state.compose.search,
                    placeholder="Search names and texts",
                    aria_label="Search prompts",
                    input=SearchThreads(),
                )
            ),
        ),
        few(found, lambda _n, one: _line(state, one), "threads", "Search to find them.")
        if found
        else p(at("pad dim"), "No prompts match."),
    )


def _line(state: State, thread: Thread) -> Node:
    o = thread.options
    facts = join([o.model or "no model", text.count(len(thread.messages), "message"), ago(state, thread.updated)])
    return div(
        at("thread-line"),
        div(
            at("grow starred"),
            pick_box(state, "prompt", thread.id, editing.title(thread)),
            span({}, a(at(href=f"#/compose/{thread.id}"), editing.title(thread)), div({}, small({}, facts))),
        ),
        pill("info", "open") if thread.id == state.compose.thread.id else span({}),
        div(
            at("row"),
            star(state, "prompt", thread.id, editing.title(thread)),
            tool("copy", "Duplicate prompt", DuplicateThread(thread.id)),
            tool("close", "Delete prompt", DeleteThread(thread.id)),
        ),
    )


def _bin(binned: list[Thread]) -> Node:
    return section(
        at("card"),
        header({}, h2({}, "Deleted"), act("Delete permanently …", AskEnd("prompts"), "quiet danger end")),
        few(
            binned,
            lambda _n, one: div(
                at("thread-line"),
                span(at("clip dim", title=editing.title(one)), editing.title(one)),
                span({}),
                act("Restore", RestoreThread(one.id), "small"),
            ),
            "deleted threads",
        ),
    )
