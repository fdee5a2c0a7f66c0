"""An answer stands for one request: what was answered is found by its body, and no repeat is swallowed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from app.core.bodies import requests
from app.core.planning.answered import AnsweredBodies, AnsweredIn, AnsweredRequests, digest
from app.core.planning.rowrequests import RequestRun
from app.core.templates.alike import MadeLines


def body(said: str) -> bytes:
    return json.dumps({"model": "m", "input": said}, separators=(",", ":")).encode()


def asking(said: Sequence[str], tag: str = "") -> RequestRun:
    """A request for each text, in one way."""
    lines = [requests.line(f"id-{n}", "/v1/responses", json.loads(body(one))) for n, one in enumerate(said)]
    return RequestRun("m", list(range(len(said))), MadeLines([f"id-{n}" for n in range(len(said))], (lines,)), False, tag)


def said_in(run: RequestRun | None) -> list[str]:
    """The texts of the requests that are left."""
    if run is None:
        return []
    assert len(run.row_ids) == len(run.lines)
    assert [requests.decode(run.lines.line(n)).custom_id for n in range(len(run.lines))] == list(run.lines.ids)
    return [json.loads(bytes(requests.decode(run.lines.line(n)).body))["input"] for n in range(len(run.lines))]


def test_metadata_does_not_count() -> None:
    """No model reads it, and the tags of variants stand there. Everything else counts, also the word as a text."""
    bare = b'{"model":"m","input":"x"}'
    assert digest(b'{"model":"m","input":"x","metadata":{"variant":"a","sample":"2"}}') == digest(bare)
    assert digest(b'{"model":"m","input":"y"}') != digest(bare)
    for odd in (b'{"seed":123456789012345678901234567890', b'{"top_p":0.50', b'{"top_p":1e400', b'{"input":"\\u00e9"'):
        assert digest(odd + b',"metadata":{"sample":"2"}}') == digest(odd + b',"metadata":null}') == digest(odd + b"}")
    said = b'{"model":"m","input":"\\"metadata\\""}'
    assert digest(said) != digest(bare)
    assert digest(b'{"metadata"') != digest(b'{"metadata" ')


@given(st.lists(st.sampled_from("abc"), max_size=9), st.lists(st.sampled_from("abc"), max_size=9), st.booleans())
def test_each_answer_serves_one_request(there: list[str], asked: list[str], leave_out: bool) -> None:
    """Of equal requests as many are answered as there are answers; left out are those and no others, and only where it was chosen."""
    known = AnsweredBodies()
    known.batch("b-1", "First")
    for one in there:
        known.add(body(one))
    left = said_in(known.look(asking(asked), leave_out=leave_out))
    answered = Counter(there) & Counter(asked)
    assert known.taken == answered.total()
    assert Counter(left) == (Counter(asked) - answered if leave_out else Counter(asked))
    assert known.taken == sum(one.requests for one in known.by_way()) == sum(one.requests for one in known.by_batch())
    assert said_in(known.look(asking([]), leave_out=leave_out)) == []


def test_it_is_known_where_the_answers_are() -> None:
    """By batch, and by the way in which rows are asked. A batch whose answers serve nobody is not named."""
    known = AnsweredBodies()
    for batch, texts in (("b-1", "1"), ("b-2", "23"), ("b-3", "4")):
        known.batch(batch, batch.upper())
        for one in texts:
            known.add(body(one))
    known.look(asking("12", "x"), leave_out=True)
    known.look(asking("39", "y"), leave_out=True)
    assert known.by_batch() == (AnsweredIn("b-2", "B-2", 2), AnsweredIn("b-1", "B-1", 1))
    rough = len(asking("1").lines.line(0)) // 4
    assert known.by_way() == (AnsweredRequests("x", "m", 2, 2 * rough), AnsweredRequests("y", "m", 1, rough))
