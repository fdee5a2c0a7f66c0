"""What is remembered of bodies changes nothing of what is said about them."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.core.bodies import bodycheck
from app.core.bodies.bodycheck import body_problems

VALUES: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, False, 0, 1, 1.0, 2, 2.5, -1, 16, "", "1", "low", "none", "gpt-5", "gpt-4o", "text-embedding-3-small", [], {}, ["x"]]
)
NAMES = st.sampled_from(
    [
        *("model", "messages", "input", "prompt", "temperature", "max_tokens", "max_completion_tokens", "max_output_tokens", "stream"),
        *("reasoning_effort", "verbosity", "response_format", "reasoning", "text", "x" * 200),
    ]
)
ENDPOINTS = ["/v1/chat/completions", "/v1/responses", "/v1/embeddings", "/v1/completions", "/v1/moderations"]


@given(st.lists(st.dictionaries(NAMES, VALUES, max_size=6), min_size=1, max_size=4), st.sampled_from(ENDPOINTS))
def test_a_body_is_judged_as_if_it_were_the_first(bodies: list[dict[str, Any]], endpoint: str) -> None:
    """Also where an equal one of other types (1, 1.0, True) came before."""
    for body in bodies:
        remembered = body_problems(endpoint, body)
        bodycheck._known_parameters.cache_clear()
        assert body_problems(endpoint, body) == remembered
        plain = (*bodycheck._parameters(endpoint, body), *bodycheck._contents(endpoint, body))
        assert remembered == plain[: bodycheck.MAX_FINDINGS]
