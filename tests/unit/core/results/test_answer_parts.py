"""What an answer is made of: each shape of each endpoint, and lines of any other shape."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.results.answer_parts import MOST_PARTS, MOST_TOKENS, AnswerPart, Citation, parts_of


def line(body: Any) -> bytes:
    """An output line around a body."""
    return json.dumps({"custom_id": "a", "response": {"status_code": 200, "body": body}, "error": None}).encode()


def parts(body: Any) -> tuple[AnswerPart, ...]:
    return parts_of(line(body))


def chat(**message: Any) -> dict[str, Any]:
    """A body of chat completions with one message."""
    return {"choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", **message}}]}


def test_a_message_with_everything() -> None:
    """Reasoning, text with its sources, a refusal, calls of tools, what was said in audio."""
    body = chat(
        content="See [1].",
        reasoning_content="First …",
        refusal="No.",
        annotations=[{"type": "url_citation", "url_citation": {"url": "https://a.example/", "title": "A", "start_index": 0}}] * 2,
        tool_calls=[
            {"function": {"name": "weather", "arguments": '{"city": "Lisbon"}'}},
            {"custom": {"name": "shell", "input": "ls"}},
            {"function": {}},
        ],
        audio={"id": "x", "data": "AAAA", "transcript": "Good evening."},
    )
    found = parts(body)
    assert [one.kind for one in found] == ["reasoning", "text", "refusal", "call", "call", "audio"]
    assert found[1].citations == (Citation("https://a.example/", "A"),)
    assert [(one.name, one.text) for one in found[3:5]] == [("weather", '{"city": "Lisbon"}'), ("shell", "ls")]
    assert found[5].text == "Good evening."


def test_several_choices_are_numbered() -> None:
    """One answer has no number; three have 1 to 3."""
    three = {"choices": [{"message": {"content": word}} for word in ("a", "b", "c")]}
    assert [(one.choice, one.text) for one in parts(three)] == [(1, "a"), (2, "b"), (3, "c")]
    assert [one.choice for one in parts(chat(content="a"))] == [0]
    assert [(one.choice, one.text) for one in parts({"choices": [{"text": "a"}, {"text": "b"}]})] == [(1, "a"), (2, "b")]


def test_probabilities() -> None:
    """Logarithms become probabilities, with what stood there beside; those of a long answer are counted."""
    entry = {"token": "yes", "logprob": -0.105, "top_logprobs": [{"token": "yes", "logprob": -0.105}, {"token": "no", "logprob": -2.3}]}
    body = chat(content="yes")
    body["choices"][0]["logprobs"] = {"content": [entry, {"token": "!", "logprob": -9999.0}, {"token": "?"}, None]}
    (text,) = parts(body)
    assert [(one.token, round(one.chance, 2)) for one in text.tokens] == [("yes", 0.9), ("!", 0.0)]
    assert [(token, round(chance, 2)) for token, chance in text.tokens[0].others] == [("yes", 0.9), ("no", 0.1)]
    body["choices"][0]["logprobs"]["content"] = [entry] * (MOST_TOKENS + 7)
    (text,) = parts(body)
    assert (len(text.tokens), text.more_tokens) == (MOST_TOKENS, 7)
    old = {"choices": [{"text": "ab", "logprobs": {"tokens": ["a", "b"], "token_logprobs": [None, -0.5]}}]}
    assert [one.token for one in parts(old)[0].tokens] == ["b"]


def test_items_of_a_response() -> None:
    """Messages, reasoning, functions, the provider's own tools, a picture that was made."""
    content = {"type": "output_text", "text": "Hi", "annotations": [{"type": "url_citation", "url": "https://b.example", "title": "B"}]}
    body = {
        "object": "response",
        "output": [
            {"type": "reasoning", "summary": [{"type": "summary_text", "text": "So"}]},
            {"type": "message", "content": [content, {"type": "refusal", "refusal": "No"}]},
            {"type": "message", "content": [{"type": "output_text", "text": "Ho", "logprobs": [{"token": "Ho", "logprob": 0}]}]},
            {"type": "function_call", "name": "f", "arguments": "{}"},
            {"type": "web_search_call", "id": "ws", "status": "completed", "action": {"type": "search", "query": "q"}},
            {"type": "image_generation_call", "result": "iVBORw0KGgoAAAA", "revised_prompt": "A cat"},
            "strange",
        ],
    }
    found = parts(body)
    assert [(one.kind, one.choice) for one in found] == [
        ("reasoning", 0),
        ("text", 1),
        ("refusal", 1),
        ("text", 2),
        ("call", 0),
        ("call", 0),
        ("image", 0),
    ]
    assert found[1].citations == (Citation("https://b.example", "B"),)
    assert found[3].tokens[0].chance == 1.0
    assert (found[5].name, json.loads(found[5].text)) == ("web_search", {"action": {"type": "search", "query": "q"}})
    assert (found[6].name, found[6].text, found[6].data) == ("image/png", "A cat", "iVBORw0KGgoAAAA")


def test_pictures() -> None:
    """Bytes are drawn only where they begin as a picture does; an address is no more than an address."""
    body = {"output_format": "svg", "data": [{"b64_json": "/9j/AAAA"}, {"b64_json": "PHN2Zz4="}, {"url": "https://c.example/x.png"}]}
    jpeg, svg, far = parts(body)
    assert (jpeg.name, jpeg.data) == ("image/jpeg", "/9j/AAAA")
    assert (svg.data, svg.name) == ("", "not a picture (svg)")
    assert (far.address, far.data) == ("https://c.example/x.png", "")
    near = parts(chat(content="x", images=[{"image_url": {"url": "data:image/webp;base64,UklGRg=="}}]))[1]
    assert (near.name, near.data) == ("image/webp", "UklGRg==")


def test_vectors_and_scores() -> None:
    """The dimensions, the first values and the length of a vector; a category with its score, the flagged ones first."""
    vectors = parts({"data": [{"index": 0, "embedding": [3.0, 4.0, 0, None]}, {"index": 1, "embedding": "AAAA"}]})
    assert [one.choice for one in vectors] == [1, 2]
    assert vectors[0].vector is not None
    assert (vectors[0].vector.dimensions, vectors[0].vector.first, vectors[0].vector.length) == (4, (3.0, 4.0, 0.0), 5.0)
    results = [{"flagged": True, "categories": {"hate": False, "violence": True}, "category_scores": {"hate": 0.9, "violence": 0.4}}]
    (scores,) = parts({"results": results})
    assert scores.text == "flagged"
    assert [(one.name, one.flagged, one.score) for one in scores.scores] == [("violence", True, 0.4), ("hate", False, 0.9)]


@pytest.mark.parametrize(
    "given",
    [
        b"",
        b"null",
        b"[]",
        b'"x"',
        b"{",
        b'{"response":null,"error":{"code":"x"}}',
        b'{"response":{"body":{"error":{"message":"x"}}}}',
        b'{"response":{"body":{"choices":[null,1,{}]}}}',
        b'{"response":{"body":{"output":[{"type":7},{"type":"message","content":"x"}]}}}',
        b'{"response":{"body":{"results":[{"categories":[],"category_scores":7}]}}}',
        b'{"response":{"body":{"data":[{"embedding":[1e999]},{"embedding":[' + b"9" * 400 + b"]}]}}}",
        b'{"response":{"body":{"choices":[{"message":{"content":"x"},"logprobs":{"content":[{"logprob":' + b"9" * 400 + b"}]}}]}}}",
        b"[" * 3_000,
    ],
)
def test_other_shapes(given: bytes) -> None:
    """Whatever a line is, nothing is raised."""
    assert all(not one.text or one.text == "x" or one.kind == "moderation" for one in parts_of(given))


def test_no_more_parts_than_are_drawn() -> None:
    """A thousand choices are cut."""
    assert len(parts({"choices": [{"text": "a"}] * 1_000})) == MOST_PARTS


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["", "x", "text", "message", "function_call", "https://a.b"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "choices",
                    "output",
                    "data",
                    "results",
                    "message",
                    "content",
                    "text",
                    "type",
                    "logprobs",
                    "tool_calls",
                    "function",
                    "embedding",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=60)
@given(VALUES)
def test_any_body_is_read(body: Any) -> None:
    """Bodies of the known names with anything in them."""
    parts(body)
    parts({"choices": body})
    parts({"output": [{"type": "message", "content": body}]})
