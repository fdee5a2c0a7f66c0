"""How far two agree that judge the same rows; the figures are those of scikit-learn."""

from __future__ import annotations

from collections import Counter
from itertools import product
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.results.agreement import MOST_LABELS, Agreement, label_titles
from app.core.results.told_apart import OTHERS
from tests.kit.agreeing import agreement


class Computed(NamedTuple):
    """What scikit-learn 1.9.1 makes of two lists: ``confusion_matrix``, ``accuracy_score``, ``precision_recall_fscore_support`` (each
    label, macro, weighted; ``zero_division=0``), ``cohen_kappa_score`` without weights and, for numbers, with quadratic ones."""

    right: str
    said: str
    labels: str
    matrix: tuple[tuple[int, ...], ...]
    accuracy: float
    figures: tuple[tuple[float, float, float, int], ...]
    macro: tuple[float, float, float]
    weighted: tuple[float, float, float]
    kappa: float | None
    quadratic: float | None = None


HALF, TWO_THIRDS = 0.5, 0.6666666666666666
COMPUTED = (
    Computed(
        "spam ham ham spam eggs ham spam eggs ham ham",
        "spam ham spam spam ham ham ham eggs ham toast",
        "eggs ham spam toast",
        ((1, 1, 0, 0), (0, 3, 1, 1), (0, 1, 2, 0), (0, 0, 0, 0)),
        0.6,
        ((1.0, HALF, TWO_THIRDS, 2), (0.6, 0.6, 0.6, 5), (TWO_THIRDS, TWO_THIRDS, TWO_THIRDS, 3), (0.0, 0.0, 0.0, 0)),
        (0.5666666666666667, 0.44166666666666665, 0.4833333333333333),
        (0.7, 0.6, 0.6333333333333333),
        0.375,
    ),
    Computed(
        "1 2 3 4 5 5 4 3 2 1 3 3",
        "1 2 2 4 5 4 4 3 1 1 5 3",
        "1 2 3 4 5",
        ((2, 0, 0, 0, 0), (1, 1, 0, 0, 0), (0, 1, 2, 0, 1), (0, 0, 0, 2, 0), (0, 0, 0, 1, 1)),
        TWO_THIRDS,
        ((TWO_THIRDS, 1.0, 0.8, 2), (HALF, HALF, HALF, 2), (1.0, HALF, TWO_THIRDS, 4), (TWO_THIRDS, 1.0, 0.8, 2), (HALF, HALF, HALF, 2)),
        (TWO_THIRDS, 0.7, 0.6533333333333333),
        (0.7222222222222222, TWO_THIRDS, 0.6555555555555556),
        0.5862068965517241,
        0.8444444444444444,
    ),
    Computed("a a a", "a a a", "a", ((3,),), 1.0, ((1.0, 1.0, 1.0, 3),), (1.0, 1.0, 1.0), (1.0, 1.0, 1.0), None),
    Computed("a b a b", "b a b a", "a b", ((0, 2), (2, 0)), 0.0, ((0.0, 0.0, 0.0, 2),) * 2, (0.0, 0.0, 0.0), (0.0, 0.0, 0.0), -1.0),
)


def of(right: list[str], said: list[str]) -> Agreement:
    return agreement(Counter(zip(right, said, strict=True)))


@pytest.mark.parametrize("case", COMPUTED)
def test_figures_are_those_that_were_computed_elsewhere(case: Computed) -> None:
    """Matrix, accuracy, precision, recall, F1 and support of each label and their means, and both kappas."""
    found = of(case.right.split(), case.said.split())
    assert (" ".join(found.labels), found.counts) == (case.labels, case.matrix)
    assert found.accuracy == pytest.approx(case.accuracy)
    for one, expected in zip(found.figures, case.figures, strict=True):
        assert (one.precision, one.recall, one.f1, one.support) == pytest.approx(expected)
    assert found.macro is not None
    assert found.average is not None
    assert (found.macro.precision, found.macro.recall, found.macro.f1) == pytest.approx(case.macro)
    assert (found.average.precision, found.average.recall, found.average.f1) == pytest.approx(case.weighted)
    assert found.kappa == (None if case.kappa is None else pytest.approx(case.kappa))
    assert case.quadratic is None or found.weighted == pytest.approx(case.quadratic)


LABELS = st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("abcd")), min_size=1, max_size=30)


@given(LABELS)
def test_what_must_hold_of_any_labels(pairs: list[tuple[str, str]]) -> None:
    """The matrix has every row once; the other way round precision and recall change places, and kappa stays; who agrees with himself does
    so wholly."""
    found, turned = agreement(Counter(pairs)), agreement(Counter((other, one) for one, other in pairs))
    assert sum(map(sum, found.counts)) == found.n == len(pairs)
    assert found.accuracy == sum(found.counts[n][n] for n in range(len(found.labels))) / found.n
    assert [(one.precision, one.recall) for one in found.figures] == [(one.recall, one.precision) for one in turned.figures]
    assert found.kappa == turned.kappa
    assert found.kappa is None or -1 <= found.kappa <= 1
    same = agreement(Counter((one, one) for one, _ in pairs))
    assert (same.accuracy, same.kappa) == (1.0, 1.0 if len(same.labels) > 1 else None)


def test_rare_labels_count_together_and_none_is_lost() -> None:
    """Each answer a label of its own: the first are named, and all figures are of all of them."""
    found = agreement(Counter({(str(n), str(n)): 1 for n in range(1000)} | {("x", "1"): 1}))
    assert (len(found.labels), found.labels[-1], found.more) == (MOST_LABELS + 1, OTHERS, 1001 - MOST_LABELS)
    assert sum(map(sum, found.counts)) == found.n == 1001
    assert found.accuracy == 1000 / 1001
    assert agreement({}, 3, 4) == Agreement(0, 3, 4)
    assert found.labels[:2] == ("0", "1")


def test_a_label_that_is_called_as_the_rest_is_not_the_rest() -> None:
    """It has its own row and column, its own figures, and its own name in the page."""
    often = {(OTHERS, OTHERS): 50, (OTHERS, "0"): 2}
    found = agreement(Counter({(str(n), str(n)): 1 for n in range(100)} | often))
    at = found.labels.index(OTHERS)
    assert (at < found.named, found.labels[-1], found.labels.count(OTHERS)) == (True, OTHERS, 2)
    assert (found.counts[at][at], found.counts[-1][-1]) == (50, found.more)
    assert next(one for one in found.figures if one.label == OTHERS).support == 52
    titles = label_titles(found)
    assert len(set(titles)) == len(titles)
    assert (titles[at], titles[-1]) == (f"“{OTHERS}”", OTHERS)
    assert label_titles(agreement({(OTHERS, "a"): 1}))[0] == f"“{OTHERS}”"


def test_numbers_stand_by_their_size() -> None:
    """10 behind 9; a disagreement by one weighs less than one by four. Numbers too large to be squared are labels."""
    found = agreement(Counter(product(("9", "10", "1"), ("9", "10", "1"))))
    assert found.labels == ("1", "9", "10")
    near, far = agreement({("5", "4"): 5, ("1", "1"): 5}), agreement({("5", "1"): 5, ("1", "1"): 5})
    assert near.weighted is not None
    assert far.weighted is not None
    assert near.weighted > far.weighted
    assert agreement({("1e300", "1"): 1}).weighted is None
