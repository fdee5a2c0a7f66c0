"""What the disk and other tabs say of threads: saved, not saved, changed elsewhere; and what was typed before the program ran."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from app.core.json import jsonread
from app.core.model.threads import Options, Thread
from app.core.threads import editing
from app.core.threads import editing as core
from app.services.threads.drafts import UnsavedDraft
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler
from app.ui.base.state import Route
from app.ui.threads.actions import (
    KeepMine,
    TakeTheirs,
)
from app.ui.threads.handlers import change, new_id, open_thread, show_thread


def take_early(context: Context) -> None:
    """Go on with what was typed before the program ran: in the thread that is open when that is empty, else in a new one."""
    typed = context.screen.early()
    kept = any(thread.id == context.state.compose.thread.id for thread in context.state.threads.all)
    if not typed.strip():
        if not kept:
            context.screen.heir(f"text-{context.state.compose.thread.messages[0].id}")
        return
    _take(context, typed, own=kept)
    context.screen.heir(f"text-{context.state.compose.thread.messages[0].id}")


def _take(context: Context, typed: str, *, own: bool) -> None:
    """Put a text into the thread that is open, or into one of its ``own``."""
    if own:
        o = context.state.options
        show_thread(context, context.services.drafts.new(Options(endpoint=o.endpoint, model=o.model)))
        context.toast("What you typed while the page was starting was saved as a prompt of its own.")
    thread = context.state.compose.thread
    change(context, editing.set_text(thread, thread.messages[0].id, typed), typed=False)
    context.tasks.start("keep early", _keep_early(context))


class Undone(msgspec.Struct, frozen=True):
    """What was done in the view of the last visit before the program ran, and has no place in the one of this visit
    (static/js/lastview.mjs): how many clicks and choices, and the texts."""

    clicks: int = 0
    texts: tuple[str, ...] = ()


def take_undone(context: Context, undone: Undone) -> None:
    """Each text becomes a prompt of its own; of clicks it is said that they did nothing."""
    for typed in undone.texts:
        if typed.strip():
            _take(context, typed, own=True)
    if undone.clicks:
        context.toast("What you clicked or chose during the start has changed since. Nothing was done; look, and do it again.")


async def _keep_early(context: Context) -> None:
    await context.services.drafts.settled()
    if context.state.compose.saving == "saved" or context.state.threads.held:
        context.screen.early_kept()


def on_saving(context: Context, id: str, saving: str) -> None:
    """The disk's word about a thread."""
    compose = context.state.compose
    if id == compose.thread.id:
        compose.saving = saving  # type: ignore[assignment]  # services.threads.drafts.Saving
        if saving == "saved":
            compose.saved_at = context.services.clock.now()
        if saving == "conflict":
            context.tasks.begin("theirs", read_theirs(context))
    if saving not in ("saved", "saving") or (saving == "saved" and context.state.threads.held):
        hold(context)
    context.changed()


def hold(context: Context) -> None:
    """Keep what is not on disk in the tab, for the next load of the page."""
    left = context.services.drafts.unwritten()
    kept = context.screen.hold(msgspec.json.encode(left).decode() if left else "")
    context.state.threads.held = kept and bool(left)


def held(context: Context) -> list[UnsavedDraft]:
    """What could not be saved before the page was reloaded, the text that was typed last at the end."""
    try:
        left = jsonread.typed(context.screen.held or "[]", list[UnsavedDraft], depth=jsonread.OWN_DEPTH)
    except jsonread.Unreadable:  # of another version
        return []
    return sorted(left, key=lambda one: one.thread.updated)


def resume(context: Context, left: list[UnsavedDraft]) -> None:
    """Have it saved now, and show the text that was typed last."""
    if not left:
        return
    context.state.threads.held = True
    ids = {one.thread.id for one in left}
    context.state.threads.all = [
        *(one.thread for one in reversed(left)),
        *(thread for thread in context.state.threads.all if thread.id not in ids),
    ]
    show_thread(context, left[-1].thread)
    for one in left:
        context.services.drafts.take_up(one)
    context.toast("What could not be saved before the reload is back.")


async def threads(context: Context) -> None:
    """Another tab wrote threads: show the one that is open as it is now, unless this tab has something to write there."""
    await context.refresh_threads()
    compose = context.state.compose
    mine = compose.thread
    if context.services.drafts.unsaved(mine.id):
        return
    theirs = await context.services.drafts.get(mine.id)
    if theirs is None or theirs == mine or context.state.compose.thread is not mine:
        return
    if theirs.deleted and not mine.deleted:
        context.toast("Another tab deleted this prompt. Typing here restores it.")
    elif compose.typed and not core.same(theirs, mine):
        context.toast("Another tab changed this prompt. Undo brings back your text, as a copy.", lambda: bring_back(context, mine))
    editor = compose.editor
    show_thread(context, theirs)
    context.state.compose.editor = editor
    context.changed()


async def bring_back(context: Context, before: Thread) -> None:
    """Open a copy of what stood in a thread before another tab changed it."""
    copy = core.duplicate(before, new_id(context, "t"), context.services.clock.now())
    show_thread(context, copy)
    change(context, copy)
    context.screen.go_to("#/compose")


async def read_theirs(context: Context) -> None:
    """How the thread that is open is in the tab that wrote it meanwhile."""
    compose = context.state.compose
    theirs = await context.services.drafts.stored(compose.thread.id)
    if compose.saving == "conflict":
        compose.theirs = theirs
        context.changed()


async def keep_mine(context: Context, _action: KeepMine, _event: Event) -> None:
    """This tab's text stays in the thread; what another tab wrote there is kept as a copy."""
    kept = await context.services.drafts.keep_mine(context.state.compose.thread)
    if kept is not None:
        await context.refresh_threads()
        context.toast("The other tab's text is kept as a copy under Prompts.")


async def take_theirs(context: Context, action: TakeTheirs, _event: Event) -> None:
    """The other tab's text stays in the thread, and this tab's becomes a copy; with ``copy`` the person goes on writing in that."""
    mine = context.state.compose.thread
    copy = core.duplicate(mine, new_id(context, "t"), context.services.clock.now())
    context.services.drafts.save(copy)  # before the other's text is taken: nothing is lost, whatever comes now
    theirs = await context.services.drafts.take_theirs(mine.id)
    while theirs is not None and context.services.drafts.unsaved(mine.id):  # typed since: it goes into the copy as well
        copy = replace(theirs, id=copy.id, name=copy.name, created=copy.created)
        context.services.drafts.save(copy)
        theirs = await context.services.drafts.take_theirs(mine.id)
    if context.state.compose.thread.id == mine.id:
        show_thread(context, copy if action.copy or theirs is None else theirs)
    await context.services.drafts.settled()
    await context.refresh_threads()
    if theirs is None:
        context.toast("The other tab deleted this prompt permanently. Yours is kept as a prompt of its own.")
    else:
        context.toast(
            "This is your copy; the other tab's text stays in the prompt." if action.copy else "Yours is kept as a copy under Prompts."
        )


# --- what happens elsewhere


async def on_route(context: Context, _before: Route) -> None:
    """The address names a thread."""
    route, compose = context.state.route, context.state.compose
    if route.view != "compose":
        return
    compose.missing = ""
    if route.id and route.id != compose.thread.id:
        await open_thread(context, route.id)


def on_table(context: Context) -> None:
    """Another tab wrote threads."""

    async def read() -> None:
        await threads(context)

    context.catch_up("threads", read)


HANDLERS: dict[type[Action], Handler] = {
    KeepMine: keep_mine,
    TakeTheirs: take_theirs,
}
