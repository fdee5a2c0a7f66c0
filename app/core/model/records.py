"""What every stored record has in common. A record is a msgspec struct, stored as JSON; every field has a default where one makes
sense, so that records of an older schema still decode.

Times are unix seconds (float). Sizes are bytes. Ids are made by ``core.base.ids``.
"""

from __future__ import annotations

from typing import ClassVar

import msgspec

from app.core.model import stored_names


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of everything stored. Change it with :func:`msgspec.structs.replace`."""

    stored: ClassVar[stored_names.StoredAs]
    id: str

    @property
    def index(self) -> tuple[str, str, float]:
        """Owner, state and order, as the store indexes them. What does not say otherwise is found by its kind."""
        return self.stored.name, "", 0.0
