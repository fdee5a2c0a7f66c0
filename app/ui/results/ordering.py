"""Which batches a table of answers is made of, and whether these are other answers by now."""

from __future__ import annotations

import zlib

from app.core.batches import pipeline
from app.core.model.batches import Batch
from app.core.results.joining import JoinOrder
from app.ui.base.context import Context
from app.ui.base.results_state import OrderedAnswers, ResultsState
from app.ui.results import addresses


def order_of(context: Context, here: ResultsState) -> OrderedAnswers:
    """Whose answers these are. Found once for each list of batches: there may be thousands, and each question asks for it."""
    every = context.state.batches.all
    if here.ordered is None or here.ordered.batches is not every:
        here.ordered = _order_of(every, here)
    return here.ordered


def _order_of(every: list[Batch], here: ResultsState) -> OrderedAnswers:
    kind, ids = addresses.named(here.scope)
    named = frozenset(ids)
    there = [one for one in every if one.state != "withdrawn"]
    batches = there if kind != "batches" else [one for one in there if one.id in named]
    others = [] if kind != "batches" else [one for one in there if one.id not in named]
    order = JoinOrder(dataset=ids[0]) if kind == "table" else JoinOrder(batches=tuple(one.id for one in batches))
    return OrderedAnswers(every, order, f"{_stamp(batches)}-{here.since}-{here.version}", _stamp(others))


def _stamp(batches: list[Batch]) -> str:
    stages = ";".join(sorted(f"{one.id}:{_stage(one)}:{one.resent}:{one.hidden}:{one.hidden_at}" for one in batches))
    return f"{len(batches)}-{zlib.crc32(stages.encode()):08x}"


def _stage(batch: Batch) -> str:
    return f"{len(batch.timeline)}" if batch.state in pipeline.FINAL else "-"
