"""A file on its way to a table: looked at, corrected, imported or put away."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from app.core.base import text
from app.core.model.datasets import Dialect
from app.core.openai.wire import BytesBlob
from app.services.datasets.datasets import Source
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler
from app.ui.base.data_state import ImportDraft
from app.ui.base.stoppable import Stopped, stoppable
from app.ui.datasets import gathered, looking, requests_handlers, sample
from app.ui.datasets.actions import (
    ChooseEncoding,
    ChooseKey,
    ChooseTable,
    DismissFault,
    ImportTable,
    LeaveOthers,
    NameTable,
    PasteRows,
    SetDialect,
    StopImport,
    TypeRows,
    UseRows,
    UseSample,
)
from app.ui.datasets.showing import read

# --- a file comes


async def choose(context: Context, action: ChooseTable, event: Event) -> None:
    here = context.state.data
    given = [one for one in event.value if isinstance(one, dict)] if isinstance(event.value, list) else []
    fault = gathered.unread(given)
    given = [one for one in given if not one.get("error")]
    if context.state.route.view != "data":
        context.screen.go_to("#/data")  # dropped on another view
    files, tables = gathered.as_rows(given, folder=action.folder)
    sources: list[Source] = []
    for one in tables:
        blob = context.screen.picked(str(one.get("token", "")))
        if blob is not None:
            sources.append(Source(blob, str(one.get("name", ""))))
    together = context.screen.picked(str(event.extra.get("together", ""))) if files else None
    if together is not None:
        sources.append(Source(together, gathered.name_of(files), files=tuple(files)))
    if not sources:
        why = "The browser could not read the file. Choose it again." if given else "What was dropped or chosen is not a file."
        here.fault = fault or (looking.NOT_IMPORTED, why)
        return
    await looking.take(context, sources, action.into, fault)


async def leave_others(context: Context, _action: LeaveOthers, _event: Event) -> None:
    context.state.data.waiting = ()


def paste(context: Context, _action: PasteRows, _event: Event) -> None:
    context.state.data.pasted = "" if context.state.data.pasted is None else None


def type_rows(context: Context, _action: TypeRows, event: Event) -> None:
    context.state.data.pasted = event.text


async def use_rows(context: Context, _action: UseRows, _event: Event) -> None:
    pasted = context.state.data.pasted or ""
    if pasted.strip():
        await looking.take(context, [Source(BytesBlob(pasted.encode("utf-8", "replace")))])


async def use_sample(context: Context, _action: UseSample, _event: Event) -> None:
    if context.state.route.view != "data":
        context.screen.go_to("#/data")
    await looking.take(context, [Source(BytesBlob(sample.ROWS.encode()), sample.NAME)])


# --- how it is read


def _dialect(draft: ImportDraft) -> Dialect:
    return draft.dialect or (draft.seen.dialect if draft.seen else Dialect())


async def set_dialect(context: Context, action: SetDialect, event: Event) -> None:
    draft = context.state.data.draft
    if draft is None or draft.busy:
        return
    value: Any = event.text
    if action.field in ("header", "fill"):
        value = event.value is True
    elif action.field == "skip":
        found = text.whole_number(event.text or "0", 0, 1_000_000)
        if found is None:
            return
        value = found
    elif action.field == "delimiter" and value == "tab":
        value = "\t"
    changed = {action.field: value} | ({"chosen": True} if action.field == "encoding" else {})
    draft.dialect = replace(_dialect(draft), **changed)
    await looking.look(context, draft)


async def choose_encoding(context: Context, action: ChooseEncoding, _event: Event) -> None:
    draft = context.state.data.draft
    if draft is not None and not draft.busy:
        draft.dialect = replace(_dialect(draft), encoding=action.encoding, chosen=True)
        await looking.look(context, draft)


def name_table(context: Context, _action: NameTable, event: Event) -> None:
    if context.state.data.draft is not None:
        context.state.data.draft.name = event.text


def choose_key(context: Context, _action: ChooseKey, event: Event) -> None:
    if context.state.data.draft is not None:
        context.state.data.draft.key = event.text


# --- import


async def bring(context: Context, _action: ImportTable, _event: Event) -> None:
    here = context.state.data
    draft = here.draft
    if draft is None or draft.doing or draft.busy or draft.seen is None:
        return
    looking.let_go(draft)
    source, dialect, datasets = draft.source, draft.seen.dialect, context.services.datasets()
    draft.fault, began = None, context.state.route
    try:
        done = await stoppable(
            context,
            draft,
            "import",
            lambda moved: datasets.bring(source, dialect, name=draft.name, key=draft.key, into=draft.into, moved=moved),
        )
    except Stopped:
        draft.fault = ("Stopped.", looking.NOT_IMPORTED)
    except Exception as error:
        words = looking.table_words(error)
        if words is None:
            raise
        draft.fault = (looking.NOT_IMPORTED, words)
    else:
        here.draft, here.pasted = None, None
        here.all = (done.dataset, *(one for one in here.all or () if one.id != done.dataset.id))  # until it is read again
        if not here.waiting:
            context.lead_on(began, f"#/data/{done.dataset.id}")
        remarks = f" {' '.join(done.remarks)}" if done.remarks else ""
        rows = done.dataset.current.rows if done.dataset.current else 0
        context.toast(f"Imported {text.count(rows, 'row')} as “{done.dataset.name}”.{remarks}")
        await read(context)
        await context.refresh_usage()
        context.changed()
        await looking.next_file(context)


async def stop(context: Context, _action: StopImport, _event: Event) -> None:
    draft = context.state.data.draft
    if draft is None:
        return
    if draft.stop is not None:
        draft.stop()
    elif draft.busy:
        requests_handlers.stop_under_way(draft)
    else:
        looking.let_go(draft)
        context.state.data.draft = None
        await looking.next_file(context)


def dismiss(context: Context, _action: DismissFault, _event: Event) -> None:
    context.state.data.fault = None


HANDLERS: dict[type[Action], Handler] = {
    **requests_handlers.HANDLERS,
    ChooseTable: choose,
    PasteRows: paste,
    TypeRows: type_rows,
    UseRows: use_rows,
    UseSample: use_sample,
    SetDialect: set_dialect,
    ChooseEncoding: choose_encoding,
    NameTable: name_table,
    ChooseKey: choose_key,
    ImportTable: bring,
    StopImport: stop,
    DismissFault: dismiss,
    LeaveOthers: leave_others,
}
