"""How far two that judge the same rows agree: counts of label against label, and the field's figures made of them. Pure.

``one`` is what is held to be right (the expected label, a person), ``other`` what is compared with it (an answer, a judge). The figures are
those of scikit-learn's ``confusion_matrix``, ``precision_recall_fscore_support`` with ``zero_division=0``, and ``cohen_kappa_score``.

Labels may be as many as rows, where a free text is compared with another: it is counted in steps, between which others come in.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Generator, Iterable, Mapping, Sequence
from math import fsum, inf
from typing import Final, NamedTuple

import msgspec

from app.core.results.told_apart import OTHERS, value_label

MOST_LABELS: Final = 30
"""Labels that are named; those that are rarer count together."""
_STEP: Final = 1_000
"""Labels, or pairs of them, that are looked at in one step."""
_LARGEST: Final = 1e100
"""Of a number whose square is still one."""


class LabelFigures(msgspec.Struct, frozen=True):
    """Of one label: of the rows where the other says it, the share where it is right (precision); of those where it is right, the share
    where the other says it (recall); their harmonic mean; and in how many rows it is right (support). 0 where none is."""

    label: str
    precision: float
    recall: float
    f1: float
    support: int
    said: int
    """In how many rows the other says it."""


class Agreement(msgspec.Struct, frozen=True):
    """``counts[i][j]``: rows where one says ``labels[i]`` and the other ``labels[j]``, over ``n`` rows where both say something.
    ``kappa``: Cohen's, None where chance alone explains all of it (both say one label only); ``weighted``: with weights that grow as the
    square of the distance, where all labels are numbers."""

    n: int
    only_one: int
    """Rows where one says something and the other nothing; ``only_other``: likewise."""
    only_other: int
    labels: tuple[str, ...] = ()
    counts: tuple[tuple[int, ...], ...] = ()
    accuracy: float = 0.0
    kappa: float | None = None
    weighted: float | None = None
    figures: tuple[LabelFigures, ...] = ()
    """Of the labels that are named."""
    macro: LabelFigures | None = None
    """The mean over all labels; ``average``: each as often as it is right."""
    average: LabelFigures | None = None
    more: int = 0
    """Labels that count as others: then the last of ``labels`` and ``counts`` is of all of these together."""

    @property
    def named(self) -> int:
        """How many labels stand for themselves."""
        return len(self.labels) - bool(self.more)


def label_titles(found: Agreement) -> tuple[str, ...]:
    """What the labels are called; one that is really called as the rest is stands in quotation marks."""
    return tuple(value_label(label) if n < found.named else label for n, label in enumerate(found.labels))


def agreement_steps(pairs: Mapping[tuple[str, str], int], only_one: int = 0, only_other: int = 0) -> Generator[None, None, Agreement]:
    """The figures of label against label; ``pairs`` says how often each pair is there. Labels stand by number or by letter. What is
    returned at last is the result; nothing is said before."""
    n = sum(pairs.values())
    if not n:
        return Agreement(0, only_one, only_other)
    sides = yield from _sides(pairs)
    known = sides.ones + sides.others
    yield
    numbers = _numbers(known)
    yield
    order = numbers.__getitem__ if numbers is not None else _letters
    kept = sorted(heapq.nsmallest(MOST_LABELS, known, key=lambda label: (-known[label], label)), key=order)
    yield
    more = len(known) - len(kept)
    labels = (*kept, OTHERS) if more else tuple(kept)
    at = {label: n for n, label in enumerate(kept)}
    counts = [[0] * len(labels) for _ in labels]
    for step, ((one, other), count) in enumerate(pairs.items()):
        counts[at.get(one, len(kept))][at.get(other, len(kept))] += count
        if step % _STEP == 0:
            yield
    figures: dict[str, LabelFigures] = {}
    for step, label in enumerate(known):
        figures[label] = _figures(sides, label)
        if step % _STEP == 0:
            yield
    kappa = _kappa(sides, n)
    yield
    weighted = _weighted(pairs, sides, numbers, n) if numbers is not None else None
    yield
    macro = _mean([(one, 1) for one in figures.values()], n)
    yield
    return Agreement(
        n,
        only_one,
        only_other,
        labels,
        tuple(map(tuple, counts)),
        sides.same.total() / n,
        kappa,
        weighted,
        tuple(figures[label] for label in kept),
        macro,
        _mean([(one, one.support) for one in figures.values()], n),
        more,
    )


class _Sides(NamedTuple):
    """How often each label is said by the one, by the other, and by both of the same row."""

    ones: Counter[str]
    others: Counter[str]
    same: Counter[str]


def _sides(pairs: Mapping[tuple[str, str], int]) -> Generator[None, None, _Sides]:
    made = _Sides(Counter(), Counter(), Counter())
    for step, ((one, other), count) in enumerate(pairs.items()):
        if step % _STEP == 0:
            yield
        made.ones[one] += count
        made.others[other] += count
        if one == other:
            made.same[one] += count
    return made


def _mean(figures: Sequence[tuple[LabelFigures, int]], n: int) -> LabelFigures:
    whole = sum(weight for _, weight in figures)

    def mean(values: Iterable[float]) -> float:
        return fsum(value * weight for value, (_, weight) in zip(values, figures, strict=True)) / whole

    precision, recall = mean(one.precision for one, _ in figures), mean(one.recall for one, _ in figures)
    return LabelFigures("", precision, recall, mean(one.f1 for one, _ in figures), n, n)


def _letters(label: str) -> tuple[str, str]:
    return label.casefold(), label


def _numbers(labels: Iterable[str]) -> dict[str, float] | None:
    """The labels as numbers, where all are."""
    found: dict[str, float] = {}
    for label in labels:
        try:
            found[label] = float(label)
        except ValueError:
            return None
        if not abs(found[label]) < _LARGEST:
            return None
    return found


def _figures(sides: _Sides, label: str) -> LabelFigures:
    right, support, said = sides.same[label], sides.ones[label], sides.others[label]
    precision, recall = right / said if said else 0.0, right / support if support else 0.0
    return LabelFigures(label, precision, recall, 2 * right / (support + said), support, said)


def _kappa(sides: _Sides, n: int) -> float | None:
    """Cohen's kappa: agreement beyond what two would have by chance that say each label as often as these do."""
    chance = sum(count * sides.others[label] for label, count in sides.ones.items())
    return None if chance == n * n else (sides.same.total() * n - chance) / (n * n - chance)


def _weighted(pairs: Mapping[tuple[str, str], int], sides: _Sides, numbers: Mapping[str, float], n: int) -> float | None:
    """With quadratic weights by the numbers themselves: a 5 for a 4 is a smaller disagreement than a 5 for a 1. Made of moments, so that it
    takes no longer for many numbers."""
    mean_one, mean_other = (fsum(numbers[label] * count for label, count in side.items()) / n for side in (sides.ones, sides.others))
    observed = fsum((numbers[one] - numbers[other]) ** 2 * count for (one, other), count in pairs.items()) / n
    spread_one = fsum((numbers[label] - mean_one) ** 2 * count for label, count in sides.ones.items()) / n
    spread_other = fsum((numbers[label] - mean_other) ** 2 * count for label, count in sides.others.items()) / n
    chance = spread_one + spread_other + (mean_one - mean_other) ** 2
    return 1 - observed / chance if 0 < chance < inf else None
