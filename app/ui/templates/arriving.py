"""When a table's prompt is opened, stored, or written by another tab: what does the reading is loaded then."""

from __future__ import annotations

from app.core.model.templates import Template
from app.services.threads.drafts import Saving
from app.ui.base.context import Context
from app.ui.base.state import Route


def on_route(context: Context, _before: Route) -> None:
    """A tab of a table is open that has to do with its prompt."""
    if _open(context):
        _read_soon(context)


def on_table(context: Context) -> None:
    """Another tab wrote settings, among which the templates are."""
    if _open(context):
        _read_soon(context)


def _open(context: Context) -> bool:
    route = context.state.route
    return route.view == "data" and route.id != "" and route.part != ""


def _read_soon(context: Context) -> None:
    from app.ui.templates.showing import read

    async def read_now() -> None:
        await read(context)

    context.catch_up("prompt", read_now)


def on_saving(context: Context, template: Template, saving: Saving) -> None:
    """The disk's word about a template: it may say what another tab wrote as well."""
    here = context.state.prompt
    if here.template is None or here.template.id != template.id:
        return
    if template.content != here.template.content:
        from app.ui.templates.showing import show

        show(context, template)
    here.template, here.saving = template, saving
    if saving == "saved":
        here.saved_at = context.services.clock.now()
    context.changed()
