"""A worked example becomes a table with its prompt: the very things that a person would have made, so each can be changed or deleted."""

from __future__ import annotations

from msgspec.structs import replace

from app.core.model.judging import Expectation
from app.core.openai.wire import BytesBlob
from app.core.templates.worked.example import KEY, WorkedExample, named
from app.core.templates.worked.practice_run import begun
from app.services.datasets.datasets import Source
from app.services.templates.templates import FRESH
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler
from app.ui.base.worked_actions import WORKED, OpenWorked, busy_name
from app.ui.datasets.looking import table_words
from app.ui.datasets.showing import read


async def open_worked(context: Context, action: OpenWorked, _event: Event) -> None:
    """Where its table is here already, that one is opened as it is now; only an empty prompt is written again."""
    state, busy = context.state, busy_name(action.name)
    if action.name not in WORKED or any(one.startswith("example:") for one in state.busy):
        return
    began = state.route
    state.busy.add(busy)
    context.changed()
    try:
        id = await _brought(context, named(action.name))
    except Exception as error:
        words = table_words(error)
        if words is None:
            raise
        context.toast(f"The example was not opened. {words}")
        return
    finally:
        state.busy.discard(busy)
    await read(context)
    if (run := begun(state.preferences.practice_run, id)) != state.preferences.practice_run:
        await context.prefer(practice_run=run)
    context.lead_on(began, f"#/data/{id}/prompt")


async def _brought(context: Context, example: WorkedExample) -> str:
    """The id of its table, which has a prompt when this returns."""
    datasets = context.services.datasets()
    there = [one for one in await datasets.all() if not one.deleted and one.current is not None and one.current.file == example.file]
    if there:
        id = there[0].id
        context.toast(f"“{there[0].name}” is already here, as you left it.")
    else:
        source = Source(BytesBlob(example.rows.encode()), example.file)
        seen = await datasets.examine(source)
        id = (await datasets.bring(source, seen.dialect, name=example.table, key=KEY)).dataset.id
        context.toast("Nothing is sent yet: review the request, then check and price it.")
    await _filled(context, id, example)
    return id


async def _filled(context: Context, id: str, example: WorkedExample) -> None:
    templates, check = context.services.templates(), example.recipe.check
    template = await templates.of(id)
    if template.content == FRESH:
        templates.change(replace(template, content=example.recipe.content))
    if check is not None and await context.services.records.get(Expectation, id) is None:
        await context.services.records.save(
            Expectation(id=id, column=check.column, how=check.how, field=check.field, tolerance=check.tolerance)
        )


HANDLERS: dict[type[Action], Handler] = {OpenWorked: open_worked}
