"""Damaged records: handed out, set aside, put back."""

from __future__ import annotations

from app.ui.base.actions_base import Action


class ExportDamaged(Action, frozen=True):
    """Hand out a damaged record as a file; with no ``key`` all of a kind (``noun``), or simply all, and those that were set aside."""

    key: str = ""
    noun: str = ""


class SetAside(Action, frozen=True):
    """Take a damaged record out of its place; with no ``key`` all of a kind (``noun``), or simply all."""

    key: str = ""
    noun: str = ""


class ForgetSealed(Action, frozen=True):
    """Remove something sealed that cannot be opened: a key, a webhook's secret, a password."""

    id: str


class ExportAside(Action, frozen=True):
    """Hand out a record that was set aside as a file."""

    id: str


class PutBack(Action, frozen=True):
    """Put a record that was set aside back into its place."""

    id: str
