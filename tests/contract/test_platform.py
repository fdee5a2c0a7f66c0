"""The small ports' contracts on their fakes, and what the fakes offer to tests."""

import asyncio

import pytest

from app.core.openai.wire import BytesBlob
from tests.contract import memory_supplies, platform_cases
from tests.fakes.platform import FakeClock, FakePage, settle
from tests.kit.cases import cases_of, run_case


@pytest.mark.parametrize("name", cases_of(platform_cases))
async def test_fakes_keep_the_contract(name: str) -> None:
    """What holds of the browser's clock, randomness, locks and keys holds of the fakes."""
    await run_case(cases_of(platform_cases)[name], memory_supplies)


async def test_advance_wakes_sleepers_in_order() -> None:
    """Sleepers wake at their own moments, also those that sleep again; the clock ends where it was told."""
    clock = FakeClock(start=100.0)
    woken: list[tuple[str, float]] = []

    async def sleeper(name: str, seconds: float, times: int) -> None:
        for _ in range(times):
            await clock.sleep(seconds)
            woken.append((name, clock.now()))

    tasks = [asyncio.create_task(sleeper("a", 2, 3)), asyncio.create_task(sleeper("b", 3, 2))]
    await clock.advance(5)
    assert woken == [("a", 102.0), ("b", 103.0), ("a", 104.0)]
    assert (clock.now(), clock.next_due) == (105.0, 106.0)
    await clock.advance(1)
    assert clock.next_due is None
    await asyncio.gather(*tasks)


async def test_cancelled_sleeper_is_forgotten() -> None:
    """A cancelled sleeper is not due any more."""
    clock = FakeClock()
    task = asyncio.create_task(clock.sleep(5))
    await settle()
    task.cancel()
    await settle()
    assert clock.next_due is None
    await clock.advance(10)


async def test_page_plays_the_person() -> None:
    """What the person does reaches the handler as JSON, and what the handler raises reaches the boundary."""
    page = FakePage()
    heard: list[str] = []
    failures: list[BaseException] = []
    page.emit('{"type":"Early"}')
    page.listen(heard.append, failures.append)
    page.emit('{"type":"X"}', "typed", shift=True)
    page.notice("route", "#/queue")
    assert heard == ['{"action":{"type":"X"},"value":"typed","extra":{"shift":true}}', '{"notice":"route","value":"#/queue"}']

    def fail(text: str) -> None:
        raise ValueError(text)

    page.listen(fail, failures.append)
    page.emit("1")
    assert len(failures) == 1


async def test_page_keeps_what_was_saved() -> None:
    """Files, copies and hosts can be looked at."""
    page = FakePage(hosts=["https://a.example"])
    page.save_file("a.txt", BytesBlob(b"x"), "text/plain")
    assert page.saved[0].content == b"x"
    assert page.allow_hosts(["https://a.example"])
    assert not page.allow_hosts(["https://a.example", "https://b.example"])
    assert page.next_hosts == ["https://a.example", "https://b.example"]
