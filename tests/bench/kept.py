"""docs/bench.md: the last figures of each part stand in a place of their own, with the day on which they were taken."""

from __future__ import annotations


def marks(part: str) -> tuple[str, str]:
    """The lines between which a part's figures stand."""
    return f"<!-- {part}: written by python -m tests.bench --keep -->\n", f"<!-- End of {part} -->\n"


def kept(page: str, part: str, text: str) -> str:
    """The page with these figures of a part in place of its earlier ones; those of the other parts stay. ValueError where it has no place
    for them."""
    start, end = marks(part)
    before, begins, rest = page.partition(start)
    _, ends, after = rest.partition(end)
    if not (begins and ends):
        raise ValueError(f"docs/bench.md has no place for {part}: it lacks {(end if begins else start).strip()!r}")
    return f"{before}{start}{text}{end}{after}"
