"""One value changed in many requests: what becomes of a line, what cannot be changed and why, and what is shown before."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.bodies import requests
from app.core.bodies.forms import FieldFault
from app.core.model.lanes import CHAT, EMBEDDINGS, RESPONSES
from app.core.model.queue_edits import RequestChange
from app.core.queue.change_form import OTHER, PAIR, change_of, changeable
from app.core.queue.changing import ChangeTally, LineChanger, Unchangeable, contents_of

MODEL = RequestChange(("model",), '"gpt-4.1"')
WARM = RequestChange(("temperature",), "0.5")


def chat(**more: object) -> bytes:
    return requests.line("r-1", CHAT, {"model": "gpt-4o", "messages": [{"role": "user", "content": "Ünö"}], **more})


def body(line: bytes | None) -> dict[str, object]:
    assert line is not None
    return dict(json.loads(line)["body"])


# --- lines


def test_a_value_is_changed_in_its_place_and_all_else_stays_as_it_is_written() -> None:
    """Order, numbers beyond 64 bits and escapes are copied, not made anew."""
    line = b'{"custom_id":"r","method":"POST","url":"/v1/chat/completions","body":{"seed":1.50,"model":"gpt-4o","messages":["\\u00e9"]}}\n'
    made = LineChanger(CHAT, MODEL)(line)
    assert made.line == line.replace(b'"gpt-4o"', b'"gpt-4.1"')


def test_a_parameter_is_added_behind_the_others_and_taken_out_again() -> None:
    """Taken out, the line is again the one that it was."""
    made = LineChanger(CHAT, WARM)(chat())
    assert body(made.line)["temperature"] == 0.5
    assert made.line is not None
    assert LineChanger(CHAT, RequestChange(("temperature",)))(made.line).line == chat()


@pytest.mark.parametrize("change", [RequestChange(("model",), '"gpt-4o"'), RequestChange(("seed",)), RequestChange(("metadata", "team"))])
def test_what_says_so_already_is_not_changed(change: RequestChange) -> None:
    """A value that stands there, and one that is to go and is not there."""
    assert LineChanger(CHAT, change)(chat()).line is None


def test_a_pair_of_metadata_is_set_and_removed_beside_the_others() -> None:
    """The others stay; an object of which nothing is left goes as well."""
    given = chat(metadata={"run": "1"})
    made = LineChanger(CHAT, RequestChange(("metadata", "team"), '"blue"'))(given)
    assert body(made.line)["metadata"] == {"run": "1", "team": "blue"}
    assert LineChanger(CHAT, RequestChange(("metadata", "run")))(given).line == chat()


def test_a_value_within_an_object_leaves_what_stands_beside_it() -> None:
    """The effort of /v1/responses stands in ``reasoning``, beside a summary."""
    line = requests.line("r", RESPONSES, {"model": "gpt-5", "input": "x", "reasoning": {"summary": "auto"}})
    made = LineChanger(RESPONSES, RequestChange(("reasoning", "effort"), '"low"'))(line)
    assert body(made.line)["reasoning"] == {"summary": "auto", "effort": "low"}


@pytest.mark.parametrize(
    ("line", "change", "why"),
    [
        (b"{not json\n", WARM, "isn't a batch request"),
        (chat(max_tokens=5), RequestChange(("max_completion_tokens",), "9"), "can't be used together"),
        (chat(), RequestChange(("temperature",), "3"), "isn't between 0 and 2"),
        (chat(), RequestChange(("stream",), "true"), "can't stream"),
        (chat(), RequestChange(("model",)), "names no model"),
        (chat(metadata="x"), RequestChange(("metadata", "team"), '"a"'), "not a JSON object"),
        (chat(metadata={str(n): "" for n in range(16)}), RequestChange(("metadata", "team"), '"a"'), "16 pairs"),
    ],
)
def test_a_request_that_cannot_take_it_says_why(line: bytes, change: RequestChange, why: str) -> None:
    """A sentence for each; what is wrong already hinders nothing."""
    with pytest.raises(Unchangeable, match=why):
        LineChanger(CHAT, change)(line)


def test_what_was_wrong_before_hinders_nothing() -> None:
    """A body that no provider takes can have its model changed: that is no worse than before."""
    made = LineChanger(CHAT, MODEL)(chat(stream=True))
    assert body(made.line)["model"] == "gpt-4.1"


def test_what_a_provider_may_refuse_is_advice() -> None:
    """A reasoning model and a temperature: the provider's own models differ, so it is said and not forbidden."""
    made = LineChanger(CHAT, RequestChange(("model",), '"gpt-5"'))(chat(temperature=0.2))
    assert "reasoning model" in " ".join(made.advice)
    assert made.line is not None


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@given(
    st.dictionaries(st.sampled_from(["temperature", "seed", "x", "ü", "metadata", "tools"]), _VALUES, max_size=5),
    st.sampled_from([WARM, MODEL]),
)
def test_only_what_is_meant_changes(more: dict[str, object], change: RequestChange) -> None:
    """Whatever a body holds: either it is refused, or all other values are the same, in the same order."""
    line = chat(**more)
    try:
        made = LineChanger(CHAT, change)(line)
    except Unchangeable:
        return
    before, after = body(line), body(made.line or line)
    name = change.path[0]
    assert after[name] == json.loads(change.value or "null")
    assert {key: one for key, one in after.items() if key != name} == {key: one for key, one in before.items() if key != name}
    assert [key for key in after if key in before] == list(before)


# --- the report


def test_a_report_counts_and_shows_one_example_without_its_contents() -> None:
    """What is asked stays out of the example: it may be long, and does not change."""
    tally, changer = ChangeTally(), LineChanger(CHAT, WARM)
    for id, line in (("r-1", chat()), ("r-2", chat(temperature=0.5)), ("r-3", chat(user="u"))):
        tally.take(id, changer(line), contents_of(CHAT))
    for n in range(30):
        tally.refuse(f"Reason {n}.", 2)
    found = tally.report()
    assert (found.changed, found.same, found.left) == (2, 1, 60)
    assert len(found.refused) == 13
    assert found.example is not None
    assert found.example.before == '{\n  "model": "gpt-4o",\n  "messages": …\n}'
    assert found.example.after == '{\n  "model": "gpt-4o",\n  "messages": …,\n  "temperature": 0.5\n}'


def test_reports_of_parts_are_one_report() -> None:
    """Groups of segments are counted by themselves, since a group may be tried again."""
    first, second = ChangeTally(), ChangeTally()
    first.refuse("No.", 2)
    second.refuse("No.")
    second.take("r", LineChanger(CHAT, WARM)(chat()), contents_of(CHAT))
    first.add(second)
    assert first.report().refused == {"No.": 3}
    assert first.report().changed == 1
    assert first.report().example is not None


# --- what is typed


@pytest.mark.parametrize(
    ("name", "key", "text", "made"),
    [
        ("model", "", " gpt-4.1 ", MODEL),
        ("temperature", "", "0.5", WARM),
        ("temperature", "", "", None),
        ("max_output_tokens", "", "900", RequestChange(("max_completion_tokens",), "900")),
        ("logprobs", "", "yes", RequestChange(("logprobs",), "true")),
        ("stop", "", "a\nb", RequestChange(("stop",), '["a","b"]')),
        (PAIR, "team", "blue", RequestChange(("metadata", "team"), '"blue"')),
        (PAIR, "", "blue", None),
        (OTHER, "top_k", "[1, 2]", RequestChange(("top_k",), "[1,2]")),
        (OTHER, "top_k", "", None),
        (OTHER, "n", "99999999999999999999", RequestChange(("n",), "99999999999999999999")),
    ],
)
def test_what_is_typed_is_a_change(name: str, key: str, text: str, made: RequestChange | None) -> None:
    """Of each kind of parameter; None while something is missing."""
    assert change_of(CHAT, name, key, text, removed=False) == made


@pytest.mark.parametrize(
    ("name", "key", "text", "why"),
    [
        ("temperature", "", "warm", "takes a number"),
        ("temperature", "", "3", "2 or less"),
        ("temperature", "", "-1", "0 or more"),
        (OTHER, "messages", "[]", "part of the prompt"),
        (OTHER, "model", '"x"', "its own entry"),
        (OTHER, "x", "{", "isn't JSON"),
        (OTHER, "x" * 65, "1", "64 characters"),
        (PAIR, "x", "y" * 513, "512 characters"),
        (PAIR, "x", "\ud800", "half a character"),
        (OTHER, "x", " " * 4_001, "4,000 characters"),
    ],
)
def test_what_is_no_value_says_so(name: str, key: str, text: str, why: str) -> None:
    """A sentence for the field."""
    with pytest.raises(FieldFault, match=why):
        change_of(CHAT, name, key, text, removed=False)


def test_each_endpoint_has_its_own_parameters() -> None:
    """One without a form has its model."""
    assert "dimensions" in [one.name for one in changeable(EMBEDDINGS)]
    assert [one.name for one in changeable("/v1/unheard-of")] == ["model"]
    assert change_of(CHAT, "temperature", "", "", removed=True) == RequestChange(("temperature",))
    assert change_of(CHAT, "model", "", "", removed=True) is None
