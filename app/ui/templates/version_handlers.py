"""Versions of a prompt: kept, named, compared with what stands in it now, and brought back."""

from __future__ import annotations

from app.core.templates import versions
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler
from app.ui.templates.actions import CompareVersion, KeepVersion, NameVersion, RestoreVersion
from app.ui.templates.showing import compare, read, take_away


async def keep(context: Context, _action: KeepVersion, _event: Event) -> None:
    template = context.state.prompt.template
    if template is not None:
        kept = await context.services.templates().sent(template)
        await read(context)
        context.toast(f"Saved as {versions.title(kept)}.")


async def name(context: Context, action: NameVersion, event: Event) -> None:
    await context.services.templates().call(action.id, event.text)
    await read(context)


def show_difference(context: Context, action: CompareVersion, _event: Event) -> None:
    here = context.state.prompt
    here.compared = "" if here.compared == action.id else action.id
    compare(context)


async def restore(context: Context, action: RestoreVersion, _event: Event) -> None:
    """What is in the prompt and was never kept is kept first."""
    here, templates = context.state.prompt, context.services.templates()
    version = next((one for one in here.versions if one.id == action.id), None)
    template = here.template
    if version is None or template is None:
        return
    if versions.unsent(template, here.versions):
        await templates.sent(template)
    if context.state.prompt is here and here.template is not None:
        back = versions.restored(here.template, version, context.services.clock.now())
        take_away(context, back.content, f"{versions.title(version)} is back.")
    await read(context)


HANDLERS: dict[type[Action], Handler] = {
    KeepVersion: keep,
    NameVersion: name,
    CompareVersion: show_difference,
    RestoreVersion: restore,
}
