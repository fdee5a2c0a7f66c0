"""Charts over time: when answers came, and what was spent by day and model, with what the same would have cost at once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from math import floor
from typing import Final

import msgspec

from app.core.base import text
from app.core.prices.rates import PER_DOLLAR, dollars
from app.core.results.charts import Chart, ChartBar, figure
from app.core.results.told_apart import OTHER_MODELS, value_label

MOST_BARS: Final = 40
MOST_MODELS: Final = 8
"""Models that have a colour of their own, the last of them for all that are left."""
_LENGTHS: Final = (60, 300, 900, 3_600, 10_800, 21_600, 43_200, 86_400, 604_800, 2_592_000, 31_536_000)
"""Seconds that one bar stands for."""


class BatchAnswers(msgspec.Struct, frozen=True):
    """So many answers came with a batch. ``at``: when they were here, in unix seconds."""

    at: float
    answers: int


class BatchSpend(msgspec.Struct, frozen=True):
    """What requests of a batch cost that were billed, in 10^-12 dollars: at the price that counts, and at the ``standard`` one; None where
    no such price is known. ``created``: when the batch was made, unix seconds; the day of a budget goes by it (core.batches.spending)."""

    created: float
    model: str
    requests: int
    cost: int | None
    standard: int | None
    practice: bool = False


def answers_chart(came: Sequence[BatchAnswers], zone: float = 0.0) -> Chart | None:
    """When the answers came, as their batches did. ``zone``: seconds east of UTC."""
    known = sorted((one for one in came if one.answers and one.at > 0), key=lambda one: one.at)
    if not known:
        return None
    first, last = known[0].at + zone, known[-1].at + zone
    length = next((one for one in _LENGTHS if floor(last / one) - floor(first / one) < MOST_BARS), _LENGTHS[-1])
    begin = floor(first / length)
    counts = Counter[int]()
    for one in known:
        counts[min(floor((one.at + zone) / length) - begin, 10 * MOST_BARS)] += one.answers
    total, so_far, bars, rows = sum(counts.values()), 0, [], []
    labels = [_moment((begin + n) * length, length) for n in range(max(counts) + 1)]
    same = len({one[:10] for one in labels}) == 1 and len(labels[0]) > 10  # all on one day: its hours say enough
    for n, label in enumerate(labels):
        so_far += counts[n]
        bars.append(ChartBar(label, counts[n], tick=label[11:] if same else label[5:] or label))
        rows.append((label, figure(counts[n]), figure(so_far)))
    spread = text.clock(known[0].at, offset=zone), text.clock(known[-1].at, offset=zone)
    when = f"at {spread[0]}" if spread[0] == spread[1] else f"between {spread[0]} and {spread[1]}"
    said = f"{text.count(total, 'answer')} came with {text.count(len(known), 'batch')}, {when}. A bar is {text.span(length)}."
    return Chart("answers", "When answers came", said, tuple(bars), ("From", "Answers", "So far"), tuple(rows), upright=True)


def _moment(at: float, length: int) -> str:
    """A moment of the zone that ``at`` counts in."""
    try:
        when = datetime.fromtimestamp(at, UTC)
    except (OverflowError, ValueError, OSError):
        return ""
    return f"{when:%Y}" if length >= 31_536_000 else f"{when:%Y-%m-%d}" if length >= 86_400 else f"{when:%Y-%m-%d %H:%M}"


# --- money


class _Sums(msgspec.Struct):
    """Of some batches. ``compared``: the cost of those of which both prices are known."""

    requests: int = 0
    cost: int = 0
    compared: int = 0
    standard: int = 0

    def add(self, one: BatchSpend) -> None:
        self.requests += one.requests
        self.cost += one.cost or 0
        if one.standard is not None:
            self.compared += one.cost or 0
            self.standard += one.standard

    @property
    def saved(self) -> int:
        return self.standard - self.compared


def spend_chart(spends: Sequence[BatchSpend]) -> Chart | None:
    """What was spent, by the day (UTC) on which a batch was made and by model; None where nothing is known to be billed. What is saved is
    said of requests of which both prices are known."""
    priced = [one for one in spends if one.cost is not None and not one.practice and one.requests]
    if not priced:
        return None
    every, by_model = _Sums(), Counter[str]()
    for one in priced:
        every.add(one)
        by_model[value_label(one.model)] += one.cost or 0
    kept = [model for model, _ in by_model.most_common(MOST_MODELS if len(by_model) <= MOST_MODELS else MOST_MODELS - 1)]
    series = [*kept, OTHER_MODELS] if len(by_model) > len(kept) else kept
    cells: dict[str, dict[str, _Sums]] = defaultdict(lambda: defaultdict(_Sums))
    form = _form(priced)
    for one in priced:
        name = value_label(one.model)
        cells[_day(one.created, form)][name if name in kept else OTHER_MODELS].add(one)
    bars, rows = [], []
    for day in sorted(cells):
        parts = tuple(cells[day][model].cost / PER_DOLLAR if model in cells[day] else 0.0 for model in series)
        saved = sum(one.saved for one in cells[day].values())
        bars.append(ChartBar(day, sum(parts), parts=parts, over=max(0, saved) / PER_DOLLAR, tick=day[5:] if len(day) > 7 else day))
        rows += [_row(day, model, cells[day][model]) for model in series if model in cells[day]]
    return Chart(
        "spend",
        "Spent by day and model",
        _spend_says(every),
        tuple(bars),
        ("Day (UTC)", "Model", "Requests", "Cost", "At the standard price", "Saved"),
        tuple(rows),
        upright=True,
        unit="dollars",
        series=tuple(series),
        over="saved against the standard price" if every.saved > 0 else "",
        left_out=_unpriced(spends, priced),
        detailed=True,
        centred=True,
    )


def _form(spends: Sequence[BatchSpend]) -> str:
    """Days, or months where there are many."""
    return "%Y-%m-%d" if len({_day(one.created, "%Y-%m-%d") for one in spends}) <= MOST_BARS else "%Y-%m"


def _day(at: float, form: str) -> str:
    try:
        return datetime.fromtimestamp(at, UTC).strftime(form)
    except (OverflowError, ValueError, OSError):
        return "unknown"


def _row(day: str, model: str, sums: _Sums) -> tuple[str, ...]:
    known = sums.compared == sums.cost
    standard, saved = (dollars(sums.standard), _signed(sums.saved)) if known and sums.standard else ("not known", "")
    return day, model, figure(sums.requests), dollars(sums.cost), standard, saved


def _signed(amount: int) -> str:
    return dollars(amount) if amount >= 0 else f"−{dollars(-amount)}"


def _spend_says(every: _Sums) -> str:
    cost = dollars(every.cost)
    said = f"{cost[:1].upper()}{cost[1:]} for {text.count(every.requests, 'request')}."
    if not every.standard:
        return said
    some = "" if every.compared == every.cost else f", as far as both prices are known ({dollars(every.compared)} of it)"
    less = f"{dollars(every.saved)} saved" if every.saved >= 0 else f"{dollars(-every.saved)} less than it did"
    return f"{said} Answered at once, at the standard price, the same would have cost {dollars(every.standard)}: {less}{some}."


def _unpriced(spends: Sequence[BatchSpend], priced: Sequence[BatchSpend]) -> str:
    """What is not in it, since nobody knows what it costs, or nothing is billed."""
    practice = sum(one.requests for one in spends if one.practice)
    unknown = sum(one.requests for one in spends if not one.practice and one.cost is None)
    without = sum(one.requests for one in priced if one.standard is None)
    parts = [
        f"Of {text.count(unknown, 'request')} no batch price is known: they are not in it." if unknown else "",
        f"Of {text.count(without, 'request')} no standard price is known: no savings are counted for them." if without else "",
        f"{text.count(practice, 'request')} were simulated and are not billed." if practice else "",
    ]
    return " ".join(one for one in parts if one)


def unpriced_note(spends: Sequence[BatchSpend]) -> str:
    """Why there is no chart of what was spent; "" where nothing was billed or simulated."""
    said = _unpriced(spends, ())
    return f"What was spent is not drawn. {said}" if said else ""
