"""Threads and their messages."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from app.core.base import ids, text
from app.core.json import jsontext
from app.core.json.jsontext import JsonFault
from app.core.model.threads import Options, Thread
from app.core.threads import editing, paste
from app.ports import StorageFull, StorageLost
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler, once
from app.ui.base.thread_state import ComposeState
from app.ui.threads.actions import (
    ApplyPaste,
    DeleteThread,
    DropRaw,
    DuplicateThread,
    EditRaw,
    EmptyBin,
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
from app.ui.threads.dialogs import Paste, TextSource


def show_thread(context: Context, thread: Thread) -> None:
    """Put a thread into the editor."""
    compose = context.state.compose
    saved_at = thread.updated if thread.created != thread.updated else 0.0
    context.state.compose = ComposeState(thread, compose.rev + 1, saved_at=saved_at, search=compose.search)
    if context.services.drafts.unsaved(thread.id):
        context.state.compose.saving = "saving"
    look(context)


def change(context: Context, thread: Thread, *, typed: bool = True) -> None:
    """A new text of the thread that is being edited: checked, and saved. One that another tab deleted is kept again.

    ``typed`` False: a text that is in a field was replaced from outside that field.
    """
    if thread == context.state.compose.thread and any(one.id == thread.id for one in context.state.threads.all):
        return  # an edit of something that is not there any more
    thread = replace(editing.touch(thread, context.services.clock.now()), deleted=0.0)
    context.state.compose.thread, context.state.compose.typed = thread, True
    context.state.compose.rev += not typed
    look_soon(context)
    context.services.drafts.save(thread)
    context.state.threads.all = [thread if one.id == thread.id else one for one in context.state.threads.all]
    if all(one.id != thread.id for one in context.state.threads.all):
        context.state.threads.all = [thread, *context.state.threads.all]
        context.tasks.start("remember thread", remember(context, thread))


async def remember(context: Context, thread: Thread) -> None:
    """The thread to open at the next start. It is where the person is and no choice of theirs, so nothing waits for it."""
    context.state.preferences = replace(context.state.preferences, thread=thread.id)
    await context.services.profiles.prefer(thread=thread.id)


async def open_thread(context: Context, id: str) -> None:
    compose = context.state.compose
    thread = await context.services.drafts.get(id)
    if context.state.compose is not compose:
        return  # another one was opened meanwhile
    if thread is None or thread.deleted:
        compose.missing = id
        context.changed()
        return
    show_thread(context, thread)
    await remember(context, thread)


def new_id(context: Context, prefix: str) -> str:
    return ids.new_id(prefix, context.services.clock.now(), context.services.random.token(8))


# --- threads


def new_thread(context: Context, _action: NewThread, _event: Event) -> None:
    """An empty thread with the same options; one that is still empty is not piled up."""
    o = context.state.options
    fresh = context.services.drafts.new(Options(endpoint=o.endpoint, model=o.model))
    show_thread(context, fresh)
    context.screen.go_to("#/compose")
    if fresh.messages:
        context.focus(f"text-{fresh.messages[-1].id}")


async def _thread(context: Context, id: str) -> Thread | None:
    """A thread as it is: the one that is open without a wait."""
    open_one = context.state.compose.thread
    return open_one if id == open_one.id else await context.services.drafts.get(id)


async def duplicate_thread(context: Context, action: DuplicateThread, _event: Event) -> None:
    thread = await _thread(context, action.id)
    if thread is None:
        return
    copy = editing.duplicate(thread, new_id(context, "t"), context.services.clock.now())
    show_thread(context, copy)
    change(context, copy)
    context.screen.go_to("#/compose")
    context.toast("This is the copy; the original is under Prompts.")


async def delete_thread(context: Context, action: DeleteThread, _event: Event) -> None:
    await delete_threads(context, [action.id])


async def delete_threads(context: Context, those: Sequence[str]) -> None:
    """Put prompts among the deleted ones; all of them can be had back at once. In the place of the one that is open a new one is opened."""
    now = context.services.clock.now()
    gone: list[Thread] = []
    fresh = None
    for id in those:
        thread = await _thread(context, id)
        if thread is None or (thread.deleted and len(those) > 1):
            continue
        context.services.drafts.save(replace(thread, deleted=now))
        gone.append(thread)
        if id == context.state.compose.thread.id:
            fresh = context.services.drafts.new(Options(endpoint=thread.options.endpoint, model=thread.options.model))
            was = id
            show_thread(context, fresh)
    await context.services.drafts.settled()
    await context.refresh_threads()

    async def undo() -> None:
        back = [one.id for one in gone if await _restore(context, one.id)]
        if fresh is not None and was in back and context.state.compose.thread is fresh:  # nothing was typed meanwhile
            await open_thread(context, was)

    if gone:
        context.toast(f"Deleted “{editing.title(gone[0])}”." if len(gone) == 1 else f"Deleted {text.count(len(gone), 'prompt')}.", undo)


async def _restore(context: Context, id: str) -> bool:
    thread = await context.services.drafts.get(id)
    if thread is None:
        context.toast("That prompt was deleted permanently.")
        return False
    context.services.drafts.save(replace(thread, deleted=0.0))
    await context.services.drafts.settled()
    await context.refresh_threads()
    return True


async def restore_thread(context: Context, action: RestoreThread, _event: Event) -> None:
    await _restore(context, action.id)


@once
async def empty_bin(context: Context, _action: EmptyBin, _event: Event) -> None:
    """Those that the page lists as deleted; what another tab deletes from here on is not meant."""
    seen = {thread.id for thread in context.state.threads.all if thread.deleted}
    dialog = context.state.dialog
    gone = await context.services.drafts.empty_bin(seen)
    context.close(dialog)
    await context.services.images.sweep(gone, await context.services.drafts.all())
    await context.refresh_threads()
    context.toast(f"Deleted permanently: {text.count(len(gone), 'prompt')}.")


def search(context: Context, _action: SearchThreads, event: Event) -> None:
    context.state.compose.search = event.text


def rename(context: Context, _action: RenameThread, event: Event) -> None:
    """A text that is being typed: it is seen at once, and the composer says when it is saved."""
    change(context, editing.rename(context.state.compose.thread, event.text))


def take_away(context: Context, thread: Thread, what: editing.Undo | None, words: str) -> None:
    """Change the thread and offer the way back."""
    if what is None:
        return
    change(context, thread, typed=False)
    taken = what

    async def undo() -> None:
        if context.state.compose.thread.id == thread.id:
            change(context, editing.undo(context.state.compose.thread, taken), typed=False)
        elif (kept := await context.services.drafts.get(thread.id)) is not None:
            context.services.drafts.save(editing.undo(kept, taken))

    context.toast(words, undo)


# --- options and the body


def set_option(context: Context, action: SetOption, event: Event) -> None:
    value = event.value if isinstance(event.value, bool) else event.text
    change(context, editing.set_option(context.state.compose.thread, action.name, value))


def show_editor(context: Context, action: ShowEditor, _event: Event) -> None:
    context.state.compose.editor = "raw" if action.which == "raw" else "form"


def edit_raw(context: Context, _action: EditRaw, event: Event) -> None:
    change(context, editing.set_raw(context.state.compose.thread, event.text))


def drop_raw(context: Context, _action: DropRaw, _event: Event) -> None:
    take_away(context, *editing.clear_raw(context.state.compose.thread), "Your JSON edits were discarded.")
    context.state.compose.editor = "form"


def tidy(context: Context, action: Tidy, _event: Event) -> None:
    """Indent what can be read as JSON; what cannot stays as it is, its fault stands below it."""
    thread = context.state.compose.thread
    if action.where == "schema":
        change(context, editing.set_option(thread, "schema_text", indented(thread.options.schema_text)), typed=False)
    elif action.where == "raw" and thread.raw is not None:
        change(context, editing.set_raw(thread, indented(thread.raw)), typed=False)


def indented(given: str) -> str:
    """JSON indented; a text that is none stays as it is."""
    return given if jsontext.parse(given).fault else jsontext.indent(given)


# --- paste


def open_paste(context: Context, _action: OpenPaste, _event: Event) -> None:
    context.state.dialog = Paste()


def type_paste(context: Context, _action: TypePaste, event: Event) -> None:
    if isinstance(context.state.dialog, Paste):
        context.state.dialog.text, context.state.dialog.fault = event.text, ""


async def apply_paste(context: Context, _action: ApplyPaste, _event: Event) -> None:
    dialog = context.state.dialog
    if not isinstance(dialog, Paste):
        return
    o = context.state.options
    defaults = Options(endpoint=o.endpoint, model=o.model)
    found = paste.read(dialog.text, context.services.clock.now(), context.services.random.token(8), options=defaults)
    if isinstance(found, JsonFault):
        dialog.fault = str(found)
        return
    if await adopt(context, dialog, found.thread):
        context.toast(" ".join(found.notes) or "A new prompt was created from it.")


async def adopt(context: Context, one: TextSource, thread: Thread) -> bool:
    """Make a thread of what is in a dialog, and open it. Where the browser cannot keep it, the dialog stays with its text; one that the
    person closes meanwhile has no consequences."""
    if one.making:
        return False
    one.making, read = True, one.text
    try:
        thread = await context.services.images.keep_all(thread)
    except (StorageFull, StorageLost) as error:
        full = isinstance(error, StorageFull)
        one.fault = (
            "The browser has no space for this. Delete old prompts or batches, or free space on the disk, then try again."
            if full
            else "The browser's database is not available. Copy this text, then reload the page."
        )
        return False
    finally:
        one.making = False
    if context.state.dialog is not one:
        return False
    if one.text == read:
        context.state.dialog = None
    else:  # typed since: it is not in the thread
        context.put_aside()
    show_thread(context, thread)
    change(context, thread)
    if thread.raw is not None:
        context.state.compose.editor = "raw"
    context.screen.go_to("#/compose")
    return True


# --- to the queue


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
}
