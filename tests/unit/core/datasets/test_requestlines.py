"""Files of requests that exist already."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.datasets.requestlines import ImportedRequest, RequestLines

OURS = b'{"custom_id": "a", "method": "POST", "url": "/v1/responses", "body": {"model": "m", "input": "x", "n": 1.10}}'


def read(data: bytes, piece: int = 1 << 20) -> tuple[list[ImportedRequest], RequestLines]:
    reader = RequestLines(len(data))
    found = [one for at in range(0, len(data), piece) for one in reader.feed(data[at : at + piece])]
    return [*found, *reader.feed(b"", last=True)], reader


@pytest.mark.parametrize("piece", [1, 64, 1 << 20])
def test_lines_are_taken_converted_or_refused_one_by_one(piece: int) -> None:
    """Ours as they are, others in our words, with their ids; an id twice in the file is refused."""
    anthropic = b'{"custom_id": "b", "params": {"model": "m", "max_tokens": 5, "messages": [{"role": "user", "content": "x"}]}}'
    slip = OURS.replace(b'"POST"', b'"post"').replace(b'"a"', b'"c"')
    lines = [
        OURS,
        b"",
        anthropic,
        slip,
        OURS,
        b"{",
        b"[1]",
        b'{"custom_id": "d", "body": 3, "url": "/v1/responses", "method": "POST"}',
        b'{"x": 1}',
    ]
    found, reader = read(b"\xef\xbb\xbf" + b"\r\n".join(lines), piece)
    assert [(one.number, one.custom_id, one.converted[:8]) for one in found] == [(1, "a", ""), (3, "b", "for Anth"), (4, "c", "with a s")]
    assert found[0].line == OURS
    assert json.loads(found[1].line)["url"] == "/v1/chat/completions"
    assert reader.converted == 2
    assert [one.line for one in reader.faults.kept] == [5, 6, 7, 8, 9]
    assert reader.faults.kept[0].sentence == "Its custom_id “a” is that of line 1 as well."
    assert reader.done == reader.size


@given(st.binary(max_size=200) | st.text('{}[],:"\\ \n1body').map(str.encode))
def test_any_bytes_are_requests_and_faults(data: bytes) -> None:
    """Nothing is raised, and no line is lost."""
    found, reader = read(data)
    lines = [line for line in data.split(b"\n") if line.removeprefix(b"\xef\xbb\xbf").strip(b" \t\r")]
    assert len(found) + reader.faults.count <= len(lines) + 1
