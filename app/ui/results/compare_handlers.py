"""What is done in a comparison; what it shows is read by ui.results.compare_showing, and the comparison is in the address."""

from __future__ import annotations

from msgspec.structs import replace

from app.core.results.layout import MOST_ARMS, Comparison
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler
from app.ui.base.state import Scroll
from app.ui.results import blind_voting
from app.ui.results.compare_actions import (
    CastVote,
    ChooseMetric,
    CloseItem,
    CompareAgainst,
    CompareRows,
    EndBlind,
    ForgetVotes,
    MakeBaseline,
    OnlyCompared,
    OpenItem,
    OrderCompared,
    ScrollCompared,
    ShowVerdict,
    StartBlind,
    StepBlind,
    StopComparing,
    ToggleArm,
    ToggleDiff,
    TurnMetric,
)
from app.ui.results.compare_showing import LIST, comparison, lines_of, refresh
from app.ui.results.going import go


def _go(context: Context, compare: Comparison | None, at: tuple[str, int] | None = None, diff: bool | None = None) -> None:
    here = context.state.results
    layout = replace(here.layout, compare=compare, diff=here.layout.diff if diff is None else diff)
    go(context, here.query, here.columns, at, layout)


def begin(context: Context, _action: CompareRows, _event: Event) -> None:
    _go(context, Comparison())


def stop(context: Context, _action: StopComparing, _event: Event) -> None:
    context.state.results.comparing.blind = None
    _go(context, None, diff=False)


def scroll(context: Context, _action: ScrollCompared, event: Event) -> None:
    here = context.state.results
    context.state.scroll[LIST] = Scroll.of(event)
    window = here.comparing.window
    if window is None:
        return
    height = lines_of(window)
    first, last = context.state.scroll[LIST].window(window.found * height, margin=2)
    if first < window.first * height or last > (window.first + len(window.items)) * height:
        refresh(context)


def _arms(context: Context) -> tuple[str, ...]:
    """Those that are compared, by their names, the baseline first."""
    here = context.state.results
    return tuple(one.name for one in here.comparing.window.arms) if here.comparing.window is not None else comparison(here).arms


def toggle_arm(context: Context, action: ToggleArm, _event: Event) -> None:
    arms = _arms(context)
    if action.arm in arms and len(arms) == 1:
        context.toast("Keep at least one.")
        return
    if action.arm not in arms and len(arms) >= MOST_ARMS:
        context.toast(f"The maximum is {MOST_ARMS} side by side. Remove one first.")
        return
    after = tuple(one for one in arms if one != action.arm) if action.arm in arms else (*arms, action.arm)
    _go(context, replace(comparison(context.state.results), arms=after))


def baseline(context: Context, action: MakeBaseline, _event: Event) -> None:
    arms = (action.arm, *(one for one in _arms(context) if one != action.arm))
    compare = comparison(context.state.results)
    _go(context, replace(compare, arms=arms, against="" if compare.against == action.arm else compare.against))


def against(context: Context, action: CompareAgainst, _event: Event) -> None:
    _go(context, replace(comparison(context.state.results), against=action.arm))


def metric(context: Context, _action: ChooseMetric, event: Event) -> None:
    _go(context, replace(comparison(context.state.results), metric=event.text, less=None))


def turn(context: Context, _action: TurnMetric, _event: Event) -> None:
    here = context.state.results
    compare = comparison(here)
    known = replace(compare, metric=here.comparing.window.metric if here.comparing.window is not None else compare.metric)
    _go(context, replace(known, less=not known.down))


def order(context: Context, action: OrderCompared, _event: Event) -> None:
    _go(context, replace(comparison(context.state.results), order=action.order))


def only(context: Context, action: OnlyCompared, _event: Event) -> None:
    compare = comparison(context.state.results)
    same = (compare.against, compare.only) == (action.arm, action.only)
    _go(context, replace(compare, against=action.arm, only="all" if same else action.only))


def diff(context: Context, _action: ToggleDiff, _event: Event) -> None:
    here = context.state.results
    _go(context, here.layout.compare, here.at, diff=not here.layout.diff)


def open_item(context: Context, action: OpenItem, _event: Event) -> None:
    here = context.state.results
    if not action.batch:
        context.toast("This request waits in the queue: there is no answer yet.")
        return
    _go(context, here.layout.compare, (action.batch, action.row))


def close_item(context: Context, _action: CloseItem, _event: Event) -> None:
    here = context.state.results
    if here.at is not None:
        _go(context, here.layout.compare)


HANDLERS: dict[type[Action], Handler] = {
    CompareRows: begin,
    StopComparing: stop,
    ScrollCompared: scroll,
    ToggleArm: toggle_arm,
    MakeBaseline: baseline,
    CompareAgainst: against,
    ChooseMetric: metric,
    TurnMetric: turn,
    OrderCompared: order,
    OnlyCompared: only,
    ToggleDiff: diff,
    OpenItem: open_item,
    CloseItem: close_item,
    StartBlind: blind_voting.start,
    CastVote: blind_voting.vote,
    StepBlind: blind_voting.step,
    ShowVerdict: blind_voting.reveal,
    EndBlind: blind_voting.end,
    ForgetVotes: blind_voting.forget,
}
