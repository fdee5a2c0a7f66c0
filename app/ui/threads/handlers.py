"""Threads and their messages."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from app.core.base import ids
from app.core.base.findings import errors
from app.core.bodies import bodies, requests
from app.core.json import jsonread, jsontext
from app.core.json.jsontext import JsonFault
from app.core.model.lanes import Lane
from app.core.model.threads import Options, Thread
from app.core.threads import editing, paste
from app.ports import StorageFull, StorageLost
from app.services.threads.drafts import Unwritten
from app.ui.queue.outlook import own_wait
from app.ui.shell.actions_base import Action, Event
from app.ui.shell.dialogs import Paste, RequestDialog
from app.ui.shell.loop import App, Handler
from app.ui.shell.state import ComposeState
from app.ui.threads.actions import (
    ApplyPaste,
    DeleteThread,
    DropRaw,
    DuplicateThread,
    EditRaw,
    EmptyBin,
    Enqueue,
    EnqueueAndSubmit,
    NewThread,
    OpenPaste,
    RenameThread,
    RestoreThread,
    SearchThreads,
    SetOption,
    ShowEditor,
    Tidy,
    TypePaste,
)
from app.ui.threads.check_handlers import look, look_soon


def show_thread(app: App, thread: Thread) -> None:
    """Put a thread into the editor."""
    here = app.state.compose
    saved_at = thread.updated if thread.created != thread.updated else 0.0
    app.state.compose = ComposeState(thread, here.rev + 1, saved_at=saved_at, search=here.search)
    if app.services.drafts.unsaved(thread.id):
        app.state.compose.saving = "saving"
    look(app)


def take_early(app: App) -> None:
    """Go on with what was typed before the program ran: in the thread that is open when that is empty, else in a new one."""
    typed = app.screen.early()
    o = app.state.options
    kept = any(one.id == app.state.compose.thread.id for one in app.state.threads)
    if not typed.strip():
        if not kept:
            app.screen.heir(f"text-{app.state.compose.thread.messages[0].id}")
        return
    if kept:
        show_thread(app, app.services.drafts.new(Options(endpoint=o.endpoint, model=o.model)))
        app.toast("What you typed during the start is a thread of its own.")
    thread = app.state.compose.thread
    change(app, editing.set_text(thread, thread.messages[0].id, typed), typed=False)
    app.screen.heir(f"text-{thread.messages[0].id}")
    app.tasks.start("keep early", _keep_early(app))


async def _keep_early(app: App) -> None:
    await app.services.drafts.settled()
    if app.state.compose.saving == "saved" or app.state.held:
        app.screen.early_kept()


def change(app: App, thread: Thread, *, typed: bool = True) -> None:
    """A new text of the thread that is being edited: checked, and saved. One that another tab deleted is kept again.

    ``typed`` False: a text that stands in a field was replaced from outside that field.
    """
    if thread == app.state.compose.thread and any(one.id == thread.id for one in app.state.threads):
        return  # an edit of something that is not there any more
    thread = replace(editing.touch(thread, app.services.clock.now()), deleted=0.0)
    app.state.compose.thread, app.state.compose.typed = thread, True
    app.state.compose.rev += not typed
    look_soon(app)
    app.services.drafts.save(thread)
    app.state.threads = [thread if one.id == thread.id else one for one in app.state.threads]
    if all(one.id != thread.id for one in app.state.threads):
        app.state.threads = [thread, *app.state.threads]
        app.tasks.start("remember thread", remember(app, thread))


async def remember(app: App, thread: Thread) -> None:
    """The thread to open at the next start."""
    app.state.preferences = replace(app.state.preferences, thread=thread.id)
    await app.services.profiles.prefer(thread=thread.id)


async def open_thread(app: App, id: str) -> None:
    here = app.state.compose
    thread = await app.services.drafts.get(id)
    if app.state.compose is not here:
        return  # another one was opened meanwhile
    if thread is None or thread.deleted:
        app.toast("That thread is not here any more.")
        return
    show_thread(app, thread)
    await remember(app, thread)


def told(app: App, id: str, saving: str) -> None:
    """The disk's word about a thread."""
    here = app.state.compose
    if id == here.thread.id:
        here.saving = saving  # type: ignore[assignment]  # services.threads.drafts.Saving
        if saving == "saved":
            here.saved_at = app.services.clock.now()
        if saving == "conflict":
            from app.ui.shell.other_tabs import read_theirs

            app.tasks.begin("theirs", read_theirs(app))
    if saving not in ("saved", "saving") or (saving == "saved" and app.state.held):
        hold(app)
    app.changed()


def hold(app: App) -> None:
    """Keep what is not on disk in the tab, for the next load of the page."""
    left = app.services.drafts.unwritten()
    kept = app.screen.hold(msgspec.json.encode(left).decode() if left else "")
    app.state.held = kept and bool(left)


def held(app: App) -> list[Unwritten]:
    """What could not be saved before the page was reloaded, the text that was typed last at the end."""
    try:
        left = jsonread.typed(app.screen.held or "[]", list[Unwritten], depth=jsonread.OWN_DEPTH)
    except jsonread.Unreadable:  # of another version
        return []
    return sorted(left, key=lambda one: one.thread.updated)


def resume(app: App, left: list[Unwritten]) -> None:
    """Have it saved now, and show the text that was typed last."""
    if not left:
        return
    app.state.held = True
    ids = {one.thread.id for one in left}
    app.state.threads = [*(one.thread for one in reversed(left)), *(one for one in app.state.threads if one.id not in ids)]
    show_thread(app, left[-1].thread)
    for one in left:
        app.services.drafts.take_up(one)
    app.toast("What could not be saved before the reload is back.")


def new_id(app: App, prefix: str) -> str:
    return ids.new_id(prefix, app.services.clock.now(), app.services.random.token(8))


# --- threads


def new_thread(app: App, _action: NewThread, _event: Event) -> None:
    """An empty thread with the same options; one that is still empty is not piled up."""
    o = app.state.options
    show_thread(app, app.services.drafts.new(Options(endpoint=o.endpoint, model=o.model)))
    app.screen.go_to("#/compose")


async def _thread(app: App, id: str) -> Thread | None:
    """A thread as it stands: the one that is open without a wait."""
    open_one = app.state.compose.thread
    return open_one if id == open_one.id else await app.services.drafts.get(id)


async def duplicate_thread(app: App, action: DuplicateThread, _event: Event) -> None:
    thread = await _thread(app, action.id)
    if thread is None:
        return
    copy = editing.duplicate(thread, new_id(app, "t"), app.services.clock.now())
    show_thread(app, copy)
    change(app, copy)
    app.screen.go_to("#/compose")
    app.toast("This is the copy; the first one is among the threads.")


async def delete_thread(app: App, action: DeleteThread, _event: Event) -> None:
    thread = await _thread(app, action.id)
    if thread is None:
        return
    app.services.drafts.save(replace(thread, deleted=app.services.clock.now()))
    fresh = None
    if action.id == app.state.compose.thread.id:
        fresh = app.services.drafts.new(Options(endpoint=thread.options.endpoint, model=thread.options.model))
        show_thread(app, fresh)
    await app.services.drafts.settled()
    await app.refresh_threads()

    async def undo() -> None:
        if await _restore(app, action.id) and app.state.compose.thread is fresh:  # nothing was typed meanwhile
            await open_thread(app, action.id)

    app.toast(f"Deleted “{editing.title(thread)}”.", undo)


async def _restore(app: App, id: str) -> bool:
    thread = await app.services.drafts.get(id)
    if thread is None:
        app.toast("That thread was deleted for good.")
        return False
    app.services.drafts.save(replace(thread, deleted=0.0))
    await app.services.drafts.settled()
    await app.refresh_threads()
    return True


async def restore_thread(app: App, action: RestoreThread, _event: Event) -> None:
    await _restore(app, action.id)


async def empty_bin(app: App, _action: EmptyBin, _event: Event) -> None:
    """Those that the page lists as deleted; what another tab deletes from here on is not meant."""
    seen = {one.id for one in app.state.threads if one.deleted}
    gone = await app.services.drafts.empty_bin(seen)
    await app.services.images.sweep(gone, await app.services.drafts.all())
    await app.refresh_threads()


def search(app: App, _action: SearchThreads, event: Event) -> None:
    app.state.compose.search = event.text


def rename(app: App, _action: RenameThread, event: Event) -> None:
    change(app, editing.rename(app.state.compose.thread, event.text))


def take_away(app: App, thread: Thread, what: editing.Undo | None, words: str) -> None:
    """Change the thread and offer the way back."""
    if what is None:
        return
    change(app, thread, typed=False)
    taken = what

    async def undo() -> None:
        if app.state.compose.thread.id == thread.id:
            change(app, editing.undo(app.state.compose.thread, taken), typed=False)
        elif (kept := await app.services.drafts.get(thread.id)) is not None:
            app.services.drafts.save(editing.undo(kept, taken))

    app.toast(words, undo)


# --- options and the body


def set_option(app: App, action: SetOption, event: Event) -> None:
    value = event.value if isinstance(event.value, bool) else event.text
    change(app, editing.set_option(app.state.compose.thread, action.name, value))


def show_editor(app: App, action: ShowEditor, _event: Event) -> None:
    app.state.compose.editor = "raw" if action.which == "raw" else "form"


def edit_raw(app: App, _action: EditRaw, event: Event) -> None:
    change(app, editing.set_raw(app.state.compose.thread, event.text))


def drop_raw(app: App, _action: DropRaw, _event: Event) -> None:
    take_away(app, *editing.clear_raw(app.state.compose.thread), "The JSON typed by hand was dropped.")
    app.state.compose.editor = "form"


def tidy(app: App, action: Tidy, _event: Event) -> None:
    """Indent what can be read as JSON; what cannot stays as it is, its fault stands below it."""
    thread = app.state.compose.thread
    one = app.state.dialog
    if action.where == "request" and isinstance(one, RequestDialog):
        one.text, one.rev = _indented(one.text), one.rev + 1
    elif action.where == "schema":
        change(app, editing.set_option(thread, "schema_text", _indented(thread.options.schema_text)), typed=False)
    elif action.where == "raw" and thread.raw is not None:
        change(app, editing.set_raw(thread, _indented(thread.raw)), typed=False)


def _indented(given: str) -> str:
    return given if jsontext.parse(given).fault else jsontext.indent(given)


# --- paste


def open_paste(app: App, _action: OpenPaste, _event: Event) -> None:
    app.state.dialog = Paste()


def type_paste(app: App, _action: TypePaste, event: Event) -> None:
    if isinstance(app.state.dialog, Paste):
        app.state.dialog.text, app.state.dialog.fault = event.text, ""


async def apply_paste(app: App, _action: ApplyPaste, _event: Event) -> None:
    one = app.state.dialog
    if not isinstance(one, Paste):
        return
    o = app.state.options
    defaults = Options(endpoint=o.endpoint, model=o.model)
    found = paste.read(one.text, app.services.clock.now(), app.services.random.token(8), options=defaults)
    if isinstance(found, JsonFault):
        one.fault = str(found)
        return
    if await adopt(app, one, found.thread):
        app.toast(" ".join(found.notes) or "A new thread was made of it.")


async def adopt(app: App, one: Paste | RequestDialog, thread: Thread) -> bool:
    """Make a thread of what stands in a dialog, and open it. Where the browser cannot keep it, the dialog stays with its text; one that the
    person closes meanwhile has no consequences."""
    if one.making:
        return False
    one.making, read = True, one.text
    try:
        thread = await app.services.images.keep_all(thread)
    except (StorageFull, StorageLost) as error:
        full = isinstance(error, StorageFull)
        one.fault = (
            "The browser has no room for this. Delete old threads or batches, or free space on the disk, then try again."
            if full
            else "The browser's database is not there. Copy this text, then reload the page."
        )
        return False
    finally:
        one.making = False
    if app.state.dialog is not one:
        return False
    if one.text == read:
        app.state.dialog = None
    else:  # typed since: it is not in the thread
        from app.ui.shell.handlers import put_aside

        put_aside(app)
    show_thread(app, thread)
    change(app, thread)
    if thread.raw is not None:
        app.state.compose.editor = "raw"
    app.screen.go_to("#/compose")
    return True


# --- to the queue


async def enqueue(app: App, _action: Enqueue, _event: Event) -> None:
    """Each press is one more request in the queue, however quickly they come."""
    if "submit" in app.state.busy or not _fit(app):
        return
    lane, id = await _add(app, app.state.compose.thread, app.state.compose.lane)

    async def undo() -> None:
        removed = await app.services.queue.delete(lane, {id})
        await app.refresh_queue()
        if not removed:
            app.toast("It was submitted already.")

    waits = own_wait(app.state, app.state.profile) == 0
    app.toast("Added to the queue: it waits until you submit it." if waits else "Added to the queue.", undo)


async def enqueue_and_submit(app: App, _action: EnqueueAndSubmit, _event: Event) -> None:
    """Add the request and submit it alone, as it stands when the button is pressed. What would stop the submission is found before anything
    is added."""
    from app.ui.queue.handlers import check_provider, plan, submitting

    if "submit" in app.state.busy or not _fit(app):
        return
    thread, lane = app.state.compose.thread, app.state.compose.lane
    with submitting(app):
        await check_provider(app, lane.profile)
        lane, id = await _add(app, thread, lane)
        made = await plan(app, lane, {id}, name=editing.title(thread)[:120])
    if made:
        app.screen.go_to(f"#/batches/{made[0].id}")


def _fit(app: App) -> bool:
    """Whether nothing stands against queueing the thread; what does is shown from now on."""
    here = app.state.compose
    if here.looked is not here.thread:
        look(app)
    if errors(here.findings):
        here.tried = True
        return False
    return True


async def _add(app: App, thread: Thread, lane: Lane) -> tuple[Lane, str]:
    """Put a thread into the queue."""
    body = await app.services.images.filled(bodies.body_of(thread))
    id = app.services.queue.new_request_id()
    await app.services.queue.add(lane, [(id, requests.line(id, lane.endpoint, body))])
    await app.refresh_queue()
    return lane, id


HANDLERS: dict[type[Action], Handler] = {
    NewThread: new_thread,
    DuplicateThread: duplicate_thread,
    DeleteThread: delete_thread,
    RestoreThread: restore_thread,
    EmptyBin: empty_bin,
    SearchThreads: search,
    RenameThread: rename,
    SetOption: set_option,
    ShowEditor: show_editor,
    EditRaw: edit_raw,
    DropRaw: drop_raw,
    Tidy: tidy,
    OpenPaste: open_paste,
    TypePaste: type_paste,
    ApplyPaste: apply_paste,
    Enqueue: enqueue,
    EnqueueAndSubmit: enqueue_and_submit,
}
