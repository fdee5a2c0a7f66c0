"""Rows that are taken many at a time make the very requests and findings that they make one by one."""

from __future__ import annotations

from itertools import accumulate, pairwise
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from app.core.bodies import requests, tokens
from app.core.bodies.requests import LineRun
from app.core.datasets.table import Cell
from app.core.json import jsonread
from app.core.model.lanes import CHAT, COMPLETIONS, EMBEDDINGS, IMAGES, RESPONSES
from app.core.model.providers import Limits, Profile
from app.core.model.templates import PromptContent, PromptFile, PromptMessage, PromptPair
from app.core.model.threads import Image
from app.core.openai.conformance import schema_of
from app.core.planning.report import LengthGatherer, RunGatherer
from app.core.planning.rowrequests import PlanOrder, RowRequests
from app.core.templates import compiling

COLUMNS = ("id", "text", "more")
OPENAI = Profile(id="openai", name="OpenAI")


def chat(*texts: str, **more: Any) -> PromptContent:
    messages = tuple(PromptMessage(f"m{n}", "user", text) for n, text in enumerate(texts))
    return PromptContent(more.pop("endpoint", CHAT), {"model": "gpt-4o-mini"} | more.pop("fields", {}), messages, **more)


PROMPTS = {
    "plain": chat('Rate "{{text}}" of {{id}}'),
    "same in all rows": chat("Rate it."),
    "filters and conditions": chat('{{text | trim | default("nothing")}}', "{{#if more}}Also {{more | truncate(5)}}.{{/if}}"),
    "responses": chat("{{text}}", "{{more}}", endpoint=RESPONSES),
    "ids of the table": chat("{{text}}", custom_id="{{id}}"),
    "metadata": chat("{{text}}", metadata=(PromptPair("row", "{{id}}"), PromptPair("kind", "a"))),
    "advice in every row": chat("{{text}}", fields={"model": "o3", "temperature": "0.5"}),
    "structured output": chat("{{text}}", schema_on=True, schema_name="colour", schema_text='{"type": "object", "properties": {}}'),
    "no row can be sent": chat("{{text}}", fields={"temperature": "7"}),
    "the answer's own words": PromptContent(CHAT, {"model": "gpt-4o-mini"}, (PromptMessage("m", "assistant", "{{text}}"),)),
    "embeddings": PromptContent(EMBEDDINGS, {"model": "text-embedding-3-small"}, inputs=("{{text}}",)),
    "several inputs": PromptContent(EMBEDDINGS, {"model": "text-embedding-3-small"}, inputs=("{{text}}", "{{more}}")),
    "shared": PromptContent(EMBEDDINGS, {"model": "text-embedding-3-small"}, inputs=("{{text}}",), rows_per_request=3),
    "completions": PromptContent(COMPLETIONS, {"model": "gpt-3.5-turbo-instruct"}, inputs=("{{text}}{{more}}",)),
    "pictures": PromptContent(IMAGES, {"model": "gpt-image-1"}, inputs=("{{text}}",)),
    "a parameter of the row": chat("{{text}}", fields={"temperature": "{{more}}"}),
    "a model of the row": chat("{{text}}", fields={"model": "{{more}}"}),
    "an image in all rows": PromptContent(
        CHAT, {"model": "gpt-4o-mini"}, (PromptMessage("m", "user", "{{text}}", (Image("https://a.example/b.png"),)),)
    ),
    "a file of the row": PromptContent(
        CHAT, {"model": "gpt-4o-mini"}, (PromptMessage("m", "user", "{{text}}", files=(PromptFile("{{more}}"),)),)
    ),
    "raw": PromptContent(CHAT, raw='{"model":"gpt-4o-mini","messages":[{"role":"user","content":"{{text}}"}]}'),
}
GOOD = st.sampled_from(("red shoes", 'he said "é"', "a\\b\nc\t\u2028", "1", "日本語 😀", "x" * 40))
ODD = st.sampled_from(("", " ", "\0", "a\0b", "\\u0000", "\ud83d", "x" * 600, "ann@example.org", "sk-" + "a" * 30, "4111 1111 1111 1111"))
CELLS = st.one_of(GOOD, GOOD, GOOD, ODD, st.sampled_from((None, 3, 4.5, True)), st.text(max_size=12))


@st.composite
def tables(draw: st.DrawFn) -> list[list[Cell]]:
    """Rows that are mostly good, some of them short."""
    good = draw(st.lists(st.lists(GOOD, min_size=3, max_size=3), max_size=30))
    odd = draw(st.lists(st.lists(CELLS, max_size=3), max_size=4))
    rows: list[list[Cell]] = [list(row) for row in good]
    for row in odd:
        rows.insert(draw(st.integers(0, len(rows))), row)
    return rows


class Outcome:
    """What came of some rows."""

    def __init__(self, made: RowRequests) -> None:
        self.made = made
        self.sent: list[tuple[str, int, str, bytes]] = []

    @property
    def told(self) -> tuple[Any, ...]:
        found = self.made.findings
        groups = [(one, list(found.rows_of(one.key))) for one in found.groups()]
        seen = [(one.column, one.kind, list(one.rows)) for one in self.made.sensitive]
        return self.sent, groups, seen, self.made.rows, self.made.left_out, found.blocked


@given(st.sampled_from(sorted(PROMPTS)), tables(), st.integers(1, 20), st.sampled_from((0, 0, 450, 900)))
@example("a file of the row", [["red shoes", "red shoes", "\ud83d"]], 1, 0)
def test_many_rows_at_once_are_the_rows_one_by_one(name, rows, together, most):
    """Ids, lines to the byte, models, findings with their rows, secrets, and what is left out."""
    limits = Limits(id="openai", own={"gpt-4o-mini": 100}) if most == 900 else None
    profile = Profile(id="openai", name="OpenAI", max_bytes=most or 200_000_000)
    order = PlanOrder("d", 1, COLUMNS, PROMPTS[name], profile, 'r"1', limits)
    single, many = Outcome(RowRequests(order, used={"red shoes"})), Outcome(RowRequests(order, used={"red shoes"}))
    for at, row in enumerate(rows):
        if (one := single.made.take(at, at + 1, row)) is not None:
            single.sent.append((one.model, one.row_id, one.made.custom_id, one.made.line))
    if (one := single.made.finish()) is not None:
        single.sent.append((one.model, one.row_id, one.made.custom_id, one.made.line))

    def keep(run: Any) -> None:
        whole = run.lines.run()
        assert [run.lines.line(at) for at in range(len(run.lines))] == [line for _, line in requests.lines_of(whole)]
        assert list(accumulate(run.lines.sizes())) == list(whole.ends)
        assert [run.lines.ids[at] for at in range(len(run.lines))] == list(run.lines.ids[:]) == list(whole.ids)
        if whole.known is not None:
            bodies = [jsonread.value(requests.decode(line).body) for _, line in requests.lines_of(whole)]
            assert whole.known.asks or not any(map(schema_of, bodies))
            assert not whole.known.plain or {"tokens": (), "inputs": ()}.items() <= tokens.index(whole._replace(known=None)).items()
        many.sent += [(run.model, id, *pair) for id, pair in zip(run.row_ids, requests.lines_of(whole), strict=True)]

    texts = [compiling.cells(row, len(COLUMNS)) for row in rows]
    for at in range(0, len(rows), together):
        some = range(at, min(at + together, len(rows)))
        for run in many.made.take_rows(some, [n + 1 for n in some], texts[at : at + together]):
            keep(run)
    if (one := many.made.finish()) is not None:
        keep(many.made.run_of(one))
    assert many.told == single.told


def test_most_rows_are_made_at_once():
    """A row at fault among many good ones takes only its neighbours with it."""
    made = RowRequests(PlanOrder("d", 1, COLUMNS, PROMPTS["embeddings"], OPENAI, "r"))
    rows = [["1", "" if n == 700 else "text", ""] for n in range(1_000)]
    runs = list(made.take_rows(range(1_000), range(1, 1_001), rows))
    assert sum(len(run.lines) for run in runs) == 999
    assert len(runs) < 25
    assert all(run.by_bytes for run in runs)
    assert [list(made.findings.rows_of(one.key)) for one in made.findings.groups()] == [[700]]


@given(st.lists(st.integers(1, 700_000), max_size=40), st.integers(1, 7), st.integers(0, 2_500))
def test_lines_are_gathered_into_the_runs_of_a_queue(sizes, together, small):
    """However many come at a time: as they would be cut one by one."""
    lines = [(str(n), bytes([n % 251]) * size) for n, size in enumerate([*sizes[:20], *[5] * small, *sizes[20:]])]
    gatherer, lengths = RunGatherer(), LengthGatherer()
    found: list[LineRun] = []
    ended: list[list[int]] = []
    step = together * 300
    for at in range(0, len(lines), step):
        some = lines[at : at + step]
        ends = [0]
        for _, line in some:
            ends.append(ends[-1] + len(line))
        assert all(end > begin for begin, end in pairwise(ends))
        ended += lengths.extend([len(line) for _, line in some])
        found += gatherer.extend(LineRun(tuple(id for id, _ in some), tuple(ends[1:]), b"".join(line for _, line in some)))
    if (last := gatherer.last()) is not None:
        found.append(last)
    assert found == list(requests.make_segments(lines))
    assert [*ended, *lengths.last()] == [list(one.ends) for one in found]
