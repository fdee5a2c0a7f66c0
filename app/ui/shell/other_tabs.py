"""What other tabs wrote: shown here, and met where the same was written here."""

from __future__ import annotations

from msgspec.structs import replace

from app.core.model.keys import WATCHED
from app.core.model.threads import Thread
from app.core.threads import editing as core
from app.ports import Table
from app.ui.shell.actions_base import Action, Event
from app.ui.shell.loop import App, Handler
from app.ui.threads.actions import KeepMine, TakeTheirs
from app.ui.threads.handlers import change, new_id, show_thread


async def settings(app: App) -> None:
    """Providers, keys and the practice provider are everybody's; what a tab uses and its theme are its own until it is opened again."""
    from app.ui.queue.auto_submit_handlers import refresh_rules
    from app.ui.settings.handlers import hear_of_practice, refresh_profiles
    from app.ui.workspace.handlers import refresh_last

    await hear_of_practice(app)
    await app.refresh_histories()
    await refresh_profiles(app)
    await refresh_rules(app)
    await app.refresh_limits()
    await refresh_last(app)
    if app.state.route.view == "settings":
        from app.ui.programs.rabbit_handlers import arrive

        await arrive(app)
    app.services.consumer.nudge()
    if app.services.engine.leads and await app.services.store.get(Table.SETTINGS, WATCHED) is not None:
        app.services.post().nudge()
    app.changed()


async def threads(app: App) -> None:
    """Another tab wrote threads: show the one that is open as it stands now, unless this tab has something to write there."""
    await app.refresh_threads()
    here = app.state.compose
    mine = here.thread
    if app.services.drafts.unsaved(mine.id):
        return
    theirs = await app.services.drafts.get(mine.id)
    if theirs is None or theirs == mine or app.state.compose.thread is not mine:
        return
    if theirs.deleted and not mine.deleted:
        app.toast("Another tab deleted this thread. Writing here brings it back.")
    elif here.typed and not core.same(theirs, mine):
        app.toast("Another tab changed this thread. Undo brings back what stood here, as a copy.", lambda: bring_back(app, mine))
    editor = here.editor
    show_thread(app, theirs)
    app.state.compose.editor = editor
    app.changed()


async def bring_back(app: App, before: Thread) -> None:
    """Open a copy of what stood in a thread before another tab changed it."""
    copy = core.duplicate(before, new_id(app, "t"), app.services.clock.now())
    show_thread(app, copy)
    change(app, copy)
    app.screen.go_to("#/compose")


# --- both wrote at once


async def read_theirs(app: App) -> None:
    """How the thread that is open stands in the tab that wrote it meanwhile."""
    here = app.state.compose
    theirs = await app.services.drafts.stored(here.thread.id)
    if here.saving == "conflict":
        here.theirs = theirs
        app.changed()


async def keep_mine(app: App, _action: KeepMine, _event: Event) -> None:
    """This tab's text stays in the thread; what another tab wrote there is kept as a copy."""
    kept = await app.services.drafts.keep_mine(app.state.compose.thread)
    if kept is not None:
        await app.refresh_threads()
        app.toast("The other tab's text is kept as a copy among the threads.")


async def take_theirs(app: App, action: TakeTheirs, _event: Event) -> None:
    """The other tab's text stays in the thread, and this tab's becomes a copy; with ``copy`` the person goes on writing in that."""
    mine = app.state.compose.thread
    copy = core.duplicate(mine, new_id(app, "t"), app.services.clock.now())
    app.services.drafts.save(copy)  # before the other's text is taken: nothing is lost, whatever comes now
    theirs = await app.services.drafts.take_theirs(mine.id)
    while theirs is not None and app.services.drafts.unsaved(mine.id):  # typed since: it goes into the copy as well
        copy = replace(theirs, id=copy.id, name=copy.name, created=copy.created)
        app.services.drafts.save(copy)
        theirs = await app.services.drafts.take_theirs(mine.id)
    if app.state.compose.thread.id == mine.id:
        show_thread(app, copy if action.copy or theirs is None else theirs)
    await app.services.drafts.settled()
    await app.refresh_threads()
    if theirs is None:
        app.toast("The other tab deleted this thread for good. Yours is kept as a thread of its own.")
    else:
        app.toast(
            "This is your copy; the other tab's text stays in the thread." if action.copy else "Yours is kept as a copy among the threads."
        )


HANDLERS: dict[type[Action], Handler] = {
    KeepMine: keep_mine,
    TakeTheirs: take_theirs,
}
