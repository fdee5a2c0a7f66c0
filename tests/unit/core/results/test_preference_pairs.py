"""Pairs of answers of which people prefer one."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from app.core.model.annotations import Annotation
from app.core.model.votes import Vote
from app.core.results.preference_pairs import JudgedAnswer, PairCounts, PairVotes, PreferencePair, dpo_line, pairs_of, plain_line

ASKED = (("user", "Sort this."),)
remarks = st.builds(
    Annotation,
    mark=st.sampled_from(["", "good", "bad"]),
    rating=st.integers(0, 5),
    correction=st.one_of(st.none(), st.sampled_from(["right", "a0"])),
)


def answer(n: int, annotation: Annotation | None = None, text: str = "", asked: tuple[tuple[str, str], ...] = ASKED) -> JudgedAnswer:
    return JudgedAnswer(f"r-1~{n}", (f"run|{n}",), asked, text or f"a{n}", annotation or Annotation())


Cast = dict[tuple[str, str], dict[str, Vote]]


def found(answers: list[JudgedAnswer], votes: Cast | None = None) -> tuple[list[PreferencePair], PairCounts]:
    counts = PairCounts()
    cast = PairVotes((first, second, one) for (first, second), one in (votes or {}).items())
    return list(pairs_of(answers, cast, counts)), counts


def test_a_vote_counts_more_than_ratings_and_these_more_than_marks() -> None:
    """Whichever of the two stands first; a tie is counted and is no pair."""
    low, high = Annotation(rating=1, mark="good"), Annotation(rating=4, mark="bad")
    assert found([answer(0, low), answer(1, high)])[0] == [PreferencePair(ASKED, "a1", "a0")]
    votes: Cast = {("run|1", "run|0"): {"r-1~1": "second"}}
    assert found([answer(0, low), answer(1, high)], votes)[0] == [PreferencePair(ASKED, "a0", "a1")]
    votes["run|1", "run|0"]["r-1~1"] = "tie"
    pairs, counts = found([answer(0, low), answer(1, high)], votes)
    assert (pairs, counts.ties) == ([], 1)
    marked = [answer(0, Annotation(mark="bad")), answer(1, Annotation(mark="good")), answer(2)]
    assert found(marked)[0] == [PreferencePair(ASKED, "a1", "a0")]


def test_answers_to_other_prompts_are_no_pair() -> None:
    """Nor are two that have the same words: both are counted."""
    good, bad = Annotation(mark="good"), Annotation(mark="bad")
    pairs, counts = found([answer(0, good), answer(1, bad, asked=(("user", "Else."),)), answer(2, bad, "a0")])
    assert (pairs, counts.otherwise, counts.alike) == ([], 1, 1)


def test_a_vote_says_nothing_of_repeats() -> None:
    """It was cast on the first answer of each arm."""
    repeat = answer(1)._replace(id="r-9", text="repeat")
    votes: Cast = {("run|0", "run|1"): {"r-1~0": "first"}}
    assert found([answer(0), answer(1), repeat], votes)[0] == [PreferencePair(ASKED, "a0", "a1")]


@given(st.lists(remarks, max_size=5))
def test_no_pair_is_there_both_ways_round(given_annotations: list[Annotation]) -> None:
    """Each pair has two texts, and what is not written was counted."""
    answers = [answer(n, one) for n, one in enumerate(given_annotations)]
    pairs, counts = found(answers)
    assert counts.written == len(pairs)
    assert all(one.chosen != one.rejected for one in pairs)
    own = {(one.chosen, one.rejected) for one in pairs if one.chosen != "right" and one.rejected != "right"}
    if not any(one.correction == "a0" for one in given_annotations):
        assert not {(rejected, chosen) for chosen, rejected in own} & own


def test_lines_have_the_shapes_that_trainers_read() -> None:
    """OpenAI's for preference tuning, and one of three texts."""
    pair = PreferencePair((("developer", "Be short."), ("user", "Hi \ud83d")), "yes", "no")
    assert json.loads(dpo_line(pair)) == {
        "input": {"messages": [{"role": "system", "content": "Be short."}, {"role": "user", "content": "Hi ?"}]},
        "preferred_output": [{"role": "assistant", "content": "yes"}],
        "non_preferred_output": [{"role": "assistant", "content": "no"}],
    }
    assert json.loads(plain_line(pair)) == {"prompt": "developer: Be short.\n\nuser: Hi ?", "chosen": "yes", "rejected": "no"}
