"""What of a table's prompt is in sight: read, and worked out again with each change."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from app.core.bodies import schemabuilder
from app.core.json import jsontext
from app.core.model.datasets import Dataset
from app.core.model.templates import PromptContent, Template
from app.core.templates.content import TypedCheck
from app.core.templates.findings import Emptiness
from app.core.templates.merging import merged
from app.core.templates.rendering import rendered
from app.core.templates.versions import compared
from app.services.datasets.rows import DatasetRows, RowsMissing
from app.services.templates.templates import FRESH
from app.ui.base.context import Context
from app.ui.base.prompt_state import ChosenRow, PromptState

BIG: Final = 10_000
"""Characters of a prompt and its row from which on the row is filled in when the person pauses, not at every key stroke."""
PAUSE: Final = 0.4
"""Seconds without a key stroke that count as a pause."""


async def read(context: Context) -> None:
    """The prompt of the table that the address names, the table's columns, and the row beside it."""
    id = context.state.route.id
    newest = context.reading("prompt")
    template = await context.services.templates().of(id)
    dataset = await context.services.datasets().get(id)
    kept = await context.services.templates().versions(template.id)
    sent = await context.services.planning().queued(id)
    if not newest() or context.state.route.id != id:
        return
    if context.state.prompt.dataset != id:
        context.state.prompt = PromptState(dataset=id)
    here = context.state.prompt
    here.versions, here.sent = tuple(reversed(kept)), tuple(sent)
    if context.state.plan.dataset == id and not context.state.plan.doing:
        context.state.plan.before = here.sent  # another tab may have added rows: a plan says so before they are added again
    moved = dataset is not None and _over(context, here, dataset)
    if here.template is None or (here.template.content != template.content and not context.services.templates().unsaved(template.id)):
        here.saved_at = here.saved_at or (template.updated if template.updated != template.created else 0.0)
        show(context, template)
    elif moved:
        look(context)
    context.changed()
    if moved:
        await read_row(context, here.at)


def _over(context: Context, here: PromptState, dataset: Dataset) -> bool:
    """Check by the columns of the table's version; whether that is another one than before."""
    current = dataset.current
    if current is None or (here.reader is not None and here.reader.of == (dataset.id, current.number)):
        return False
    empties = {one.name: Emptiness(one.empty) for one in current.columns if one.empty}
    here.columns, here.rows = tuple(one.name for one in current.columns), current.rows
    here.check = TypedCheck(here.columns, empties, here.rows)
    here.reader = DatasetRows(context.services.store, dataset)
    return True


async def read_row(context: Context, at: int) -> None:
    """Have this row beside the prompt."""
    here = context.state.prompt
    if here.reader is None or not here.rows:
        here.row = here.rendered = None
        return
    here.at = max(0, min(at, here.rows - 1))
    newest = context.reading("prompt row")
    try:
        (found,) = await here.reader.window(here.at, here.at + 1, 0, 1)
        cells = await here.reader.cells(here.at)
    except RowsMissing as error:
        here.lost = str(error)
        context.changed()
        return
    if newest() and context.state.prompt is here:
        here.row, here.lost = ChosenRow(found.position, found.id, found.number, tuple(cells)), ""
        fill(context)
    context.changed()


def show(context: Context, template: Template) -> None:
    """Put a template into the fields, in place of what is there."""
    here = context.state.prompt
    here.template = template
    here.rev += 1
    here.editor = "raw" if template.content.raw is not None else "form"
    look(context)


def look(context: Context) -> None:
    """Work out what follows from the prompt: what is wrong with it now, and its row now or when the person pauses."""
    here = context.state.prompt
    template = here.template
    if template is None or here.check is None:
        return
    here.findings = () if template.content == FRESH else tuple(here.check(template.content))
    _read_schema(here, template.content.schema_text)
    if here.compared:
        context.tasks.start("compare", _compare_after_a_pause(context, template))
    size = len(template.content.raw or "") + sum(len(one.text) for one in template.content.messages)
    if size + sum(map(len, here.row.cells if here.row is not None else ())) <= BIG:
        fill(context)
    else:
        context.tasks.start("fill row", _fill_after_a_pause(context, template))


def _read_schema(here: PromptState, text: str) -> None:
    """The schema's fields, where it was typed as JSON. While that is none, the builder keeps what it has."""
    if text == here.schema_source:
        return
    here.schema_source, here.unheld = text, ""
    parsed = jsontext.parse(text)
    if not text.strip():
        here.schema = ()
    elif parsed.fault is not None:
        here.unheld = "The schema isn't JSON yet."
    else:
        try:
            here.schema = schemabuilder.read(parsed.value)
        except schemabuilder.Unheld as error:
            here.schema, here.unheld = (), str(error)


def _still(context: Context, template: Template) -> bool:
    """Whether nothing was typed since."""
    now = context.state.prompt.template
    return now is not None and now.id == template.id and now.content == template.content


async def _fill_after_a_pause(context: Context, template: Template) -> None:
    await context.services.clock.sleep(PAUSE)
    if _still(context, template):
        fill(context)
        context.changed()


async def _compare_after_a_pause(context: Context, template: Template) -> None:
    await context.services.clock.sleep(PAUSE)
    if _still(context, template):
        compare(context)
        context.changed()


def compare(context: Context) -> None:
    """How the version that is compared differs from what is here."""
    here = context.state.prompt
    version = next((one for one in here.versions if one.id == here.compared), None)
    here.changes = tuple(compared(version.content, here.template.content)) if version is not None and here.template is not None else ()


def fill(context: Context) -> None:
    """What the prompt makes of the row beside it; while a placeholder is being typed, what it made before that."""
    here = context.state.prompt
    if here.completing is not None and here.rendered is not None:
        return
    if here.template is not None and here.row is not None:
        here.rendered = rendered(here.template.content, here.columns, here.row.cells, f"row-{here.row.id}")


def change(context: Context, content: PromptContent, *, typed: bool = True) -> None:
    """The prompt says this now: checked, shown and stored. ``typed`` False: a text that is in a field is another one."""
    here = context.state.prompt
    if here.template is None or content == here.template.content:
        return
    here.template = replace(here.template, content=content)
    here.rev += not typed
    look(context)
    context.services.templates().change(here.template)


def take_away(context: Context, content: PromptContent, words: str) -> None:
    """Change the prompt and offer the way back, which leaves alone what is typed from here on."""
    here = context.state.prompt
    if here.template is None or content == here.template.content:
        return
    before, dataset = here.template.content, here.dataset
    change(context, content, typed=False)

    async def undo() -> None:
        templates = context.services.templates()
        if context.state.prompt.dataset == dataset and context.state.prompt.template is not None:
            change(context, merged(context.state.prompt.template.content, content, before), typed=False)
            return
        template = await templates.of(dataset)
        templates.change(replace(template, content=merged(template.content, content, before)))

    context.toast(words, undo)
