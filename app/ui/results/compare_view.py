"""The same rows asked in several ways: an item is a row with a line for each answer of each arm, the baseline first, each arm with a colour
and a number of its own."""

from __future__ import annotations

from simple_html import button, del_, div, h2, header, ins, option, p, section, select, small, span

from app.core.base import text
from app.core.base.locale import localised
from app.core.prices.rates import PER_DOLLAR, dollars
from app.core.results.column_titles import column_title
from app.core.results.columns import plain
from app.core.results.comparing import ArmFacts
from app.core.results.file_columns import LENGTH
from app.core.results.layout import Comparison, Only
from app.services.results.compare_jobs import ComparedItem, ComparedLine, ComparedWindow
from app.ui.base.markup import NOTHING, Node, at, join, long
from app.ui.base.parts import act, checkbox, command, command_tool, keys_of, pill, segmented, unseen, windowed
from app.ui.base.results_state import ResultsState
from app.ui.base.state import State
from app.ui.results.answers_view import OUTCOMES
from app.ui.results.chips_view import chips
from app.ui.results.compare_actions import (
    ChooseMetric,
    CloseItem,
    CompareAgainst,
    MakeBaseline,
    OnlyCompared,
    OpenItem,
    OrderCompared,
    ScrollCompared,
    StartBlind,
    StopComparing,
    ToggleArm,
    ToggleDiff,
    TurnMetric,
)
from app.ui.results.compare_showing import comparison, lines_of
from app.ui.results.room_view import fault_note, lacks_note, room_header

_NAME = 60


def compare(state: State) -> Node:
    """The room."""
    here = state.results
    return [room_header(state, here), fault_note(state, here), lacks_note(here), _content(state, here)]


def _content(state: State, here: ResultsState) -> Node:
    window = here.comparing.window
    if window is None:
        if here.fault:
            return NOTHING
        return p(at("pad dim row wrap", role="status"), _doing(here) or "Reading answers …", command(state, StopComparing(), "small quiet"))
    if here.comparing.blind is not None:
        from app.ui.results.blind_view import blind

        return blind(state, here.comparing.blind)
    side = _item(state, here, window) if here.at is not None else NOTHING
    return div(
        at("results with-side" if side != NOTHING else "results"),
        div(at("stack tight"), _tools(state, here, window), chips(here, lists=False), _arms(here, window), _items(here, window)),
        side,
    )


# --- what is compared


def _tools(state: State, here: ResultsState, window: ComparedWindow) -> Node:
    shown = comparison(here)
    down = Comparison(metric=window.metric, less=shown.less).down
    found = text.number(window.found)
    counted = text.count(window.total, "row") if window.found == window.total else f"{found} of {text.count(window.total, 'row')}"
    orders = [
        ("rows", "Rows", OrderCompared("rows")),
        ("worse", "Worst first", OrderCompared("worse")),
        ("better", "Best first", OrderCompared("better")),
    ]
    return div(
        at("row wrap"),
        select(
            at("input", id="compare-metric", change=ChooseMetric(), aria_label="What is compared"),
            [option(at(value=name, selected=name == window.metric), column_title(name)[:_NAME]) for name, _ in _metrics(window)],
        ),
        act("Lower is better" if down else "Higher is better", TurnMetric(), "small quiet", title="Invert") if window.numbers else NOTHING,
        segmented("Order", shown.order, orders),
        checkbox("Differences", here.layout.diff, ToggleDiff(), id="compare-diff"),
        span(at("dim", role="status"), counted),
        span(at("dim row"), _doing(here)),
        span(at("row end"), command(state, StartBlind(), "small"), command(state, StopComparing(), "small quiet")),
    )


def _doing(here: ResultsState) -> list[Node]:
    """How far a question of many rows is; what is answered at once says nothing."""
    if not here.doing or not 0 < here.share < 100:
        return []
    return [span(at("spin", aria_hidden="true")), f"Comparing: {text.percent(here.share)}"]


def _metrics(window: ComparedWindow) -> list[tuple[str, bool]]:
    known = dict(window.metrics)
    return [*window.metrics, *([] if window.metric in known else [(window.metric, window.numbers)])]


def _arms(here: ResultsState, window: ComparedWindow) -> Node:
    shown = comparison(here)
    names = {one.name for one in window.arms}
    others = [(name, title) for name, title in window.every if name not in names]
    return section(
        at("card arms", aria_label="What is compared"),
        div(at("arm-cards"), [_arm(n, one, window, shown) for n, one in enumerate(window.arms)]),
        div(at("pad row wrap"), [checkbox(title[:_NAME], False, ToggleArm(name)) for name, title in others[:40]]) if others else NOTHING,
    )


def _arm(n: int, one: ArmFacts, window: ComparedWindow, shown: Comparison) -> Node:
    """A header: name, how much, and the counts, each of which lets its rows through."""
    base = window.arms[0] if n else None
    chosen = n > 0 and (shown.against == one.name or (not shown.against and n == 1))
    measured = window.metric == LENGTH
    mean = f"⌀ {_figure(one.mean)} · " if one.mean is not None and not measured else ""
    facts = [f"{mean}{text.number(one.rows)} of {text.count(one.answers, 'answer')}", _length(one, None if measured else base)]
    facts += [_cost(one, base)] if one.cost else []
    return div(
        at("arm", data_arm=str(n + 1), data_on=chosen),
        div(
            at("row"),
            _sign(n),
            span(at("clip arm-name", title=one.title), one.title),
            act(
                "×",
                ToggleArm(one.name),
                "quiet small",
                title=f"Take {one.title[:_NAME]} away",
                aria_label=f"Take {one.title[:_NAME]} away ×",
            ),
        ),
        small(at("dim"), join(list(facts), " · ")),
        small(at("dim"), "Baseline: the others are compared with it.")
        if n == 0
        else div(at("row wrap tight"), _counts(one, window, shown), act("Use as baseline", MakeBaseline(one.name), "quiet small")),
        NOTHING if n == 0 or chosen else act("Sort by it", CompareAgainst(one.name), "quiet small"),
    )


def _length(one: ArmFacts, base: ArmFacts | None) -> str:
    """Characters of an answer on average, and how many more than the baseline's."""
    more = round(one.length) - round(base.length) if base is not None and one.good and base.good else 0
    return f"⌀ {text.number(round(one.length))} characters" + (f" ({_signed(more)})" if more else "")


def _cost(one: ArmFacts, base: ArmFacts | None) -> str:
    """Dollars of all answers, and how much more than the baseline's."""
    more = round((one.cost - base.cost) * PER_DOLLAR) if base is not None and base.cost else 0
    return dollars(round(one.cost * PER_DOLLAR)) + (f" ({'+' if more > 0 else '−'}{dollars(abs(more))})" if more else "")


def _sign(n: int) -> Node:
    """An arm's colour and number: the colour is never alone."""
    return span(at("arm-sign", data_arm=str(n + 1)), str(n + 1))


def _counts(one: ArmFacts, window: ComparedWindow, shown: Comparison) -> list[Node]:
    def count(sign: str, number: int, only: Only, words: str) -> Node:
        on = (shown.against, shown.only) == (one.name, only)
        return button(
            at(
                "btn link",
                type="button",
                click=OnlyCompared(one.name, only),
                aria_pressed=str(on).lower(),
                title=f"Only rows that are {words}",
            ),
            f"{sign} {text.number(number)}",
            span(at("visually-hidden"), f" {words}"),
        )

    if not window.numbers:
        return [count("↻", one.same, "same", "the same"), count("≠", one.worse, "differs", "different")]
    down = Comparison(metric=window.metric, less=shown.less).down
    delta = f"Δ {_signed(-one.delta if down else one.delta)}" if one.delta is not None else "no row in common"
    return [
        count("↗", one.better, "better", "better"),
        count("↘", one.worse, "worse", "worse"),
        count("↻", one.same, "same", "the same"),
        span(at("num", title="Mean difference from the baseline, over the rows that both have"), delta),
    ]


# --- items


def _items(here: ResultsState, window: ComparedWindow) -> Node:
    height = lines_of(window)
    rows = [node for n, one in enumerate(window.items) for node in _lines(here, window, window.first + n, one)]
    if not window.found:
        return p(at("card pad dim", role="status"), "No rows match." if window.total else "No row has several answers to compare.")
    return section(
        at("card", aria_label="Compared answers", data_key=keys_of(*([CloseItem()] if here.at is not None else []))),
        windowed("compared", window.found * height, window.first * height, rows, ScrollCompared(), title="Compared answers"),
    )


def _lines(here: ResultsState, window: ComparedWindow, place: int, one: ComparedItem) -> list[Node]:
    height = lines_of(window)
    head = div(
        at("line compare-head", role="row", id=f"compared-{place}", aria_rowindex=str(place * height + 1)),
        span(at("num dim", role="cell"), text.number(one.number)),
        span(at("clip", role="cell", title=" · ".join(one.cells)), join([span({}, cell) for cell in one.cells], " · ")),
    )
    return [head, *(_line(here, window, place, n, each) for n, each in enumerate(one.lines))]


def _line(here: ResultsState, window: ComparedWindow, place: int, n: int, one: ComparedLine) -> Node:
    height = lines_of(window)
    opens = OpenItem(one.batch, one.row)
    tone, word = OUTCOMES.get(one.outcome, ("wait", one.outcome or "not asked"))
    said: Node = (
        pieces(one.pieces)
        if any(words for _, words in one.pieces)
        else (pill(tone, word) if one.outcome != "answered" else span(at("dim"), "empty"))
    )
    whole = "".join(words for kind, words in one.pieces if kind != "gone")
    return div(
        at(
            "line compare-line",
            role="row",
            id=f"compared-{place}-{n}",
            aria_rowindex=str(place * height + n + 2),
            aria_selected="true" if here.at == (one.batch, one.row) else None,
        ),
        span(at(role="cell"), _sign(one.arm)),
        span(
            at("clip", role="cell"),
            button(
                at("cell clip", type="button", click=opens, title=whole or word),
                unseen(f"Open row {text.number(place + 1)}, {word}"),
                " ",
                said,
            )
            if one.outcome
            else span(at("dim"), "not asked"),
        ),
        span(at("num clip", role="cell", title=one.value or None), one.value),
        span(at("num", role="cell", data_delta=_way(one.delta)), _delta(one, window)),
        span(at("num dim hide-s", role="cell"), text.number(one.length) if one.length is not None and window.metric != LENGTH else ""),
    )


def pieces(found: tuple[tuple[str, str], ...]) -> list[Node]:
    """A text with what is new in it and what is gone from it, as marked up changes."""
    drawn: list[Node] = []
    for kind, said in found:
        words = long(said, "answer")
        drawn.append(ins({}, words) if kind == "new" else del_({}, words) if kind == "gone" else words)
    return drawn


def _way(delta: float | None) -> str | None:
    return None if delta is None or delta == 0 else "up" if delta > 0 else "down"


def _delta(one: ComparedLine, window: ComparedWindow) -> str:
    if one.delta is None:
        return ""
    if not window.numbers:
        return "↻" if one.delta == 0 else "≠"
    return "↻" if one.delta == 0 else f"{'↗' if one.delta > 0 else '↘'} {_figure(abs(one.delta))}"


def _figure(value: float) -> str:
    if abs(value) >= 100 or value == int(value):
        return text.decimal(value, 0)
    return text.decimal(value, 2) if abs(value) >= 0.01 else localised(plain(value, 2))


def _signed(value: float) -> str:
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{_figure(abs(value))}"


# --- one item


def _item(state: State, here: ResultsState, window: ComparedWindow) -> Node:
    found = here.comparing.item
    tools = span(at("row end"), command_tool(state, "close", CloseItem()))
    if found is None or not found.lines:
        words = "Reading …" if found is None else "This row no longer exists."
        return section(at("card peek", aria_label="Row"), header({}, h2({}, "Row"), tools), p(at("pad dim", role="status"), words))
    return section(
        at("card peek", aria_label="Row", data_key=keys_of(CloseItem())),
        header({}, h2(at(tabindex="-1"), "Row"), tools),
        div(
            at("pad stack"),
            [p({}, span(at("dim"), f"{name}: "), long(cell, name)) for name, cell in found.cells],
            [_answer(window, one) for one in found.lines if one.outcome],
        ),
    )


def _answer(window: ComparedWindow, one: ComparedLine) -> Node:
    tone, word = OUTCOMES.get(one.outcome, ("wait", one.outcome))
    title = window.arms[one.arm].title if one.arm < len(window.arms) else ""
    facts = [
        f"{one.value}" if one.value else "",
        _delta(one, window),
        f"{text.number(one.length)} characters" if one.length is not None else "",
    ]
    facts += [dollars(round(one.cost * PER_DOLLAR))] if one.cost else []
    return div(
        at("stack tight"),
        div(
            at("row wrap"), _sign(one.arm), span(at("arm-name"), title), pill(tone, word), small(at("dim"), " · ".join(filter(None, facts)))
        ),
        div(at("said compared-text"), pieces(one.pieces)),
    )
