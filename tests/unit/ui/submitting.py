"""Requests on their way to the provider beyond the page, and a batch that has come back."""

from __future__ import annotations

from app.core.model.batches import Batch
from app.practice.traps import Rule, Scenario, Speed, Trap
from tests.kit.screen import Visit


def behave(visit: Visit, *traps: Trap | Rule, share: float = 0.4, speed: float | Speed = 1.0) -> None:
    """Make the provider beyond the page fail so."""
    visit.out.brain.set_scenario(Scenario(speed=speed, traps=traps, share=share))


def only(visit: Visit) -> Batch:
    """The one batch."""
    (batch,) = visit.state.batches.all
    return batch


async def submitted(visit: Visit, *texts: str) -> Batch:
    """Requests as one batch at OpenAI, its view open."""
    await visit.use_openai()
    await visit.queue(*texts)
    await visit.go("#/queue")
    await visit.click(f"Submit {len(texts)}")
    return only(visit)


NUMBERS = ("one", "two", "three", "four", "five", "six")


async def ended(visit: Visit, *traps: Trap | Rule, share: float = 0.4) -> Batch:
    """Six requests whose batch has ended, its view open."""
    behave(visit, *traps, share=share)
    await submitted(visit, *NUMBERS)
    await visit.wait(180)
    return only(visit)


def outcomes(visit: Visit) -> list[str]:
    """The outcomes of the rows that are drawn."""
    return [one.of("span", "pill")[0].text[1:] for one in visit.dom.classed("answer-line") if one.get("id")]
