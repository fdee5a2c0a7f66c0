"""In which ways each row of a table is asked, as a person types it. What comes of it: core.templates.ways."""

from __future__ import annotations

import msgspec


class Ways(msgspec.Struct, frozen=True, kw_only=True):
    """Texts as typed, so that a half-typed one is never lost."""

    models: str = ""
    """Models beside the prompt's own, with commas between them."""
    samples: str = "1"
    """How often each row is asked in each way."""
    parameter: str = ""
    """Name of a parameter whose ``values`` are compared, with commas between them."""
    values: str = ""
    versions: tuple[str, ...] = ()
    """Ids of versions of the prompt that are asked beside what stands in it."""
