"""An answer line becomes text for people, whatever it holds."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.openai.outcomes import Outcome
from app.core.results.answers import ToolCall, Usage, answer_of

CHAT, RESPONSES = "/v1/chat/completions", "/v1/responses"
ENDPOINTS = (CHAT, RESPONSES, "/v1/completions", "/v1/embeddings", "/v1/moderations", "/v1/images/generations", "")


def line(body: Any, status: Any = 200, error: Any = None) -> bytes:
    response = {"status_code": status, "request_id": "req_1", "body": body}
    return json.dumps({"id": "batch_req_1", "custom_id": "a", "response": response, "error": error}).encode()


def chat(message: Any, finish: str = "stop") -> bytes:
    choice = {"index": 0, "message": message, "finish_reason": finish}
    return line({"model": "gpt-5", "choices": [choice], "usage": {"prompt_tokens": 3, "completion_tokens": 4}})


def test_a_chat_answer():
    """Text, model, usage, request id, and how it finished."""
    answer = answer_of(CHAT, chat({"role": "assistant", "content": "Hello"}))
    assert (answer.text, answer.format, answer.model, answer.request_id, answer.finish) == ("Hello", "text", "gpt-5", "req_1", "stop")
    assert (answer.outcome, answer.usage, answer.notice, answer.error) == (Outcome.ANSWERED, Usage(input=3, output=4), "", "")


def test_a_cut_off_answer_says_so():
    """In both endpoints."""
    assert "cut off" in answer_of(CHAT, chat({"content": "Hel"}, "length")).notice
    body = {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}, "output": []}
    assert "cut off" in answer_of(RESPONSES, line(body)).notice


def test_refusals_and_tool_calls_are_named():
    """A chat answer without text is not an empty answer."""
    assert answer_of(CHAT, chat({"content": None, "refusal": "I can't."})).refusal == "I can't."
    call = {"id": "c", "type": "function", "function": {"name": "weather", "arguments": '{"city":"Rome"}'}}
    assert answer_of(CHAT, chat({"content": None, "tool_calls": [call]})).tools == (ToolCall("weather", '{"city":"Rome"}'),)


def test_several_choices_are_numbered():
    """One under another."""
    body = {"choices": [{"message": {"content": "one"}}, {"message": {"content": "two"}}]}
    assert answer_of(CHAT, line(body)).text == "[1] one\n\n[2] two"


def test_a_structured_answer_is_marked_as_json():
    """As the model wrote it; prose that only begins like JSON stays prose."""
    assert answer_of(CHAT, chat({"content": ' {"a": 1}'})).format == "json"
    assert answer_of(CHAT, chat({"content": "{not json"})).format == "text"


def test_a_response_in_items():
    """Messages, refusals, reasoning summaries and calls, each in its place."""
    body = {
        "model": "gpt-5",
        "status": "completed",
        "output": [
            {"type": "reasoning", "summary": [{"type": "summary_text", "text": "Thinking."}]},
            {"type": "message", "content": [{"type": "output_text", "text": "One."}, {"type": "refusal", "refusal": "No."}]},
            {"type": "message", "content": [{"type": "output_text", "text": "Two."}]},
            {"type": "function_call", "name": "f", "arguments": "{}"},
            {"type": "web_search_call", "status": "completed"},
            {"type": "something_new"},
            None,
        ],
        "usage": {"input_tokens": 1, "output_tokens": 2, "output_tokens_details": {"reasoning_tokens": 1}},
    }
    answer = answer_of(RESPONSES, line(body))
    assert (answer.text, answer.refusal, answer.reasoning, answer.finish) == ("One.\n\nTwo.", "No.", "Thinking.", "completed")
    assert [tool.name for tool in answer.tools] == ["f", "web_search"]
    assert answer.usage == Usage(input=1, output=2, reasoning=1)


def test_completions_embeddings_and_moderations():
    """Each in the words of its endpoint."""
    assert answer_of("/v1/completions", line({"choices": [{"text": "x", "finish_reason": "stop"}]})).text == "x"
    vector = {"data": [{"embedding": [0.123456789, -1, 2, 3, 4, 5]}, {"embedding": "AAAA"}]}
    assert answer_of("/v1/embeddings", line(vector)).text == (
        "1. 6 numbers: 0.123457, -1, 2, 3, 4, …\n2. An embedding in base64, 4 characters"  # as many as fit a line
    )
    results = {"results": [{"flagged": True, "categories": {"violence": True, "hate": False, "abuse": True}}, {"flagged": False}]}
    assert answer_of("/v1/moderations", line(results)).text == "Flagged: abuse, violence\nNot flagged"


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_a_body_of_unknown_shape_is_shown_as_json(endpoint):
    """Nothing that was paid for is hidden."""
    answer = answer_of(endpoint, line({"new": {"shape": "ü"}}))
    assert (answer.text, answer.format) == ('{\n  "new": {\n    "shape": "ü"\n  }\n}', "json")


def test_a_failure_shows_code_and_message_with_keys_masked():
    """Also where the error stands beside a body."""
    answer = answer_of(CHAT, line({"error": {"code": "invalid_api_key", "message": "Bad key sk-abcdefghijk."}}, 401))
    assert (answer.outcome, answer.status, answer.error_code, answer.error) == (*(Outcome.FAILED, 401, "invalid_api_key", "Bad key sk-…"),)
    assert answer.text == ""


def test_a_failure_of_unknown_shape_shows_its_body():
    """So that there is something to go by."""
    answer = answer_of(CHAT, line({"why": "overloaded"}, 503))
    assert (answer.error_code, json.loads(answer.text)) == ("status_503", {"why": "overloaded"})


def test_a_damaged_line_is_shown_as_it_came():
    """With a sentence beside it."""
    answer = answer_of(CHAT, b'{"custom_id":"a", "respo')
    assert (answer.format, answer.text, answer.custom_id) == ("raw", '{"custom_id":"a", "respo', "a")
    assert "not valid JSON" in answer.error


NAMES = (
    *("choices", "message", "content", "tool_calls", "function", "output", "type", "summary", "data", "embedding", "results", "text"),
    *("categories", "finish_reason", "incomplete_details", "reason", "model", "error", "refusal", "arguments", "name", "usage"),
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=12,
)


@given(st.sampled_from(ENDPOINTS), values, st.sampled_from((200, 0, 400, None, "x")), values)
def test_no_body_is_too_odd(endpoint, body, status, error):
    """Known names in the wrong places: always an answer, and always text that can be shown."""
    answer = answer_of(endpoint, line(body, status, error))
    "".join((answer.text, answer.refusal, answer.reasoning, answer.finish, answer.model, answer.error, answer.error_code)).encode()
    assert all(tool.name for tool in answer.tools)


@given(st.sampled_from(ENDPOINTS), st.binary(max_size=80))
def test_no_bytes_are_too_odd(endpoint, text):
    """Never an exception."""
    assert answer_of(endpoint, text)


def test_half_an_emoji_can_be_shown():
    """It becomes a question mark."""
    text = b'{"custom_id":"a","response":{"status_code":200,"body":{"choices":[{"message":{"content":"x\\ud83d"}}]}}}'
    assert answer_of(CHAT, text).text == "x?"


def test_an_answer_is_read_by_what_it_says_it_is():
    """A batch made for chat completions may answer with Responses objects (Azure), and the other way round."""
    response = {
        "object": "response",
        "status": "completed",
        "output": [{"type": "message", "content": [{"type": "output_text", "text": "Teal."}]}],
    }
    assert answer_of("/chat/completions", line(response)).text == "Teal."
    completion = {"object": "chat.completion", "choices": [{"message": {"content": "Red."}, "finish_reason": "stop"}]}
    assert answer_of("/v1/responses", line(completion)).text == "Red."
    odds: list[object] = [7, "x" * 1_000, None, {}]
    for odd in odds:
        assert answer_of("/v1/chat/completions", line({**completion, "object": odd})).text == "Red."
