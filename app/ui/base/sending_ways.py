"""In which ways requests go that are sent again, in words: what is left of a batch that is rescued, or what a person chose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from app.core.model.rescues import RescueWay

WAYS: Final[dict[RescueWay, str]] = {
    "batch": "As a new batch",
    "flex": "Request by request, at the flex price",
    "standard": "Request by request, at the standard price",
    "queue": "Not automatically: it waits in the queue",
}
MEANS: Final[dict[RescueWay, str]] = {
    "batch": "A new batch waits its turn at the provider, like every batch.",
    "flex": "Cheaper than the standard price, and slower; the provider may be too busy for a while. The page has to stay open.",
    "standard": "Answered within minutes. The page has to stay open.",
    "queue": "You submit it when you want to; nothing is sent or billed before.",
}
