"""What a test tells the page, and what the page tells it."""

from __future__ import annotations

from typing import Literal

import msgspec

from app.core.programs.rabbit import Access, ConnectionStatus, OutgoingResult


class Command(msgspec.Struct):
    """``do`` this. ``fail``: so many portions cannot be stored; ``refuse``: bodies that are rejected; ``slow``: storing a portion waits
    until the page is told to stop; ``count`` results of ``size``."""

    do: Literal["consume", "stop", "state", "publish", "test", "flood"]
    access: Access | None = None
    fail: int = 0
    refuse: list[str] = []
    messages: list[OutgoingResult] = []
    count: int = 0
    size: int = 0
    portion: int = 500
    slow: bool = False


class State(msgspec.Struct):
    """What has been stored, in order. ``first`` and ``last`` are when the first and the last of it came (ms of the page's clock); ``came``
    is how many messages came, stored or not."""

    ids: list[str] = []
    bodies: list[str] = []
    replies: list[str] = []
    came: int = 0
    refused: list[str] = []
    portions: int = 0
    begun: int = 0
    lights: list[ConnectionStatus] = []
    ended: bool = False
    first: float = 0.0
    last: float = 0.0
