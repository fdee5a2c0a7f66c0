"""The questions before something is done with a batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from app.core.batches.pipeline import Way
from app.services.batches.settling import Found

if TYPE_CHECKING:
    pass


class CancelDialog(msgspec.Struct):
    """Asks before a batch is cancelled, because what was answered by then is billed."""

    batch: str


class SettleDialog(msgspec.Struct):
    """Asks before a way is taken that leads out of where a batch is stuck. ``typed`` is the id of the batch at the provider, ``fault`` what
    is wrong with it, ``found`` what was seen of it."""

    batch: str
    way: Way
    typed: str = ""
    fault: str = ""
    found: Found | None = None


class ForgetDialog(msgspec.Struct):
    """Asks before a batch is deleted from this browser, because its answers may be nowhere else."""

    batch: str
