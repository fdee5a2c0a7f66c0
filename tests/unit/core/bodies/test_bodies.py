"""Bodies as the contract has them, and what stands against sending them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from app.core.bodies import bodies
from app.core.json import jsontext
from app.core.model.lanes import CHAT, RESPONSES
from app.core.model.threads import Image, Options, Thread, ThreadMessage
from tests.unit.core.strategies import objects
from tests.unit.core.strategies import threads as any_thread

SCHEMA = '{"type": "object", "properties": {}, "required": [], "additionalProperties": false}'


def thread(*messages, raw=None, **options) -> Thread:
    said = messages or (ThreadMessage("m1", "user", "Hello"),)
    return Thread(id="t-1", messages=tuple(said), options=Options(**{"model": "gpt-4o-mini", **options}), raw=raw)


def full(endpoint):
    return thread(
        ThreadMessage("m1", "system", "Be kind."),
        ThreadMessage("m2", "user", "Look", (Image("https://x.test/a.png"), Image("data:image/png;base64,AAAA", detail="low"))),
        ThreadMessage("m3", "assistant", "Nice."),
        ThreadMessage("m4", "user", "And now?"),
        endpoint=endpoint,
        model=" gpt-5 ",
        max_output_tokens="500",
        temperature="1",
        reasoning_effort="low",
        verbosity="high",
        schema_on=True,
        schema_text=SCHEMA,
    )


def test_a_chat_body_is_as_the_contract_has_it():
    """Every option has the name of /v1/chat/completions."""
    assert bodies.build(full(CHAT)) == {
        "model": "gpt-5",
        "messages": [
            {"role": "system", "content": "Be kind."},
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "Look"},
                    {"type": "image_url", "image_url": {"url": "https://x.test/a.png"}},
                    {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA", "detail": "low"}},
                ],
            },
            {"role": "assistant", "content": "Nice."},
            {"role": "user", "content": "And now?"},
        ],
        "max_completion_tokens": 500,
        "temperature": 1,
        "reasoning_effort": "low",
        "verbosity": "high",
        "response_format": {"type": "json_schema", "json_schema": {"name": "answer", "schema": json.loads(SCHEMA), "strict": True}},
    }


def test_a_responses_body_is_as_the_contract_has_it():
    """Every option has the name of /v1/responses."""
    assert bodies.build(full(RESPONSES)) == {
        "model": "gpt-5",
        "input": [
            {"role": "system", "content": "Be kind."},
            {
                "role": "user",
                "content": [
                    {"type": "input_text", "text": "Look"},
                    {"type": "input_image", "image_url": "https://x.test/a.png", "detail": "auto"},
                    {"type": "input_image", "image_url": "data:image/png;base64,AAAA", "detail": "low"},
                ],
            },
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Nice."}]},
            {"role": "user", "content": "And now?"},
        ],
        "max_output_tokens": 500,
        "temperature": 1,
        "reasoning": {"effort": "low"},
        "text": {"verbosity": "high", "format": {"type": "json_schema", "name": "answer", "schema": json.loads(SCHEMA), "strict": True}},
    }


@pytest.mark.parametrize("endpoint", [CHAT, RESPONSES])
def test_a_full_thread_has_no_problem(endpoint):
    """A thread with everything set rightly may go."""
    assert bodies.problems(full(endpoint)) == ()
    assert bodies.problems(replace(full(endpoint), raw=bodies.raw_text(full(endpoint)))) == ()


@pytest.mark.parametrize("endpoint", [CHAT, RESPONSES])
def test_empty_options_are_not_sent(endpoint):
    """What was left empty does not stand in the body."""
    assert set(bodies.build(thread(endpoint=endpoint))) == {"model", "messages" if endpoint == CHAT else "input"}


FORM = [
    (thread(model=" "), "model", "error", "No model"),
    (thread(model="text-embedding-3-small"), "model", "advice", "doesn't seem"),
    (thread(max_output_tokens="-5"), "max_output_tokens", "error", "-5"),
    (thread(max_output_tokens="0"), "max_output_tokens", "error", "0 tokens"),
    (thread(max_output_tokens="1.5"), "max_output_tokens", "error", "whole number"),
    (thread(max_output_tokens="1e3"), "max_output_tokens", "error", "digits only"),
    (thread(max_output_tokens="many"), "max_output_tokens", "error", "isn't a number"),
    (thread(max_output_tokens="1,000"), "max_output_tokens", "error", "isn't a number"),
    (thread(max_output_tokens="٣٤"), "max_output_tokens", "error", "isn't a number"),
    (thread(max_output_tokens="9" * 5000), "max_output_tokens", "error", "isn't a number"),
    (thread(endpoint=RESPONSES, max_output_tokens="15"), "max_output_tokens", "error", "16 tokens or more"),
    (thread(temperature="2.1"), "temperature", "error", "between 0 and 2"),
    (thread(temperature="-0.1"), "temperature", "error", "between 0 and 2"),
    (thread(temperature="0,5"), "temperature", "error", "isn't a number"),
    (thread(temperature="1e999"), "temperature", "error", "isn't a number"),
    (thread(model="o3", temperature="0.5"), "temperature", "error", "accepts only temperature 1"),
    (thread(model="gpt-5-mini", temperature="0"), "temperature", "error", "accepts only temperature 1"),
    (thread(model="gpt-5.2", temperature="0"), "temperature", "advice", "only while its reasoning effort is none"),
    (thread(model="gpt-5.2", temperature="0", reasoning_effort="high"), "temperature", "error", "accepts only temperature 1"),
    (thread(reasoning_effort="extreme", model="gpt-5"), "reasoning_effort", "error", "extreme"),
    (thread(reasoning_effort="low"), "reasoning_effort", "advice", "doesn't reason"),
    (thread(verbosity="loud", model="gpt-5"), "verbosity", "error", "loud"),
    (thread(verbosity="low"), "verbosity", "advice", "medium"),
    (thread(schema_on=True), "schema_text", "error", "no schema"),
    (thread(schema_on=True, schema_text="{"), "schema_text", "error", "still open"),
    (thread(schema_on=True, schema_text=SCHEMA, schema_name="a b"), "schema_name", "error", "a b"),
    (thread(ThreadMessage("m1", "user", " ")), "messages", "error", "is empty"),
    (thread(ThreadMessage("m1", "user", "\ud83d")), "messages", "error", "half a character"),
    (thread(ThreadMessage("m1", "user", "a"), ThreadMessage("m2", "assistant", "b")), "messages", "advice", "last message"),
    (thread(ThreadMessage("m1", "system", "a")), "messages", "advice", "no user message"),
    (thread(ThreadMessage("m1", "user", "a", (Image("http://x.test/a.png"),))), "messages", "error", "https://"),
    (thread(ThreadMessage("m1", "user", "a", (Image("C:\\a.png"),))), "messages", "error", "https://"),
    (thread(ThreadMessage("m1", "user", "a", (Image("data:text/plain;base64,AA"),))), "messages", "error", "PNG"),
    (thread(ThreadMessage("m1", "user", "a", (Image(""),))), "messages", "error", "no address"),
    (thread(ThreadMessage("m1", "system", "a", (Image("https://x.test/a.png"),))), "messages", "error", "only user"),
    (replace(thread(), messages=()), "messages", "error", "no message"),
    (thread(endpoint="/v1/embeddings"), "endpoint", "error", "can't write"),
]


@pytest.mark.parametrize(("one", "field", "severity", "words"), FORM)
def test_a_problem_of_the_form_is_told_at_its_field(one, field, severity, words):
    """Each check names its field, its severity and what is wrong."""
    found = bodies.problems(one)
    assert any(f.field == field and f.severity == severity and words in f.sentence for f in found), found


@pytest.mark.parametrize(
    "one",
    [
        thread(model="gpt-5", temperature="1.0"),
        thread(model="gpt-5.2", temperature="0", reasoning_effort="none"),
        thread(model="gpt-5-chat-latest", temperature="0.3"),
        thread(model="meta-llama/Llama-4", temperature="0.3", max_output_tokens=" 10 "),
        thread(ThreadMessage("m1", "user", "", (Image("https://x.test/a.png"),))),
        thread(endpoint=RESPONSES, max_output_tokens="16"),
    ],
)
def test_what_is_right_has_no_problem(one):
    """Values at the edge pass."""
    assert bodies.problems(one) == ()


RAW = [
    ('{"model": "x",\n "messages": [}', CHAT, "error", (2, 15), "] is expected"),
    ("[]", CHAT, "error", (1, 1), "JSON object"),
    ('{\n"messages": [{"role": "user", "content": "a"}]}', CHAT, "error", (1, 1), "no model"),
    ('{"model": "x", "messages": []}', CHAT, "error", (1, 16), "no messages"),
    ('{"model": "x", "messages": "a"}', CHAT, "error", (1, 16), "messages is a list"),
    ('{"model": "x", "messages": [3]}', CHAT, "error", (1, 29), "A message is a JSON object"),
    ('{"model": "x"}', RESPONSES, "error", (1, 1), "no input"),
    ('{"model": "x", "input": "a",\n"stream": true}', RESPONSES, "error", (2, 1), "can't stream"),
    ('{"model": "x", "input": "a", "max_output_tokens": 3}', RESPONSES, "error", (1, 30), "16 tokens"),
    ('{"model": "o3", "input": "a", "temperature": 0.2}', RESPONSES, "advice", (1, 31), "accepts only temperature 1"),
    ('{"model": "x", "input": "a", "max_tokens": 30}', RESPONSES, "advice", (1, 30), "isn't a parameter"),
    ('{"model": "o3", "messages": [{"role": "user", "content": "a"}], "max_tokens": 30}', CHAT, "advice", (1, 65), "refuses max_tokens"),
    ('{"model": "x", "model": "y", "input": "a"}', RESPONSES, "advice", (1, 16), "second time"),
    (
        '{"model": "x", "messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "a.png"}}]}]}',
        CHAT,
        "error",
        (1, 58),
        "https://",
    ),
    (
        '{"model": "x", "input": "a", "text": {"format": {"type": "json_schema", "name": "a b", "schema": {}}}}',
        RESPONSES,
        "error",
        (1, 73),
        "a b",
    ),
]


@pytest.mark.parametrize(("raw", "endpoint", "severity", "place", "words"), RAW)
def test_a_problem_of_a_typed_body_is_told_at_its_place(raw, endpoint, severity, place, words):
    """A body typed by hand is checked instead of the form, with line and column."""
    found = bodies.problems(thread(raw=raw, endpoint=endpoint, model=""))
    assert any(f.severity == severity and (f.line, f.column) == place and words in f.sentence for f in found), found
    assert all(f.field == "raw" for f in found)


def test_a_typed_body_is_what_is_sent():
    """The raw body wins over the form, its model included."""
    one = thread(raw='{"model": "other", "messages": [], "seed": 7}')
    assert bodies.body_of(one) == {"model": "other", "messages": [], "seed": 7}
    assert bodies.raw_text(one) == one.raw
    for raw in ("{", "[]"):
        with pytest.raises(ValueError, match=r"still open|JSON object"):
            bodies.body_of(thread(raw=raw))


@given(any_thread)
def test_any_thread_can_be_built_and_checked(one):
    """Whatever was typed, a body that is JSON comes out, and the checks don't raise."""
    assert jsontext.parse(bodies.raw_text(one)).value == bodies.build(one)
    bodies.problems(one)


@pytest.mark.slow
@given(objects, st.sampled_from([CHAT, RESPONSES, "/v1/embeddings", ""]))
def test_any_object_can_be_checked(body, endpoint):
    """A body of any shape gets findings, not an exception."""
    assert bodies.body_problems(endpoint, body, jsontext.dumps(body))


@pytest.mark.parametrize("value", [None, 3, "x", [], [3], {}, {"a": 3}, [[]], True, [{"role": 3, "content": [3]}], 1e300])
@pytest.mark.parametrize(
    "key",
    ["model", "messages", "input", "temperature", "max_tokens", "max_completion_tokens", "max_output_tokens", "reasoning", "text",
     "reasoning_effort", "verbosity", "response_format", "stream"],
)  # fmt: skip
@pytest.mark.parametrize("endpoint", [CHAT, RESPONSES])
def test_no_key_with_an_odd_value_breaks_the_check(endpoint, key, value):
    """Each key may hold anything."""
    good = bodies.build(thread(endpoint=endpoint))
    bodies.body_problems(endpoint, {**good, key: value})
    bodies.body_problems(endpoint, {**good, "text": {"format": value, "verbosity": value}, "reasoning": {"effort": value}})


@pytest.mark.parametrize(
    ("model", "reasons"),
    [("o1", True), ("o4-mini-2025-04-16", True), ("gpt-5", True), ("openai/gpt-5.1", True), ("ft:o4-mini:acme::1", True),
     ("gpt-6-luna", True),     ("gpt-5-chat-latest", False), ("gpt-4o", False), ("gpt-oss-120b", False), ("olmo", False), ("", False)],
)  # fmt: skip
def test_reasoning_models_are_known_by_name(model, reasons):
    """The o-series and gpt-5 and later reason; their chat variants and others don't."""
    assert bodies.is_reasoning(model) is reasons
