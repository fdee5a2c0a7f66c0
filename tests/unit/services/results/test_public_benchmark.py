"""A labelled public data set from table to evaluation: its figures are those that the exported file has by their definitions."""

from __future__ import annotations

import pytest

from tests.kit.evaluation import CORPUS, columns, evaluate, page_figures, plain_figures

COUNT = 60
TRUE = ["spam", "spam", "ham", "ham", "ham", "spam", "ham", "ham", "spam", "ham"]
SAID = ["spam", "ham", "ham", "spam", "ham", "spam", "ham", "ham", "spam", "spam"]


def test_the_plain_figures_are_those_of_scikit_learn() -> None:
    """Recorded from scikit-learn 1.9.1 for these labels; ``make evaluation`` asks it about thousands of mails."""
    found = plain_figures(TRUE, SAID)
    assert found["confusion"] == [[4, 2], [1, 3]]
    assert found["accuracy"] == pytest.approx(0.7)
    assert found["kappa"] == pytest.approx(0.4)
    assert found["ham"] == pytest.approx([0.8, 2 / 3, 8 / 11, 6])
    assert found["spam"] == pytest.approx([0.6, 0.75, 2 / 3, 4])


@pytest.mark.skipif(not CORPUS.exists(), reason="npm has not brought tests/data yet (make contract does)")
async def test_the_figures_of_an_evaluated_batch_are_those_of_its_exported_file() -> None:
    """Real mails as a table, a batch with structured answers, agreement with the true labels, and the file that goes out."""
    done = await evaluate(COUNT)
    true, said = columns(done.file)
    assert len(true) == COUNT
    assert set(true) == set(said) == {"ham", "spam"}
    plain, page = plain_figures(true, said), page_figures(done.agreement)
    assert page.keys() == plain.keys()
    for name, value in plain.items():
        assert page[name] == (value if name == "confusion" else pytest.approx(value))
