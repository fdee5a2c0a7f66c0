"""What the columns of a table of answers are called."""

from __future__ import annotations

TITLES: dict[str, str] = {
    "id": "Id",
    "outcome": "Outcome",
    "code": "Error code",
    "prompt": "Prompt",
    "answer": "Answer",
    "length": "Characters",
    "finish": "Finish reason",
    "input_tokens": "Input tokens",
    "output_tokens": "Output tokens",
    "cost": "Cost ($)",
    "attempts": "Attempts",
    "batch": "Batch",
    "model": "Model",
    "variant": "Variant",
    "mark": "Mark",
    "rating": "Rating",
    "tags": "Tags",
    "note": "Note",
    "correction": "Correction",
    "matches": "As expected",
    "current": "Up to date",
}
"""What the columns are called that every table has."""


def column_title(name: str) -> str:
    """A column's name for people: of a table's columns and of an answer's fields their own."""
    return TITLES.get(name) or name.partition(":")[2] or name
