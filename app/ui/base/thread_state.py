"""What is shown of threads: the one being edited, and those that are stored."""

from __future__ import annotations

from typing import Literal

import msgspec

from app.core.base.findings import Finding
from app.core.model.lanes import Lane
from app.core.model.threads import Thread
from app.services.threads.drafts import Saving


class ComposeState(msgspec.Struct):
    """The thread being edited."""

    thread: Thread
    rev: int = 0
    """How often its text was replaced by something else than typing: fields then show it even while they have the focus."""
    looked: Thread | None = None
    """The text that the findings, lane and size are those of: a large one is looked at when the person pauses."""
    weighed: bool = False
    """Whether ``size`` has the images that are kept apart in it."""
    lane: Lane = msgspec.field(default_factory=lambda: Lane("", "", ""))
    """Of the request that it makes."""
    size: int = 0
    """Of that request, bytes."""
    saving: Saving | None = None
    """What the disk said last; None before it said anything."""
    saved_at: float = 0.0
    """Unix seconds; 0: not since it was opened."""
    editor: Literal["form", "raw"] = "form"
    findings: tuple[Finding, ...] = ()
    """What is wrong with it."""
    tried: bool = False
    """Whether it was to be queued with that: faults of what is not filled in yet show from then on."""
    typed: bool = False
    """Whether the person changed the thread in this tab since it was shown."""
    theirs: Thread | None = None
    """In a conflict: how the thread is in the other tab."""
    missing: str = ""
    """The id in the address, when no prompt has it: what is open is another one."""
    search: str = ""
    """What the list of threads is searched for."""


class ThreadsState(msgspec.Struct):
    """The threads that are stored."""

    all: list[Thread] = msgspec.field(default_factory=list)
    """Newest first, deleted ones among them."""
    held: bool = False
    """Whether what cannot be saved outlives a reload of this tab anyway."""
