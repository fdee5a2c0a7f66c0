"""A message moves along its table, whatever happens to it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from app.core.base.transitions import NoSuchMove
from app.core.programs import delivery
from app.core.programs.message import ENDED, DeliveryAttempt, ProgramMessage, Programs
from app.core.programs.protocol import MessageState, Result, TryOutcome
from app.core.programs.targets import Webhook
from app.core.programs.transitions import MESSAGE, MessageEvent
from app.services.runtime.moves import STORED_MOVES

STATES: tuple[MessageState, ...] = get_args(MessageState)
EVENTS: tuple[MessageEvent, ...] = get_args(MessageEvent)
TRIES: tuple[MessageEvent, ...] = ("delivered", "try_failed", "tries_used_up")
CHOSEN = Programs(id="programs")

outcomes = st.sampled_from(get_args(TryOutcome))
tries = st.builds(DeliveryAttempt, at=st.floats(0, 1e9), target=st.just("https://example.com/"), outcome=outcomes)
targets = st.none() | st.sampled_from([Webhook("https://example.com/"), Webhook("https://example.org/")])
chosen = st.builds(Programs, id=st.just("programs"), failures=st.booleans(), tries=st.integers(1, 4))
results = st.sampled_from([one for one in get_args(Result) if one])

What = Callable[[ProgramMessage], ProgramMessage | None]
happenings: st.SearchStrategy[What] = st.one_of(
    st.builds(lambda row, outcome, c: lambda one: delivery.ended(one, "b", row, outcome, c, "k2", 5.0), st.integers(0, 2), results, chosen),
    st.builds(lambda attempt, c: lambda one: delivery.tried(one, attempt, c, 0.5), tries, chosen),
    st.builds(lambda attempt: lambda one: delivery.noted(one, attempt), tries),
    st.builds(lambda attempt: lambda one: delivery.broken(one, attempt), tries),
    st.builds(lambda target: lambda one: delivery.again(one, 7.0, target), targets),
    st.builds(lambda dequeued: lambda one: delivery.dropped(one, dequeued), st.booleans()),
)
"""Everything that changes a message's record."""


def test_the_table_is_whole():
    """Every state of a message and every event is in it, and no word that is neither."""
    assert set(MESSAGE.states) == set(STATES)
    assert set().union(*(one.leads for one in MESSAGE.states.values())) == set(EVENTS)
    assert {to for one in MESSAGE.states.values() for to in one.leads.values()} <= set(STATES)
    assert all(one.means for one in MESSAGE.states.values())


def test_every_state_is_reached_and_has_a_way_on():
    """From the first state all others are reached; a state that is no ending leads to endings, with tries and without."""
    reached: set[str] = {MESSAGE.first}
    for _ in STATES:
        reached |= {to for state in reached for to in MESSAGE.moves[state]}
    assert reached == set(STATES)
    for state in set(STATES) - set(ENDED):
        assert MESSAGE.moves[state] & set(ENDED)


def test_nothing_leads_out_of_an_ending_by_itself():
    """No try does, and nothing leads back to waiting: only another result, or somebody's wish."""
    for state in ENDED:
        for event in TRIES:
            with pytest.raises(NoSuchMove):
                MESSAGE.after(state, event)
        wishes = {event for event, to in MESSAGE.states[state].leads.items() if to != state}
        assert wishes <= {"result_to_send", "result_to_keep", "unreadable", "asked_again", "dequeued"}
    assert all("waiting" not in MESSAGE.moves[state] for state in STATES)


def test_the_store_has_this_table():
    """What it refuses in IndexedDB and in memory is what is drawn here (tests/contract/handed_cases.py)."""
    assert STORED_MOVES["handed"] is MESSAGE.moves


@given(st.lists(happenings, max_size=12), targets, st.text(max_size=3))
def test_whatever_happens_is_legal_or_changes_nothing(many: list[What], target: Any, reply_to: str) -> None:
    """Any sequence of results, tries, wishes and orders: each either makes a move of the table or is refused by the one error, which leaves
    the record as it was. A try is heard only while the delivery is due."""
    one = ProgramMessage(id="a", source="http", at=1.0, lane="p|e|m", target=target, reply_to=reply_to, key="k")
    for happens in many:
        before = replace(one)
        try:
            after = happens(one)
        except NoSuchMove as error:
            after, refused = None, error.event
        else:
            refused = ""
        assert one == before
        if after is None:
            assert not refused or (refused in TRIES and one.state != "due")
            continue
        assert after.state == one.state or after.state in MESSAGE.moves[one.state]
        assert after.made >= one.made
        one = after


def test_the_document_shows_the_table():
    """docs/programs.md carries states and diagram as generated; copy the expected text if the table was changed on purpose."""
    document = Path(__file__).parents[4].joinpath("docs/programs.md").read_text("utf-8")
    assert f"{MESSAGE.meanings()}\n\n```mermaid\n{MESSAGE.diagram()}\n```" in document
