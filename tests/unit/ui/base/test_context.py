"""What the capabilities hear of each other."""

from __future__ import annotations

import pytest

from app.core.model.batches import Batch
from app.ui.base.actions import CloseDialog, Undo
from app.ui.base.actions_base import Event
from app.ui.base.context import Context, Registry, TwoHandlers
from app.ui.base.state import Route
from tests.states.drawn import batch
from tests.unit.ui.conftest import Open


def _nothing(_context: Context, _action: object, _event: Event) -> None:
    """Nothing."""


def test_two_handlers_for_one_action_are_refused() -> None:
    """The second one ends the start; what was registered before stays as it was."""
    registry = Registry()
    registry.on_action({Undo: _nothing}, {CloseDialog: _nothing})
    with pytest.raises(TwoHandlers, match="Undo"):
        registry.on_action({Undo: lambda *_: None})
    assert registry.actions == {Undo: _nothing, CloseDialog: _nothing}


async def test_one_that_fails_keeps_no_other_from_hearing(tabs: Open) -> None:
    """A listener that throws is told as a problem; those behind it hear of the batch all the same, and the batch is shown."""
    visit = await tabs()
    heard: list[str] = []

    def broken(*_about: object) -> None:
        raise RuntimeError("no")

    def hears(_context: Context, _before: Batch | None, one: Batch) -> None:
        heard.append(one.id)

    visit.app.registry.on_batch[:0] = [broken, hears]
    visit.app.batch_told(batch(1, "done", "x"))
    await visit.rest()
    assert heard == ["b-1"]
    assert visit.notes == ["internal:batch"]
    assert [one.id for one in visit.state.batches.all] == ["b-1"]


async def test_a_view_opens_though_a_listener_fails(tabs: Open) -> None:
    """The same for what is read when an address is opened, which may take a while."""
    visit = await tabs()
    heard: list[str] = []

    async def broken(_context: Context, _before: Route) -> None:
        raise RuntimeError("no")

    async def hears(context: Context, before: Route) -> None:
        heard.append(f"{before.view} to {context.state.route.view}")

    visit.app.registry.on_route[:0] = [broken, hears]
    await visit.go("#/queue")
    assert heard == ["compose to queue"]
    assert visit.notes == ["internal:route"]
    assert "Queue" in visit.text
