"""What is shown of rescues: batches that are cancelled in time, and whose rest goes on in another way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from app.core.model.rescues import Rescue


class RescuesState(msgspec.Struct):
    """Those that are known."""

    all: dict[str, Rescue] = {}
    """By the batch's id."""
