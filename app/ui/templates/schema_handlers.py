"""Structured output of a prompt: its schema built field by field, or typed as JSON."""

from __future__ import annotations

from msgspec.structs import replace

from app.core.bodies import schemabuilder, schemaediting
from app.core.bodies.schemaediting import Fields
from app.core.json import jsontext
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler
from app.ui.templates.actions import (
    AddSchemaField,
    FormatSchema,
    MoveSchemaField,
    RemoveSchemaField,
    SetSchemaKind,
    SetSchemaOptional,
    SetStrict,
    SetStructured,
    TypeSchemaField,
)
from app.ui.templates.showing import change, take_away

_REMOVED = "Field removed."


def _build(context: Context, fields: Fields, *, typed: bool = True, words: str = "") -> None:
    """The builder holds these fields now; the schema says so as soon as they are one."""
    here = context.state.prompt
    if here.template is None or fields == here.schema:
        return
    here.schema = fields
    if any(one.severity == "error" and "choices" not in one.sentence for one in schemabuilder.findings(fields)):
        return  # two of one name, or one without a name, would be lost in JSON
    text = jsontext.dumps(schemabuilder.schema_of(fields))
    here.schema_source = text
    content = replace(here.template.content, schema_text=text)
    if words:
        take_away(context, content, words)
    else:
        change(context, content, typed=typed)


def set_structured(context: Context, _action: SetStructured, event: Event) -> None:
    template = context.state.prompt.template
    if template is not None:
        change(context, replace(template.content, schema_on=event.value is True), typed=False)


def set_strict(context: Context, _action: SetStrict, event: Event) -> None:
    template = context.state.prompt.template
    if template is not None:
        change(context, replace(template.content, schema_strict=event.value is True), typed=False)


def format_schema(context: Context, _action: FormatSchema, _event: Event) -> None:
    template = context.state.prompt.template
    if template is not None:
        change(context, replace(template.content, schema_text=jsontext.indent(template.content.schema_text)), typed=False)


def add_field(context: Context, action: AddSchemaField, _event: Event) -> None:
    _build(context, schemaediting.added(context.state.prompt.schema, schemaediting.path_of(action.path)), typed=False)


def remove_field(context: Context, action: RemoveSchemaField, _event: Event) -> None:
    _build(context, schemaediting.removed(context.state.prompt.schema, schemaediting.path_of(action.path)), words=_REMOVED)


def move_field(context: Context, action: MoveSchemaField, _event: Event) -> None:
    _build(context, schemaediting.moved(context.state.prompt.schema, schemaediting.path_of(action.path), action.by), typed=False)


def type_field(context: Context, action: TypeSchemaField, event: Event) -> None:
    def typed(one: schemabuilder.SchemaField) -> schemabuilder.SchemaField:
        match action.what:
            case "name":
                return replace(one, name=event.text)
            case "description":
                return replace(one, description=event.text)
            case "choices":
                return schemaediting.with_choices(one, tuple(line.strip() for line in event.text.splitlines() if line.strip()))

    _build(context, schemaediting.changed(context.state.prompt.schema, schemaediting.path_of(action.path), typed))


def set_kind(context: Context, action: SetSchemaKind, event: Event) -> None:
    path = schemaediting.path_of(action.path)
    _build(context, schemaediting.changed(context.state.prompt.schema, path, lambda one: schemaediting.with_kind(one, event.text)))


def set_optional(context: Context, action: SetSchemaOptional, event: Event) -> None:
    path = schemaediting.path_of(action.path)
    _build(context, schemaediting.changed(context.state.prompt.schema, path, lambda one: replace(one, optional=event.value is True)))


HANDLERS: dict[type[Action], Handler] = {
    SetStructured: set_structured,
    SetStrict: set_strict,
    FormatSchema: format_schema,
    AddSchemaField: add_field,
    RemoveSchemaField: remove_field,
    MoveSchemaField: move_field,
    TypeSchemaField: type_field,
    SetSchemaKind: set_kind,
    SetSchemaOptional: set_optional,
}
