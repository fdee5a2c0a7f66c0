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
from app.ui.account.dialogs import SweepDialog
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler
from app.ui.base.state import Route, Scroll
from app.ui.base.substates import AccountState


def on_route(context: Context, _before: Route) -> None:
    """Where the view is open: show the account of the provider in use, once."""
    if context.state.route.view != "account":
        return
    here = context.state.account
    if not here.profile or here.profile not in context.state.provider.profiles:
        context.state.account = here = AccountState(context.state.profile.id, here.tab)
    if here.seen is None and here.reading is None:
        context.tasks.start("account", _look(context))


async def look(context: Context, _action: LookAtAccount, _event: Event) -> None:
    await _look(context)


async def choose(context: Context, _action: ChooseAccount, event: Event) -> None:
    here = context.state.account
    if event.text in context.state.provider.profiles and here.reading is None and here.deleting is None:
        context.state.account = AccountState(event.text, here.tab)
        context.state.scroll.pop("account", None)
        await _look(context)


async def _look(context: Context) -> None:
    """List the account; what is left over from our own uploads is chosen beforehand."""
    here = context.state.account
    if here.reading is not None or here.deleting is not None:
        return
    here.reading, here.problem = (0, 0), None
    context.changed()

    def moved(files: int, batches: int) -> None:
        here.reading = (files, batches)
        context.changed()

    try:
        here.seen = await context.services.account.look(here.profile, moved)
        here.problem = here.seen.problem
        here.files = await context.services.account.judge(here.seen)
        here.chosen = {one.file.id for one in here.files if one.what == "orphan"}
    except Refused as error:
        here.problem = error.problem
    finally:
        here.reading = None
        context.changed()


def scroll(context: Context, _action: ScrollAccount, event: Event) -> None:
    context.state.scroll["account"] = Scroll.of(event)


def choose_file(context: Context, action: ChooseFile, event: Event) -> None:
    here = context.state.account
    if here.deleting is None and any(one.file.id == action.id and one.free for one in here.files):
        event.mark(here.chosen, action.id)


def choose_files(context: Context, action: ChooseFiles, _event: Event) -> None:
    here = context.state.account
    if here.deleting is None:
        here.chosen = {one.file.id for one in here.files if one.free and one.what == action.what}


def show(context: Context, action: ShowAccount, _event: Event) -> None:
    context.state.account.tab = "batches" if action.tab == "batches" else "files"
    context.state.scroll.pop("account", None)


async def adopt(context: Context, action: AdoptBatch, _event: Event) -> None:
    here = context.state.account
    remote = next((one for one in here.seen.batches if one.id == action.id), None) if here.seen else None
    if remote is None or here.profile not in context.state.provider.profiles:
        return
    try:
        batch = await context.services.account.adopt(here.profile, remote, here.seen.account if here.seen else "")
    except AlreadyHere:
        await context.refresh_batches()
        context.toast("This batch is in this browser already.")
        return
    context.services.engine.nudge()
    context.ask_to_keep()
    await context.refresh_batches()
    context.screen.go_to(f"#/batches/{batch.id}")


def ask(context: Context, _action: AskSweep, _event: Event) -> None:
    here = context.state.account
    going = [one for one in here.files if one.file.id in here.chosen]
    if going and here.deleting is None:
        provider = context.state.provider.profiles[here.profile]
        elsewhere = sum(one.what in ("elsewhere", "unused") for one in going)
        name, size = provider.name or provider.base_url, sum(one.file.size for one in going)
        context.state.dialog = SweepDialog(name, len(going), size, elsewhere, here.profile, tuple(one.file.id for one in going))


async def sweep(context: Context, _action: SweepFiles, _event: Event) -> None:
    """Delete what the dialog named, whatever was listed or chosen since."""
    asked, here = context.state.dialog, context.state.account
    if not isinstance(asked, SweepDialog):
        return
    context.state.dialog = None
    if here.seen is None or here.deleting is not None or here.profile != asked.profile:
        return
    here.stop, here.problem = False, None
    here.deleting = (0, len(asked.ids))

    def moved(done: int, total: int) -> None:
        here.deleting = (done, total)
        context.changed()

    try:
        came = await context.services.account.sweep(here.seen, asked.ids, moved, lambda: here.stop)
    except Refused as error:
        here.problem = error.problem
        return
    finally:
        here.deleting = None
    if came.gone:
        await context.services.log.note("call", "sweep", counts={"files": len(came.gone)})
    here.seen = replace(here.seen, files=tuple(one for one in here.seen.files if one.id not in came.gone))
    here.files = await context.services.account.judge(here.seen)
    here.chosen -= came.gone
    here.problem = came.problem
    left = f" {text.count(came.needed, 'file')} stayed: a batch needs them now." if came.needed else ""
    context.toast(f"{text.count(len(came.gone), 'file')} deleted at the provider.{left}")


def stop(context: Context, _action: StopSweep, _event: Event) -> None:
    context.state.account.stop = True


async def toggle_clear(context: Context, action: ToggleClear, event: Event) -> None:
    """From now on: what ended before is left alone."""
    profile = context.state.provider.profiles.get(action.profile)
    if profile is None or profile.practice:
        return
    since = context.services.clock.now() if event.value is True else 0.0
    await context.services.profiles.amend(profile.id, clear=since)
    context.state.provider.profiles = dict(context.services.profiles.known)


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
