"""The language of templates: what is written stands for what the table in the module says, and every fault has its place."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.json import jsontext
from app.core.templates import compiling, syntax
from app.core.templates.compiling import CellFault

COLUMNS = ["name", "note", "odd | name", "#1", "else", "customer's name", "n"]
ROW = ("Ada", " ", "odd", "hash", "other", "Ada's", "7")


def render(text: str, row=ROW, columns=COLUMNS) -> str:
    parsed = syntax.parse(text)
    assert parsed.faults == ()
    return compiling.text_of(parsed, compiling.places_of(columns))(row)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("no placeholder { } }}", "no placeholder { } }}"),
        ("{{name}}", "Ada"),
        ("{{ name }}!", "Ada!"),
        ("100 % {{name}} %s {{n}}", "100 % Ada %s 7"),
        ('{{"odd | name"}}{{"#1"}}{{\'else\'}}', "oddhashother"),
        ("{{customer's name}}", "Ada's"),
        ("{{name}}{{n}}{{name}}", "Ada7Ada"),
        ('{{note | default("none")}}', "none"),
        ('{{note | trim | default("a \\"b\\"")}}', 'a "b"'),
        ("{{name | upper}} {{name|lower}}", "ADA ada"),
        ("{{name | truncate(2)}}", "A…"),
        ("{{name | truncate(2, '')}}", "Ad"),
        ("{{name | truncate(3)}}", "Ada"),
        ("{{customer's name | json}}", '"Ada\'s"'),
        ("{{#if name}}yes {{name}}{{else}}no{{/if}}", "yes Ada"),
        ("{{#if note}}yes{{else}}no {{n}}{{/if}}", "no 7"),
        ("{{#if note}}yes{{/if}}.", "."),
        ("{{#if name}}{{#if note}}a{{else}}b{{/if}}{{else}}c{{/if}}", "b"),
        ('{{#if "odd | name"}}there{{/if}}', "there"),
        ("\\{{name}}", "{{name}}"),
        ("\\\\{{name}}", "\\Ada"),
        ("\\\\\\{{name}}", "\\{{name}}"),
        ("a\\b {{n}}", "a\\b 7"),
        ("{{{name}}}", "{Ada}"),
    ],
)
def test_what_is_written_stands_for(text, expected):
    """Cells, filters, conditions and escapes."""
    assert render(text) == expected


@pytest.mark.parametrize(
    ("text", "kind", "place", "words"),
    [
        ("a {{name", "unclosed", (1, 3), "is not closed"),
        ("a\nb {{name\n}}", "unclosed", (2, 3), "is not closed"),
        ("{{}}", "name", (1, 1), "name is missing"),
        ("{{ | trim}}", "name", (1, 1), "name is missing"),
        ("{{name | shout}}", "filter", (1, 1), "no filter “shout”; there are default, json"),
        ("{{name | }}", "filter", (1, 1), "filter's name is missing"),
        ("{{name | default}}", "argument", (1, 1), 'default takes 1 argument: default("unknown")'),
        ("{{name | default(3)}}", "argument", (1, 1), "a text in quotes where “3” stands"),
        ("{{name | trim(3)}}", "argument", (1, 1), "trim takes no argument"),
        ('{{name | truncate("a")}}', "argument", (1, 1), "a number where “a” stands"),
        ("{{name | truncate(0)}}", "argument", (1, 1), "truncate takes 1 to 10,000,000"),
        ("{{name | truncate(x)}}", "argument", (1, 1), "is a whole number, or a text in quotes"),
        ("{{name | truncate(3}}", "argument", (1, 1), "are not closed"),
        ('{{name | default("a)}}', "unclosed", (1, 1), "quote is not closed"),
        ('{{"name" x}}', "name", (1, 1), "“x” is not expected"),
        ("{{#if name}}a", "condition", (1, 1), "condition is not closed"),
        ("a{{/if}}", "condition", (1, 2), "closes nothing"),
        ("a{{else}}", "condition", (1, 2), "is not inside a condition"),
        ("{{#if n}}a{{else}}b{{else}}c{{/if}}", "condition", (1, 20), "has an {{else}} already"),
        ("{{#each n}}", "condition", (1, 1), "“#each” is not known"),
        ("{{#if n}}" * 21 + "{{/if}}" * 20, "condition", (1, 181), "more than 20 deep"),
    ],
)
def test_a_fault_has_its_place_and_a_sentence(text, kind, place, words):
    """Line and column are those of the braces."""
    fault = syntax.parse(text).faults[0]
    assert (fault.kind, (fault.line, fault.column)) == (kind, place)
    assert words in fault.sentence
    assert text[fault.start :].startswith("{{")


def test_several_faults_are_told_and_the_rest_is_read():
    """What cannot be read counts as text."""
    parsed = syntax.parse("{{}} {{name}} {{n | shout}} {{n}}")
    assert [fault.kind for fault in parsed.faults] == ["name", "filter"]
    assert parsed.columns == ("name", "n")
    assert compiling.text_of(parsed, {"name": 0, "n": 1})(("Ada", "7")) == "{{}} Ada {{n | shout}} 7"


def test_columns_are_listed_once_with_those_of_conditions():
    """In the order in which they stand."""
    assert syntax.parse("{{b}}{{#if a}}{{c}}{{/if}}{{b}}").columns == ("b", "a", "c")


@given(st.text(alphabet="{}#/if else|\"'\\ab,()1\n", max_size=40), st.booleans())
def test_parsing_never_raises(text, raw):
    """Whatever is typed; and what holds no braces is the text itself."""
    parsed = syntax.parse(text, raw=raw)
    assert all(0 <= fault.start < len(text) for fault in parsed.faults)
    if "{{" not in text:
        assert "".join(map(str, parsed.nodes)) == text


@given(st.text(max_size=30), st.text(min_size=1, max_size=10).filter(lambda name: name.strip() == name), st.text(max_size=30))
def test_any_column_can_be_named_and_any_cell_stands_as_it_is(before, name, cell):
    """In quotes, whatever the name holds; braces of the text around it are written with a backslash."""
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    before = before.replace("{", "(").rstrip("\\")
    assert render(before + '{{"' + quoted + '"}}', (cell,), [name]) == before + cell


# --- raw JSON ----------------------------------------------------------------------------------------------------------------------


def raw(text: str, columns, row) -> bytes:
    parsed = syntax.parse(text, raw=True)
    assert parsed.faults == ()
    return compiling.raw_of(parsed, compiling.places_of(columns))(row)


@given(st.text(max_size=40).filter(lambda text: text.isprintable() or text.isascii()), st.text(max_size=10))
def test_a_cell_in_a_string_of_raw_json_cannot_leave_it(cell, other):
    """Quotes, backslashes, line breaks: the body has the same keys whatever the row holds."""
    text = '{"model": "m", "input": "a \\"{{x}}\\" {{y | trim}} \\\\", "n": {{x | json}}, "deep": {"x":{"y":"{{x}}"}}}'
    made = json.loads(raw(text, ["x", "y"], (cell, other)))
    assert made == {"model": "m", "input": f'a "{cell}" {other.strip()} \\', "n": cell, "deep": {"x": {"y": cell}}}


@pytest.mark.parametrize("cell", ["7", "-1.5e3", "true", "null", '"text"', '{"a": [1, "}}"]}', " [1,\n2] "])
def test_a_cell_without_quotes_is_json_itself(cell):
    """Numbers, texts in quotes, lists and objects."""
    assert json.loads(raw('{"a":{{x}}}', ["x"], (cell,))) == {"a": json.loads(cell)}


@pytest.mark.parametrize("cell", ["", " ", "00123", "yes", "1, 2", '1, "b": 2', "{", "NaN", '"', "[" * 300 + "]" * 300])
def test_a_cell_that_is_no_json_is_a_fault_of_its_row(cell):
    """It is named with its column; nothing is turned into something else."""
    with pytest.raises(CellFault, match="A JSON value is needed where x has no quotes") as fault:
        raw('{"a":{{x}}}', ["x"], (cell,))
    assert (fault.value.kind, fault.value.column) == ("not_json", "x")


def test_conditions_in_raw_json():
    """Around members, around values and within a string; escapes within quotes as well."""
    text = '{"a":1{{#if x}},"b":{{x}}{{/if}},"c":"{{#if x}}{{x}}{{else}}none{{/if}} {{y | default(\\"n/a\\")}} \\{{x}}"}'
    columns = ["x", "y"]
    assert json.loads(raw(text, columns, ("5", "z"))) == {"a": 1, "b": 5, "c": "5 z {{x}}"}
    assert json.loads(raw(text, columns, ("", ""))) == {"a": 1, "c": "none n/a {{x}}"}
    for first in (True, False):
        view = syntax.json_view(text, syntax.parse(text, raw=True), first=first)
        assert len(view) == len(text)
        assert jsontext.parse(view).fault is None


def test_a_branch_that_opens_a_string_is_a_fault():
    """What stands behind it would be text or JSON, as the row has it."""
    faults = syntax.parse('{"a":{{#if x}}"b{{/if}}"}', raw=True).faults
    assert [fault.kind for fault in faults] == ["quotes"]


def test_what_is_too_large_is_refused_before_it_is_made():
    """A template that repeats a large cell, in each way of compiling."""
    for text in ("{{x}}{{x}}", "{{x | lower}}{{x}}", "{{x}}", "{{#if x}}{{x}}{{x}}{{/if}}"):
        with pytest.raises(CellFault, match="more than"):
            compiling.text_of(syntax.parse(text), {"x": 0}, 1_500)(("a" * 1_501,))
    with pytest.raises(CellFault, match="more than"):
        compiling.raw_of(syntax.parse('{"a":"{{x}}"}', raw=True), {"x": 0}, 1_500)(("a" * 1_501,))


def test_half_a_character_is_a_fault_of_its_row():
    """It cannot be written as UTF-8."""
    with pytest.raises(CellFault, match="half a character"):
        raw('{"a":"{{x}}"}', ["x"], ("\ud800",))


def test_an_unknown_column_is_for_who_looked_before():
    """Compiling against a table that lacks it raises."""
    with pytest.raises(compiling.UnknownColumn):
        compiling.text_of(syntax.parse("{{x}}"), {})
