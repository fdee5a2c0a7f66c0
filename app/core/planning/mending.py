"""Fixes in the template for all rows of a finding, instead of one in each body."""

from __future__ import annotations

from typing import Any, Final

from msgspec.structs import replace

from app.core.bodies import forms, remedies
from app.core.bodies.remedies import BodyRemedy, ConvertField, CutText, DropField, RenameField, SetField
from app.core.json import jsontext
from app.core.model.templates import PromptContent
from app.core.templates import content, editing, syntax
from app.core.templates.findings import TemplateFinding

CUT: Final = 10_000
"""Characters to which the cells of a column are cut where a request is too large and nothing says to how many."""


def mended(prompt: PromptContent, remedy: BodyRemedy) -> PromptContent | None:
    """The template after the remedy, so that no row's body has the fault; None where the template has nothing that could be changed so."""
    after = _raw(prompt, remedy) if prompt.raw is not None else _form(prompt, remedy)
    return None if after == prompt else after


def _raw(prompt: PromptContent, remedy: BodyRemedy) -> PromptContent | None:
    """A body typed by hand: the same change there, if it can be read with its placeholders in it."""
    if isinstance(remedy, CutText):
        return _cut(prompt, remedy)
    value = jsontext.parse(prompt.raw or "").value
    if not isinstance(value, dict):
        return None
    after = remedies.apply(value, remedy)
    return prompt if after == value else replace(prompt, raw=jsontext.dumps(after))


def _form(prompt: PromptContent, remedy: BodyRemedy) -> PromptContent | None:
    form = forms.FORMS.get(prompt.endpoint)
    steps = tuple(step.replace("~1", "/").replace("~0", "~") for step in remedy.at.split("/")[1:])
    if form is None:
        return None
    if isinstance(remedy, CutText):
        return _cut(prompt, remedy)
    if steps[:1] == ("metadata",) and len(steps) == 2 and isinstance(remedy, DropField):
        return replace(prompt, metadata=tuple(pair for pair in prompt.metadata if pair.key != steps[1]))
    field = next((one for one in form.fields if one.path == steps), None)
    if field is None:
        return None
    fields: dict[str, Any] = dict(prompt.fields)
    match remedy:
        case DropField():
            fields.pop(field.name, None)
        case SetField(value=value):
            fields[field.name] = value
        case RenameField(to=to):
            other = next((one for one in form.fields if ".".join(one.path) == to), None)
            if other is None:
                return None
            fields.setdefault(other.name, fields.pop(field.name, ""))
        case ConvertField():
            return None  # the form writes each parameter in its own type
    return replace(prompt, fields=fields)


def _cut(prompt: PromptContent, remedy: CutText) -> PromptContent | None:
    """Cut the one column that the text is made of."""
    column = _only_column(prompt, remedy.at)
    return None if column is None else editing.cut_cells(prompt, column, remedy.length)


def _only_column(prompt: PromptContent, at: str) -> str | None:
    """The column that a metadata value or another text is filled with, where it is one alone."""
    kept = content.texts(prompt)
    steps = at.split("/")[1:]
    found: set[str] = set()
    for one in kept:
        here = one.field == "raw" or (steps[:1] == ["metadata"]) == (one.field == "metadata")
        if here and syntax.holds(one.text):
            found |= set(syntax.parse(one.text, raw=one.field == "raw").columns)
    return found.pop() if len(found) == 1 else None


def cut_column(prompt: PromptContent, column: str, length: int = CUT) -> PromptContent | None:
    """The template with a column's cells cut wherever they are put into a text; None where it is not used, or cut already."""
    after = editing.cut_cells(prompt, column, length)
    return None if after == prompt else after


def renamed(prompt: PromptContent, finding: TemplateFinding) -> PromptContent | None:
    """The template with the column that was meant in place of one that the table does not have."""
    if finding.kind != "unknown_column" or not finding.suggestion:
        return None
    return editing.rename_column(prompt, finding.name, finding.suggestion)
