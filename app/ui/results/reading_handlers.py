"""How texts are shown, their parts copied, and damaged JSON repaired where the person wants it."""

from __future__ import annotations

import asyncio
from typing import Final

from msgspec.structs import replace

from app.core.results.repairing import Repair
from app.ports import LibraryMissing
from app.ports.compute import JobFailed
from app.services.results.reading_jobs import REPAIR_JSON, TextToRepair
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import COPIED, Context, Handler
from app.ui.base.reading_actions import CopyPiece, CopyWhole, ProposeRepair, ReadAs, TakeRepair
from app.ui.results.annotate_actions import TypeCorrection
from app.ui.results.annotate_handlers import type_correction
from app.ui.results.reading_sight import opened_of

_SECONDS: Final = 30
"""After so long a text is left as it arrived."""


async def read_as(context: Context, action: ReadAs, _event: Event) -> None:
    await context.prefer(reading=action.how)


def copy_piece(context: Context, action: CopyPiece, _event: Event) -> None:
    context.screen.copy_text(action.text)
    context.toast(COPIED)


def copy_whole(context: Context, action: CopyWhole, _event: Event) -> None:
    opened = opened_of(context.state)
    if opened is not None:
        context.screen.copy_text(opened.body if action.what == "sent" else opened.line)
        context.toast(COPIED)


async def propose_repair(context: Context, _action: ProposeRepair, _event: Event) -> None:
    opened, repairs = context.state.results.beside.request, context.state.reading.repairs
    said = opened.answer.text if opened is not None and opened.answer is not None else ""
    if not said or said in repairs:
        return
    repairs.clear()  # nobody looks at the one before any more
    repairs[said] = None
    work = context.services.compute.run(REPAIR_JSON, TextToRepair(said))
    try:
        repairs[said] = (await asyncio.wait_for(work, _SECONDS)).value
    except TimeoutError:
        repairs[said] = Repair(why="That took too long, so the answer was not changed.")
    except (JobFailed, LibraryMissing) as error:
        repairs[said] = Repair(why=str(error))


async def take_repair(context: Context, _action: TakeRepair, event: Event) -> None:
    here = context.state.results
    opened = here.beside.request
    repair = context.state.reading.repairs.get(opened.answer.text) if opened is not None and opened.answer is not None else None
    if opened is None or repair is None or not repair.text or here.annotating.said is None:
        return
    action = TypeCorrection(opened.batch, opened.row)
    here.annotating.rev += 1
    await type_correction(context, action, replace(event, action=action, value=repair.text))


HANDLERS: dict[type[Action], Handler] = {
    ReadAs: read_as,
    CopyPiece: copy_piece,
    CopyWhole: copy_whole,
    ProposeRepair: propose_repair,
    TakeRepair: take_repair,
}
