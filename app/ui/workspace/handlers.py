"""Export and import of the whole workspace.

What does it (``services.workspace`` and below) is imported when it is first asked for: the first view must not wait for it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from app.core.base import text
from app.core.base.locale import plainly
from app.core.openai.wire import Blob
from app.core.workspace.imports import Import
from app.ports import Conflict
from app.services.runtime.records import remove
from app.ui.base import failures
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler
from app.ui.base.stoppable import Moved, Stopped, stoppable
from app.ui.workspace.actions import (
    BringWorkspace,
    ChooseWorkspace,
    ExportWorkspace,
    KeepImport,
    StopWorkspace,
    TypePassphrase,
    UndoImport,
    WithKeys,
)
from app.ui.workspace.dialogs import ImportDialog

if TYPE_CHECKING:
    from app.core.workspace.renaming import Address
    from app.ports.compute import Finished
    from app.services.workspace.bring import ImportResult, Incoming, Mode
    from app.services.workspace.check import Checked
    from app.services.workspace.export import ExportFacts

T = TypeVar("T")
Doing = Literal["export", "check", "import", "undo", "keep"]
_NOT_DONE: dict[Doing, str] = {
    "export": "Nothing was exported.",
    "check": "Nothing was imported.",
    "import": "Nothing was imported.",
    "undo": "The import was not undone.",
    "keep": "Not all of it was cleared.",
}


# --- one thing at a time, with progress, a stop and words for what fails


async def _do(context: Context, doing: Doing, work: Callable[[Moved, Callable[[], None]], Awaitable[T]]) -> T | None:
    """Carry out one piece of work. It is given what to call with its progress, and what to call when it can no longer be stopped. None: it
    did not come to its end, and the card says why."""
    workspace = context.state.workspace
    if workspace.doing:
        return None

    def point() -> None:
        workspace.stop = None
        context.changed()

    workspace.said = None
    try:
        return await stoppable(context, workspace, doing, lambda moved: work(moved, point))
    except Stopped:
        workspace.said = ("info", "Stopped.", _NOT_DONE[doing])
    except Exception as error:
        words = _words(error)
        if words is None:
            raise
        workspace.said = ("bad", _NOT_DONE[doing], words)
    return None


def _words(error: Exception) -> str | None:
    from app.core.workspace.archive import InvalidArchive
    from app.ports.compute import JobFailed
    from app.services.workspace.bring import NothingToUndo
    from app.services.workspace.export import ExportContended
    from app.services.workspace.hold import ImportInProgress

    return failures.expected(
        error,
        (InvalidArchive, NothingToUndo, ExportContended, ImportInProgress, JobFailed),
        "Another tab kept changing the same data. Nothing here was changed. Try again.",
    )


def stop(context: Context, _action: StopWorkspace, _event: Event) -> None:
    if context.state.workspace.stop is not None:
        context.state.workspace.stop()
    elif isinstance(context.state.dialog, ImportDialog) and not context.state.workspace.doing:
        context.state.dialog = None


def _incoming(context: Context) -> Incoming:
    from app.services.workspace.bring import Incoming

    services = context.services
    return Incoming(services.runtime, context.screen, services.keys, services.locks, services.engine.nudge)


# --- export


def with_keys(context: Context, _action: WithKeys, event: Event) -> None:
    context.state.workspace.with_keys = event.value is True
    context.state.workspace.fault = ""
    _forget(context)


def type_passphrase(context: Context, action: TypePassphrase, event: Event) -> None:
    if action.which in ("first", "again", "import"):
        context.state.provider.typed_keys[f"passphrase:{action.which}"] = event.text
        context.state.workspace.fault = ""
        if isinstance(context.state.dialog, ImportDialog):
            context.state.dialog.fault = ""


def _typed(context: Context, which: str) -> str:
    return context.state.provider.typed_keys.get(f"passphrase:{which}", "")


def _forget(context: Context) -> None:
    """Passphrases are kept no longer than they are needed."""
    for which in ("first", "again", "import"):
        context.state.provider.typed_keys.pop(f"passphrase:{which}", None)


async def export(context: Context, _action: ExportWorkspace, _event: Event) -> None:
    from app.services.workspace import keys
    from app.services.workspace.export_job import EXPORT, ExportOrder
    from app.services.workspace.kept import Kept

    workspace, services = context.state.workspace, context.services
    passphrase = _typed(context, "first") if workspace.with_keys else ""
    if workspace.with_keys and not workspace.doing:
        if len(passphrase) < keys.SHORTEST:
            workspace.fault = f"A passphrase has at least {keys.SHORTEST} characters."
        elif passphrase != _typed(context, "again"):
            workspace.fault = "The two passphrases differ."
        elif services.profiles.locked:
            workspace.fault = "Keys are locked: enter their own passphrase first, or export without them."
        if workspace.fault:
            return

    async def work(moved: Callable[[int, int], None], _point: Callable[[], None]) -> tuple[Finished[ExportFacts], bool]:
        await services.drafts.settled()
        records = services.records
        sealed = await keys.sealed(services.keys, passphrase, services.profiles.known) if passphrase else ""
        order = ExportOrder(frozenset(await Kept(records).spare()), sealed)
        return await services.compute.run(EXPORT, order, moved=moved), bool(sealed)

    result = await _do(context, "export", work)
    if result is None:
        return
    done, with_sealed = result
    made, blob = done.value, done.blob
    assert blob is not None  # noqa: S101  # the job hands its file over
    context.screen.save_file(made.name, blob, "application/gzip")
    keys_said = " Its API keys are encrypted." if with_sealed else " There was no API key to go with it." if passphrase else ""
    workspace.said = (
        "good",
        "Exported.",
        f"{made.name}: {text.count(made.records, 'record')}, {text.size(blob.size)}.{keys_said} "
        "Keep it as safe as the conversations in it.",
    )
    workspace.with_keys = False
    _forget(context)


# --- import


async def choose(context: Context, _action: ChooseWorkspace, event: Event) -> None:
    from app.services.workspace.check import check

    given = event.value[0] if isinstance(event.value, list) and event.value and isinstance(event.value[0], dict) else {}
    name, token = str(given.get("name", "")), str(given.get("token", ""))
    blob = context.screen.picked(token)
    if blob is None:
        context.state.workspace.said = ("bad", _NOT_DONE["check"], "The browser could not read the file. Choose it again.")
        return

    async def work(moved: Callable[[int, int], None], _point: Callable[[], None]) -> tuple[Checked, dict[Mode, tuple[Address, ...]]]:
        checked = await check(context.screen, context.services.clock, blob, moved)
        return checked, await _incoming(context).addresses(checked)

    if (found := await _do(context, "check", work)) is not None:
        context.state.dialog = _dialog(context, found[0], blob, name)
        context.state.dialog.merged, context.state.dialog.replaced = found[1]["merge"], found[1]["replace"]


def _dialog(context: Context, checked: Checked, blob: Blob, name: str) -> ImportDialog:
    made = text.ago(context.services.clock.now() - checked.head.made)
    counts = (
        (text.plural(checked.threads, "prompt"), text.number(checked.threads)),
        (text.plural(checked.queued, "request") + " in the queue", text.number(checked.queued)),
        (text.plural(checked.batches, "batch"), text.number(checked.batches)),
        (text.plural(checked.answered, "answer"), text.number(checked.answered)),
        (f"unpacked ({text.size(blob.size)} packed)", text.size(checked.size)),
        (f"by Nightshift {checked.head.program}" if checked.head.program else "", f"Made {made}"),
    )

    async def begin(mode: str) -> None:
        await _bring(context, dialog, checked, blob, mode)

    undoable = context.state.workspace.last is not None
    dialog = ImportDialog(name, counts, checked.on_their_way, tuple(checked.findings), bool(checked.sealed), begin, undoable)
    return dialog


async def bring(context: Context, action: BringWorkspace, _event: Event) -> None:
    dialog = context.state.dialog
    if isinstance(dialog, ImportDialog) and action.mode in ("merge", "replace") and not context.state.workspace.doing:
        await dialog.begin(action.mode)


async def _bring(context: Context, dialog: ImportDialog, checked: Checked, blob: Blob, mode: Any) -> None:
    from app.services.workspace import keys
    from app.services.workspace.bring import Order

    passphrase = _typed(context, "import") if checked.sealed else ""
    wrong = False

    async def work(moved: Callable[[int, int], None], point: Callable[[], None]) -> ImportResult | None:
        nonlocal wrong
        found = await keys.opened(context.services.keys, passphrase, checked.sealed) if passphrase else {}
        if found is None:
            wrong = True
            return None
        await context.services.drafts.settled()
        order = Order(checked, blob, mode, dialog.name, found, context.state.browser.setting == "served")
        return await _incoming(context).bring(order, moved, point)

    brought = await _do(context, "import", work)
    if wrong:
        dialog.fault = "This is not the passphrase that the keys were sealed with. Try again, or leave it empty to import without the keys."
        return
    if brought is None:
        context.close(dialog)
        return
    how = "in place of what was here" if mode == "replace" else "and merged it with what was here"
    await _begin_anew(context, f"Imported {dialog.name} {how}.{_also(brought)}")


@plainly
def _also(brought: ImportResult) -> str:
    """What else came of an import or its undoing, as sentences."""
    said = []
    if brought.keys:
        said.append(f"{text.count(len(brought.keys), 'API key')} came with it.")
    if brought.parted:
        names = ", ".join(brought.parted)
        said.append(f"The key of {names} was removed, since the address changed: enter it again where it is needed.")
    if brought.twice:
        said.append(f"{text.count(brought.twice, 'request')} had been submitted on both sides: both batches are here, and both are billed.")
    if brought.practice_back:
        said.append(f"{text.count(brought.practice_back, 'practice batch')} went back to the queue.")
    if brought.later:
        said.append("What you created since the import is still here.")
    return "".join(f" {one}" for one in said)


async def _begin_anew(context: Context, said: str) -> None:
    """Everything that this page knows is older now: load it again, with the policy for the providers that are there now."""
    _forget(context)
    await context.services.records.save(Import(id="told", said=said))
    await context.services.profiles.load()
    context.services.profiles.allow_hosts()
    context.screen.reload()


# --- and back


async def undo(context: Context, _action: UndoImport, _event: Event) -> None:
    async def work(_moved: Callable[[int, int], None], point: Callable[[], None]) -> ImportResult:
        point()
        await context.services.drafts.settled()
        return await _incoming(context).undo()

    undone = await _do(context, "undo", work)
    if undone is not None:
        await _begin_anew(context, f"The import was undone.{_also(undone)}")
    else:
        await refresh_last(context)


async def keep(context: Context, _action: KeepImport, _event: Event) -> None:
    async def work(_moved: Callable[[int, int], None], point: Callable[[], None]) -> bool:
        point()
        await _incoming(context).settle()
        return True

    if await _do(context, "keep", work):
        await context.refresh_usage()
    await refresh_last(context)


async def refresh_last(context: Context) -> None:
    """The import that can be undone, in whichever tab it was done."""
    stored = await context.services.records.get(Import, "last")
    context.state.workspace.last = stored.value if stored and stored.value.done else None
    context.changed()


async def recall(context: Context) -> None:
    """When the page opens: say what the last page has left to be said, and tidy after an import that broke off."""
    records = context.services.records
    await refresh_last(context)
    notice = await records.get(Import, "told")
    if notice is not None:
        with contextlib.suppress(Conflict):  # another tab says it
            await records.commit([remove(Import, "told", notice.rev)])
            last = context.state.workspace.last

            async def back() -> None:
                await undo(context, UndoImport(), Event(UndoImport()))

            context.toast(notice.value.said, back if last else None)
    stored = await records.get(Import, "last")
    if stored is not None and not stored.value.done:
        await _incoming(context).settle(broken_off=True)


HANDLERS: dict[type[Action], Handler] = {
    WithKeys: with_keys,
    TypePassphrase: type_passphrase,
    ExportWorkspace: export,
    ChooseWorkspace: choose,
    BringWorkspace: bring,
    StopWorkspace: stop,
    UndoImport: undo,
    KeepImport: keep,
}
