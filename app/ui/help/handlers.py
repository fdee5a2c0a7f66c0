"""The guide is read once, and searched as someone types."""

from __future__ import annotations

import asyncio
from typing import Final

from app.ports import LibraryMissing
from app.ports.compute import JobFailed
from app.services.help.guide_job import READ_GUIDE, GuideWanted
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler
from app.ui.help.actions import ReadGuideAgain, TypeHelp

_SECONDS: Final = 60
"""After so long it is given up; it can be tried again."""


async def follow(context: Context) -> None:
    """Read the guide, if it was not read yet."""
    here = context.state.help
    if here.guide is not None:
        return
    here.fault = ""
    try:
        here.guide = (await asyncio.wait_for(context.services.compute.run(READ_GUIDE, GuideWanted()), _SECONDS)).value
    except TimeoutError:
        here.fault = "Reading the guide took too long."
    except (JobFailed, LibraryMissing) as error:
        here.fault = str(error)
    context.changed()


def type_help(context: Context, _action: TypeHelp, event: Event) -> None:
    context.state.help.words = event.text


async def read_again(context: Context, _action: ReadGuideAgain, _event: Event) -> None:
    await follow(context)


HANDLERS: dict[type[Action], Handler] = {TypeHelp: type_help, ReadGuideAgain: read_again}
