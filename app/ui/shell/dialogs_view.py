"""Which view draws which dialog: one at a time, closed by Esc, by the cross or by its own buttons.

A conversation being pasted and an edited request can be had back for a while after their dialog was closed (ui.base.dialogs.Aside); the
other dialogs are short and forget.
"""

from __future__ import annotations

from app.services.results.shown import Opened
from app.ui.account.dialogs import SweepDialog
from app.ui.activity.dialogs import LogDialog
from app.ui.base.dialogs import EndDialog
from app.ui.base.markup import NOTHING, Node
from app.ui.base.state import State
from app.ui.batches.dialogs import (
    CancelDialog,
    ForgetDialog,
    ForgetSeveralDialog,
    LabelDialog,
    RescueDialog,
    SettleDialog,
    TagsDialog,
)
from app.ui.programs.dialogs import DeliveryDialog
from app.ui.provider.dialogs import ProfileDialog
from app.ui.queue.dialogs import BulkDialog, RequestDialog
from app.ui.results.dialogs import (
    ExamplesDialog,
    FollowDialog,
    JudgeDialog,
    RerunDialog,
    RetryDialog,
    RiskDialog,
    StepDialog,
    TakeAwayDialog,
)
from app.ui.shell.dialogs import PaletteDialog, ShortcutsDialog
from app.ui.threads.dialogs import AddressDialog, Paste
from app.ui.workspace.dialogs import ImportDialog


def show(state: State) -> Node:
    """The open dialog, if any. Each view is imported when its dialog is first opened."""
    match state.dialog:
        case None:
            return NOTHING
        case EndDialog() as one:
            from app.ui.shell.ending_view import ending

            return ending(state, one)
        case Paste() as one:
            from app.ui.threads.dialogs_view import paste

            return paste(state, one)
        case AddressDialog() as one:
            from app.ui.threads.dialogs_view import address

            return address(state, one)
        case RequestDialog() as one:
            from app.ui.queue.dialogs_view import request

            return request(state, one)
        case BulkDialog() as one:
            from app.ui.queue.bulk_view import bulk

            return bulk(state, one)
        case ProfileDialog() as one:
            from app.ui.provider.dialogs_view import profile

            return profile(one)
        case CancelDialog() as one:
            from app.ui.batches.dialogs_view import cancel

            return cancel(state, one)
        case ForgetDialog() as one:
            from app.ui.batches.dialogs_view import forget

            return forget(one)
        case LabelDialog() as one:
            from app.ui.batches.label_view import labels

            return labels(state, one)
        case ForgetSeveralDialog() as one:
            from app.ui.batches.dialogs_view import forget_several

            return forget_several(one)
        case TagsDialog() as one:
            from app.ui.batches.label_view import tags_of_several

            return tags_of_several(state, one)
        case RescueDialog() as one:
            from app.ui.batches.rescue_view import rescue

            return rescue(state, one)
        case SettleDialog() as one:
            from app.ui.batches.settling_view import settle

            return settle(state, one)
        case RiskDialog() as one:
            from app.ui.results.answer_view import risk

            return risk(state, one)
        case RetryDialog() as one:
            from app.ui.results.retry_view import retry

            return retry(state, one)
        case TakeAwayDialog() as one:
            from app.ui.results.take_view import take_away

            return take_away(state, one)
        case JudgeDialog() as one:
            from app.ui.results.judge_view import judge

            return judge(state, one)
        case FollowDialog() as one:
            from app.ui.results.follow_view import follow

            return follow(state, one)
        case RerunDialog() as one:
            from app.ui.results.rerun_view import rerun

            return rerun(state, one)
        case ExamplesDialog() as one:
            from app.ui.results.example_view import examples

            return examples(state, one)
        case StepDialog() as one:
            from app.ui.results.step_view import step

            return step(state, one)
        case Opened() as one:
            from app.ui.results.answer_view import answer

            return answer(state, one)
        case SweepDialog() as one:
            from app.ui.account.dialogs_view import sweep

            return sweep(state, one)
        case LogDialog() as one:
            from app.ui.activity.view import dialog_of

            return dialog_of(state, one)
        case ImportDialog() as one:
            from app.ui.workspace.dialogs_view import bring

            return bring(one, state)
        case DeliveryDialog() as one:
            from app.ui.programs.dialogs_view import delivery

            return delivery(state, one)
        case PaletteDialog() as one:
            from app.ui.shell.palette_view import palette

            return palette(state, one)
        case ShortcutsDialog() as one:
            from app.ui.shell.palette_view import shortcuts

            return shortcuts(state, one)
        case other:
            raise TypeError(f"no view draws a {type(other).__name__}")
