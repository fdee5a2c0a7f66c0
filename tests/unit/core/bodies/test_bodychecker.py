"""Every body is checked against the SDK's types, the API's ranges and the rules of models; findings come in groups with remedies."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.bodies import bodycheck, remedies, typecheck
from app.core.bodies.bodychecker import BodyChecker
from app.core.bodies.bodyfindings import GroupedFindings
from app.core.bodies.remedies import ConvertField, CutText, DropField, RenameField, SetField
from app.core.endpoints.table import ENDPOINTS
from tests.kit.depth import examples
from tests.unit.core.bodies import sdk_types

CHAT, RESPONSES = "/v1/chat/completions", "/v1/responses"
TABLE = Path(__file__).parents[3] / "data" / "bodies" / "bad.jsonl"
BAD = [json.loads(line) for line in TABLE.read_text("utf-8").splitlines()]
"""Bad bodies, each with what is said of it: ``[severity, JSON pointer, sentence]``."""
SCHEMA = {"type": "object", "properties": {"label": {"type": "string"}}, "required": ["label"], "additionalProperties": False}


def chat(**changes: Any) -> dict[str, Any]:
    return {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "x"}]} | changes


def found(endpoint: str, body: dict[str, Any]) -> list[list[str]]:
    return [[one.severity, one.path, one.sentence] for one in BodyChecker(endpoint).check(msgspec.json.encode(body))]


def test_the_table_has_eighty_bodies_over_all_endpoints() -> None:
    """At least; none twice."""
    assert len({json.dumps([row["endpoint"], row["body"]]) for row in BAD}) == len(BAD) >= 80
    assert {row["endpoint"] for row in BAD} == set(ENDPOINTS)


@pytest.mark.parametrize("row", BAD, ids=lambda row: f"{row['endpoint'][4:8]} {row['findings'][0][1]} {row['findings'][0][2][:40]}")
def test_each_bad_body_is_found_with_its_sentence(row: dict[str, Any]) -> None:
    """Severity, place and sentence; and the quick way says the same as the thorough one."""
    assert found(row["endpoint"], row["body"]) == row["findings"]
    whole = BodyChecker(row["endpoint"]).check_value(row["body"])
    assert sorted([one.severity, one.path, one.sentence] for one in whole) == sorted(row["findings"])


@pytest.mark.slow
@pytest.mark.parametrize("endpoint", sorted(sdk_types.PATHS))
def test_what_the_sdk_types_draw_has_no_fault_of_type(endpoint: str) -> None:
    """60 bodies for each of six endpoints (``make deep``: 170): nothing is called wrong, unknown or missing that the SDK's types allow."""

    @settings(max_examples=examples(60, 170), database=None, suppress_health_check=[*HealthCheck])
    @given(sdk_types.body(endpoint))
    def holds(body: dict[str, Any]) -> None:
        path = sdk_types.PATHS[endpoint]
        faults = typecheck.faults(path, body)
        assert faults == ()
        easy = endpoint == "responses"  # its items may lack a type, which only the thorough way adds
        assert easy or typecheck.reader(path)(msgspec.json.encode(body)) is not None

    holds()


@pytest.mark.slow
@pytest.mark.parametrize("official", [True, False])
@given(index=st.integers(0, len(BAD) - 1), other=st.integers(0, len(BAD) - 1), keys=st.sets(st.integers(0, 9)))
def test_the_quick_way_finds_what_the_thorough_one_finds(official: bool, index: int, other: int, keys: set[int]) -> None:
    """Also with parts of another bad body in it, and when a checker has seen others before."""
    endpoint = BAD[index]["endpoint"]
    strange = [*BAD[other]["body"].items()]
    body = BAD[index]["body"] | {name: value for at, (name, value) in enumerate(strange) if at in keys}
    checker = BodyChecker(endpoint, official=official)
    checker.check_value(BAD[other]["body"])
    first, again = checker.check(msgspec.json.encode(body)), checker.check(msgspec.json.encode(body))
    assert set(first) == set(again) == set(BodyChecker(endpoint, official=official).check_value(body))


def test_other_providers_have_roles_and_parts_of_their_own() -> None:
    """What the official API does not know is advice there, a wrong type stays an error."""
    body = chat(messages=[{"role": "user", "content": [{"type": "video_url", "video_url": {"url": "https://a.example/v"}}]}], n="2")

    def severities(official: bool) -> dict[str, str]:
        return {one.path: one.severity for one in BodyChecker(CHAT, official=official).check_value(body)}

    assert severities(True)["/messages/0/content/0/type"] == "error"
    assert severities(False)["/messages/0/content/0/type"] == "advice"
    assert severities(False)["/n"] == "error"


def test_items_of_responses_need_no_type() -> None:
    """Messages as the guide has them, references by id, and an answer sent back without its id."""
    items: list[dict[str, Any]] = [
        {"role": "user", "content": "x"},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "y"}]},
        {"id": "msg_1"},
        {"role": "user", "content": [{"type": "input_text", "text": "z"}]},
    ]
    assert found(RESPONSES, {"model": "gpt-4o-mini", "input": items}) == []
    assert found(RESPONSES, {"model": "gpt-4o-mini", "input": [items[0]]}) == []


@pytest.mark.parametrize("text", ["", "x", "[]", '{"model":', "[" * 300, '{"a":' * 300 + "1" + "}" * 300, "\ud800"])
def test_what_is_no_body_is_said(text: str) -> None:
    """Whatever a template makes of a row; nothing raises."""
    (one,) = BodyChecker(CHAT).check(text.encode("utf-8", "surrogatepass"))
    assert one.severity == "error"


def test_an_endpoint_that_is_not_known_is_checked_by_rules_alone() -> None:
    """Whatever stands in its bodies."""
    assert found("/v1/videos", {"model": "sora-2", "whatever": 1}) == []
    assert found("/v1/videos", {"whatever": 1})[0][1] == "/model"


def test_findings_of_parameters_are_made_once_for_all_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """50 rows with the same advice walk the schema once."""
    walks: list[str] = []
    check = bodycheck.body_problems

    def counted(endpoint: str, body: dict[str, Any]) -> Any:
        walks.append(endpoint)
        return check(endpoint, body)

    monkeypatch.setattr(bodycheck, "body_problems", counted)
    form = {"type": "json_schema", "json_schema": {"name": "a", "strict": True, "schema": SCHEMA}}
    checker = BodyChecker(CHAT)
    for row in range(50):
        content = [{"role": "user", "content": f"row {row}"}]
        body = chat(messages=content, model="gpt-5", temperature=0.5, response_format=form, metadata={"row": str(row)})
        assert [one.path for one in checker.check(msgspec.json.encode(body))] == ["/temperature"]
    assert walks == [CHAT]


# --- groups and remedies -----------------------------------------------------------------------------------------------------------


def test_findings_are_grouped_over_rows() -> None:
    """The same fault in other rows is one group, with all its rows; errors come first, then what most rows have."""
    groups, checker = GroupedFindings(), BodyChecker(CHAT)
    for row in range(10):
        body = chat(messages=[{"role": "user", "content": [{"type": "txt" if row % 5 == 4 else "text", "text": "a"}]}], temprature=1)
        groups.add(row, checker.check_value(body if row else chat()))
    first, second = groups.groups()
    assert (first.severity, first.count, first.first, [*groups.rows_of(first.key)]) == ("error", 2, 4, [4, 9])
    assert (second.severity, second.count, second.fix) == ("advice", 9, RenameField("/temprature", "temperature"))
    assert [groups.next_row(first.key, after) for after in (-1, 4, 9)] == [4, 9, 4]
    assert (groups.rows, groups.blocked) == (10, 2)


def test_there_are_never_more_groups_than_can_be_shown() -> None:
    """Further kinds count together; errors and advice apart."""
    groups, checker = GroupedFindings(most=3), BodyChecker(CHAT)
    for row in range(8):
        groups.add(row, checker.check_value(chat(**{f"zzz{row}": 1})))
    assert [group.count for group in groups.groups()] == [5, 1, 1, 1]
    assert groups.groups()[0].sentence == "There are many more kinds of problems."


@pytest.mark.parametrize("row", BAD, ids=lambda row: f"{row['endpoint'][4:8]} {row['findings'][0][2][:40]}")
def test_a_remedy_takes_its_fault_away(row: dict[str, Any]) -> None:
    """Each finding that has one: after it the same place is not at fault in the same way."""
    checker = BodyChecker(row["endpoint"])
    for one in checker.check_value(row["body"]):
        if one.fix is not None:
            assert remedies.label(one.fix)
            mended = remedies.apply(row["body"], one.fix)
            assert mended != row["body"]
            assert one.group not in {other.group for other in checker.check_value(mended)}


@pytest.mark.parametrize(
    ("remedy", "expected", "label"),
    [
        (DropField("/a/*/x"), {"a": [{}, {"y": "2"}], "n": "3"}, "Remove x"),
        (RenameField("/n", "m"), {"a": [{"x": "abc"}, {"y": "2"}], "m": "3"}, "Rename n to m"),
        (RenameField("/n", "deep.er"), {"a": [{"x": "abc"}, {"y": "2"}], "deep": {"er": "3"}}, "Rename n to deep.er"),
        (RenameField("/n", "a"), {"a": [{"x": "abc"}, {"y": "2"}]}, "Rename n to a"),
        (ConvertField("/n", "number"), {"a": [{"x": "abc"}, {"y": "2"}], "n": 3}, "Write n as a number"),
        (ConvertField("/a/*/x", "number"), {"a": [{"x": "abc"}, {"y": "2"}], "n": "3"}, "Write x as a number"),
        (SetField("/a/1/z", "v"), {"a": [{"x": "abc"}, {"y": "2", "z": "v"}], "n": "3"}, "Set z to v"),
        (CutText("/a/*/x", 2), {"a": [{"x": "ab"}, {"y": "2"}], "n": "3"}, "Cut x to 2 characters"),
        (DropField("/nowhere/*"), {"a": [{"x": "abc"}, {"y": "2"}], "n": "3"}, "Remove it"),
    ],
)
def test_remedies_change_what_stands_at_their_pointer(remedy: remedies.BodyRemedy, expected: dict[str, Any], label: str) -> None:
    """And leave the body that was given as it was."""
    body = {"a": [{"x": "abc"}, {"y": "2"}], "n": "3"}
    before = json.dumps(body)
    assert remedies.apply(body, remedy) == expected
    assert json.dumps(body) == before
    assert remedies.label(remedy) == label


@pytest.mark.slow
def test_fifty_thousand_bodies_are_checked_in_less_than_a_second_of_work() -> None:
    """0.3 s of the processor's time, of which 0.1 is decoding without types (500 of them are wrong); here with room for a busy machine."""
    form = {"type": "json_schema", "json_schema": {"name": "review", "strict": True, "schema": SCHEMA}}
    bodies = []
    for row in range(50_000):
        kind = "txt" if row % 100 == 99 else "text"
        content = [{"role": "system", "content": "Classify."}, {"role": "user", "content": [{"type": kind, "text": "r" * 1_000}]}]
        bodies.append(
            msgspec.json.encode(chat(messages=content, response_format=form, max_completion_tokens=200, metadata={"row": str(row)}))
        )
    checker = BodyChecker(CHAT)
    began = time.process_time()
    wrong = sum(bool(checker.check(body)) for body in bodies)
    assert time.process_time() - began < 1.5
    assert wrong == 500
