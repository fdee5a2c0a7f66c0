"""What every way of submitting requests from the queue does: one at a time, to a provider that the tab at work can call, and what no batch
holds is said."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from app.core.base import text
from app.core.model.problem import Problem
from app.core.model.providers import Profile
from app.core.openai.problems import Refused
from app.core.queue.lanes import LineRefusal
from app.ui.base.context import Context


@contextlib.contextmanager
def submitting(context: Context) -> Iterator[None]:
    """The one section in which batches are planned: its buttons are busy, and a second press does nothing. Ask ``busy`` before."""
    context.state.busy.add("submit")
    context.changed()
    try:
        yield
    finally:
        context.state.busy.discard("submit")
        context.changed()


async def check_provider(context: Context, id: str) -> Profile:
    """The provider to submit to. Refused when it was removed, when there is no key, or when the tab that does the work cannot have it."""
    profiles = context.services.profiles
    provider = await profiles.provider(id)
    if not provider.profile.practice and not context.state.engine.leads and not await profiles.remembered(id):
        raise Refused(
            Problem(
                code="key_elsewhere",
                what="Another tab does the work and has no key: the key entered here is only in this tab's memory.",
                means="Nothing was sent. The requests are where they were.",
                do="Enter the key there, or close that tab.",
                blame="person",
            )
        )
    return provider.profile


def show_refused(context: Context, refused: tuple[LineRefusal, ...]) -> None:
    """Say which requests no batch holds."""
    more = f" {text.number(len(refused) - 1)} more are too large as well." if len(refused) > 1 else ""
    context.state.problems["too_large_line"] = Problem(
        code="too_large_line",
        what=f"{refused[0].sentence}{more}",
        means="These requests stay in the queue; the others were submitted.",
        do="Shorten them, or raise the limit in the settings if the account allows more.",
        blame="person",
    )
