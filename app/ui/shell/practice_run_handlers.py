"""The practice run is shown, put away, and kept as far as it is."""

from __future__ import annotations

from msgspec.structs import replace

from app.core.model.settings import PracticeRun
from app.core.templates.worked.practice_run import following
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler
from app.ui.shell.actions import HidePracticeRun, ShowPracticeRun
from app.ui.shell.practice_run import reached, together


def look(context: Context) -> None:
    """After each drawing, while it is shown: keep what is done by now."""

    async def store() -> None:
        stored = (await context.services.profiles.preferences()).practice_run
        if (both := together(context.state, stored)) != stored:
            await context.services.profiles.prefer(practice_run=both)

    if _turned(context, reached(context.state)):
        context.catch_up("practice run", store)


def _turned(context: Context, run: PracticeRun) -> bool:
    """Whether it is another one now."""
    if run == context.state.preferences.practice_run:
        return False
    context.state.preferences = replace(context.state.preferences, practice_run=run)
    context.changed()
    return True


async def _keep(context: Context, run: PracticeRun) -> None:
    """The person said whether it is shown."""
    if run != context.state.preferences.practice_run:
        await context.prefer(practice_run=run)


async def show(context: Context, _action: ShowPracticeRun, _event: Event) -> None:
    """From where it was; one that is at its end begins again."""
    run = context.state.preferences.practice_run
    await _keep(context, PracticeRun("on") if following(run) is None else replace(run, shown="on"))


async def hide(context: Context, _action: HidePracticeRun, _event: Event) -> None:
    await _keep(context, replace(context.state.preferences.practice_run, shown="off"))

    async def again() -> None:
        await _keep(context, replace(context.state.preferences.practice_run, shown="on"))

    context.toast("Hidden. “Show the practice run”, among the commands (Ctrl/⌘+K), brings it back.", again)


HANDLERS: dict[type[Action], Handler] = {ShowPracticeRun: show, HidePracticeRun: hide}
