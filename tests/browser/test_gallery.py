"""A sample of the gallery in one page: who uses it without a mouse, without eyes, enlarged, or with colours of their own, and how it looks.
All states: ``make access``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pytest

from tests import access, gallery, pictures
from tests.kit.browser import shell_launch
from tests.kit.stage import Stage
from tests.states.drawn import draw

if TYPE_CHECKING:
    from playwright.sync_api import Playwright


@pytest.fixture(scope="module")
def stage(playwright: Playwright) -> Iterator[Stage]:
    """The page that states are shown on, in the headless shell: the pictures were taken there, and it takes half of the time."""
    shell = playwright.chromium.launch(**shell_launch())
    yield Stage(shell.new_page())
    shell.close()


@pytest.fixture(scope="module")
def found() -> Sequence[gallery.Piece]:
    """The sample."""
    return access.sample(gallery.pieces())


def test_nothing_of_the_sample_is_gone(found: Sequence[gallery.Piece]) -> None:
    """Each state that is named is there: fourteen views, and a dialog of each size."""
    assert len({one.view for one in found}) > 12
    assert len(found) == 26


def test_axe_finds_nothing(stage: Stage, found: Sequence[gallery.Piece]) -> None:
    """No rule of WCAG 2.2 A and AA, and none of axe's best practices (headings in order, landmarks), is broken, in either theme."""
    assert [str(one) for one in access.by_axe(stage, found)] == []


def test_everything_is_in_reach_at_every_width(stage: Stage, found: Sequence[gallery.Piece]) -> None:
    """At 1280, 640 (that is 200 %), 390 and 320 pixels nothing reaches beyond the screen, each target has 24 pixels, no text is lost."""
    assert [str(one) for one in access.by_layout(stage, found)] == []


def test_nothing_moves_for_those_who_want_less_motion(stage: Stage, found: Sequence[gallery.Piece]) -> None:
    """The wheel that turns while something is under way stands still."""
    assert [str(one) for one in access.by_motion(stage, found)] == []


def test_the_checks_find_what_is_wrong(stage: Stage) -> None:
    """A page with one fault of each kind has each of them found."""
    stage.wide(access.NARROW)
    stage.show(
        """<main><h1>Faults</h1><button id="small" style="width: 20px; height: 20px; padding: 0" aria-label="x"></button>
        <p style="width: 900px">far</p><p style="width: 3em; overflow: hidden; white-space: nowrap">cut off at its end</p>
        <p style="color: #999; background: #fff">pale</p><span class="spin"></span><img src="data:,"></main>"""
    )
    assert {kind for kind, _ in stage.layout()} == {"sideways", "target", "cut"}
    assert stage.moving() != []
    assert {"color-contrast", "image-alt"} <= {rule for rule, _ in stage.axe()}


def test_what_is_chosen_is_seen_in_the_colours_of_the_system(stage: Stage, found: Sequence[gallery.Piece]) -> None:
    """With forced colours the ground of what is chosen is gone: it has a frame, and so has every button."""
    stage.wide(access.WIDE)
    stage.page.emulate_media(forced_colors="active")
    stage.show(draw(next(one.state for one in found if one.name == "settings")))
    unframed = stage.page.evaluate(
        """() => [...document.querySelectorAll('.btn:not(.link), [aria-current], [aria-pressed="true"]')].filter((one) => {
            const style = getComputedStyle(one);
            return style.borderTopStyle === 'none' && style.outlineStyle === 'none';
        }).map((one) => one.outerHTML.slice(0, 100))"""
    )
    stage.page.emulate_media(forced_colors="none")
    assert unframed == []


def test_on_a_phone_most_of_the_screen_is_the_prompts(stage: Stage, found: Sequence[gallery.Piece]) -> None:
    """What stays in sight while a prompt is written, the navigation and its buttons, takes less than a sixth of 844 pixels."""
    stage.wide(access.NARROW, 844)
    stage.show(draw(next(one.state for one in found if one.name == "compose")))
    taken = stage.page.evaluate(
        "() => ['.rail', '.stays > .actions'].map((one) => document.querySelector(one).getBoundingClientRect().height)"
    )
    assert sum(taken) < 140, taken


def test_a_batch_is_printed_whole(stage: Stage, found: Sequence[gallery.Piece]) -> None:
    """On paper there is no navigation and nothing to press, and nothing scrolls: all of what is in the page is there, in the light."""
    stage.page.emulate_media(media="print")
    stage.show(draw(next(one.state for one in found if one.name == "batch done")), "dark")
    there = stage.page.evaluate(
        """() => ({
            tools: [...document.querySelectorAll('nav, .actions, .btn:not(.link)')].filter((one) => one.checkVisibility()).length,
            cut: [...document.querySelectorAll('main *')].filter((one) => getComputedStyle(one).overflowY === 'auto'
                && one.scrollHeight > one.clientHeight + 1).map((one) => one.outerHTML.slice(0, 100)),
            ground: getComputedStyle(document.querySelector('.card')).backgroundColor,
        })"""
    )
    stage.page.emulate_media(media="screen")
    assert there == {"tools": 0, "cut": [], "ground": "rgb(255, 255, 255)"}


def test_views_look_as_they_did(stage: Stage, found: Sequence[gallery.Piece]) -> None:
    """Compared with the pictures that were kept. What was meant: ``python -m tests.pictures --keep``."""
    seen = list(pictures.compared(stage, pictures.taken(stage, found)))
    far = [one for one in seen if one.share > one.most]
    for one in far:
        pictures.show(one)
    assert len(seen) > 40
    assert [str(one) for one in far] == []
