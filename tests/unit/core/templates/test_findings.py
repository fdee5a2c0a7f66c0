"""Findings while a template is typed: what to mark, what is wrong, what to do."""

from __future__ import annotations

from app.core.templates import findings, syntax
from app.core.templates.findings import Emptiness

COLUMNS = ["Title", "review", "country"]


def columns(text, known=COLUMNS):
    return list(findings.of_columns("messages", text, syntax.parse(text), known, "m1"))


def test_an_unknown_column_is_marked_and_a_like_one_proposed():
    """Also one that differs in case only; else the table's columns are named."""
    text = "Rate\n{{reveiw}} {{title}} {{zzz}} {{reveiw}}"
    found = columns(text)
    assert [(one.name, one.suggestion, one.line, one.column, one.item) for one in found] == [
        ("reveiw", "review", 2, 1, "m1"),
        ("title", "Title", 2, 12, "m1"),
        ("zzz", "", 2, 22, "m1"),
    ]
    assert text[found[0].start :][: found[0].length] == "{{reveiw}}"
    assert found[2].remedy == "Its columns are Title, review, country."
    assert all(one.kind == "unknown_column" and one.severity == "error" for one in found)
    assert columns("{{a}}", [])[0].remedy == "Choose a table first."
    assert columns("{{a}}", [f"c{n}" for n in range(12)])[0].remedy.endswith("c7 and 4 more.")


def test_empty_cells_are_told_where_nothing_takes_care_of_them():
    """A default or a condition on the column does; a condition on another does not, nor its own else."""
    empties = findings.emptiness(["a", "b", "c"], [("1", "", "x"), (" ", "", "x"), ("2", "", "x")], 10)
    assert empties == {"a": Emptiness(1, (11,)), "b": Emptiness(3, (10, 11, 12))}

    def told(text):
        return [(one.name, one.sentence) for one in findings.of_emptiness("messages", text, syntax.parse(text), empties, 3)]

    assert told("{{a}} {{b}} {{c}}") == [("a", "a is empty in 1 row of 3."), ("b", "b is empty in every row.")]
    assert told('{{a | default("x")}}{{#if a}}{{a}}{{/if}}') == []
    assert told("{{#if b}}{{a}}{{else}}{{b}}{{/if}}") == [("b", "b is empty in every row."), ("a", "a is empty in 1 row of 3.")]


def test_syntax_is_told_with_its_place():
    """As findings, which every editor shows."""
    text = "x {{a | shout}}"
    (found,) = findings.of_syntax("raw", syntax.parse(text), "m2")
    assert (found.field, found.item, found.line, found.column, found.name, found.length) == ("raw", "m2", 1, 3, "shout", 13)


def test_raw_json_is_checked_with_its_conditions():
    """For rows that fill all of them and for those that fill none, at the place in what was typed."""

    def told(text):
        return [(one.sentence, one.line, one.column) for one in findings.of_json("raw", text, syntax.parse(text, raw=True))]

    assert told('{"a":"{{x}}","b":{{y}}}') == []
    assert told('{"a":{{x}}\n "b":1}')[0][1:] == (2, 2)
    assert told('{{#if x}}{"a":1}{{else}}{"a":2}{{/if}}') == []
    assert told('{"a":1{{#if x}},"b":2{{else}},{{/if}}}')[0][0].endswith("(where no condition holds).")
    assert told("[{{x}}]") == [("A request's body is a JSON object.", 1, 1)]
