"""The id of a request says of which prompt it is."""

from __future__ import annotations

from app.core.base.ids import new_id
from app.core.threads.sending import MOST_PROMPTS, prompt_of, prompts_of, request_of

PROMPT, FRESH = new_id("t", 1_790_000_000.0, "abcdefgh"), new_id("r", 1_790_000_001.0, "0123456789")


def test_there_and_back() -> None:
    """Two requests of one prompt have two ids, short enough for every provider, and lead to it."""
    one = request_of(PROMPT, FRESH)
    assert (prompt_of(one), len(one)) == (PROMPT, 41)
    assert request_of(PROMPT, new_id("r", 1_790_000_002.0, "0123456789")) != one


def test_other_ids_say_nothing() -> None:
    """A prompt with an id of another form gives the plain id; ids of rows, programs and other people are of no prompt."""
    assert request_of("imported", FRESH) == FRESH
    for other in (FRESH, f"{FRESH}-17", "p-1", f"{request_of(PROMPT, FRESH)}-x", "p-" + "é" * 40, ""):
        assert prompt_of(other) == ""


def test_of_many_requests_each_prompt_once() -> None:
    """In their order, and at most so many."""
    prompts = [new_id("t", 1_790_000_000.0 + n, "abcdefgh") for n in range(MOST_PROMPTS + 5)]
    made = [request_of(one, FRESH) for one in prompts]
    assert prompts_of([made[1], "r-1", made[0], made[1]]) == (prompts[1], prompts[0])
    assert prompts_of(made) == tuple(prompts[:MOST_PROMPTS])
