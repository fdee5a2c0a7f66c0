"""On a phone: what another tool's users could not reach on theirs must be in reach here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.kit.journey import Journey

if TYPE_CHECKING:
    from collections.abc import Iterator

VIEWS = ("Compose", "Threads", "Queue", "Batches", "Settings")


@pytest.fixture(params=[360, 390])
def phone(desk: Journey, request: pytest.FixtureRequest) -> Iterator[Journey]:
    """The shared page on a narrow screen."""
    desk.page.set_viewport_size({"width": request.param, "height": 780})
    yield desk
    desk.page.set_viewport_size({"width": 1280, "height": 720})


def overflow(journey: Journey) -> int:
    """By how many pixels the document is wider than the screen."""
    return int(journey.measure("() => document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def test_no_view_is_wider_than_the_phone(phone: Journey) -> None:
    """Peer A was 592 px wide on a phone of 360. No view, and no batch, scrolls sideways here."""
    phone.write("A question with averyveryverylongwordthatnobodywouldeverbreak" + "x" * 200, model="a-model-with-a-long-name-" + "y" * 60)
    phone.enqueue()
    for view in VIEWS:
        phone.go(view)
        assert overflow(phone) <= 0, view
    phone.waiting(1)
    phone.submit_lane()
    phone.wait_for_state("done", "failed")
    assert overflow(phone) <= 0
    phone.page.evaluate("location.hash = '#/log'")
    phone.main.locator(".log-line").first.wait_for()
    assert overflow(phone) <= 0, "Log"


def test_every_control_can_be_reached(phone: Journey) -> None:
    """Peer A had buttons that could not be reached. Here every control lies within the screen's width, and the bar covers none for good."""
    phone.write("Hello")
    phone.enqueue()
    for view in VIEWS:
        phone.go(view)
        outside = phone.measure(
            """() => [...document.querySelectorAll('main button, main a, main input, main select, main textarea')]
                .filter((one) => one.checkVisibility({visibilityProperty: true}) && one.type !== 'file')
                .filter((one) => {
                    one.scrollIntoView({block: 'center'});
                    const box = one.getBoundingClientRect();
                    const inner = one.closest('.scroll-x, .seg, .window, .steps') !== null;
                    return !inner && (box.left < 0 || box.right > innerWidth + 1);
                })
                .map((one) => one.outerHTML.slice(0, 120))"""
        )
        assert outside == [], view


@pytest.mark.foundation
def test_what_scrolls_has_a_bar_of_the_pages_colours(phone: Journey) -> None:
    """Firefox drew the bar under a batch's steps as a white band on the dark page: bars are of the colour of its lines, on its ground."""
    phone.write("Hello")
    phone.submit_at_once()
    phone.wait_for_state("done")
    line, bar = phone.measure(
        """() => {
            const steps = document.querySelector('.steps');
            steps.style.color = 'var(--line-2)';
            const style = getComputedStyle(steps);
            return [style.color, style.scrollbarColor];
        }"""
    )
    assert bar == f"{line} rgba(0, 0, 0, 0)"
