"""Providers: which is in use, what is stored of each, its key, its models and its limits."""

from __future__ import annotations

from app.ui.base.actions_base import Action


class ChooseProfile(Action, frozen=True):
    pass


class UseProfile(Action, frozen=True):
    id: str


class AddProfile(Action, frozen=True):
    pass


class OpenProfile(Action, frozen=True):
    id: str


class TypeProfile(Action, frozen=True):
    """Set one field of the profile being edited."""

    name: str


class AllowRedirect(Action, frozen=True):
    """Let redirects of a provider lead to another origin."""

    id: str
    origin: str


class ExpireFiles(Action, frozen=True):
    """Let the files that are uploaded to a provider from now on expire by themselves."""

    id: str


class SaveProfile(Action, frozen=True):
    pass


class RemoveProfile(Action, frozen=True):
    id: str


class TypeKey(Action, frozen=True):
    profile: str


class RememberKey(Action, frozen=True):
    profile: str


class SaveKey(Action, frozen=True):
    profile: str


class RemoveKey(Action, frozen=True):
    profile: str


class TestKey(Action, frozen=True):
    profile: str


class RefreshModels(Action, frozen=True):
    pass


class TypeLimit(Action, frozen=True):
    """``which``: ``name`` or ``tokens``."""

    profile: str
    which: str


class SaveLimit(Action, frozen=True):
    profile: str


class RemoveLimit(Action, frozen=True):
    """An own limit, or (``told``) one that the provider named."""

    profile: str
    name: str
    told: bool = False
