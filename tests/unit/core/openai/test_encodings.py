"""Which encoding a model counts in is told by its name; where it is not known, that is said."""

from __future__ import annotations

import pytest

from app.core.openai.encodings import encoding_of


@pytest.mark.parametrize(
    ("model", "encoding", "exact"),
    [
        ("gpt-4o-mini", "o200k_base", True),
        ("gpt-4.1-2025-04-14", "o200k_base", True),
        ("gpt-4.5-preview", "o200k_base", True),
        ("gpt-5-nano", "o200k_base", True),
        ("o3-mini", "o200k_base", True),
        ("gpt-oss-120b", "o200k_base", True),
        ("ft:gpt-4o-2024-08-06:us:x:1", "o200k_base", True),
        ("gpt-4-turbo", "cl100k_base", True),
        ("gpt-4", "cl100k_base", True),
        ("ft:gpt-3.5-turbo:us:x:1", "cl100k_base", True),
        ("text-embedding-3-small", "cl100k_base", True),
        ("gpt-6.1-sol", "o200k_base", False),
        ("o10", "o200k_base", False),
        ("claude-haiku-5.5", "o200k_base", False),
        ("", "o200k_base", False),
    ],
)
def test_the_encoding_of_a_model(model: str, encoding: str, exact: bool) -> None:
    """As tiktoken maps the names; another provider's, or a newer one, is an estimate."""
    assert encoding_of(model) == (encoding, exact)
