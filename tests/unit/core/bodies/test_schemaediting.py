"""Fields of structured output are added, named, moved, nested and taken away, and stay a schema that the builder reads."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from app.core.bodies import schemabuilder, schemaediting
from app.core.bodies.schemabuilder import SchemaField
from app.core.bodies.schemaediting import Fields, added, changed, inside, kind_of, moved, path_of, removed, with_choices, with_kind

KINDS = ("text", "number", "integer", "boolean", "choice", "object", "list of text", "list of choice", "list of object")


def names(fields: Fields) -> list[str]:
    return [one.name for one in fields]


def test_fields_are_added_named_moved_and_removed() -> None:
    """At the top and below an object or a list of objects."""
    fields = added(added((), ()), ())
    assert names(fields) == ["field_1", "field_2"]
    fields = changed(fields, (0,), lambda one: with_kind(replace(one, name="people"), "list of object"))
    fields = added(added(fields, (0,)), (0,))
    assert names(inside(fields[0])) == ["field_1", "field_2"]
    fields = moved(changed(fields, (0, 1), lambda one: replace(one, name="age")), (0, 1), -1)
    assert names(inside(fields[0])) == ["age", "field_1"]
    fields = removed(fields, (0, 1))
    assert names(inside(fields[0])) == ["age"]
    assert [one.name for one in schemabuilder.columns(fields)] == ["people", "field_2"]
    assert moved(fields, (1,), 1) == fields


def test_what_a_field_held_stays_with_another_kind() -> None:
    """Choices and fields, in a list and out of it; a kind that there is not changes nothing."""
    field = with_choices(with_kind(SchemaField("mood", description="How", optional=True), "choice"), ("good", "bad"))
    many = with_kind(field, "list of choice")
    assert (kind_of(many), schemaediting.choices_of(many), many.description, many.optional) == (
        "list of choice",
        ("good", "bad"),
        "How",
        True,
    )
    assert with_kind(many, "choice") == field
    assert with_kind(field, "strange") is field
    assert with_kind(field, "list of list") is field


def test_what_leads_nowhere_changes_nothing() -> None:
    """Another tab may have taken it away."""
    fields = added((), ())
    assert removed(fields, (5,)) == changed(fields, (0, 3), lambda one: one) == moved(fields, (), 1) == fields
    assert path_of("2.0") == (2, 0)
    assert path_of("x.1") == path_of("1..2") == path_of("") == ()


@given(
    st.lists(st.tuples(st.sampled_from(("add", "kind", "remove", "move")), st.lists(st.integers(0, 2), max_size=3), st.sampled_from(KINDS)))
)
def test_whatever_is_built_is_read_again(edits: list[tuple[str, list[int], str]]) -> None:
    """The JSON of the fields gives the same fields."""
    fields: Fields = ()
    for what, path, kind in edits:
        at = tuple(path)
        match what:
            case "add":
                fields = added(fields, at if len(at) < 3 else ())
            case "kind":
                fields = changed(fields, at, lambda one, kind=kind: with_choices(with_kind(one, kind), ("a",) if "choice" in kind else ()))  # type: ignore[misc]  # mypy cannot infer such a lambda
            case "remove":
                fields = removed(fields, at)
            case _:
                fields = moved(fields, at, 1)
    fields = tuple(one for one in fields if not _childless(one))
    assert schemabuilder.read(schemabuilder.schema_of(fields)) == fields


def _childless(field: SchemaField) -> bool:
    """A field whose kind has no fields was given some: the schema does not hold them."""
    below = inside(field)
    return (bool(below) and "object" not in kind_of(field)) or any(map(_childless, below))
