"""Which prompt a request was made of: its id says so, so that nothing has to be kept or looked up for it.

The id of a request is ``p-<the prompt's own part>-<the request's own part>``, 41 characters of the 64 that providers take
(https://platform.openai.com/docs/api-reference/batch/request-input). It tells a provider nothing but that two requests are of one prompt.
"""

from __future__ import annotations

from collections.abc import Iterable

from app.core.base.patterns import pattern

_PROMPT = pattern(r"t-[0-9a-z]{9}-[0-9a-z]{1,17}")
_REQUEST = pattern(r"r-[0-9a-z]{9}-[0-9a-z]{1,17}")
_MADE = pattern(r"p-([0-9a-z]{9}-[0-9a-z]{1,17})-[0-9a-z]{9}-[0-9a-z]{1,17}")
MOST_PROMPTS = 50
"""Prompts that a batch names."""


def request_of(prompt: str, fresh: str) -> str:
    """The id of a request of this prompt, made of a fresh one; the fresh one itself where the prompt's id is of another form."""
    return f"p-{prompt[2:]}-{fresh[2:]}" if _PROMPT.fullmatch(prompt) and _REQUEST.fullmatch(fresh) else fresh


def prompt_of(request: str) -> str:
    """The id of the prompt that a request was made of, by the request's id; "" where it does not say."""
    found = _MADE.fullmatch(request) if request.startswith("p-") else None
    return f"t-{found[1]}" if found else ""


def prompts_of(requests: Iterable[str]) -> tuple[str, ...]:
    """Those of many requests, each once, in their order; the first of very many."""
    found: dict[str, None] = {}
    for one in requests:
        if (prompt := prompt_of(one)) and prompt not in found:
            found[prompt] = None
            if len(found) == MOST_PROMPTS:
                break
    return tuple(found)
