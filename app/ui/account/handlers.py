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
from app.ui.base.provider_state import AccountState
from app.ui.base.state import Route, Scroll


def on_route(context: Context, _before: Route) -> None:
    """Where the view is open: show the account of the provider in use, once."""
    if context.state.route.view != "account":
        return
    account = context.state.account
    if not account.profile or account.profile not in context.state.provider.profiles:
        context.state.account = account = AccountState(context.state.profile.id, account.tab)
    if account.seen is None and account.reading is None:
        context.tasks.start("account", _look(context))


async def look(context: Context, _action: LookAtAccount, _event: Event) -> None:
    await _look(context)


async def choose(context: Context, _action: ChooseAccount, event: Event) -> None:
    account = context.state.account
    if event.text in context.state.provider.profiles and account.reading is None and account.deleting is None:
        context.state.account = AccountState(event.text, account.tab)
        context.state.scroll.pop("account", None)
        await _look(context)


async def _look(context: Context) -> None:
    """List the account; what is left over from our own uploads is chosen beforehand."""
    account = context.state.account
    if account.reading is not None or account.deleting is not None:
        return
    account.reading, account.problem = (0, 0), None
    context.changed()

    def moved(files: int, batches: int) -> None:
        account.reading = (files, batches)
        context.changed()

    try:
        account.seen = await context.services.account.look(account.profile, moved)
        account.problem = account.seen.problem
        account.files = await context.services.account.judge(account.seen)
        account.chosen = {file.file.id for file in account.files if file.what == "orphan"}
    except Refused as error:
        account.problem = error.problem
    finally:
        account.reading = None
        context.changed()


def scroll(context: Context, _action: ScrollAccount, event: Event) -> None:
    context.state.scroll["account"] = Scroll.of(event)


def choose_file(context: Context, action: ChooseFile, event: Event) -> None:
    account = context.state.account
    if account.deleting is None and any(file.file.id == action.id and file.free for file in account.files):
        event.mark(account.chosen, action.id)


def choose_files(context: Context, action: ChooseFiles, _event: Event) -> None:
    account = context.state.account
    if account.deleting is None:
        account.chosen = {file.file.id for file in account.files if file.free and file.what == action.what}


def show(context: Context, action: ShowAccount, _event: Event) -> None:
    context.state.account.tab = "batches" if action.tab == "batches" else "files"
    context.state.scroll.pop("account", None)


async def adopt(context: Context, action: AdoptBatch, _event: Event) -> None:
    account = context.state.account
    remote = next((batch for batch in account.seen.batches if batch.id == action.id), None) if account.seen else None
    if remote is None or account.profile not in context.state.provider.profiles:
        return
    try:
        batch = await context.services.account.adopt(account.profile, remote, account.seen.account if account.seen else "")
    except AlreadyHere:
        await context.refresh_batches()
        context.toast("This batch is in this browser already.")
        return
    context.services.engine.nudge()
    context.ask_to_keep()
    await context.refresh_batches()
    context.screen.go_to(f"#/batches/{batch.id}")


def ask(context: Context, _action: AskSweep, _event: Event) -> None:
    account = context.state.account
    going = [file for file in account.files if file.file.id in account.chosen]
    if going and account.deleting is None:
        provider = context.state.provider.profiles[account.profile]
        elsewhere = sum(one.what in ("elsewhere", "unused") for one in going)
        name, size = provider.name or provider.base_url, sum(one.file.size for one in going)
        context.state.dialog = SweepDialog(name, len(going), size, elsewhere, account.profile, tuple(one.file.id for one in going))


async def sweep(context: Context, _action: SweepFiles, _event: Event) -> None:
    """Delete what the dialog named, whatever was listed or chosen since."""
    asked, account = context.state.dialog, context.state.account
    if not isinstance(asked, SweepDialog):
        return
    context.state.dialog = None
    if account.seen is None or account.deleting is not None or account.profile != asked.profile:
        return
    account.stop, account.problem = False, None
    account.deleting = (0, len(asked.ids))

    def moved(done: int, total: int) -> None:
        account.deleting = (done, total)
        context.changed()

    try:
        came = await context.services.account.sweep(account.seen, asked.ids, moved, lambda: account.stop)
    except Refused as error:
        account.problem = error.problem
        return
    finally:
        account.deleting = None
    if came.gone:
        await context.services.log.note("call", "sweep", counts={"files": len(came.gone)})
    account.seen = replace(account.seen, files=tuple(file for file in account.seen.files if file.id not in came.gone))
    account.files = await context.services.account.judge(account.seen)
    account.chosen -= came.gone
    account.problem = came.problem
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
