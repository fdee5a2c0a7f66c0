"""What of a table's prompt is in sight: read, and worked out anew with each change."""

from __future__ import annotations

from app.core.model.datasets import Dataset
from app.core.model.templates import PromptContent, Template
from app.core.templates.content import TypedCheck
from app.core.templates.findings import Emptiness
from app.core.templates.merging import merged
from app.ui.base.context import Context
from app.ui.base.prompt_state import PromptState


async def read(context: Context) -> None:
    """The prompt of the table that the address names, and the table's columns."""
    id = context.state.route.id
    newest = context.reading("prompt")
    template = await context.services.templates().of(id)
    dataset = await context.services.datasets().get(id)
    if not newest() or context.state.route.id != id:
        return
    if context.state.prompt.dataset != id:
        context.state.prompt = PromptState(dataset=id)
    here = context.state.prompt
    if dataset is not None:
        _over(here, dataset)
    if here.template is None or (here.template.content != template.content and not context.services.templates().unsaved(template.id)):
        here.saved_at = here.saved_at or (template.updated if template.updated != template.created else 0.0)
        show(context, template)
    else:
        look(context)
    context.changed()


def _over(here: PromptState, dataset: Dataset) -> None:
    """Check by the columns of the table's version."""
    current = dataset.current
    if current is None or (here.check is not None and here.checks == current.number):
        return
    empties = {one.name: Emptiness(one.empty) for one in current.columns if one.empty}
    here.check, here.checks = TypedCheck([one.name for one in current.columns], empties, current.rows), current.number


def show(context: Context, template: Template) -> None:
    """Put a template into the fields, in the place of what stands there."""
    here = context.state.prompt
    here.template = template
    here.rev += 1
    here.editor = "raw" if template.content.raw is not None else "form"
    look(context)


def look(context: Context) -> None:
    """Work out what follows from the prompt."""
    here = context.state.prompt
    if here.template is not None and here.check is not None:
        here.findings = tuple(here.check(here.template.content))


def change(context: Context, content: PromptContent, *, typed: bool = True) -> None:
    """The prompt says this now: checked, shown and stored. ``typed`` False: a text that stands in a field is another one."""
    from msgspec.structs import replace

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
        from msgspec.structs import replace

        template = await templates.of(dataset)
        templates.change(replace(template, content=merged(template.content, content, before)))

    context.toast(words, undo)
