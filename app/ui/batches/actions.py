"""Batches: on their way, stuck, and ended."""

from __future__ import annotations

from app.core.batches.pipeline import Way
from app.ui.base.actions_base import Action


class CancelBatch(Action, frozen=True):
    id: str


class AskCancel(Action, frozen=True):
    id: str


class TryNow(Action, frozen=True):
    id: str


class AskSettle(Action, frozen=True):
    """Ask what a way on from where a batch is stuck does and may cost."""

    id: str
    way: Way


class TypeBatchId(Action, frozen=True):
    """The id of a batch at the provider."""


class Settle(Action, frozen=True):
    """Take that way."""

    id: str
    way: Way


class StopFollowing(Action, frozen=True):
    """Take a batch for ended whatever the provider calls it."""

    id: str


class AskForget(Action, frozen=True):
    id: str


class ForgetBatch(Action, frozen=True):
    """Delete an ended batch from this browser."""

    id: str


class RemovalRead(Action, frozen=True):
    """The note about batches that left this browser by themselves was read."""
