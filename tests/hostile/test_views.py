"""The hostile corpus in every view: whatever a text says, it is text there."""

from __future__ import annotations

import pytest

from tests.hostile.corpus import CORPUS
from tests.hostile.sizes import COUNTS
from tests.kit.screen import check, parse
from tests.states.drawn import STATES, VIEWS, draw
from tests.states.variants import variants
from tests.unit.ui.shell.test_views import SKELETONS, skeleton

NAMES = tuple(SKELETONS)
TEXTS = tuple(text for text in CORPUS if text.encode("utf-8", "ignore").decode() == text)
"""Those that a state can hold: half a character is in no record, for it could not be stored (tests/hostile/test_inputs.py types it)."""
LONG = 1_000
"""Characters from which on a text may be drawn in part, with a button for the rest."""
OTHERS_EVERY = 7
"""Every text goes through every view; through dialogs and through the states of a batch goes each seventh."""
WHOLE_EVERY = 37
"""Of the drawings, one in so many is parsed as a browser parses it, which takes six times longer than to draw it."""


def marks(html: str) -> tuple[int, int, int]:
    """What only the program may write: brackets and quotes. A text that is escaped adds none."""
    return html.count("<"), html.count(">"), html.count('"')


PLAIN = {name: marks(draw(state)) for name, state in variants("plain")}


@pytest.mark.parametrize("part", range(8))
def test_a_hostile_text_is_text_in_every_view(part: int) -> None:
    """Each text of the corpus, in every place of every view: not an element, attribute or quote comes or goes."""
    for n, text in enumerate(TEXTS[part::8]):
        for place, (name, state) in enumerate(variants(f"x{text}x")):
            if name not in VIEWS and (n + place) % OTHERS_EVERY:
                continue
            html = draw(state)
            COUNTS["drawings of a view with a hostile text in every place"] += 1
            if len(text) > LONG or ("{{" in text and "<mark" in html):  # braces are marked in such a field
                check(html)
                continue
            assert marks(html) == PLAIN[name], (text[:80], name)
            if (n + place) % WHOLE_EVERY == 0:
                check(html)
                assert skeleton(parse(html)) == SKELETONS[name], (text[:80], name)
                COUNTS["of those parsed whole"] += 1
    COUNTS["hostile texts drawn in every view"] += len(TEXTS[part::8])


def test_every_view_and_state_is_there() -> None:
    """The drawings cover every view, every state of a batch and every dialog; the corpus has 200 texts and more."""
    assert len(CORPUS) >= 200
    assert set(VIEWS) <= {name.split(" ")[0] for name in NAMES}
    assert {f"batch {one}" for one in STATES} <= set(NAMES)
