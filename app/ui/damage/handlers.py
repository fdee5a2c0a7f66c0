"""Records that cannot be read: told, handed out as files, set aside and put back."""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.core.base import text
from app.core.model import damage as damage_rules
from app.core.model.damage import DamagedRecord, Quarantined
from app.core.openai.wire import BytesBlob
from app.ports import StorageFull, StorageLost, Table
from app.services.batches.delete_batch import Tidy
from app.services.runtime.damage import Damage, Quarantine, file_of
from app.services.runtime.damage import inspect as search
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler
from app.ui.base.state import Route
from app.ui.damage.actions import ExportAside, ExportDamaged, ForgetSealed, PutBack, SetAside


def _quarantine(context: Context) -> Quarantine:
    return Quarantine(context.services.store, context.services.clock, context.services.random)


def hear(context: Context) -> None:
    """What is damaged, as it is known now."""
    found = Damage.of(context.services.store).found.values()
    context.state.damage.found = tuple(sorted(found, key=lambda one: (one.table, one.id)))
    context.changed()


async def read(context: Context) -> None:
    """What was set aside."""
    context.state.damage.aside = tuple(await _quarantine(context).all())
    context.changed()


async def inspect(context: Context) -> None:
    """Look for damage that nobody meets by reading."""
    records = context.services.records
    await search(records.store)
    await records.check_settings()
    await Tidy(records).stranded()
    await check_keys(context)
    await read(context)


async def check_keys(context: Context) -> None:
    """Keys, secrets and passwords that the browser has sealed and cannot open."""
    damage = Damage.of(context.services.store)
    unopened = await context.services.keys.unopened()
    for one in [each for each in damage.found.values() if each.table == "vault" and each.id not in unopened]:
        damage.well("vault", one.id)
    profiles = context.state.provider.profiles
    for id in unopened:
        damage.note(damage_rules.sealed(id, profiles[id].name if id in profiles else id))


async def kept(context: Context) -> None:
    """A key, secret or password was kept or removed: it is not told as lost any more."""
    if context.state.damage.found:
        await check_keys(context)


async def forget(context: Context, action: ForgetSealed, _event: Event) -> None:
    """Remove something sealed that nobody can open."""
    if action.id in await context.services.keys.unopened():
        await context.services.keys.remove(action.id)
    await check_keys(context)


def _chosen(context: Context, action: ExportDamaged | SetAside) -> list[DamagedRecord]:
    return [one for one in context.state.damage.found if action.key in ("", one.key) and action.noun in ("", one.noun)]


def _save(context: Context, name: str, data: bytes) -> None:
    context.screen.save_file(f"nightshift-damaged-{re.sub(r'[^A-Za-z0-9._-]+', '-', name)[:80]}.json", BytesBlob(data), "application/json")


async def export(context: Context, action: ExportDamaged, _event: Event) -> None:
    quarantine = _quarantine(context)
    files = [await quarantine.file(one) for one in _chosen(context, action)]
    if not action.key and not action.noun:
        files += [file_of(one) for one in await quarantine.all()]
    if len(files) == 1:
        _save(context, action.key or "record", files[0])
    elif files:
        _save(context, "records", b"[" + b",\n".join(files) + b"]\n")


async def export_aside(context: Context, action: ExportAside, _event: Event) -> None:
    one = next((each for each in context.state.damage.aside or () if each.id == action.id), None)
    if one is not None:
        _save(context, f"{one.table}-{one.row}", file_of(one))


async def set_aside(context: Context, action: SetAside, _event: Event) -> None:
    quarantine = _quarantine(context)
    records: list[Quarantined] = []
    for one in _chosen(context, action):
        if one.table == "vault":
            continue
        try:
            if one.table == "settings" and one.id.startswith("profile:"):
                await context.services.keys.remove(one.id.removeprefix("profile:"))  # it may have been entered for another address
            if (record := await quarantine.set_aside(one)) is not None:
                records.append(record)
        except (StorageFull, StorageLost):
            raise
        except Exception as error:  # the boundary of one record: the others are set aside
            context.failed("set aside", error)
    await kept(context)
    await _again(context, {one.table for one in records})
    if records:
        which = "The record was" if len(records) == 1 else f"{text.count(len(records), 'record')} were"

        async def back() -> None:
            for record in records:
                await _put_back(context, record.id)

        context.toast(f"{which} set aside. Nothing is deleted; it can be put back.", back)


async def put_back(context: Context, action: PutBack, _event: Event) -> None:
    await _put_back(context, action.id)


async def _put_back(context: Context, id: str) -> None:
    one = next((each for each in context.state.damage.aside or () if each.id == id), None)
    if not await _quarantine(context).put_back(id):
        context.toast("It was not put back: another record has taken its place, or it is no longer here. It stays set aside.")
    await _again(context, {one.table} if one is not None else set())


async def _again(context: Context, tables: Sequence[str] | set[str]) -> None:
    """Read what these tables hold, since other records count now."""
    await read(context)
    if "threads" in tables:
        await context.refresh_threads()
    if "batches" in tables:
        await context.refresh_batches()
        context.services.engine.nudge()
    if "segments" in tables:
        await Tidy(context.services.records).stranded()
        await context.refresh_queue()
        await context.refresh_batches()  # the requests of the one that is open
    if "settings" in tables:
        context.told_by_other_tab(frozenset({Table.SETTINGS}))
    if {"handed", "news"} & set(tables) and context.services.engine.leads:
        context.services.post().nudge()
    context.services.auto_submitter.nudge()


def on_route(context: Context, _before: Route) -> None:
    """The settings list what was set aside."""
    if context.state.route.view != "settings":
        return

    async def read_aside() -> None:
        await read(context)

    context.catch_up("damage", read_aside)


HANDLERS: dict[type[Action], Handler] = {
    ExportDamaged: export,
    ExportAside: export_aside,
    ForgetSealed: forget,
    SetAside: set_aside,
    PutBack: put_back,
}
