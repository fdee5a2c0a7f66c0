"""What the person reads about a failure: one that nobody expected, and those of jobs and of the store that can be."""

from __future__ import annotations

from app.core.bodies.requests import LineFault
from app.core.model import quoting
from app.core.model.problem import Problem
from app.core.openai import problems
from app.ports import Conflict, FileUnreadable, StorageFull, StorageLost
from app.services.threads.images import ImageLost

UNREADABLE = "The browser could not read the file: it was moved or changed, or another program holds it. Choose it again."
MEMORY = "It needs more memory than the browser gives this page. Nothing here was changed."


def shown(name: str, error: BaseException) -> Problem:
    """The failure of what runs under ``name``: what happened, what it means, what to do."""
    if isinstance(error, problems.Refused):
        return error.problem
    if isinstance(error, StorageFull):
        return problems.from_storage("full", str(error))
    if isinstance(error, StorageLost):
        return problems.from_storage("lost", str(error))
    if isinstance(error, Conflict):
        return Problem(
            code="conflict",
            what="Another tab of Nightshift kept changing the same thing.",
            means="Nothing was changed here.",
            do="Try again.",
            blame="ours",
        )
    if isinstance(error, LineFault | ImageLost):
        return Problem(code="line", what=str(error), means="Nothing was queued.", do="Fix the text, then try again.", blame="person")
    return Problem(
        code=f"internal:{name}",
        what=f"Nightshift itself failed at “{name}”.",
        means="What was stored before is unchanged.",
        do="Try again. If it fails again, reload the page and report the details below.",
        blame="ours",
        detail=quoting.quote(f"{type(error).__name__}: {error}"),
    )


def expected(error: Exception, told: tuple[type[Exception], ...], conflict: str) -> str | None:
    """A failure of a job or of the store that can be expected, in words for people; None: it cannot, and is to be raised again. ``told``:
    exceptions whose text is a sentence for people; ``conflict``: what is said where another tab was faster."""
    match error:
        case FileUnreadable():
            return UNREADABLE
        case MemoryError():
            return MEMORY
        case Conflict():
            return conflict
        case StorageFull():
            problem = problems.from_storage("full", str(error))
        case StorageLost():
            problem = problems.from_storage("lost", str(error))
        case _:
            return str(error) if isinstance(error, told) else None
    return f"{problem.what} {problem.do}"
