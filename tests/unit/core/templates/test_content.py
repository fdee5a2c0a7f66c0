"""Templates as a whole: what is said of them before a row is rendered, and edits that mend them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from app.core.bodies import forms
from app.core.endpoints.spec import FormField
from app.core.endpoints.table import ENDPOINTS
from app.core.model.lanes import CHAT, COMPLETIONS, EMBEDDINGS
from app.core.model.templates import PromptContent, PromptFile, PromptMessage, PromptPair
from app.core.model.threads import Image
from app.core.templates import compiling, content, editing, syntax
from app.core.templates.findings import Emptiness

COLUMNS = ("id", "text", "label")
FULL = PromptContent(
    CHAT,
    {"model": "gpt-4o-mini", "temperature": "{{t}}", "user": "{{x}}"},
    (PromptMessage("m1", "user", "Rate {{txet}}", (Image("{{p}}"),), (PromptFile("{{f}}", "{{n}}.pdf"),)),),
    ("{{not sent}}",),
    metadata=(PromptPair("a", "{{m}}"),),
    custom_id="{{c}}",
)


def said(given, columns=COLUMNS, **more):
    return [(one.kind, one.field, one.item, one.name) for one in content.checked(given, columns, **more)]


def test_every_text_that_is_sent_is_checked():
    """Parameters that the endpoint's form does not have, and inputs of other endpoints, are not sent."""
    assert content.columns_of(FULL) == ("c", "txet", "p", "f", "n", "t", "m")
    assert said(FULL) == [
        ("unknown_column", "custom_id", "", "c"),
        ("unknown_column", "messages", "m1", "txet"),
        ("unknown_column", "images", "m1:0", "p"),
        ("unknown_column", "files", "m1:0", "f"),
        ("unknown_column", "filenames", "m1:0", "n"),
        ("unknown_column", "fields", "temperature", "t"),
        ("unknown_column", "metadata", "0", "m"),
    ]
    empty = content.checked(
        PromptContent(CHAT, {"model": "m"}, (PromptMessage("a", "user", "{{text}}"),)), COLUMNS, {"text": Emptiness(2)}, 9
    )
    assert [one.sentence for one in empty] == ["text is empty in 2 rows of 9."]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (PromptContent(CHAT), [("form", "fields", "model", ""), ("form", "messages", "", "")]),
        (PromptContent("/v1/videos"), [("form", "endpoint", "", "")]),
        (PromptContent(EMBEDDINGS, {"model": "m"}), [("form", "inputs", "0", "")]),
        (PromptContent(EMBEDDINGS, {"model": "m"}, inputs=("a", "b"), rows_per_request=1025), [("form", "rows_per_request", "", "")]),
        (PromptContent(COMPLETIONS, {"model": "m", "temperature": "warm"}, inputs=("a",)), [("form", "fields", "temperature", "")]),
        (PromptContent(CHAT, {"model": "m"}, FULL.messages[:0], raw='{"a": "{{id}}"'), [("json", "raw", "", "")]),
        (PromptContent(CHAT, {"model": "m"}, raw='{"a": "{{id}}"}'), []),
    ],
)
def test_what_no_row_can_make_right_is_said(given, expected):
    """A missing model, a word where a number stands, a body that is no JSON."""
    assert said(given) == expected


def test_metadata_and_schemas_are_checked():
    """Keys that stand twice or nowhere; names and texts of schemas as in the thread's form."""
    base = PromptContent(CHAT, {"model": "m"}, (PromptMessage("a", "user", "x"),))
    pairs = (PromptPair("a", "1"), PromptPair("a", "2"), PromptPair(" ", "3"))
    assert [one[1:3] for one in said(msg(base, metadata=pairs))] == [("metadata", "1"), ("metadata", "2")]
    assert [one[1] for one in said(msg(base, schema_on=True, schema_name=""))] == ["schema_name", "schema_text"]


def msg(base: PromptContent, **changes):
    from msgspec.structs import replace

    return replace(base, **changes)


def test_an_unknown_column_is_renamed_everywhere():
    """In texts, conditions, with filters and quotes, in raw JSON; a name that needs quotes gets them."""
    text = "{{a}} {{ a | trim }}{{#if a}}{{\"a\" | default('a|b')}}{{/if}} {{b}} \\{{a}}"
    expected = '{{"x | y"}} {{"x | y" | trim }}{{#if "x | y"}}{{"x | y" | default(\'a|b\')}}{{/if}} {{b}} \\{{a}}'
    assert editing.renamed(text, "a", "x | y") == expected
    raw = '{"a": "{{a}} {{\\"a\\" | lower}}", "b": {{a}}}'
    assert editing.renamed(raw, "a", "x|y", raw=True) == '{"a": "{{\\"x|y\\"}} {{\\"x|y\\" | lower}}", "b": {{"x|y"}}}'
    mended = editing.rename_column(FULL, "txet", "text")
    assert "text" in content.columns_of(mended)
    assert "txet" not in content.columns_of(mended)


def test_a_long_cell_is_cut_wherever_it_is_put_in():
    """Not in conditions, and not twice."""
    text = "{{a}} {{a | trim}} {{#if a}}{{a | truncate(5)}}{{/if}}"
    assert (
        editing.with_filter(text, "a", "truncate(9)")
        == "{{a | truncate(9)}} {{a | trim | truncate(9)}} {{#if a}}{{a | truncate(5)}}{{/if}}"
    )
    assert editing.with_filter(text, "b", "truncate(9)") == text
    assert editing.with_filter('{"a": "{{a}}"}', "a", 'default("-")', raw=True) == '{"a": "{{a | default(\\"-\\")}}"}'
    cut = editing.cut_cells(msg(FULL, raw='{"a": "{{txet}}"}'), "txet", 50)
    assert cut.messages[0].text == "Rate {{txet | truncate(50)}}"
    assert cut.raw == '{"a": "{{txet | truncate(50)}}"}'


@given(st.text(alphabet='\\{}ab"', max_size=20))
def test_any_text_can_be_made_literal(text):
    """Braces and backslashes before them: the template says exactly the text."""
    made = syntax.parse(editing.literal(text))
    assert made.faults == ()
    assert compiling.text_of(made, {})(()) == text


@given(st.text(min_size=1, max_size=12), st.text(max_size=5))
def test_any_column_can_be_inserted(column, cell):
    """Whatever its name holds; names of datasets have no blanks around them."""
    parsed = syntax.parse(editing.placeholder(column))
    assert (parsed.faults, parsed.columns) == ((), (column,))
    assert compiling.text_of(parsed, {column: 0})((cell,)) == cell


def test_examples_of_chosen_rows_stand_before_the_last_question():
    """Their own braces are text; the rows' answers are the assistant's."""
    base = msg(FULL, messages=(PromptMessage("s", "system", "Label."), PromptMessage("q", "user", "{{text}}")))
    rows = [("1", "it says {{id}}", "good"), ("2", "bad \\{{", "bad")]
    made = editing.with_examples(base, COLUMNS, rows, "{{text}}", "{{label}}", ["a", "b", "c", "d"])
    assert [(one.id, one.role) for one in made.messages] == [
        ("s", "system"),
        ("a", "user"),
        ("b", "assistant"),
        ("c", "user"),
        ("d", "assistant"),
        ("q", "user"),
    ]
    texts = [compiling.text_of(syntax.parse(one.text), {})(()) for one in made.messages[1:5]]
    assert texts == ["it says {{id}}", "good", "bad \\{{", "bad"]
    with pytest.raises(ValueError, match="two ids"):
        editing.with_examples(base, COLUMNS, rows, "{{text}}", "{{label}}", ["a"])


def test_every_form_says_what_the_check_knows():
    """Names once, paths that the SDK's types have, choices that they take; text is kept when the endpoint changes."""
    from app.core.bodies.bodychecker import BodyChecker

    assert list(forms.FORMS) == list(ENDPOINTS)
    for endpoint, form in forms.FORMS.items():
        assert len({field.name for field in form.fields}) == len(form.fields)
        for field in form.fields:
            for value in field.choices or ({"integer": "1", "number": "1", "boolean": "true", "list": "a\nb"}.get(field.kind, ""),):
                body: dict[str, object] = {}
                if (made := forms.value_of(field, value)) is None:
                    continue
                forms.put(body, field.path, made)
                wrong = [one for one in BodyChecker(endpoint).check_value(body) if one.kind in ("type", "value", "unknown")]
                assert wrong == [], (endpoint, field.name)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("number", " 1.50 ", 1.5),
        ("integer", "12", 12),
        ("boolean", "No", False),
        ("list", "a\n\nb", ["a", "b"]),
        ("json", '{"a": 1}', {"a": 1}),
        ("choice", " low ", "low"),
        ("text", " x ", " x "),
        ("text", "  ", None),
        ("number", "", None),
    ],
)
def test_values_are_read_by_kind(kind, text, value):
    """A blank text is not sent."""
    assert forms.value_of(FormField("a", "A", kind, ("a",)), text) == value


@pytest.mark.parametrize(("kind", "text"), [("number", "1,5"), ("integer", "1.5"), ("boolean", "maybe"), ("json", "{"), ("integer", "½")])
def test_what_is_no_value_is_refused_in_words(kind, text):
    """With what to write."""
    with pytest.raises(forms.FieldFault) as fault:
        forms.value_of(FormField("a", "A", kind, ("a",)), text)
    assert str(fault.value).startswith("A ")
    assert fault.value.remedy


_some = st.sampled_from(("", "{{text}}", "{{txet}} {{", "{{id | nothing}}", "plain"))
_typed = st.lists(st.tuples(st.sampled_from(("m1", "m2")), _some, st.booleans()), max_size=8)


@given(_typed)
def test_what_is_found_while_typing_is_what_would_be_found_anew(typed):
    """Findings that are kept from the text before are those of the text that stands there now."""
    empties = {"text": Emptiness(3)}
    check = content.TypedCheck(COLUMNS, empties, 9)
    now = PromptContent(messages=(PromptMessage("m1", "user"), PromptMessage("m2", "user")), schema_name="a b", schema_text="{")
    for id, text, on in typed:
        now = replace(now, schema_on=on, messages=tuple(replace(one, text=text) if one.id == id else one for one in now.messages))
        assert check(now) == content.checked(now, COLUMNS, empties, 9)
