"""The questions before something is done with a batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from app.core.batches.pipeline import Way
from app.services.batches.settling import Found

if TYPE_CHECKING:
    from app.core.batches.rescue_offers import RescuePrices
    from app.core.model.rescues import RescueWay


class LabelDialog(msgspec.Struct):
    """A batch's name and tags, as typed."""

    batch: str
    name: str = ""
    tags: str = ""
    """Parted by commas."""


class TagsDialog(msgspec.Struct):
    """Tags of several batches, as typed and parted by commas: which are added to each, which are taken out."""

    batches: tuple[str, ...]
    add: str = ""
    remove: str = ""
    fault: str = ""
    """Why some do not have them yet."""


class CancelDialog(msgspec.Struct):
    """Asks before a batch is cancelled, because what was answered by then is billed."""

    batch: str


class RescueDialog(msgspec.Struct):
    """Asks when a batch is to be rescued and how what is left is sent; ``prices`` says what each way costs."""

    batch: str
    way: RescueWay = "batch"
    when: Literal["now", "hours", "clock"] = "now"
    hours: str = "2"
    clock: str = "18:00"
    fault: str = ""
    """What is wrong with the time."""
    prices: RescuePrices | None = None


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


class ForgetSeveralDialog(msgspec.Struct):
    """The same of several: those that have ended, of so many that were selected."""

    batches: tuple[str, ...]
    of: int
