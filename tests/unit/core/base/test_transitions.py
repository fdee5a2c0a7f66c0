"""A table of states says where each event leads, and refuses what it does not name."""

import pytest

from app.core.base.transitions import NoSuchMove, State, Transitions

TABLE: Transitions[str, str] = Transitions(
    "here",
    {
        "here": State("it is here", {"go": "there", "wait": "here", "stop": "gone"}),
        "there": State("it is there", {"return": "here", "come": "here"}),
        "gone": State("it is gone", {}),
    },
)


def test_an_event_leads_where_the_table_says():
    """Also to the state in which it is."""
    assert [TABLE.after("here", event) for event in ("go", "wait", "stop")] == ["there", "here", "gone"]


@pytest.mark.parametrize(("state", "event"), [("there", "go"), ("gone", "wait"), ("here", "fly"), ("nowhere", "go"), ("", "go")])
def test_a_miss_is_one_error_that_names_state_and_event(state, event):
    """Whatever is missing: the event, the state or the pair."""
    with pytest.raises(NoSuchMove, match=f"{event} in state '{state}' is not heard") as caught:
        TABLE.after(state, event)
    assert (caught.value.state, caught.value.event) == (state, event)


def test_a_store_gets_the_moves_of_it():
    """New ones begin in the first state; staying is allowed without being named."""
    assert TABLE.moves == {"": {"here"}, "here": {"there", "gone"}, "there": {"here"}, "gone": set()}
    assert {state: TABLE.before(state) for state in TABLE.states} == {
        "here": ("here", "there"),
        "there": ("here", "there"),
        "gone": ("here", "gone"),
    }


def test_it_is_drawn_with_its_events():
    """One arrow for each pair of states, all its events at it; an ending leads out of the picture."""
    assert TABLE.diagram().splitlines() == [
        "stateDiagram-v2",
        "    [*] --> here",
        "    here --> there: go",
        "    here --> here: wait",
        "    here --> gone: stop",
        "    there --> here: return, come",
        "    gone --> [*]",
    ]
    assert "| `there` | it is there |" in TABLE.meanings()
