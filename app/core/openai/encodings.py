"""In which encoding a model counts its tokens.

OpenAI's own, as tiktoken 0.14 maps their names (``tiktoken/model.py``). What a model of another provider counts is not published in a form
that the page could use: its tokens are estimated with the newest of OpenAI's encodings, and that is said.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

Encoding = Literal["o200k_base", "cl100k_base"]
NEWEST: Final[Encoding] = "o200k_base"
_NAMES: Final[tuple[tuple[str, Encoding], ...]] = (
    *((name, "o200k_base") for name in ("o1", "o3", "o4-mini", "gpt-5", "gpt-4.5", "gpt-4.1", "gpt-4o", "chatgpt-4o", "gpt-oss")),
    *((name, "cl100k_base") for name in ("gpt-4", "gpt-3.5", "gpt-35-turbo", "text-embedding-ada-002", "text-embedding-3-")),
)
"""Beginnings of names, the more exact before the others."""


class ModelEncoding(NamedTuple):
    """``exact``: the model counts in this encoding; else it stands in for one that is not known."""

    encoding: Encoding
    exact: bool


def encoding_of(model: str) -> ModelEncoding:
    """By the model's name; of a fine-tuned model that of the model it was made from."""
    name = model.removeprefix("ft:")
    for start, encoding in _NAMES:
        if name.startswith(start) and not name[len(start) : len(start) + 1].isdigit():
            return ModelEncoding(encoding, exact=True)
    return ModelEncoding(NEWEST, exact=False)
