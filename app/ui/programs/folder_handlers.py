"""The watched folder: choosing it, allowing it again, stopping."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.base import text
from app.ports import FolderLost
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler
from app.ui.programs.actions import AllowFolder, ChooseFolder, MendFile, SwitchFolder, TakeFile
from app.ui.programs.handlers import read

if TYPE_CHECKING:
    from app.core.programs.message import ProgramMessage


async def choose(context: Context, _action: ChooseFolder, _event: Event) -> None:
    """Have the browser ask which."""
    programs = context.state.programs
    programs.folder_fault = ""
    try:
        picked = await context.services.post().watcher.choose()
    except FolderLost as error:
        programs.folder_fault = str(error)
        return
    if picked:
        await _try_again(context)
        await read(context)


async def allow(context: Context, _action: AllowFolder, _event: Event) -> None:
    """Have the browser ask whether the page may read it again."""
    programs = context.state.programs
    programs.folder_fault = ""
    try:
        allowed = await context.services.post().watcher.allow()
    except FolderLost as error:
        programs.folder_fault = str(error)
        return
    if allowed:
        await _try_again(context)
    else:
        programs.folder_fault = "The browser still does not let this page. Results wait here; nothing is lost."
    await read(context)


async def _try_again(context: Context) -> None:
    """Results that could not be written because of the folder are written now."""
    from app.core.programs.message import ResultFile

    def waits(message: ProgramMessage) -> bool:
        return isinstance(message.target, ResultFile) and bool(message.attempts)

    dispatcher = context.services.post().dispatcher
    done = await dispatcher.all_again(state="due", only=waits) + await dispatcher.all_again(state="failed", only=waits)
    if done:
        context.toast(f"{text.count(done, 'result')} will be written now.")


async def switch(context: Context, action: SwitchFolder, _event: Event) -> None:
    """Watch it, or leave it alone."""
    await context.services.post().watcher.switch(on=action.on)
    await read(context)


async def take(context: Context, action: TakeFile, _event: Event) -> None:
    """Send a file that has results already."""
    await context.services.post().watcher.take_anyway(action.name)
    await read(context)


async def mend(context: Context, action: MendFile, _event: Event) -> None:
    """Take the lines that can be converted."""
    await context.services.post().watcher.mend(action.name)
    await read(context)


HANDLERS: dict[type[Action], Handler] = {
    ChooseFolder: choose,
    AllowFolder: allow,
    SwitchFolder: switch,
    TakeFile: take,
    MendFile: mend,
}
