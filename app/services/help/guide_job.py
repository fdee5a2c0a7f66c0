"""The guide is read beside the page: its pages and the reader of Markdown are loaded there, when someone first opens Help."""

from __future__ import annotations

from importlib import import_module
from typing import Final

import msgspec

from app.core.help import guide
from app.core.help.guide import Guide
from app.ports import LibraryMissing
from app.ports.compute import Job, JobKind

LIBRARY: Final = "nightshift_guide"
"""What the build's archive of pages is called, and the module in it (tools/guide.py)."""


class GuideWanted(msgspec.Struct, frozen=True):
    """Nothing is to be said: it is read whole."""


READ_GUIDE: Final = JobKind("help.guide", GuideWanted, Guide)


async def read_guide(job: Job, _asked: GuideWanted) -> Guide:
    """Raises LibraryMissing."""
    await job.libraries.load("mistune")
    await job.libraries.load("nightshift_guide")
    try:
        pages = import_module(LIBRARY).PAGES
    except ImportError:
        raise LibraryMissing("The guide is not part of this copy of Nightshift. It is in the folder docs/guide of its sources.") from None
    return guide.read_guide(msgspec.convert(pages, dict[str, tuple[str, str]]))
