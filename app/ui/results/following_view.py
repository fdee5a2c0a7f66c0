"""The ways of going on from answers; and beside an open request the turn before it, and what follows it."""

from __future__ import annotations

from simple_html import a, li, p, section, span, ul

from app.services.results.shown import Opened
from app.ui.base.actions_base import Action
from app.ui.base.markup import NOTHING, Node, at
from app.ui.base.parts import command
from app.ui.base.state import State
from app.ui.results import addresses
from app.ui.results.example_actions import AskExamples
from app.ui.results.follow_actions import AskFollow
from app.ui.results.rerun_actions import AskRerun
from app.ui.results.step_actions import AskStep

_OF_TABLES: tuple[tuple[Action, str], ...] = (
    (AskStep(), "plan what is asked when the answers arrive; it is submitted automatically, up to a spending limit"),
    (AskRerun(), "ask again only what is stale, failed, empty or not asked yet"),
    (AskExamples(), "put selected answers, or those marked good, into the prompt; your corrections replace them"),
)


def carry_on_card(state: State) -> Node:
    """The ways of going on, each with what it does; nothing while they are not asked for."""
    if not state.follow.choosing:
        return NOTHING
    ways = [
        (AskFollow(), "one more message turns each selected answer, or every answer that matches the filters, into a new request"),
        *(_OF_TABLES if _table(state) else ()),
    ]
    return section(
        at("card", aria_label="Carry on"),
        ul(
            at("pad stack tight"), [li(at("row wrap"), command(state, each, "small"), span(at("dim"), f"{words}.")) for each, words in ways]
        ),
    )


def _table(state: State) -> bool:
    return addresses.named(state.results.scope)[0] == "table"


def can_be_followed(one: Opened) -> bool:
    """Whether there is an answer that a conversation can go on from, as far as is seen here."""
    return one.outcome in ("answered", "flawed") and one.answer is not None and bool(one.answer.text)


def follow_links_of(state: State, batch: str, row: int) -> Node:
    """To the answer that a request follows, and to what follows it."""
    here, results = state.follow, state.results
    if here.of != (batch, row) or not (here.before or here.behind):
        return NOTHING
    before = here.before

    def link(to: tuple[str, int], words: str) -> Node:
        return a(at("btn small quiet", href=addresses.of(results, results.query, results.columns, to)), words)

    return p(
        at("row wrap"),
        link((before.batch, before.row), "Previous answer") if before is not None else NOTHING,
        [
            link((each.batch, each.row), "The next message") if each.batch else span(at("dim"), "The next message is in no batch yet.")
            for each in here.behind
        ],
    )
