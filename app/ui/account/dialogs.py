"""The question before files are deleted at the provider."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    pass


class SweepDialog(msgspec.Struct):
    """Asks before files are deleted at the provider, because nothing brings them back. ``elsewhere``: how many of them are of batches that
    were created elsewhere."""

    provider: str
    files: int
    size: int
    elsewhere: int
    profile: str = ""
    ids: tuple[str, ...] = ()
    """The files that the person is asked about: these are deleted and no others."""
