"""A file that was given, looked at: its first rows, and where its lines are requests already all of them."""

from __future__ import annotations

from app.core.base import text
from app.core.datasets import filerows
from app.core.datasets.table import UnreadableTable
from app.core.planning.rowrequests import Unplannable
from app.ports import LibraryMissing
from app.ports.compute import JobFailed
from app.services.datasets.datasets import Source, name_for
from app.services.planning.adding import AddedMeanwhile
from app.ui.base import failures
from app.ui.base.context import Context
from app.ui.base.data_state import ImportDraft, RequestsOffer
from app.ui.base.stoppable import Stopped, stoppable

NOT_IMPORTED = "Nothing was imported."
_SAID = 1_500
"""Characters of what is said of files that were not taken."""


def table_words(error: Exception) -> str | None:
    """Why a file is not imported, where that can be expected."""
    return failures.expected(
        error,
        (UnreadableTable, JobFailed, LibraryMissing),
        "Another tab changed this table meanwhile. Nothing here was changed. Try again.",
    )


def requests_words(error: Exception) -> str | None:
    """Why requests are not checked or queued, where that can be expected."""
    told = (Unplannable, JobFailed, LibraryMissing, AddedMeanwhile)
    return failures.expected(error, told, "Another tab was in the way. Try again.")


# --- one file after the other


async def take(context: Context, sources: list[Source], into: str = "", fault: tuple[str, str] | None = None) -> None:
    """Files were given: they are looked at one after the other, behind those that wait already. ``into``: a single one is a newer version
    of this table; ``fault``: what is to be said of others that came with them."""
    here = context.state.data
    if here.draft is not None or here.waiting:  # none is open for a moment between two of them
        here.waiting = (*here.waiting, *sources)
        here.fault = fault or here.fault
        if here.draft is not None:
            context.toast(f"{text.count(len(sources), 'file')} will follow the one that is open.")
        await next_file(context)
        return
    here.fault = fault
    first, *rest = sources
    here.waiting = tuple(rest)
    await _begin(context, first, "" if rest else into)
    await next_file(context)


async def next_file(context: Context) -> None:
    """The next file that waits, once the one before it is done with: the first that can be read."""
    here = context.state.data
    while here.draft is None and here.waiting:
        first, *rest = here.waiting
        here.waiting = tuple(rest)
        await _begin(context, first)


async def _begin(context: Context, source: Source, into: str = "") -> None:
    """Look at a file, which may become a newer version of the table with the id ``into``."""
    here = context.state.data
    table = next((one for one in here.all or () if one.id == into), None)
    key = table.key if table else filerows.KEY if source.files else ""
    here.draft = ImportDraft(source, into if table else "", table.name if table else name_for(source.name), key)
    await look(context, here.draft)


async def look(context: Context, draft: ImportDraft) -> None:
    """Read the first rows by the draft's dialect. A look that is overtaken by a later one is not shown."""
    here = context.state.data
    dialect = draft.dialect
    draft.doing, draft.fault = "examine", None
    context.changed()
    try:
        seen = await context.services.datasets().examine(draft.source, dialect)
    except Exception as error:
        words = table_words(error)
        if words is None:
            draft.doing = ""
            raise
        if here.draft is draft and draft.dialect is dialect:
            draft.doing = ""
            if draft.seen is None:
                here.draft, here.fault = None, _with(here.fault, draft.source.name, words)
            else:
                draft.fault = ("The file can't be read this way.", words)
            context.changed()
        return
    if here.draft is draft and draft.dialect is dialect:
        draft.doing, draft.seen = "", seen
        if draft.key and draft.key not in seen.columns and not draft.into:
            draft.key = ""
        context.changed()
        await _look_at_requests(context, draft)


def _with(before: tuple[str, str] | None, name: str, words: str) -> tuple[str, str]:
    """What is said of a file that was not taken, and of those that were not before it."""
    said = f"{text.head(name, 80)}: {words}" if name else words
    return (NOT_IMPORTED, said) if before is None else ("Some files were not imported.", text.head(f"{before[1]} {said}", _SAID))


# --- its requests


def let_go(draft: ImportDraft) -> None:
    """The look over its lines is not wanted any more."""
    if draft.requests is not None and draft.requests.doing == "check" and draft.requests.stop is not None:
        draft.requests.stop()


async def _look_at_requests(context: Context, draft: ImportDraft) -> None:
    """The first rows of a file were read: if they are requests, look over all of them."""
    seen = draft.seen
    if seen is None or seen.content != "requests" or seen.candidates or draft.into:
        let_go(draft)
        draft.requests = None
        return
    if draft.requests is not None and draft.requests.encoding == seen.dialect.encoding:
        return  # what was corrected concerns the table
    let_go(draft)
    draft.requests = RequestsOffer(context.state.profile, seen.dialect.encoding)
    await check(context, draft, draft.requests)


async def check(context: Context, draft: ImportDraft, offer: RequestsOffer) -> None:
    files = context.services.planning().files
    offer.fault = offer.report = offer.before = None
    try:
        offer.report = await stoppable(
            context, offer, "check", lambda moved: files.check(draft.source, offer.encoding, offer.profile, moved)
        )
    except Stopped:
        offer.fault = ("Stopped.", "Not all lines were checked.")
    except Exception as error:
        words = requests_words(error)
        if words is None:
            raise
        offer.fault = ("The lines could not be checked.", words)
    else:
        await learn_before(context, offer)
    context.changed()


async def learn_before(context: Context, offer: RequestsOffer) -> bool:
    """Learn when the very same file was added to the queue; whether it was since that was learnt last."""
    if offer.report is None:
        return False
    found = await context.services.planning().files.added(offer.report.record.digest)
    ids = frozenset(one.id for one in found)
    new = not ids <= offer.seen
    offer.before, offer.seen = next(iter(found), None), ids
    return new
