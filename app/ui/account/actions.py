"""What lies at the provider, and what is kept there."""

from __future__ import annotations

from app.ui.base.actions_base import Action


class LookAtAccount(Action, frozen=True):
    """List what is at the provider."""


class ChooseAccount(Action, frozen=True):
    """Look at another provider's account: the field's value."""


class ScrollAccount(Action, frozen=True):
    pass


class ChooseFile(Action, frozen=True):
    id: str


class ChooseFiles(Action, frozen=True):
    """Choose all files of one kind (core.batches.remote_files.What), or none."""

    what: str = ""


class ShowAccount(Action, frozen=True):
    """Show the account's files or its batches."""

    tab: str


class AdoptBatch(Action, frozen=True):
    """Bring a batch here that was made elsewhere. ``id`` is the provider's."""

    id: str


class AskSweep(Action, frozen=True):
    pass


class SweepFiles(Action, frozen=True):
    """Delete the chosen files at the provider."""


class StopSweep(Action, frozen=True):
    pass


class ToggleClear(Action, frozen=True):
    """Whether a provider's files are deleted once the answers are here."""

    profile: str
