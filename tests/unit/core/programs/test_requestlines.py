"""Files of requests that exist already."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.core.model.providers import Profile
from app.core.programs import folder
from app.core.programs.judging import JudgedMessage, MessageJudge, Place
from app.core.programs.requestlines import MOST_MODELS, RequestLines

OURS = b'{"custom_id": "a", "method": "POST", "url": "/v1/responses", "body": {"model": "m", "input": "x", "n": 1.10}}'
AT = Place("r-1", "orders.jsonl")


def line(id: str, **more: Any) -> bytes:
    body = {"model": "m", "input": "x"} | more
    return json.dumps({"custom_id": id, "method": "POST", "url": "/v1/responses", "body": body}).encode()


def read(data: bytes, piece: int = 1 << 20, place: Place = AT) -> tuple[list[JudgedMessage], RequestLines]:
    reader = RequestLines(len(data), MessageJudge(Profile(id="p", name="P")), place)
    found = [one for at in range(0, len(data), piece) for one in reader.feed(data[at : at + piece])]
    return [one for one in (*found, *reader.feed(b"", last=True)) if one is not None], reader


@pytest.mark.parametrize("piece", [200, 1_000, 1 << 20])
def test_lines_are_taken_converted_or_refused_one_by_one(piece: int) -> None:
    """Ours with every figure as it was, others in our words, with their ids; an id twice in the file is refused."""
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
        line("e", temperature=9),
    ]
    found, reader = read(b"\xef\xbb\xbf" + b"\r\n".join(lines), piece)
    assert [one.caller_id for one in found] == ["a", "b", "c"]
    assert b'"n": 1.10' in found[0].line
    assert json.loads(found[1].line)["url"] == "/v1/chat/completions"
    assert [name[:8] for name in reader.converted] == ["for Anth", "with a s"]
    assert [one.line for one in reader.faults.kept] == [5, 6, 7, 8, 9, 10]
    assert reader.faults.kept[0].sentence == "Its custom_id “a” is that of line 1 as well."
    assert "emperature" in reader.faults.kept[-1].sentence
    assert reader.done == reader.size


def test_the_ids_of_two_files_do_not_collide() -> None:
    """Nor do those of one file that is brought twice; each is found again by its file, and by no other."""
    places = [AT, Place("r-2", "orders.jsonl"), Place("r-1", "more.jsonl")]
    ids = [one.message.custom_id for place in places for one in read(line("a") + b"\n" + line("b"), place=place)[0]]
    assert len(set(ids)) == 6
    assert [folder.custom_id_in(*AT, id) for id in ids] == ["a", "b", "", "", "", ""]
    assert folder.custom_id_in(*AT, "a") == ""
    (long,) = read(line("x" * 512))[0]
    assert len(long.message.custom_id) == 512
    assert long.caller_id == "x" * 512


def test_requests_in_an_array_are_read_as_lines_are() -> None:
    """Each by the line that it begins in."""
    found, reader = read(b"[\n  " + line("a") + b",\n  3,\n  " + line("b") + b"\n]\n")
    assert [one.caller_id for one in found] == ["a", "b"]
    assert [one.line for one in reader.faults.kept] == [3]


def test_a_place_for_results_is_said_and_never_sent() -> None:
    """What names one goes all the same."""
    told = json.loads(line("a")) | {"delivery_config": {"type": "webhook", "webhook_url": "https://example.com/hook"}}
    found, reader = read(json.dumps(told).encode())
    assert len(found) == 1
    assert reader.targets == 1
    assert b"delivery_config" not in found[0].line


def test_a_file_of_too_many_models_is_cut_off_at_the_last_one() -> None:
    """The lines of those before it are taken."""
    found, reader = read(b"\n".join(line(str(n), model=f"m-{n % (MOST_MODELS + 2)}") for n in range(2 * MOST_MODELS + 4)))
    assert len({one.lane for one in found}) == MOST_MODELS
    assert [one.line for one in reader.faults.kept] == [51, 52, 103, 104]


@given(st.binary(max_size=200) | st.text('{}[],:"\\ \n1body').map(str.encode))
@example(b"[\n}")
@example(b"{}\n}")
@example(b"]")
def test_any_bytes_are_requests_and_faults(data: bytes) -> None:
    """Nothing is raised, and what is taken and what is not come to no more than there was."""
    found, reader = read(data)
    lines = [one for one in data.split(b"\n") if one.removeprefix(b"\xef\xbb\xbf").strip(b" \t\r")]
    assert len(found) == 0
    assert len(lines) == 0 or reader.faults.count > 0 or data.strip(b" \t\r\n,[]\xef\xbb\xbf") == b""


@given(st.lists(st.tuples(st.text(min_size=1, max_size=600), st.booleans()), max_size=12), st.integers(1, 400))
def test_every_line_is_a_request_or_at_fault_with_its_number(lines: list[tuple[str, bool]], piece: int) -> None:
    """However the file is cut, whatever its ids are: nothing is lost, and nothing comes twice."""
    data = b"\n".join(line(id) if good else b'{"custom_id": ' + json.dumps(id).encode() + b"}" for id, good in lines)
    found, reader = read(data, max(piece, len(data) // 50 + 1))
    numbers = [one.line for one in reader.faults.kept]
    assert len(found) + reader.faults.count == len(lines)
    assert len({one.message.custom_id for one in found}) == len(found)
    taken = [id for n, (id, _) in enumerate(lines, 1) if n not in numbers]
    assert [one.caller_id for one in found] == taken
    assert {n for n, (_, good) in enumerate(lines, 1) if not good} <= set(numbers)
