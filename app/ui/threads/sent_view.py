"""From a prompt to the batches and answers that came of it, and from these back to it."""

from __future__ import annotations

from simple_html import a, div, p

from app.core.base import text
from app.core.batches import pipeline
from app.core.model.batches import Batch
from app.core.threads import editing
from app.core.threads.sending import prompt_of
from app.ui.base.markup import NOTHING, Node, at, join
from app.ui.base.parts import batch_title
from app.ui.base.state import State

_LISTED = 5
_NAME = 60


def sent(state: State) -> Node:
    """The batches with requests of the open prompt, newest first, and their answers."""
    made = sorted((one for one in state.batches.all if state.compose.thread.id in one.prompts), key=lambda one: -one.created)
    if not made:
        return NOTHING
    links = [a(at(href=f"#/batches/{one.id}"), text.shorten(batch_title(one, state.zone), _NAME)) for one in made[:_LISTED]]
    more = f" and {text.number(len(made) - _LISTED)} more" if len(made) > _LISTED else ""
    answered = tuple(one.id for one in made if one.state in pipeline.FETCHED)[:_LISTED]
    address = f"#/results/batches/{'.'.join(answered)}"
    answers: Node = [" ", a(at(href=address), "Open the answers")] if answered else NOTHING
    return p({}, "Sent in ", join(links, ", "), more, ".", answers)


def prompts_of_batch(state: State, batch: Batch) -> Node:
    """The prompts that a batch has requests of, those that are still here."""
    links = [link for one in batch.prompts[:_LISTED] if (link := _link(state, one)) != NOTHING]
    more = f" and {text.number(len(batch.prompts) - _LISTED)} more" if len(batch.prompts) > _LISTED else ""
    return (
        div(at("pad dim"), "Of the prompt " if len(batch.prompts) == 1 else "Of the prompts ", join(links, ", "), more)
        if links
        else NOTHING
    )


def prompt_of_request(state: State, request: str) -> Node:
    """The way to the prompt that a request was made of, where it is here."""
    id = prompt_of(request)
    return _link(state, id, "Open its prompt", "btn small quiet") if id else NOTHING


def _link(state: State, id: str, words: str = "", look: str = "") -> Node:
    found = next((one for one in state.threads.all if one.id == id and not one.deleted), None)
    return a(at(look, href=f"#/compose/{id}"), words or text.shorten(editing.title(found), _NAME)) if found is not None else NOTHING
