"""The dialogs with one queued request, and with many of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from app.ui.base.dialogs import Aside

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.core.model.queue_edits import RequestChange
    from app.core.queue.changing import ChangeReport
    from app.core.queue.scope import Scope
    from app.services.queue.bulk_edit import EditOrder


class RequestDialog(Aside):
    """One queued request, its body as text that can be edited."""

    lane: str
    id: str
    endpoint: str
    text: str
    before: str
    fault: str = ""
    saving: bool = False
    making: bool = False
    rev: int = 0
    theirs: str = ""
    """What another tab made of the request since it was opened here."""

    @property
    def aside(self) -> str:
        return "The edit was discarded; it is not saved." if self.text != self.before else ""


class BulkDialog(msgspec.Struct):
    """One change of many requests of a lane, as it is being said. ``meant``: which, as they were selected when it was opened."""

    lane: str
    requests: int
    meant: Scope | set[str]
    field: str = "model"
    """Name of the parameter, or what core.queue.change_form has in its place."""
    removed: bool = False
    key: str = ""
    text: str = ""
    fault: str = ""
    change: RequestChange | None = None
    """What was typed; None while something is missing."""
    report: ChangeReport | None = None
    """What it would do; None while that is not known."""
    order: EditOrder | None = None
    doing: str = ""
    share: int = 0
    stop: Callable[[], None] | None = None
