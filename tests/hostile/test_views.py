"""The hostile corpus in every view: whatever a text says, it is text there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest

from app.ui.base.state import State
from tests.hostile.corpus import CORPUS
from tests.hostile.sizes import COUNTS
from tests.kit.markup import parse
from tests.kit.screen import check
from tests.states.drawn import STATES, VIEWS, draw, everything
from tests.states.variants import variants
from tests.unit.ui.shell.test_views import STATES as PLAIN_STATES
from tests.unit.ui.shell.test_views import plain, skeleton

NAMES = tuple(PLAIN_STATES)
TEXTS = tuple(text for text in CORPUS if text.encode("utf-8", "ignore").decode() == text)
"""Those that a state can hold: half a character is in no record, for it could not be stored (tests/hostile/test_inputs.py types it)."""
LONG = 1_000
"""Characters from which on a text may be drawn in part, with a button for the rest."""
CUT = 40
"""The shortest that a view cuts a text to (ui/programs/view.py, CHIP in ui/results/facet_view.py)."""
OTHERS_EVERY = 7
"""A text that goes by itself goes through every view, and through each seventh dialog and state."""
WHOLE_EVERY = 23
"""Of the drawings, one in so many is parsed as a browser parses it, which takes longer than to draw it."""


def alone(text: str) -> bool:
    """Whether it is drawn by itself: it is long, or it has braces, which are marked in some fields."""
    return len(text) >= LONG // 4 or "{{" in text


SHORT, ALONE = [one for one in TEXTS if not alone(one)], [one for one in TEXTS if alone(one)]


def together(texts: Iterable[str], most: int) -> Iterator[list[str]]:
    """The texts in groups that, joined, have at most ``most`` characters; one that is longer is a group of its own. What is asked of a
    drawing is asked of each of its texts: one that adds a bracket or a quote adds it beside others, too."""
    group: list[str] = []
    for one in texts:
        if group and len(said([*group, one])) > most:
            yield group
            group = []
        group.append(one)
    yield group


def said(group: Iterable[str]) -> str:
    """A group as one text; it is never blank, since a blank text may rightly be drawn in another way than a word."""
    return f"x{'x'.join(group)}x"


def marks(html: str) -> tuple[int, int, int]:
    """What only the program may write: brackets and quotes. A text that is escaped adds none."""
    return html.count("<"), html.count(">"), html.count('"')


PLAIN = {name: marks(draw(state)) for name, state in PLAIN_STATES.items()}


def drawn(text: str, name: str, state: State, *, whole: bool) -> None:
    """Not an element, attribute or quote comes or goes."""
    html = draw(state)
    COUNTS["drawings of a view with hostile texts in every place"] += 1
    if len(text) > LONG or ("{{" in text and "<mark" in html):
        check(html)
        return
    assert marks(html) == PLAIN[name], (text, name)
    if whole:
        check(html)
        assert skeleton(parse(html)) == plain(name), (text, name)
        COUNTS["of those parsed whole"] += 1


def test_a_hostile_text_is_text_in_every_view() -> None:
    """Each text of the corpus, uncut in every place of every view."""
    for n, group in enumerate(together(SHORT, CUT)):
        text = said(group)
        for place, name in enumerate(VIEWS):
            drawn(text, name, everything(text, name), whole=(n + place) % WHOLE_EVERY == 0)
        COUNTS["hostile texts drawn in every view"] += len(group)


def test_a_hostile_text_is_text_in_every_dialog_and_state() -> None:
    """As many texts at once as are drawn uncut where nothing is shortened: each dialog and state sees each text."""
    for part in range(8):  # each begins with markup, which no place cuts off
        for n, group in enumerate(together(SHORT[part::8], LONG)):
            text = said(group)
            for place, (name, state) in enumerate(variants(text)):
                drawn(text, name, state, whole=(n + part + place) % WHOLE_EVERY == 0)
            COUNTS["hostile texts drawn in every dialog and state"] += len(group)


@pytest.mark.parametrize("part", range(4))
def test_a_hostile_text_by_itself_is_text_in_every_view(part: int) -> None:
    """Those that are long or have braces."""
    for n, one in enumerate(ALONE[part::4]):
        text = said([one])
        for place, (name, state) in enumerate(variants(text)):
            if name in VIEWS or (n + place) % OTHERS_EVERY == 0:
                drawn(text, name, state, whole=(n + place) % WHOLE_EVERY == 0)
        COUNTS["hostile texts drawn in every view"] += 1


def test_every_view_and_state_is_there() -> None:
    """The drawings cover every view, every state of a batch and every dialog; the corpus has 200 texts and more."""
    assert len(CORPUS) >= 200
    assert set(VIEWS) <= {name.split(" ")[0] for name in NAMES}
    assert {f"batch {one}" for one in STATES} <= set(NAMES)
