"""Whatever is pasted becomes a thread, and nothing is lost."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from app.core.bodies import bodies
from app.core.json import jsontext
from app.core.json.jsontext import JsonFault
from app.core.model.lanes import CHAT, RESPONSES
from app.core.model.threads import Options
from app.core.threads import paste
from app.core.threads.paste import Pasted
from tests.unit.core.strategies import threads as any_thread
from tests.unit.core.strategies import values


def read(text, **options) -> Pasted:
    got = paste.read(text if isinstance(text, str) else json.dumps(text), 1.0, "abc", **options)
    assert isinstance(got, Pasted), got
    return got


def said(pasted):
    return [(one.role, one.text) for one in pasted.thread.messages]


MESSAGES = [{"role": "system", "content": "S"}, {"role": "user", "content": [{"type": "text", "text": "U"}]}]


@pytest.mark.slow
@given(any_thread)
def test_build_read_build_is_the_identity(thread):
    """A built body that is pasted builds the same body again, through the form."""
    body = bodies.build(thread)
    pasted = read(jsontext.dumps(body))
    assert pasted.thread.raw is None
    assert bodies.build(pasted.thread) == body


@given(values)
def test_no_json_breaks_it_and_none_is_lost(value):
    """Any JSON is a thread or a fault."""
    got = paste.read(jsontext.dumps(value), 1.0, "abc")
    assert isinstance(got, Pasted | JsonFault)


KEYS = ["role", "content", "type", "text", "image_url", "url", "detail", "model", "messages", "input", "instructions", "body", "name",
        "response_format", "json_schema", "schema", "reasoning", "effort", "temperature", "max_tokens", "format", "strict"]  # fmt: skip
WORDS = [
    "user",
    "assistant",
    "tool",
    "text",
    "input_text",
    "output_text",
    "image_url",
    "input_image",
    "refusal",
    "json_schema",
    "auto",
    "x",
]
shaped = st.recursive(
    st.sampled_from([*WORDS, None, True, 3, 0.5]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=20,
)


@given(shaped, st.sampled_from(["messages", "input"]))
def test_nothing_of_a_body_is_lost(entries, key):
    """Of a body of any shape, either the form builds all of it (in its own wording) or the body is kept as it came."""
    body = {"model": "m", key: entries}
    pasted = read(body)
    if pasted.thread.raw is not None:
        assert json.loads(pasted.thread.raw) == body
    else:
        texts = json.dumps(bodies.build(pasted.thread))
        assert all(word in texts for word in _strings(entries) if word in ("tool", "x"))


def _strings(value):
    if isinstance(value, dict):
        return [word for one in value.values() for word in _strings(one)]
    if isinstance(value, list):
        return [word for one in value for word in _strings(one)]
    return [value] if isinstance(value, str) else []


@given(st.text())
def test_no_text_breaks_it(text):
    """Any text is a thread or a fault."""
    assert isinstance(paste.read(text, 1.0, "abc"), Pasted | JsonFault)


@pytest.mark.parametrize("value", [MESSAGES, {"messages": MESSAGES}, {"custom_id": "r", "url": CHAT, "body": {"messages": MESSAGES}}])
def test_messages_are_found_in_every_wrapping(value):
    """A bare list, an object and a batch line hold the same conversation."""
    pasted = read(value)
    assert said(pasted) == [("system", "S"), ("user", "U")]
    assert pasted.thread.raw is None
    assert pasted.thread.options.endpoint == CHAT


def test_a_list_takes_the_options_of_the_editor():
    """What the text does not say is as the person had it."""
    assert read(MESSAGES, options=Options(model="gpt-5", verbosity="low")).thread.options.model == "gpt-5"


def test_options_of_a_whole_body_are_taken_over():
    """Model, tokens, temperature, effort, verbosity and schema come from the body, and the editor's own don't mix in."""
    body = {
        "model": "gpt-5",
        "messages": MESSAGES,
        "max_completion_tokens": 9,
        "temperature": 0.5,
        "reasoning_effort": "low",
        "response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object"}, "strict": False}},
        "stream": False,
        "seed": None,
    }
    pasted = read(body, options=Options(verbosity="high"))
    options = pasted.thread.options
    assert (options.model, options.max_output_tokens, options.temperature, options.reasoning_effort) == ("gpt-5", "9", "0.5", "low")
    assert (options.schema_on, options.schema_name, options.schema_strict, options.verbosity) == (True, "n", False, "")
    assert json.loads(options.schema_text) == {"type": "object"}
    assert pasted.thread.raw is None


def test_a_responses_body_is_read_with_its_instructions():
    """instructions become a developer message, and that is said."""
    pasted = read({"model": "m", "instructions": "Be brief.", "input": "Hi", "text": {"verbosity": "low"}, "reasoning": {"effort": "low"}})
    assert pasted.thread.options.endpoint == RESPONSES
    assert said(pasted) == [("developer", "Be brief."), ("user", "Hi")]
    assert any("instructions" in note for note in pasted.notes)
    assert pasted.thread.raw is None


def test_a_deprecated_limit_is_taken_over_and_said():
    """max_tokens is read, and the person learns that its successor is sent."""
    pasted = read({"model": "m", "messages": MESSAGES, "max_tokens": 5})
    assert pasted.thread.options.max_output_tokens == "5"
    assert any("max_tokens is deprecated" in note for note in pasted.notes)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"messages": [*MESSAGES, {"role": "tool", "tool_call_id": "1", "content": "4"}]}, "message 3 (tool)"),
        ({"messages": [{"role": "function", "name": "f", "content": "4"}]}, "message 1 (function)"),
        ({"messages": [{"role": "assistant", "content": None, "tool_calls": [{"id": "1"}]}]}, "tool_calls"),
        ({"messages": [{"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]}]}, "refusal"),
        ({"messages": [{"role": "user", "content": [{"type": "input_audio", "input_audio": {}}]}]}, "input_audio"),
        ({"messages": [{"role": "user", "name": "Ann", "content": "a"}]}, "name"),
        ({"messages": [{"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}]}, "order"),
        ({"messages": MESSAGES, "seed": 3}, "seed"),
        ({"messages": MESSAGES, "temperature": "hot"}, "temperature"),
        ({"messages": MESSAGES, "response_format": {"type": "json_object"}}, "response_format"),
        ({"messages": "text"}, "messages"),
        ({"input": [{"type": "reasoning", "id": "r"}, {"role": "user", "content": "a"}]}, "item 1 (reasoning)"),
        ({"input": "a", "text": {"format": {"type": "json_object"}}}, "text.format"),
        ({"input": "a", "reasoning": {"effort": "low", "summary": "auto"}}, "reasoning.summary"),
        ({"input": ["a"], "dimensions": 4}, "/v1/embeddings"),
    ],
)
def test_what_the_form_cannot_hold_is_kept_as_raw(change, words):
    """Tools, odd parts and unknown parameters stay in the raw body, and a sentence names them."""
    body = {"model": "m", **change}
    pasted = read(body)
    assert pasted.thread.raw == json.dumps(body)
    assert any(words in note and "raw JSON" in note for note in pasted.notes), pasted.notes


def test_a_raw_thread_still_has_a_title_and_options():
    """What the form can show is filled in too."""
    pasted = read({"model": "m", "messages": MESSAGES, "seed": 3})
    assert said(pasted) == [("system", "S"), ("user", "U")]
    assert pasted.thread.options.model == "m"


def test_a_raw_body_without_a_model_gets_the_editors():
    """A list that must stay raw is given the model that the person had chosen."""
    pasted = read([{"role": "tool", "content": "4"}], options=Options(model="gpt-5"))
    assert json.loads(pasted.thread.raw or "") == {"model": "gpt-5", "messages": [{"role": "tool", "content": "4"}]}


def test_a_batch_line_keeps_its_id_and_says_what_stood_beside_it():
    """custom_id is handed on; what a request can't hold is named."""
    pasted = read({"custom_id": "row-7", "method": "POST", "url": RESPONSES, "body": {"model": "m", "input": "a"}, "delivery_config": {}})
    assert pasted.custom_id == "row-7"
    assert pasted.thread.options.endpoint == RESPONSES
    assert any("delivery_config" in note for note in pasted.notes)


def test_of_several_lines_the_first_is_taken_and_the_number_said():
    """JSONL gives its first request, even when a later line is damaged."""
    line = json.dumps({"custom_id": "a", "url": CHAT, "body": {"model": "m", "messages": MESSAGES}})
    pasted = read(f"{line}\n{line}\n{{oops\n")
    assert (pasted.custom_id, pasted.lines) == ("a", 3)
    assert "3 lines" in pasted.notes[0]


def test_speakers_of_plain_text_become_roles():
    """«User: … Assistant: …» is a conversation; what stands before is the system message; lines stay together."""
    pasted = read("You are brief.\n\nUser: Hi: there\nsecond line\n\n**Assistant:** Hello.\nHuman: Bye")
    assert said(pasted) == [("system", "You are brief."), ("user", "Hi: there\nsecond line"), ("assistant", "Hello."), ("user", "Bye")]


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("", (1, 1), "empty"),
        ('{"messages": [\n{"role": "user",}]}', (2, 16), "comma"),
        ("3", (1, 1), "no messages"),
        ("[]", (1, 1), "list of messages"),
        ('{"a": 1}', (1, 1), "no messages"),
        ("Just some words.", (1, 1), "neither JSON nor a conversation"),
        ("Answers:\nA: yes\nB: no", (1, 1), "neither JSON nor a conversation"),
        ("{\n user: 1}", (2, 2), "double quotes"),
    ],
)
def test_what_is_no_conversation_is_told_with_its_place(text, place, words):
    """Nothing that can't be read passes in silence."""
    fault = paste.read(text, 1.0, "abc")
    assert isinstance(fault, JsonFault)
    assert (fault.line, fault.column) == place
    assert words in fault.sentence


def test_ids_are_new_and_differ():
    """Messages and thread get ids of their own."""
    thread = read(MESSAGES).thread
    assert len({thread.id, *(one.id for one in thread.messages)}) == 3
    assert thread.id.startswith("t-")
    assert (thread.created, thread.updated) == (1.0, 1.0)


def test_a_pasted_body_without_raw_has_the_same_problems_only():
    """A thread read through the form is checked by the form."""
    assert bodies.problems(read({"model": "gpt-4o", "messages": MESSAGES}).thread) == ()
    assert bodies.problems(replace(read(MESSAGES).thread, options=Options(model="m"))) == ()
