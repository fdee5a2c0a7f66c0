"""Looking for words in the guide."""

from __future__ import annotations

from typing import Final

import msgspec

from app.core.base import text
from app.core.help.guide import Guide, GuidePage, GuideSection

MOST: Final = 30
"""Places that are listed."""
_AROUND: Final = 60
"""Characters that come before the first word that was found."""
_EXCERPT: Final = 200


class GuideMatch(msgspec.Struct, frozen=True):
    """A section that has the words."""

    page: GuidePage
    section: GuideSection
    excerpt: str
    """What stands around the first of them."""


def search(guide: Guide, typed: str) -> list[GuideMatch]:
    """The sections that have every word that was typed, whatever its case; those with all of them in their heading first, else in the order
    of the pages."""
    wanted = text.words(typed)
    if not wanted:
        return []
    titled: list[GuideMatch] = []
    others: list[GuideMatch] = []
    for page in guide.pages:
        for section in page.sections:
            title = (section.title or page.title).casefold()
            said = f"{title} {section.words.casefold()}"
            if all(word in said for word in wanted):
                found = GuideMatch(page, section, _excerpt(section.words, wanted))
                (titled if all(word in title for word in wanted) else others).append(found)
    return [*titled, *others][:MOST]


def _excerpt(words: str, wanted: list[str]) -> str:
    folded = words.casefold()
    first = min((at for word in wanted if (at := folded.find(word)) >= 0), default=0)
    begin = max(0, first - _AROUND)
    if begin:
        begin = words.find(" ", begin) + 1
    cut = words[begin : begin + _EXCERPT]
    return f"{'… ' if begin else ''}{cut.strip()}{' …' if begin + _EXCERPT < len(words) else ''}"
