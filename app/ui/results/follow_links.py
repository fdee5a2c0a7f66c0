"""The turns before and behind a request that is opened."""

from __future__ import annotations

from app.core.model.batches import Batch
from app.ui.base.context import Context


async def read(context: Context, batch: Batch, row: int, id: str) -> None:
    """Have the state say which answer the request follows, and what follows it."""
    from app.services.results.following import FollowLinks

    links = FollowLinks(context.services.records, context.services.again.rows)
    before, behind = await links.before(batch, id), tuple(await links.behind(batch.id, row))
    if context.state.results.at == (batch.id, row):
        here = context.state.follow
        here.of, here.before, here.behind = (batch.id, row), before, behind
        context.changed()
