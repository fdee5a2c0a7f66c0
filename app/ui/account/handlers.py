"""What is at the provider under one key: looked at, and tidied."""

from __future__ import annotations

from msgspec.structs import replace

from app.core.base import text
from app.core.openai.problems import Refused
from app.services.provider.account import AlreadyHere
from app.ui.account.actions import (
    AdoptBatch,
    AskSweep,
    ChooseAccount,
    ChooseFile,
    ChooseFiles,
    LookAtAccount,
    ScrollAccount,
    ShowAccount,
    StopSweep,
    SweepFiles,
    ToggleClear,
)
from app.ui.queue.handlers import mark, scroll_of
from app.ui.shell.actions_base import Action, Event
from app.ui.shell.dialogs import SweepDialog
from app.ui.shell.loop import App, Handler
from app.ui.shell.state import AccountState


def arrive(app: App) -> None:
    """The view is open: show the account of the provider in use, once."""
    here = app.state.account
    if not here.profile or here.profile not in app.state.profiles:
        app.state.account = here = AccountState(app.state.profile.id, here.tab)
    if here.seen is None and here.reading is None:
        app.tasks.start("account", _look(app))


async def look(app: App, _action: LookAtAccount, _event: Event) -> None:
    await _look(app)


async def choose(app: App, _action: ChooseAccount, event: Event) -> None:
    here = app.state.account
    if event.text in app.state.profiles and here.reading is None and here.deleting is None:
        app.state.account = AccountState(event.text, here.tab)
        app.state.scroll.pop("account", None)
        await _look(app)


async def _look(app: App) -> None:
    """List the account; what is left over from our own uploads is chosen beforehand."""
    here = app.state.account
    if here.reading is not None or here.deleting is not None:
        return
    here.reading, here.problem = (0, 0), None
    app.changed()

    def moved(files: int, batches: int) -> None:
        here.reading = (files, batches)
        app.changed()

    try:
        here.seen = await app.services.account.look(here.profile, moved)
        here.problem = here.seen.problem
        here.files = await app.services.account.judge(here.seen)
        here.chosen = {one.file.id for one in here.files if one.what == "orphan"}
    except Refused as error:
        here.problem = error.problem
    finally:
        here.reading = None
        app.changed()


def scroll(app: App, _action: ScrollAccount, event: Event) -> None:
    app.state.scroll["account"] = scroll_of(event)


def choose_file(app: App, action: ChooseFile, event: Event) -> None:
    here = app.state.account
    if here.deleting is None and any(one.file.id == action.id and one.free for one in here.files):
        mark(here.chosen, action.id, event)


def choose_files(app: App, action: ChooseFiles, _event: Event) -> None:
    here = app.state.account
    if here.deleting is None:
        here.chosen = {one.file.id for one in here.files if one.free and one.what == action.what}


def show(app: App, action: ShowAccount, _event: Event) -> None:
    app.state.account.tab = "batches" if action.tab == "batches" else "files"
    app.state.scroll.pop("account", None)


async def adopt(app: App, action: AdoptBatch, _event: Event) -> None:
    here = app.state.account
    remote = next((one for one in here.seen.batches if one.id == action.id), None) if here.seen else None
    if remote is None or here.profile not in app.state.profiles:
        return
    try:
        batch = await app.services.account.adopt(here.profile, remote, here.seen.account if here.seen else "")
    except AlreadyHere:
        await app.refresh_batches()
        app.toast("This batch is in this browser already.")
        return
    app.services.engine.nudge()
    app.ask_to_keep()
    await app.refresh_batches()
    app.screen.go_to(f"#/batches/{batch.id}")


def ask(app: App, _action: AskSweep, _event: Event) -> None:
    here = app.state.account
    going = [one for one in here.files if one.file.id in here.chosen]
    if going and here.deleting is None:
        provider = app.state.profiles[here.profile]
        elsewhere = sum(one.what in ("elsewhere", "unused") for one in going)
        name, size = provider.name or provider.base_url, sum(one.file.size for one in going)
        app.state.dialog = SweepDialog(name, len(going), size, elsewhere, here.profile, tuple(one.file.id for one in going))


async def sweep(app: App, _action: SweepFiles, _event: Event) -> None:
    """Delete what the dialog named, whatever was listed or chosen since."""
    asked, here = app.state.dialog, app.state.account
    if not isinstance(asked, SweepDialog):
        return
    app.state.dialog = None
    if here.seen is None or here.deleting is not None or here.profile != asked.profile:
        return
    here.stop, here.problem = False, None
    here.deleting = (0, len(asked.ids))

    def moved(done: int, total: int) -> None:
        here.deleting = (done, total)
        app.changed()

    try:
        came = await app.services.account.sweep(here.seen, asked.ids, moved, lambda: here.stop)
    except Refused as error:
        here.problem = error.problem
        return
    finally:
        here.deleting = None
    if came.gone:
        await app.services.log.note("call", "sweep", counts={"files": len(came.gone)})
    here.seen = replace(here.seen, files=tuple(one for one in here.seen.files if one.id not in came.gone))
    here.files = await app.services.account.judge(here.seen)
    here.chosen -= came.gone
    here.problem = came.problem
    left = f" {text.count(came.needed, 'file')} stayed: a batch needs them now." if came.needed else ""
    app.toast(f"{text.count(len(came.gone), 'file')} deleted at the provider.{left}")


def stop(app: App, _action: StopSweep, _event: Event) -> None:
    app.state.account.stop = True


async def toggle_clear(app: App, action: ToggleClear, event: Event) -> None:
    """From now on: what ended before is left alone."""
    profile = app.state.profiles.get(action.profile)
    if profile is None or profile.practice:
        return
    since = app.services.clock.now() if event.value is True else 0.0
    await app.services.profiles.amend(profile.id, clear=since)
    app.state.profiles = dict(app.services.profiles.known)


HANDLERS: dict[type[Action], Handler] = {
    LookAtAccount: look,
    ChooseAccount: choose,
    ScrollAccount: scroll,
    ChooseFile: choose_file,
    ChooseFiles: choose_files,
    ShowAccount: show,
    AdoptBatch: adopt,
    AskSweep: ask,
    SweepFiles: sweep,
    StopSweep: stop,
    ToggleClear: toggle_clear,
}
