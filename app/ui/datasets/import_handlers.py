"""A file on its way to a table: looked at, corrected, imported or put away."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from app.core.base import text
from app.core.datasets.table import UnreadableTable
from app.core.model.datasets import Dialect
from app.core.openai.wire import BytesBlob
from app.ports import LibraryMissing
from app.ports.compute import JobFailed
from app.services.datasets.datasets import Source, name_for
from app.ui.base import failures
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler
from app.ui.base.data_state import ImportDraft
from app.ui.base.stoppable import Stopped, stoppable
from app.ui.datasets import requests_handlers
from app.ui.datasets.actions import (
    ChooseEncoding,
    ChooseKey,
    ChooseTable,
    ImportTable,
    NameTable,
    PasteRows,
    SetDialect,
    StopImport,
    TypeRows,
    UseRows,
)
from app.ui.datasets.showing import read

_NOT_IMPORTED = "Nothing was imported."


def _words(error: Exception) -> str | None:
    return failures.expected(
        error,
        (UnreadableTable, JobFailed, LibraryMissing),
        "Another tab changed this table meanwhile. What is here stays as it was. Try again.",
    )


# --- a file comes


async def choose(context: Context, action: ChooseTable, event: Event) -> None:
    here = context.state.data
    given = [one for one in event.value if isinstance(one, dict)] if isinstance(event.value, list) else []
    if here.draft is not None and here.draft.busy:
        context.toast("A file is being taken in. Wait until that has ended, or stop it.")
        return
    if not given:
        return
    if len(given) > 1:
        context.toast(f"One file is taken at a time: {text.head(str(given[0].get('name', '')), 80)} is the first of them.")
    blob = context.screen.picked(str(given[0].get("token", "")))
    if blob is None:
        here.fault = (_NOT_IMPORTED, "The browser could not read the file. Choose it again.")
        return
    await _begin(context, Source(blob, str(given[0].get("name", ""))), action.into)


def paste(context: Context, _action: PasteRows, _event: Event) -> None:
    context.state.data.pasted = "" if context.state.data.pasted is None else None


def type_rows(context: Context, _action: TypeRows, event: Event) -> None:
    context.state.data.pasted = event.text


async def use_rows(context: Context, _action: UseRows, _event: Event) -> None:
    pasted = context.state.data.pasted or ""
    if pasted.strip():
        await _begin(context, Source(BytesBlob(pasted.encode("utf-8", "replace"))), "")


async def _begin(context: Context, source: Source, into: str) -> None:
    here = context.state.data
    table = next((one for one in here.all or () if one.id == into), None)
    here.fault = None
    requests_handlers.let_go(here.draft)
    here.draft = ImportDraft(source, into if table else "", table.name if table else name_for(source.name), table.key if table else "")
    await _look(context, here.draft)


async def _look(context: Context, draft: ImportDraft) -> None:
    """Read the first rows by the draft's dialect. A look that is overtaken by a later one is not shown."""
    here = context.state.data
    dialect = draft.dialect
    draft.doing, draft.fault = "examine", None
    context.changed()
    try:
        seen = await context.services.datasets().examine(draft.source, dialect)
    except Exception as error:
        words = _words(error)
        if words is None:
            draft.doing = ""
            raise
        if here.draft is draft and draft.dialect is dialect:
            draft.doing = ""
            if draft.seen is None:
                here.draft, here.fault = None, (_NOT_IMPORTED, words)
            else:
                draft.fault = ("The file can't be read so.", words)
            context.changed()
        return
    if here.draft is draft and draft.dialect is dialect:
        draft.doing, draft.seen = "", seen
        if draft.key and draft.key not in seen.columns and not draft.into:
            draft.key = ""
        context.changed()
        await requests_handlers.look(context, draft)


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
    await _look(context, draft)


async def choose_encoding(context: Context, action: ChooseEncoding, _event: Event) -> None:
    draft = context.state.data.draft
    if draft is not None and not draft.busy:
        draft.dialect = replace(_dialect(draft), encoding=action.encoding, chosen=True)
        await _look(context, draft)


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
    requests_handlers.stop_looking(draft)
    source, dialect, datasets = draft.source, draft.seen.dialect, context.services.datasets()
    draft.fault = None
    try:
        done = await stoppable(
            context,
            draft,
            "import",
            lambda moved: datasets.bring(source, dialect, name=draft.name, key=draft.key, into=draft.into, moved=moved),
        )
    except Stopped:
        draft.fault = ("Stopped.", _NOT_IMPORTED)
    except Exception as error:
        words = _words(error)
        if words is None:
            raise
        draft.fault = (_NOT_IMPORTED, words)
    else:
        here.draft, here.pasted = None, None
        context.screen.go_to(f"#/data/{done.dataset.id}")
        remarks = f" {' '.join(done.remarks)}" if done.remarks else ""
        rows = done.dataset.current.rows if done.dataset.current else 0
        context.toast(f"Imported {text.count(rows, 'row')} as “{done.dataset.name}”.{remarks}")
        await read(context)
        await context.refresh_usage()
        context.changed()


def stop(context: Context, _action: StopImport, _event: Event) -> None:
    draft = context.state.data.draft
    if draft is None:
        context.state.data.fault = None
    elif draft.stop is not None:
        draft.stop()
    elif not draft.busy:
        requests_handlers.let_go(draft)
        context.state.data.draft = None


HANDLERS: dict[type[Action], Handler] = {
    **requests_handlers.HANDLERS,
    ChooseTable: choose,
    PasteRows: paste,
    TypeRows: type_rows,
    UseRows: use_rows,
    SetDialect: set_dialect,
    ChooseEncoding: choose_encoding,
    NameTable: name_table,
    ChooseKey: choose_key,
    ImportTable: bring,
    StopImport: stop,
}
