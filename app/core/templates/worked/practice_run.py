"""The steps of the practice run over a worked example, in their order. How they are seen to be done: ui.shell.practice_run."""

from __future__ import annotations

from typing import Final

from app.core.model.settings import PracticeRun, PracticeStep

STEPS: Final[tuple[PracticeStep, ...]] = ("open", "look", "check", "submit", "read", "export")


def following(run: PracticeRun) -> PracticeStep | None:
    """The step that is next; None: all are done."""
    return next((one for one in STEPS if one not in run.done), None)


def begun(run: PracticeRun, table: str) -> PracticeRun:
    """After an example was opened: its run, unless another one is at its end or was put away."""
    if run.table == table or run.shown == "off" or (run.table and following(run) is None):
        return run
    return PracticeRun("on", table, done=("open",))
