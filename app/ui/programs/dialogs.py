"""The dialog with one message of a program."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from app.core.programs.message import ProgramMessage


class DeliveryDialog(msgspec.Struct):
    """One message with every try at its delivery. ``kind`` and ``typed`` are the target as it is being edited."""

    one: ProgramMessage
    kind: str = "webhook"
    typed: str = ""
    fault: str = ""
