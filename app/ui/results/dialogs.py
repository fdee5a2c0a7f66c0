"""The question before requests are sent again that may be paid twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    pass


class RiskDialog(msgspec.Struct):
    """Requests that may be paid twice: shall they be sent again? Their ``rows``, and in the words of each code what is known."""

    batch: str
    which: str
    rows: tuple[int, ...]
    reasons: tuple[str, ...]
