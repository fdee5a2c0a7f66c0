"""Several prompts, tables or batches that are being selected in their list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from app.core.model.settings import Starrable


class PickingState(msgspec.Struct):
    """``kind``: what is selected; "": nothing is being selected. ``ids`` may name what is gone by now."""

    kind: Starrable | Literal[""] = ""
    ids: set[str] = msgspec.field(default_factory=set)
