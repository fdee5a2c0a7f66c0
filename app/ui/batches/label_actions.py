"""Naming and tagging batches, and finding them by that."""

from __future__ import annotations

from typing import Literal

from app.ui.base.actions_base import Action
from app.ui.base.commands import Command, Shortcut


class AskLabels(Action, frozen=True):
    """Open the dialog of a batch's name and tags."""

    id: str
    command = Command("Name and tags")


class TypeLabel(Action, frozen=True):
    """One of its fields is being typed."""

    field: Literal["name", "tags"]


class SaveLabels(Action, frozen=True):
    """Give the batch what was typed."""

    command = Command("Save", "Save the name and the tags", shortcuts=(Shortcut("Enter", "labels"),))


class SearchBatches(Action, frozen=True):
    """List only the batches whose name, tags, model or id have the words that are typed."""


LABELLING = (AskLabels, TypeLabel, SaveLabels, SearchBatches)
"""Their handlers come with the first of them."""
