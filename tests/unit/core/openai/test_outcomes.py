"""One line of an answer file, however odd, becomes an outcome."""

from __future__ import annotations

import json
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.batches.resend import deserves
from app.core.openai.cutting import each_line
from app.core.openai.envelopes import decode
from app.core.openai.outcomes import KEY_TWICE, Outcome, _read_slowly, read_line

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(("error", "code", "message", "usage", "body", "id")), inner)
    ),
    max_leaves=8,
)


def line(body: Any = None, status: Any = 200, error: Any = None, **more: Any) -> bytes:
    response = {"status_code": status, "request_id": "req_1", "body": body}
    return json.dumps({"id": "batch_req_1", "custom_id": "a", "response": response, "error": error, **more}).encode()


CHAT = {"prompt_tokens": 10, "completion_tokens": 20, "total_tokens": 30}
CHAT_FULL = {**CHAT, "prompt_tokens_details": {"cached_tokens": 4}, "completion_tokens_details": {"reasoning_tokens": 8}}
RESPONSES = {
    "input_tokens": 10,
    "input_tokens_details": {"cached_tokens": 4},
    "output_tokens": 20,
    "output_tokens_details": {"reasoning_tokens": 8},
}


@pytest.mark.parametrize(
    ("usage", "tokens"),
    [
        (CHAT, (10, 0, 20, 0)),
        (CHAT_FULL, (10, 4, 20, 8)),
        (RESPONSES, (10, 4, 20, 8)),
        ({"prompt_tokens": 10, "total_tokens": 10}, (10, 0, 0, 0)),
        (None, (0, 0, 0, 0)),
        ({}, (0, 0, 0, 0)),
        ("many", (0, 0, 0, 0)),
        ({"input_tokens": "12", "output_tokens": -5}, (12, 0, 0, 0)),
        ({"input_tokens": 1.0, "output_tokens": 1e300}, (1, 0, 0, 0)),
        ({"input_tokens": True, "input_tokens_details": 3, "prompt_tokens_details": {"cached_tokens": None}}, (0, 0, 0, 0)),
    ],
)
def test_tokens_are_read_from_every_endpoints_usage(usage, tokens):
    """Chat and completions, responses, embeddings; missing and odd figures are 0 and the answer is still an answer."""
    read = read_line(line({"usage": usage}), "output")
    assert read.outcome is Outcome.ANSWERED
    assert (read.input_tokens, read.cached_tokens, read.output_tokens, read.reasoning_tokens) == tokens


@pytest.mark.parametrize("body", [{}, "text", [1], {"error": None}, {"error": ""}, {"usage": 3}])
def test_an_answer_of_any_shape_is_an_answer(body):
    """200 and no error: what the body holds is for others to judge."""
    assert read_line(line(body), "output").outcome is Outcome.ANSWERED


@pytest.mark.parametrize(
    ("text", "code", "outcome"),
    [
        (line({"error": {"code": "c", "message": "M"}}, 400), "c", Outcome.FAILED),
        (line({"error": {"type": "t", "message": "M"}}, 400), "t", Outcome.FAILED),
        (line({"message": "M"}, 500), "status_500", Outcome.FAILED),
        (line("M", 503), "status_503", Outcome.FAILED),
        (line(None, 429), "status_429", Outcome.FAILED),
        (line(None, 301), "status_301", Outcome.FAILED),
        (line({"error": "M"}), "error", Outcome.FAILED),
        (line(None, 200), "no_response", Outcome.UNFOUND),
        (line({}, error={"code": "rate_limit_exceeded", "message": "M"}), "rate_limit_exceeded", Outcome.FAILED),
        (line(error="M"), "error", Outcome.FAILED),
        (line(response=None), "no_response", Outcome.UNFOUND),
        (line(response="odd"), "unknown_line", Outcome.UNFOUND),
        (line(response=None, error={"code": "batch_expired"}), "batch_expired", Outcome.EXPIRED),
        (line(response=None, error={"code": "batch_cancelled"}), "batch_cancelled", Outcome.CANCELLED),
        (line({"error": {"code": "batch_expired"}}, 400), "batch_expired", Outcome.EXPIRED),
        (line({}, 0), "status_0", Outcome.FAILED),
    ],
)
@pytest.mark.parametrize("file", ["output", "error"])
def test_every_way_to_fail(text, code, outcome, file):
    """The code says why, and is never empty; the file in which it stands does not matter."""
    read = read_line(text, file)
    assert (read.outcome, read.code, read.custom_id) == (outcome, code, "a")


def test_a_message_is_short_and_without_keys():
    """As everything that a provider says."""
    read = read_line(line({"error": {"code": "c", "message": "Bad key sk-abcdefghijk " + "x" * 500}}, 401), "error")
    assert read.message.startswith("Bad key sk-… xxx")
    assert len(read.message) <= 300


@pytest.mark.parametrize(
    ("text", "word", "guess"),
    [
        (b'{"custom_id":"a","response":{"status_code":200,"bo', "not valid JSON", "a"),
        (b'"custom_id": "\\u00e4\\"b", garbage', "not valid JSON", 'ä"b'),
        (b"\xff\xfe", "not valid JSON", ""),
        (b"[1]", "not an object", ""),
        (b"{}", "names no request", ""),
        (b'{"custom_id":null}', "names no request", ""),
        (b'{"custom_id":""}', "names no request", ""),
        (b"[" * 100_000, "nested more than 200 levels deep", ""),
        (b"1" * 10_000, "not valid JSON", ""),
    ],
)
def test_a_damaged_line_says_what_is_wrong_and_guesses_whose_it_was(text, word, guess):
    """It is told and not fatal."""
    read = read_line(text, "output")
    assert word in read.damaged
    assert (read.custom_id, read.outcome) == (guess, Outcome.UNREAD)


@pytest.mark.parametrize(
    "body", [b'{"x":"\\ud83d"}', b'{"x":NaN}', b'{"x":1e999}', b'{"x":"\xff"}', b'{"x":123456789012345678901234567890}', b'{"x":"\\u2028"}']
)
def test_what_is_not_strict_json_is_read_all_the_same(body):
    """Half an emoji, NaN, a wrong byte: the answer was paid for."""
    text = b'{"custom_id":"a","response":{"status_code":200,"body":' + body + b'},"error":null}'
    assert read_line(text, "output").outcome is Outcome.ANSWERED
    assert isinstance(decode(text), dict)


def test_an_id_can_always_be_stored():
    """A number is its text; half an emoji becomes a question mark."""
    assert read_line(b'{"custom_id":7,"response":{"status_code":200,"body":{}}}', "output").custom_id == "7"
    assert read_line(b'{"custom_id":"a\\ud83d","response":{"status_code":200,"body":{}}}', "output").custom_id == "a?"


def test_a_byte_order_mark_is_passed_over():
    """Some writers begin a file with one."""
    assert read_line(b"\xef\xbb\xbf" + line({}), "output").outcome is Outcome.ANSWERED


@given(
    json_values,
    json_values,
    json_values,
    st.sampled_from(("output", "error")),
)
def test_every_json_line_has_an_outcome_or_a_sentence(body, status, error, file: Literal["output", "error"]):
    """Whatever stands in the fields; a failure always has a code."""
    read = read_line(line(body, status, error), file)
    assert not read.damaged
    assert (read.outcome is Outcome.ANSWERED) == (read.code == "")
    assert read.outcome not in (Outcome.UNREAD, Outcome.MISSING)
    assert min(read.status, read.input_tokens, read.cached_tokens, read.output_tokens, read.reasoning_tokens) >= 0
    (read.custom_id + read.code + read.message).encode()


errors = st.none() | st.fixed_dictionaries(
    {},
    optional={
        name: st.none() | st.sampled_from(("", "batch_expired", "server_error")) | st.integers() for name in ("code", "type", "message")
    },
)
usages = st.none() | st.dictionaries(
    st.sampled_from(("input_tokens", "prompt_tokens", "output_tokens", "completion_tokens")), st.none() | st.integers(-5, 10**12)
)


@given(errors, errors, usages, st.sampled_from((0, 200, 201, 302, 400, 500, None)), st.sampled_from(("output", "error")))
def test_the_quick_way_and_the_slow_way_agree(inner, outer, usage, status, file: Literal["output", "error"]):
    """What the typed decode understands is what reading field by field finds."""
    text = line({"usage": usage, "error": inner}, status, outer)
    assert read_line(text, file) == _read_slowly(text, file)


@given(st.binary(max_size=200), st.sampled_from(("output", "error")))
def test_no_bytes_are_too_odd(text, file: Literal["output", "error"]):
    """Never an exception."""
    read = read_line(text, file)
    assert read.damaged or read.custom_id


@given(st.lists(st.sampled_from([b"", b" ", b"ab", b"c", b"d e"])), st.sampled_from([b"\n", b"\r\n"]), st.booleans())
def test_lines_are_found_whatever_ends_them(lines, ending, last):
    """With and without a newline at the end, LF or CRLF, blank lines passed over."""
    data = ending.join(lines) + (ending if last else b"")
    assert [data[at : at + size] for at, size in each_line(data)] == [text for text in lines if text.strip()]


GOOD_BODY = '{"choices":[{"message":{"content":"Yes."},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":1}}'
OTHER_BODY = '{"choices":[{"message":{"content":"No."},"finish_reason":"stop"}]}'
ERROR = '{"code":"server_error","message":"m"}'
FIELDS = {
    "custom_id": ('"a"', '"b"'),
    "response": (
        f'{{"status_code":200,"body":{GOOD_BODY}}}',
        f'{{"status_code":500,"body":{{"error":{ERROR}}}}}',
        f'{{"status_code":200,"body":{OTHER_BODY}}}',
    ),
    "error": ("null", ERROR, '"No."', '{"code":"rate_limit_exceeded"}'),
    "status_code": ("200", "500", "0"),
    "body": (GOOD_BODY, OTHER_BODY, f'{{"error":{ERROR}}}'),
}


@st.composite
def doubled(draw: st.DrawFn) -> tuple[str, bool]:
    """A line in which one field stands twice, anywhere, and whether its values differ (null before a value is none)."""
    name = draw(st.sampled_from(sorted(FIELDS)))
    first, second = draw(st.sampled_from(FIELDS[name])), draw(st.sampled_from(FIELDS[name]))
    inner = [["status_code", "200"], ["request_id", '"x"'], ["body", GOOD_BODY]]
    outer = [["id", '"x"'], ["custom_id", '"a"'], ["response", ""], ["error", "null"]]
    place = inner if name in ("status_code", "body") else outer
    kept = next(one for one in place if one[0] == name)
    kept[1] = second
    at = place.index(kept)
    place.insert(draw(st.integers(0, at)), [name, first])
    colon = draw(st.sampled_from((":", ": ", " : ")))
    text = "{" + ",".join(f'"{key}"{colon}{value}' for key, value in inner) + "}"
    if name == "response":
        text = ""
    line = "{" + ",".join(f'"{key}"{colon}{value or text}' for key, value in outer) + "}"
    return line, first not in (second, "null")


@pytest.mark.slow
@settings(max_examples=500)
@given(doubled(), st.sampled_from(("output", "error")))
def test_a_field_with_two_values_is_never_taken_for_an_answer(drawn, file):
    """Whichever stands first: the line is no answer, is not sent again by rule, and says why. The same value twice is one."""
    line, differs = drawn
    found = read_line(line.encode(), file)
    if not differs:
        assert found.code != KEY_TWICE
        assert found.damaged == ""
    elif '"b"' in line:
        assert found.damaged
        assert found.custom_id == ""
    else:
        assert (found.outcome, found.code) == (Outcome.UNFOUND, KEY_TWICE), line
        assert not deserves(found.outcome, found.code, found.status)


def test_what_stands_twice_within_an_answer_is_the_model_s_own_matter():
    """Keys of these names deep in a body, and in texts, are no second values; nor is a body's ``error`` beside the line's."""
    body = '{"error":null,"output":[{"type":"mcp_call","error":null,"body":{"x":1},"status_code":1,"custom_id":"z"},' + (
        '{"type":"message","content":[{"type":"output_text","text":"\\"custom_id\\": \\"b\\", \\"error\\": {}"}]}],"status":"completed"}'
    )
    found = read_line(f'{{"custom_id":"a","response":{{"status_code":200,"body":{body}}},"error":null}}'.encode(), "output")
    assert (found.custom_id, found.outcome) == ("a", Outcome.ANSWERED)
