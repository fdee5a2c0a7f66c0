"""The dialogs over the composer: a conversation as text, and the address of an image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import msgspec

if TYPE_CHECKING:
    pass
from app.ui.base.dialogs import Aside


class TextSource(Protocol):
    """A dialog with a text of which a thread is made."""

    text: str
    fault: str
    making: bool


class Paste(Aside):
    """The dialog that takes a conversation as text."""

    text: str = ""
    fault: str = ""
    making: bool = False

    @property
    def aside(self) -> str:
        return "The pasted text was discarded." if self.text.strip() else ""


class AddressDialog(msgspec.Struct):
    """Asks for the address of an image for one message."""

    message: str
    text: str = ""
    fault: str = ""
