"""The dialog in which a provider is made or changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from app.core.model.providers import Profile

if TYPE_CHECKING:
    pass


class ProfileDialog(msgspec.Struct):
    """A provider profile being made or changed."""

    profile: Profile
    fresh: bool
    fault: str = ""
    also: str | None = None
    seen: Profile | None = None
    """The provider as it was when the dialog was opened."""

    @property
    def hosts(self) -> str:
        """The other hosts of its redirects, as typed."""
        return " ".join(self.profile.also) if self.also is None else self.also
