"""The buttons of the open view as commands: whatever can be pressed there can be run from the list of commands as well, by the words that
the person sees.

They are read from the view's markup, so that no view has to say it twice. What is there more than once under one name (in the rows of a
list) needs the row to be chosen, and is left out; so are stars, of which every row has one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

from app.core.base import text
from app.core.json.jsonread import Unreadable
from app.ui.base.actions_base import Action, decode
from app.ui.base.drawing import render
from app.ui.base.state import State
from app.ui.shell.palette_search import Named
from app.ui.shell.view import shell

HERE: Final = "On this page"
MOST_HERE: Final = 60
_BUTTON: Final = re.compile(r"<button\b([^>]*)>(.*?)</button>", re.DOTALL)
_ATTRIBUTE: Final = re.compile(r'([\w-]+)(?:="([^"]*)")?')
_TAG: Final = re.compile(r"<[^>]*>")
_NAME: Final = 80


def buttons_here(state: State, known: Iterable[Action]) -> tuple[Named, ...]:
    """Those of the view that may be pressed now and whose action is not among the ``known``, in their order. Nothing while a dialog is
    open: its buttons are at hand."""
    main = render(shell(state)).partition("<main")[2].partition("</main>")[0]
    others = tuple(known)
    found = [one for one in map(_named, _BUTTON.finditer(main)) if one is not None]
    named = Counter(one.name for one in found)
    return tuple(one for one in found if named[one.name] == 1 and one.action not in others)[:MOST_HERE]


def _named(found: re.Match[str]) -> Named | None:
    said = dict(_ATTRIBUTE.findall(found[1]))
    classes = said.get("class", "").split()
    if "btn" not in classes or "star" in classes or "disabled" in said or said.get("aria-disabled") == "true" or "data-click" not in said:
        return None
    name = " ".join(_plain(said.get("aria-label") or _TAG.sub("", found[2])).split())
    try:
        action = decode(f'{{"action":{_plain(said["data-click"])}}}').action
    except Unreadable:  # cut, since it was too long to be drawn
        return None
    return Named(HERE, text.shorten(name, _NAME), action=action) if name else None


def _plain(markup: str) -> str:
    """What was escaped, as it was."""
    for sign, plain in (("&quot;", '"'), ("&#x27;", "'"), ("&#39;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        markup = markup.replace(sign, plain)
    return markup
