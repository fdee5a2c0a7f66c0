"""Structured output of a prompt: a builder of fields beside the JSON schema, and the columns that will come of it."""

from __future__ import annotations

from typing import Final

from simple_html import div, h2, h3, header, p, section, span

from app.core.base.text import number
from app.core.bodies import schemabuilder
from app.core.bodies.schemabuilder import SchemaField
from app.core.bodies.schemaediting import choices_of, inside, kind_of
from app.core.model.templates import PromptContent
from app.ui.base.markup import NOTHING, Node, area, at
from app.ui.base.parts import act, checkbox, choice, few, tag, text_input, tool
from app.ui.base.prompt_state import PromptState
from app.ui.templates.actions import (
    AddSchemaField,
    FormatSchema,
    MoveSchemaField,
    RemoveSchemaField,
    SetSchemaKind,
    SetSchemaOptional,
    SetStrict,
    SetStructured,
    TypePrompt,
    TypeSchemaField,
)
from app.ui.templates.text_view import id_of, labelled, prompt_line

_KINDS: Final = [
    *((one, one.capitalize()) for one in ("text", "number", "integer", "boolean", "choice", "object")),
    *((f"list of {one}", f"List of {words}") for one, words in (("text", "texts"), ("number", "numbers"), ("integer", "integers"))),
    *((f"list of {one}", f"List of {words}") for one, words in (("boolean", "booleans"), ("choice", "choices"), ("object", "objects"))),
]
_COLUMNS: Final = 60


def structured(here: PromptState, content: PromptContent) -> Node:
    """The card of structured output."""
    return section(
        at("card", aria_label="Structured output"),
        header({}, h2({}, checkbox("Structured output", content.schema_on, SetStructured(), id="prompt-structured"))),
        div(at("pad stack"), _schema(here, content)) if content.schema_on else NOTHING,
    )


def _schema(here: PromptState, content: PromptContent) -> Node:
    return [
        div(
            at("strip-fields"),
            prompt_line(here, "schema_name", "", content.schema_name, "Schema name"),
            checkbox("Strict schema", content.schema_strict, SetStrict(), id="prompt-strict"),
        ),
        _builder(here),
        labelled(
            here,
            "schema_text",
            "",
            "JSON schema",
            NOTHING,
            area(
                at(
                    "mono",
                    id=id_of("schema_text"),
                    rows=str(min(16, max(4, content.schema_text.count("\n") + 1))),
                    wrap="off",
                    spellcheck="false",
                    data_value_rev=here.rev,
                    input=TypePrompt("schema_text"),
                ),
                content.schema_text,
            ),
        ),
        div(at("row"), act("Format", FormatSchema(), "small")),
        _columns(here),
    ]


def _builder(here: PromptState) -> Node:
    if here.unheld:
        return p(at("dim", role="status"), f"{here.unheld} It can be edited as JSON only.")
    found = [f"{one.sentence} {one.remedy}" for one in schemabuilder.findings(here.schema)]
    return div(
        at("stack tight", role="group", aria_label="Fields of the answer"),
        h3({}, "Fields"),
        _fields(here, here.schema, ""),
        [span(at("fault", role="alert"), one) for one in found[:6]],
        div(at("row"), act("Add field", AddSchemaField(), "small", id="add-schema-field")),
    )


def _fields(here: PromptState, fields: tuple[SchemaField, ...], above: str) -> Node:
    return few(fields, lambda n, one: _field(here, one, f"{above}.{n}".removeprefix("."), n, len(fields)), "fields")


def _field(here: PromptState, one: SchemaField, path: str, n: int, among: int) -> Node:
    kind = kind_of(one)
    what = one.name or f"field {n + 1}"
    rev = {"data_value_rev": here.rev}
    id = f"schema-{path.replace('.', '-')}"
    return div(
        at("schema-field", role="group", aria_label=f"Field {what}"),
        div(
            at("row wrap"),
            text_input(
                f"{id}-name",
                one.name,
                TypeSchemaField(path, "name"),
                aria_label=f"Name of {what}",
                placeholder="name",
                **rev,
                **{"class": "input grow few"},
            ),
            span(at("field"), choice(f"{id}-kind", kind, _KINDS, SetSchemaKind(path), aria_label=f"Type of {what}")),
            checkbox("may be null", one.optional, SetSchemaOptional(path), id=f"{id}-null", aria_label=f"{what} may be null"),
            span(
                at("row end"),
                tool("up", f"Move {what} up", MoveSchemaField(path, -1), disabled=n == 0),
                tool("down", f"Move {what} down", MoveSchemaField(path, 1), disabled=n + 1 >= among),
                tool("close", f"Remove {what}", RemoveSchemaField(path)),
            ),
        ),
        text_input(
            f"{id}-description",
            one.description,
            TypeSchemaField(path, "description"),
            aria_label=f"Description of {what}",
            placeholder="What the model should write here",
            **rev,
            **{"class": "input"},
        ),
        area(
            at(
                "input",
                id=f"{id}-choices",
                rows="3",
                input=TypeSchemaField(path, "choices"),
                aria_label=f"Choices of {what}",
                placeholder="One choice per line",
                **rev,
            ),
            "\n".join(choices_of(one)),
        )
        if kind.endswith("choice")
        else NOTHING,
        div(
            at("stack tight below"),
            _fields(here, inside(one), path),
            div(at("row"), act("Add field", AddSchemaField(path), "small", aria_label=f"Add field to {what}")),
        )
        if kind.endswith("object")
        else NOTHING,
    )


def _columns(here: PromptState) -> Node:
    """What a table of the answers will have."""
    found = list(schemabuilder.columns(here.schema))
    if not found:
        return NOTHING
    return div(
        at("stack tight", role="group", aria_label="Columns of the answers"),
        h3({}, "Columns of the answers"),
        div(
            at("row wrap"),
            [tag(f"{one.name} · {one.kind}") for one in found[:_COLUMNS]],
            span(at("dim"), f"and {number(len(found) - _COLUMNS)} more") if len(found) > _COLUMNS else NOTHING,
        ),
    )
