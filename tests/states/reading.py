"""Answers of every shape, read as a person reads them."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from app.core.model.annotations import Annotation
from app.core.results import markdown
from app.core.results.answer_parts import AnswerPart, CategoryScore, Citation, TokenChance, VectorFacts
from app.core.results.answers import Answer
from app.core.results.repairing import Repair
from app.core.results.worddiff import DiffPiece
from app.ui.base.annotate_state import AnnotatingState
from app.ui.base.reading_state import ReadingState
from app.ui.base.results_state import BesideState, ResultsState
from tests.states.answered import BATCH, opened, table

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="


def sample(said: str) -> str:
    """A text with every mark that a model writes."""
    return (
        f"# Night trains\n\n{said}: **three** of them *run*, ~~four~~ `five` do.\nThe next line. See "
        "[the timetable](https://example.org/t), [example.org](https://evil.example/x), <https://example.org/a> and "
        "![a map](https://example.org/map.png).\n\n## What to do\n\n1. Look\n2. Book\n   - early\n   - cheap\n\n"
        "- [x] passport\n- [ ] ticket\n\n> Take a coat.\n>\n> > And a book.\n\n"
        "| from | to | price |\n|:--|:-:|--:|\n| Madrid | Lisbon | 49.00 |\n| Hendaye | Lisbon | **89.50** |\n\n"
        "```python\ndef fare(km: int) -> float:\n    return 5 + km * 0.07\n```\n\n---\n\n"
        "<details>HTML is text</details>\n\nשלום עולם\n\n日本語の文。\n"
    )


def parts(said: str) -> dict[str, tuple[AnswerPart, ...]]:
    """What an answer may be made of, by what the gallery calls it."""
    tokens = tuple(TokenChance(f"{said} {n}", n / 10, ((said, n / 10), ("other", 0.25))) for n in range(11))
    words = f'{{"city": "Lisbon", "{said[:20].replace(chr(34), "")}": [1, 2.5, null, true], "deep": {{"er": {{"list": []}}}}}}'
    rows = '[{"name": "A", "price": 49, "night": true}, {"name": "B", "price": 89.5, "note": null}]'
    scores = (CategoryScore("violence", True, 0.9731), CategoryScore("hate", False, 0.0012), CategoryScore(said, False))
    return {
        "with citations": (
            AnswerPart("reasoning", text=sample(said)),
            AnswerPart("text", text=sample(said), citations=(Citation("https://example.org/", said), Citation("javascript:x", said))),
        ),
        "of several choices": tuple(AnswerPart("text", n, f"{said} {n}") for n in (1, 2, 3)),
        "as JSON": (AnswerPart("text", text=words), AnswerPart("text", text=rows)),
        "that calls tools": (
            AnswerPart("call", text=words, name=said),
            AnswerPart("call", text='{"city": "Lis', name="damaged"),
            AnswerPart("call", name="nothing"),
            AnswerPart("refusal", text=said),
        ),
        "with probabilities": (AnswerPart("text", text=said, tokens=tokens, more_tokens=1_200),),
        "with pictures": (
            AnswerPart("image", 1, said, "image/png", data=PIXEL),
            AnswerPart("image", 2, "", "image/png", data=PIXEL + "AAAA"),
            AnswerPart("image", 3, said, address="https://example.org/cat.png"),
            AnswerPart("image", 4, said, "not a picture (svg)"),
            AnswerPart("audio", text=said),
        ),
        "of vectors": (
            AnswerPart("embedding", 1, vector=VectorFacts(1_536, (0.1, -0.25, 0.5), 1.0)),
            AnswerPart("embedding", 2, "in base64"),
        ),
        "of a moderation": (AnswerPart("moderation", text="flagged", scores=scores), AnswerPart("moderation", text="not flagged")),
    }


def reading(said: str) -> ReadingState:
    """The texts of these that are Markdown, and the pictures."""
    texts = {sample(said)}
    return ReadingState({one: markdown.read(one) for one in texts}, pictures={PIXEL: f"data:image/png;base64,{PIXEL}", PIXEL + "AAAA": ""})


def states(said: str) -> Iterator[tuple[str, ResultsState, ReadingState]]:
    """Each beside the table."""
    for name, some in parts(said).items():
        one = replace(opened(said), parts=some, faults=(), asked=(("user", said),))
        yield f"an answer {name}", table(said, at=(BATCH, 3), beside=BesideState(one, place=3)), reading(said)
    damaged = '{"city": "Lisbon", "price": 49, "nights": [1, 2'
    made = Repair('{\n  "city": "Lisbon"\n}', "", (said,), (DiffPiece("same", damaged), DiffPiece("new", "]}"), DiffPiece("gone", said)))
    repairs: dict[str, dict[str, Repair | None]] = {
        "that is damaged": {},
        "that is being repaired": {damaged: None},
        "with a repair": {damaged: made},
        "without a repair": {damaged: Repair(why=said)},
    }
    for name, known in repairs.items():
        answer = Answer(text=damaged)
        one = replace(opened(said), answer=answer, parts=(AnswerPart("text", text=damaged),), faults=(), asked=(("user", said),))
        yield (
            f"an answer {name}",
            table(said, at=(BATCH, 3), beside=BesideState(one, place=3), annotating=AnnotatingState(said=Annotation())),
            ReadingState(repairs=known),
        )
