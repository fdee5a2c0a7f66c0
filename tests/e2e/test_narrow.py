"""On a phone: what another tool's users could not reach on theirs must be in reach here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.kit.journey import Journey

if TYPE_CHECKING:
    from collections.abc import Iterator

VIEWS = ("Home", "Compose", "Prompts", "Data", "Queue", "Batches", "Results", "Integrations", "Settings", "Activity")
OUTSIDE = """() => [...document.querySelectorAll('main button, main a, main input, main select, main textarea')]
    .filter((one) => one.checkVisibility({visibilityProperty: true}) && one.type !== 'file')
    .filter((one) => {
        one.scrollIntoView({block: 'center'});
        const box = one.getBoundingClientRect();
        const inner = one.closest('.scroll-x, .seg, .window, .steps') !== null;
        return !inner && (box.left < 0 || box.right > innerWidth + 1);
    })
    .map((one) => one.outerHTML.slice(0, 120))"""
"""The controls that stand beyond the screen's sides."""


CUT = """() => [...document.querySelectorAll('nav.rail > a')].filter((one) => {
    const box = one.getBoundingClientRect();
    const seen = one.checkVisibility() && box.left >= 0 && box.right <= innerWidth && box.bottom <= innerHeight && box.height >= 24;
    return !seen || box.width < 24 || one.scrollWidth > one.clientWidth || one.scrollHeight > one.clientHeight + 1;
}).map((one) => one.innerText)"""
"""The entries of the navigation that are out of sight, smaller than a finger's target, or whose words are cut."""
WIDTHS = (360, 390)


@pytest.fixture
def phone(desk: Journey) -> Iterator[Journey]:
    """The shared page on a narrow screen."""
    narrow(desk, WIDTHS[0])
    yield desk
    desk.page.set_viewport_size({"width": 1280, "height": 720})


def narrow(journey: Journey, width: int) -> None:
    """A phone's screen of so many pixels."""
    journey.page.set_viewport_size({"width": width, "height": 780})
    journey.drawn()


def fits(journey: Journey, view: str) -> None:
    """The document is no wider than any phone's screen."""
    for width in WIDTHS:
        narrow(journey, width)
        wider = journey.measure("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider <= 0, (view, width)


def test_no_view_is_wider_than_the_phone(phone: Journey) -> None:
    """Peer A was 592 px wide on a phone of 360. No view, and no batch, scrolls sideways here."""
    phone.write("A question with averyveryverylongwordthatnobodywouldeverbreak" + "x" * 200, model="a-model-with-a-long-name-" + "y" * 60)
    phone.enqueue()
    for view in VIEWS:
        phone.go(view)
        fits(phone, view)
    for width in (320, *WIDTHS, 720):
        narrow(phone, width)
        assert phone.measure(CUT) == [], width
    narrow(phone, WIDTHS[0])
    phone.waiting(1)
    phone.submit_lane()
    phone.wait_for_state("completed", "failed")
    fits(phone, "a batch")
    phone.go("Activity")
    phone.main.locator(".log-line").first.wait_for()
    fits(phone, "Activity")


def test_every_control_can_be_reached(phone: Journey) -> None:
    """Peer A had buttons that could not be reached. Here every control lies within the screen's width, and the bar covers none for good."""
    phone.write("Hello")
    phone.enqueue()
    for view in VIEWS:
        phone.go(view)
        for width in WIDTHS:
            narrow(phone, width)
            assert phone.measure(OUTSIDE) == [], (view, width)


@pytest.mark.also("firefox")
def test_what_scrolls_has_a_bar_of_the_pages_colours(phone: Journey) -> None:
    """Firefox drew the bar under a batch's steps as a white band on the dark page: bars are of the colour of its lines, on its ground."""
    phone.write("Hello")
    phone.submit_at_once()
    phone.wait_for_state("completed")
    line, bar = phone.measure(
        """() => {
            const steps = document.querySelector('.steps');
            steps.style.color = 'var(--line-2)';
            const style = getComputedStyle(steps);
            return [style.color, style.scrollbarColor];
        }"""
    )
    assert bar == f"{line} rgba(0, 0, 0, 0)"
