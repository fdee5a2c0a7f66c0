"""Voting blind: pairs of answers in the comparison's order, on sides that change from pair to pair, and votes that are stored at once."""

from __future__ import annotations

import zlib

from msgspec.structs import replace

from app.core.base import text
from app.core.model.votes import BlindVotes, Vote
from app.core.results.preference import swapped
from app.services.results.compare_jobs import COMPARED, ITEM, ComparedAsked, ComparedItem, ItemAsked
from app.ui.base.actions_base import Event
from app.ui.base.compare_state import BlindState
from app.ui.base.context import Context
from app.ui.base.results_state import ResultsState
from app.ui.results import addresses
from app.ui.results.compare_actions import CastVote, EndBlind, ForgetVotes, ShowVerdict, StartBlind, StepBlind
from app.ui.results.compare_showing import comparison
from app.ui.results.table_showing import ask_for, asked

_AT_ONCE = 30
"""Pairs that are looked at for one with two answers."""
_TURNED: dict[Vote, Vote] = {"first": "second", "second": "first", "tie": "tie"}


async def start(context: Context, _action: StartBlind, _event: Event) -> None:
    """The baseline and the arm that decides about the order; from the first pair without a vote on."""
    here = context.state.results
    if here.comparing.window is None or len(here.comparing.window.arms) < 2:
        return
    arms = here.comparing.window.arms
    other = next((one for one in arms[1:] if one.name == comparison(here).against), arms[1])
    pair = sorted(((arms[0].name, arms[0].title), (other.name, other.title)))
    id = f"{_whose(here.scope)}{pair[0][0]}|{pair[1][0]}"
    stored = await context.services.records.get(BlindVotes, id)
    votes = stored.value if stored is not None else BlindVotes(id=id, first=pair[0][0], second=pair[1][0])
    if context.state.results is not here:
        return
    here.comparing.blind = BlindState((pair[0][1], pair[1][1]), votes)
    await _go(context, here, here.comparing.blind, 0, 1, unvoted=bool(votes.votes))


def _whose(scope: str) -> str:
    """Begins the id of votes where arms are named by ids alone, which other answers have as well; those of a table have names of their
    own."""
    return "" if addresses.named(scope)[0] == "table" else f"{zlib.crc32(scope.encode()):08x}|"


async def _go(context: Context, here: ResultsState, blind: BlindState, place: int, by: int, *, unvoted: bool = False) -> None:
    """To the next pair from a place on, in either direction, of which both answers are here; with ``unvoted`` one without a vote."""
    blind.left = blind.right = None
    blind.looking = True
    context.changed()
    table = asked(context, here)
    compare = replace(comparison(here), arms=(blind.votes.first, blind.votes.second), only="all", order="rows")
    try:
        while place >= 0:
            first = place if by > 0 else max(0, place - _AT_ONCE + 1)
            found = await ask_for(context, here, COMPARED, ComparedAsked(table, compare, first, first + _AT_ONCE))
            if found is None or here.comparing.blind is not blind:
                return
            blind.total = found.found
            items = [*enumerate(found.items, found.first)]
            for at, item in items if by > 0 else reversed(items):
                if (by > 0 and at < place) or (by < 0 and at > place):
                    continue
                if _both(item) is not None and not (unvoted and _key(item) in blind.votes.votes):
                    await _show(context, here, blind, at, item)
                    return
            if not items or (by > 0 and found.first + len(items) >= found.found):
                break
            place = found.first + len(items) if by > 0 else first - 1
        blind.ended = True
        blind.place = blind.total if by > 0 else -1  # so the way back begins with the pair that stands next to here
    finally:
        blind.looking = False
        context.changed()


def _both(item: ComparedItem) -> tuple[int, int] | None:
    """The lines of both answers; None where one of them is not a good one."""
    found = [next((n for n, one in enumerate(item.lines) if one.arm == arm and one.outcome == "answered"), -1) for arm in (0, 1)]
    return (found[0], found[1]) if -1 not in found else None


def _key(item: ComparedItem) -> str:
    """By which a vote is kept: the request of the first arm."""
    both = _both(item)
    return item.lines[both[0]].id if both is not None else ""


async def _show(context: Context, here: ResultsState, blind: BlindState, at: int, item: ComparedItem) -> None:
    both = _both(item)
    assert both is not None  # noqa: S101  # the caller looked
    line = item.lines[both[0]]
    compare = replace(comparison(here), arms=(blind.votes.first, blind.votes.second))
    found = await ask_for(context, here, ITEM, ItemAsked(asked(context, here), compare, line.batch, line.row))
    if here.comparing.blind is not blind or found is None or len(found.lines) <= both[1]:
        return
    texts = ["".join(text for kind, text in found.lines[n].pieces if kind != "gone") for n in both]
    blind.place, blind.key, blind.ended = at, _key(item), False
    blind.turned = swapped(blind.votes.id, blind.key)
    blind.left, blind.right = (texts[1], texts[0]) if blind.turned else (texts[0], texts[1])
    blind.cells = found.cells or tuple(("", one) for one in item.cells)
    blind.shown += 1


async def vote(context: Context, action: CastVote, _event: Event) -> None:
    """Stored before the next pair comes."""
    here = context.state.results
    blind = here.comparing.blind
    if blind is None or blind.left is None or blind.looking:
        return
    said = _TURNED[action.vote] if blind.turned else action.vote
    key, id = blind.key, blind.votes.id

    def cast(before: BlindVotes) -> BlindVotes:
        return replace(before, votes={**before.votes, key: said})

    blind.looking = True  # one vote on a pair, however often the key is pressed
    try:
        blind.votes = (await context.services.records.change(blind.votes, cast)).value
    finally:
        blind.looking = False
    if here.comparing.blind is blind and blind.votes.id == id:
        await _go(context, here, blind, blind.place + 1, 1)


async def step(context: Context, action: StepBlind, _event: Event) -> None:
    here = context.state.results
    if here.comparing.blind is not None and not here.comparing.blind.looking:
        await _go(context, here, here.comparing.blind, here.comparing.blind.place + action.by, action.by)


def reveal(context: Context, _action: ShowVerdict, _event: Event) -> None:
    blind = context.state.results.comparing.blind
    if blind is not None:
        blind.revealed = True
        blind.shown += 1  # the button that has the focus goes


def end(context: Context, _action: EndBlind, _event: Event) -> None:
    context.state.results.comparing.blind = None


async def forget(context: Context, _action: ForgetVotes, _event: Event) -> None:
    """All votes on the two go; a toast brings them back."""
    here = context.state.results
    blind = here.comparing.blind
    if blind is None or not blind.votes.votes:
        return
    kept = blind.votes

    def back(before: BlindVotes) -> BlindVotes:
        return replace(before, votes={**kept.votes, **before.votes})

    async def undo() -> None:
        found = (await context.services.records.change(replace(kept, votes={}), back)).value
        if here.comparing.blind is not None and here.comparing.blind.votes.id == found.id:
            here.comparing.blind.votes = found
        context.changed()

    blind.votes = (await context.services.records.change(kept, lambda before: replace(before, votes={}))).value
    blind.shown += 1
    context.toast(f"{text.count(len(kept.votes), 'vote')} taken back.", undo)
