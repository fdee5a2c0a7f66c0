"""Good answers as examples in the prompt of their table: pairs of messages before its last user message."""

from __future__ import annotations

from msgspec.structs import replace

from app.core.base import ids, text
from app.core.bodies import forms, tokens
from app.core.model.templates import PromptContent
from app.core.results.query import ColumnFilter, TableQuery
from app.core.templates.editing import with_answers
from app.core.templates.merging import merged
from app.services.results.shown import AnswerExample, Opened
from app.services.results.table_jobs import CHOSEN
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler, once
from app.ui.results import addresses
from app.ui.results.dialogs import ExamplesDialog
from app.ui.results.example_actions import MAX_EXAMPLES, AskExamples, UseExamples
from app.ui.results.selecting import Rows, by_batch
from app.ui.results.table_showing import ask_for, asked, between

_MARKED = TableQuery(filters=(ColumnFilter("mark", ("good",)),))


async def ask(context: Context, _action: AskExamples, _event: Event) -> None:
    here = context.state.results
    kind, named = addresses.named(here.scope)
    if kind != "table":
        return
    table = next((one for one in context.state.data.all or () if one.id == named[0]), None)
    dialog = ExamplesDialog(named[0], table.name if table is not None else "this table", marked=not here.picking.rows)
    context.state.dialog, context.state.follow.choosing = dialog, False
    context.changed()
    rows: Rows = await by_batch(context, here.picking.rows) if here.picking.rows else {}
    if dialog.marked:

        async def good() -> None:
            found = await ask_for(context, here, CHOSEN, replace(asked(context, here), query=_MARKED))
            rows.update(found or {})

        await between(context, here, good)
    dialog.chosen = sum(map(len, rows.values()))
    places = [(batch, row) for batch, some in rows.items() for row in sorted(some)][:MAX_EXAMPLES]
    read = [await _example(context, *place) for place in places]
    examples = tuple(dict.fromkeys(one for one in read if one is not None))
    dialog.stays = len(read) - sum(one is not None for one in read)
    dialog.tokens = sum(len(f"{one.question}{one.answer}".encode("utf-8", "replace")) // tokens.BYTES + 8 for one in examples)
    dialog.examples = examples
    context.changed()


async def _example(context: Context, batch: str, row: int) -> AnswerExample | None:
    """Of one request; None where it has no answer, or asks nothing in words."""
    known = next((one for one in context.state.batches.all if one.id == batch), None)
    if known is None:
        return None
    try:
        opened: Opened = await context.services.review.open(known, row)
    except IndexError:
        return None
    said = await context.services.annotations().of(batch, row)
    spoken = [words for role, words in opened.asked if role == "user" and words.strip()]
    answer = opened.answer.text if opened.answer is not None and opened.outcome == "answered" and not opened.answer.tools else ""
    corrected = said.correction is not None and bool(said.correction.strip())
    answer = said.correction or "" if corrected else answer
    return AnswerExample(spoken[-1], answer, corrected) if spoken and answer.strip() else None


@once
async def use(context: Context, _action: UseExamples, _event: Event) -> None:
    dialog = context.state.dialog
    if not isinstance(dialog, ExamplesDialog) or not dialog.examples:
        return
    templates, services = context.services.templates(), context.services
    template = await templates.of(dialog.dataset)
    before = template.content
    if before.raw is not None or (form := forms.FORMS.get(before.endpoint)) is None or form.asked != "messages":
        context.toast("The prompt of this table has no messages to add examples to: its endpoint has none, or it is raw JSON.")
        return
    pairs = [(one.question, one.answer) for one in dialog.examples]
    made = ids.series("m", services.clock.now(), services.random.token(8), 2 * len(pairs))
    content = with_answers(before, pairs, made)
    added = (len(content.messages) - len(before.messages)) // 2
    if not added:
        context.close(dialog)
        context.toast("These examples are already in the prompt.")
        return
    await _change(context, dialog.dataset, content)
    context.close(dialog)

    async def undo() -> None:
        now = await templates.of(dialog.dataset)
        await _change(context, dialog.dataset, merged(now.content, content, before))

    context.toast(f"{text.count(added, 'example')} added to the prompt, before its last user message.", undo)


async def _change(context: Context, dataset: str, content: PromptContent) -> None:
    templates = context.services.templates()
    template = await templates.of(dataset)
    templates.change(replace(template, content=content))
    here = context.state.prompt
    if here.dataset == dataset and here.template is not None:
        here.template, here.rev = replace(here.template, content=content), here.rev + 1
    context.changed()


HANDLERS: dict[type[Action], Handler] = {AskExamples: ask, UseExamples: use}
