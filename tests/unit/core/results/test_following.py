"""Requests that follow answers: what they ask, and the ids that they have."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.base.ids import new_id
from app.core.model.lanes import CHAT, EMBEDDINGS, RESPONSES
from app.core.model.sendings import FollowUp
from app.core.results.following import (
    FollowIds,
    MessageNames,
    MessageWriter,
    Unfollowed,
    UnusableMessage,
    WrittenMessages,
    answer_to_follow,
    body_of,
    next_tag,
)
from app.core.results.following_form import NAME, AnswerForm, form_faults, looser
from tests.kit.answered import failed, said

RUN = new_id("r", 1_700_000_000, "0123456789")
OTHER = new_id("r", 1_700_000_001, "abcdefghij")
ROLES = st.sampled_from(["system", "user", "assistant"])
TURNS = st.lists(st.builds(lambda role, content: {"role": role, "content": content}, ROLES, st.text(max_size=5)), max_size=5)
IDS = st.one_of(
    st.text(max_size=12),
    st.sampled_from([f"{OTHER}-7~turn-2", f"{OTHER}-7~turn-3", "7", "7~turn-2", "a~b", f"{OTHER}-7", "7-2", "x" * 512]),
)


@given(TURNS, st.text(min_size=1, max_size=9), st.text(min_size=1, max_size=9))
def test_a_further_turn_leaves_the_conversation_as_it_was(turns: list[dict[str, str]], answer: str, message: str) -> None:
    """Everything that was sent, the answer, and the message, in this order; all else of the body stays."""
    for endpoint, name in ((CHAT, "messages"), (RESPONSES, "input")):
        body = {"model": "m", "temperature": 0.5, name: turns}
        made = body_of(endpoint, body, FollowUp(message), answer, WrittenMessages(message), AnswerForm(FollowUp(message)))
        assert made[name] == [*turns, {"role": "assistant", "content": answer}, {"role": "user", "content": message}]
        assert {**made, name: turns} == body


def test_what_follows_may_go_to_another_model_or_stand_by_itself() -> None:
    """By itself it takes nothing of the conversation along: no turns, no functions, no form of the answer."""
    asked: dict[str, Any] = {"model": "m", "input": "Sort this.", "instructions": "Be brief.", "text": {"format": {}}, "tools": []}
    turn = followed(RESPONSES, asked, FollowUp("Why?", model="n"))
    assert turn["model"] == "n"
    assert [one["content"] for one in turn["input"]] == ["Sort this.", "Fruit", "Why?"]
    assert turn["instructions"] == "Be brief."
    alone = followed(RESPONSES, asked, FollowUp("Why?", alone=True))
    assert alone == {"model": "m", "input": [{"role": "user", "content": "Why?"}]}


def followed(endpoint: str, asked: dict[str, Any], follow: FollowUp) -> dict[str, Any]:
    """The body of what follows the answer «Fruit»."""
    written = MessageWriter(follow, []).write([], "Fruit")
    return body_of(endpoint, asked, follow, "Fruit", written, AnswerForm(follow))


SCHEMA = '{"type": "object", "properties": {"kind": {"type": "string"}}, "required": ["kind"], "additionalProperties": false}'
LOOSE = '{"type": "object", "properties": {"kind": {"type": "string"}}}'


@pytest.mark.parametrize(("schema", "strict"), [(SCHEMA, True), (LOOSE, False)])
def test_what_follows_may_have_a_schema_and_a_system_message_of_its_own(schema: str, strict: bool) -> None:
    """In both forms of requests, by itself or in the conversation; it is held to strictly where OpenAI's strict mode takes it."""
    named = {"name": NAME, "schema": json.loads(schema), "strict": strict}
    alone = FollowUp("Sort {{Answer}}", alone=True, system="You sort {{Answer}}.", form="schema", schema=schema)
    assert bool(looser(alone)) is not strict
    chat = followed(CHAT, {"model": "m", "messages": [], "response_format": {"type": "json_object"}}, alone)
    assert chat["messages"] == [{"role": "system", "content": "You sort Fruit."}, {"role": "user", "content": "Sort Fruit"}]
    assert chat["response_format"] == {"type": "json_schema", "json_schema": named}
    turn = FollowUp("Sort", system="Not sent in a conversation.", form="schema", schema=schema)
    asked = {"model": "m", "input": "a", "text": {"verbosity": "low", "format": {"type": "text"}}}
    assert followed(RESPONSES, asked, turn)["text"] == {"verbosity": "low", "format": {"type": "json_schema", **named}}
    assert [one["role"] for one in followed(RESPONSES, asked, turn)["input"]] == ["user", "assistant", "user"]
    text = FollowUp("Why?", form="text", schema=schema)
    assert followed(RESPONSES, asked, text)["text"] == {"verbosity": "low"}
    assert "text" not in followed(RESPONSES, {"input": "a", "text": {"format": {}}}, text)
    assert "response_format" not in followed(CHAT, {"messages": [], "response_format": {}}, text)


UNSENT = [(" ", "Write the JSON schema"), ('{"type"', "Line 1"), ("[]", "JSON object"), ("x" * 200_001, "at most")]


@pytest.mark.parametrize(("schema", "why"), UNSENT)
def test_a_schema_that_cannot_be_sent_is_not(schema: str, why: str) -> None:
    """It is said, and nothing is made."""
    follow = FollowUp("Why?", form="schema", schema=schema)
    assert why in " ".join(form_faults(follow))
    with pytest.raises(UnusableMessage):
        MessageWriter(follow, [])
    assert form_faults(FollowUp("Why?", schema=schema)) == []  # typed before another form was chosen


def test_a_correction_stands_for_the_answer_and_what_has_none_is_not_followed() -> None:
    """Each that stays says why."""
    assert answer_to_follow(CHAT, "answered", said("a", "Fruit"), None) == "Fruit"
    assert answer_to_follow(CHAT, "answered", said("a", "Fruit"), "Nut") == "Nut"
    assert answer_to_follow(CHAT, "flawed", said("a", "Fru", finish="length"), " ") == "Fru"
    call = {"index": 0, "message": {"role": "assistant", "content": None, "tool_calls": [{"function": {"name": "f", "arguments": "{}"}}]}}
    line = json.dumps({"custom_id": "a", "response": {"status_code": 200, "body": {"object": "chat.completion", "choices": [call]}}})
    for endpoint, outcome, came, why in (
        (EMBEDDINGS, "answered", said("a", "x"), "endpoint"),
        (CHAT, "pending", None, "not answered"),
        (CHAT, "failed", failed("a"), "not answered"),
        (CHAT, "answered", None, "any more"),
        (CHAT, "flawed", said("a", ""), "empty"),
        (CHAT, "answered", line.encode(), "function call"),
    ):
        with pytest.raises(Unfollowed, match=why):
            answer_to_follow(endpoint, outcome, came, None)


def test_a_message_names_columns_the_answer_and_its_fields() -> None:
    """A column called Answer keeps its name."""
    writer = MessageWriter(FollowUp("{{text}}: {{Answer.size.eu}}, {{Answer | upper}}"), ["id", "text"])
    assert writer.write([7, "shoe"], '{"size": {"eu": 42}}') == ('shoe: 42, {"SIZE": {"EU": 42}}', "")
    with pytest.raises(Unfollowed, match="not a JSON object"):
        writer.write([7, "shoe"], "42")
    assert MessageWriter(FollowUp("{{Answer}} {{Answer (2)}}"), ["Answer"]).write(["a"], "b").message == "a b"
    assert MessageWriter(FollowUp("Why {not}?"), []).write([], "b").message == "Why {not}?"


@pytest.mark.parametrize(
    ("message", "columns", "why"),
    [
        (" ", ["text"], "Write the next message"),
        ("{{txt}}", ["text"], "Did you mean text"),
        ("{{text", ["text"], "not closed"),
        ("{{text}}", [], "stands for nothing here; {{Answer}} does"),
        ("x" * 100_001, [], "at most"),
    ],
)
def test_what_is_wrong_with_a_message_is_said(message: str, columns: list[str], why: str) -> None:
    assert why in " ".join(MessageNames(columns).faults(message))
    with pytest.raises(UnusableMessage):
        MessageWriter(FollowUp(message), columns)


def test_a_tag_counts_the_turns() -> None:
    assert next_tag("", alone=False) == "turn-2"
    assert next_tag("turn-2", alone=True) == "step-3"
    assert next_tag("gpt-5.turn-2", alone=False) == "gpt-5.turn-3"
    assert next_tag("gpt-5", alone=False, sample=3, other=2) == "gpt-5.s3.a2.turn-2"
    assert len(next_tag("x" * 40, alone=False, sample=20)) == 40


@given(st.lists(IDS, max_size=30), st.booleans())
def test_ids_never_collide(sources: list[str], alone: bool) -> None:
    """Whatever ids there were, also equal ones: each follower has one of its own, which begins with the addition's."""
    ids = FollowIds(RUN, alone=alone)
    made = [ids.of_request(one) for one in sources]
    assert len(set(made)) == len(made)
    assert all(one.startswith(f"{RUN}-") and len(one) <= 512 for one in made)
    assert not set(made) & set(sources)


@given(
    st.lists(
        st.tuples(st.integers(1, 3), st.sampled_from(["r-1", "r-2"]), st.sampled_from(["", "a", "turn-2", "x" * 40]), st.integers(0, 2))
    )
)
def test_ids_of_rows_never_collide_and_say_their_row(sources: list[tuple[int, str, str, int]]) -> None:
    """The row stands between the addition and the tag, where a join looks for it; requests of one way share a tag."""
    ids = FollowIds(RUN, alone=False)
    made = [ids.of_row(*one) for one in dict.fromkeys(sources)]
    assert len(set(made)) == len(made)
    for (row, *_way), id in zip(dict.fromkeys(sources), made, strict=True):
        head, _, tag = id.partition("~")
        assert head == f"{RUN}-{row}"
        assert tag in ids.tags
    assert len(ids.tags) == len({one[1:] for one in sources})
