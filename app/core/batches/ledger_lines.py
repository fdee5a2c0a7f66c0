"""Lines that a ledger refers to by where they are stored."""

from __future__ import annotations

import msgspec

from app.core.openai.outcomes import FileKind


class LineLocation(msgspec.Struct, frozen=True, gc=False, array_like=True, forbid_unknown_fields=True):
    """Where a line is: answer segment ``answer:<batch id>:<file>:<segment>``, offset and length in bytes, without the line end."""

    file: FileKind
    segment: int
    offset: int
    length: int


class Unexpected(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A line for an id that the batch does not have."""

    custom_id: str
    place: LineLocation


class DamagedLine(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A line that can't be read, why, and the id that can be guessed from it (or "")."""

    place: LineLocation
    sentence: str
    guess: str = ""
