"""The dialog with one queued request."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass
from app.ui.base.dialogs import Aside


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
