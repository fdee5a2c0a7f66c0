"""Reading and downloading the answers of what is open, from wherever the focus is: by a key, or from the list of commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.batches import pipeline
from app.ui.base.actions_base import Action
from app.ui.base.commands import PLAIN, Command, Shortcut

if TYPE_CHECKING:
    from app.ui.base.state import State

_NONE_HERE = "There are no answers here yet."


def _nothing_to_download(state: State, _action: DownloadOpen) -> str | None:
    match state.route.view:
        case "batch":
            one = next((each for each in state.batches.all if each.id == state.route.id), None)
            return None if one is not None and one.state in pipeline.FETCHED and one.tally.answered else _NONE_HERE
        case "results":
            return None if state.results.window is not None and state.results.window.found else _NONE_HERE
        case _:
            return "Open a batch or Results first."


class DownloadOpen(Action, frozen=True):
    """Download the answers of the batch or of the table of answers that is open."""

    command = Command("Download answers", "", _nothing_to_download, shortcuts=(Shortcut("d", "page"),), ready=PLAIN)


def _nothing_to_read(state: State, _action: ReadOpen) -> str | None:
    match state.route.view:
        case "batch":
            return None if state.batch.id == state.route.id and state.batch.rows else _NONE_HERE
        case "results":
            return None if state.results.window is not None and state.results.window.found else _NONE_HERE
        case _:
            return "Open a batch or Results first."


class ReadOpen(Action, frozen=True):
    """Open the first request in sight of a batch; in Results, go to the table's rows."""

    command = Command("Read answers", "", _nothing_to_read, shortcuts=(Shortcut("r", "page"),), ready=PLAIN)


REACHING = (DownloadOpen, ReadOpen)
