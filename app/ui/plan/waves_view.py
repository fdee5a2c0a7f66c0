"""The batches of a model in the order in which they may go, drawn wave by wave. The same is in the table below, batch by batch."""

from __future__ import annotations

from typing import Final

from simple_html import Tag, div, p, svg

from app.core.base import text
from app.core.batches import capacity
from app.core.planning.cutting import PlannedBatch, PlannedLane
from app.ui.base.markup import NOTHING, Node, at
from app.ui.base.parts import scrolls
from app.ui.base.state import State

MOST: Final = 60
"""Waves that are drawn."""
_EACH: Final = 40
"""Batches of a wave that are drawn one by one; of more, the wave is one block."""
_COLUMN, _GAP, _HEIGHT, _LABELS = 36, 6, 96, 16
_rect, _line, _text, _title = Tag("rect"), Tag("line"), Tag("text"), Tag("title")


def waves(state: State, lane: PlannedLane) -> Node:
    """The drawing, and in words what waits, and for what. Where all goes at once there is nothing to draw, and of a single batch that does
    nothing to say."""
    taken = _taken(state, lane.model)
    if lane.cut < 2 and not (taken[0] and lane.room and lane.sums.tokens + taken[0] > lane.room):
        return NOTHING
    if lane.waves < 2:
        return div(at("stack tight"), [p(at("dim"), one) for one in _words(state, lane, taken)])
    drawn = min(lane.waves, MOST)
    held: list[list[tuple[int, PlannedBatch]]] = [[] for _ in range(drawn)]
    for n, one in enumerate(lane.batches):
        if one.wave <= drawn:
            held[one.wave - 1].append((n, one))
    most = lane.room or max((sum(one.sums.tokens for _, one in some) for some in held), default=1) or 1
    width, height = drawn * _COLUMN + _GAP, _HEIGHT + _LABELS
    said = f"{text.count(lane.cut, 'batch')} in {text.count(lane.waves, 'wave')}; the table below says which is in which."
    return div(
        at("stack tight"),
        scrolls(
            "Waves",
            svg(
                at("waves", viewBox=f"0 0 {width} {height}", width=width, height=height, role="img", aria_label=said),
                [_wave(n, some, most) for n, some in enumerate(held)],
                _line(at("full", x1=0, x2=width, y1=2, y2=2)) if lane.room else NOTHING,
            ),
        ),
        [p(at("dim"), one) for one in _words(state, lane, taken)],
    )


def _wave(n: int, some: list[tuple[int, PlannedBatch]], most: int) -> list[Node]:
    """One column, filled from below; the first may go at once."""
    x, kind = n * _COLUMN + _GAP, "later" if n else "now"
    tokens = sum(one.sums.tokens for _, one in some)
    found: list[Node] = []
    blocks = (
        [(one.sums.tokens, f"Batch {number + 1}") for number, one in some]
        if len(some) <= _EACH
        else [(tokens, f"{text.number(len(some))} batches")]
    )
    below = 0
    for need, name in blocks:
        high, low = _HEIGHT * min(below + need, most) / most, _HEIGHT * below / most
        below += need
        label = f"{name}: about {text.number(need)} tokens, wave {n + 1}"
        box = at(kind, x=x, y=f"{2 + _HEIGHT - high:.1f}", width=_COLUMN - _GAP, height=f"{max(1.0, high - low - 1):.1f}")
        found.append(_rect(box, _title({}, label)))
    found.append(_text(at(x=x + (_COLUMN - _GAP) // 2, y=_HEIGHT + _LABELS - 2, text_anchor="middle"), text.number(n + 1)))
    return found


def _taken(state: State, model: str) -> tuple[int, int]:
    """Tokens that batches under way hold for this model, and how many those are."""
    family, profile = capacity.family(model), state.profile.id
    here = [
        one
        for one in state.batches.all
        if one.lane.profile == profile and capacity.family(one.lane.model) == family and capacity.holds(one)
    ]
    return sum(map(capacity.need, here)), len(here)


def _words(state: State, lane: PlannedLane, taken: tuple[int, int]) -> list[str]:
    found: list[str] = []
    window, model, before = text.head(state.profile.window, 20), text.head(lane.model, 60), text.number(lane.waves - 1)
    if lane.waves > 1:
        first = text.count(sum(one.wave == 1 for one in lane.batches), "batch")
        found += [
            f"From left to right: waves, not hours. Wave 1 ({first}) may go at once. The others wait for capacity: "
            f"{text.number(lane.room)} tokens may be enqueued for {model} (the line). "
            "A wave is sent when enough of the previous one has ended.",
            f"Each batch ends within its completion window of {window}, so the last wave begins after {before} × {window} at the latest. "
            "The provider doesn't say in advance how long a batch takes.",
        ]
    elif lane.cut > 1:
        found.append(f"All can be sent at once: together they fit into the capacity. Each ends within its completion window of {window}.")
    if lane.waves > MOST:
        found.append(f"The first {text.number(MOST)} of {text.number(lane.waves)} waves are drawn.")
    tokens, batches = taken
    if batches and lane.room:
        are, hold, they = ("is", "holds", "it has") if batches == 1 else ("are", "hold", "they have")
        found.append(
            f"{text.count(batches, 'batch')} of this model {are} under way and {hold} {text.number(tokens)} of the tokens until {they} "
            "ended: wave 1 is sent as far as there is capacity."
        )
    return found
