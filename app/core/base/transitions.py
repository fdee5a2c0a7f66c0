"""Tables of states: what each state means, which event leads from it where. What a table does not name is refused, and changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Generic, NamedTuple, TypeVar, cast

StateName = TypeVar("StateName", bound=str)
EventName = TypeVar("EventName", bound=str)


class NoSuchMove(Exception):
    """The record is not in a state for this event. Nothing was changed."""

    def __init__(self, state: str, event: str, wanted: str = "") -> None:
        super().__init__(f"{event} in state {state!r}" + (f" would lead to {wanted!r}" if wanted else " is not heard"))
        self.state, self.event, self.wanted = state, event, wanted


class State(NamedTuple):
    """``means``: what is true of a record in this state, as a sentence for people. ``leads``: from each event that is heard in it to the
    state that follows; it may be the same."""

    means: str
    leads: Mapping[str, str]


class Transitions(Generic[StateName, EventName]):
    """A table. ``first`` is the state in which records begin."""

    def __init__(self, first: StateName, states: Mapping[StateName, State]) -> None:
        self.first: Final = first
        self.states: Final = states
        self.moves: Final[Mapping[str, frozenset[str]]] = {
            "": frozenset[str]({first}),
            **{name: frozenset(one.leads.values()) - {name} for name, one in states.items()},
        }
        """From each state (``""``: not there yet) the others that may follow, as a store checks them."""

    def after(self, state: StateName, event: EventName) -> StateName:
        """The state after an event. Raises NoSuchMove."""
        found = self.states[state].leads.get(event) if state in self.states else None
        if found is None:
            raise NoSuchMove(state, event)
        return cast(StateName, found)

    def before(self, state: StateName) -> tuple[str, ...]:
        """The states from which a record may come into this one, itself among them: staying is always allowed."""
        return tuple(name for name in self.states if name == state or state in self.moves[name])

    def diagram(self) -> str:
        """The table as a Mermaid state diagram, with the events at the arrows."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.first}"]
        for name, one in self.states.items():
            for to in dict.fromkeys(one.leads.values()):
                lines.append(f"    {name} --> {to}: {', '.join(event for event, led in one.leads.items() if led == to)}")
            if not one.leads:
                lines.append(f"    {name} --> [*]")
        return "\n".join(lines)

    def meanings(self) -> str:
        """The states and what they mean, as a table in Markdown."""
        return "\n".join(["| state | means |", "|---|---|", *(f"| `{name}` | {one.means} |" for name, one in self.states.items())])


def arrows(moves: Iterable[tuple[str, frozenset[str]]], final: frozenset[str]) -> str:
    """Moves without their events as a Mermaid state diagram; the states in ``final`` lead out of it."""
    lines = ["stateDiagram-v2"]
    for old, news in moves:
        lines += [f"    {old or '[*]'} --> {new}" for new in sorted(news)]
        if old in final:
            lines.append(f"    {old} --> [*]")
    return "\n".join(lines)
