"""Records that cannot be read: told, handed out as files, set aside and put back."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec.structs import replace

from app.core.base import text
from app.core.model import damage as words
from app.core.model.damage import DamagedRecord, Quarantined
from app.core.openai.wire import BytesBlob
from app.ports import StorageFull, StorageLost
from app.services.batches.delete_batch import Tidy
from app.services.runtime.damage import Damage, Quarantine, file_of
from app.services.runtime.damage import inspect as search
from app.services.runtime.records import Records
from app.ui.damage.actions import ExportAside, ExportDamaged, PutBack, SetAside
from app.ui.shell.actions_base import Action, Event
from app.ui.shell.loop import App, Handler


def _quarantine(app: App) -> Quarantine:
    return Quarantine(app.services.store, app.services.clock, app.services.random)


def hear(app: App) -> None:
    """What is damaged, as it is known now."""
    found = Damage.of(app.services.store).found.values()
    app.state.damage = tuple(sorted(found, key=lambda one: (one.table, one.id)))
    app.changed()


async def read(app: App) -> None:
    """What was set aside."""
    app.state.aside = tuple(await _quarantine(app).all())
    app.changed()


async def inspect(app: App) -> None:
    """Look for damage that nobody meets by reading."""
    store = app.services.store
    await search(store)
    await Records(store).check_settings()
    await Tidy(Records(store)).stranded()
    check_keys(app)
    await read(app)


def check_keys(app: App) -> None:
    """Keys that the browser has sealed and cannot open."""
    damage = Damage.of(app.services.store)
    for one in [each for each in damage.found.values() if each.table == "vault" and each.id not in app.state.keys]:
        damage.well("vault", one.id)
    for id, key in app.state.keys.items():
        if key.remembered and not key.present:
            name = app.state.profiles[id].name if id in app.state.profiles else id
            damage.note(replace(words.damaged("vault", id, "", "", "the browser cannot open what it sealed"), name=name))
        else:
            damage.well("vault", id)


def _chosen(app: App, key: str) -> list[DamagedRecord]:
    return [one for one in app.state.damage if key in ("", one.key)]


def _save(app: App, name: str, data: bytes) -> None:
    app.screen.save_file(f"nightshift-damaged-{re.sub(r'[^A-Za-z0-9._-]+', '-', name)[:80]}.json", BytesBlob(data), "application/json")


async def export(app: App, action: ExportDamaged, _event: Event) -> None:
    quarantine = _quarantine(app)
    files = [await quarantine.file(one) for one in _chosen(app, action.key)]
    if not action.key:
        files += [file_of(one) for one in await quarantine.all()]
    if len(files) == 1:
        _save(app, action.key or "record", files[0])
    elif files:
        _save(app, "records", b"[" + b",\n".join(files) + b"]\n")


async def export_aside(app: App, action: ExportAside, _event: Event) -> None:
    one = next((each for each in app.state.aside or () if each.id == action.id), None)
    if one is not None:
        _save(app, f"{one.table}-{one.row}", file_of(one))


async def set_aside(app: App, action: SetAside, _event: Event) -> None:
    quarantine = _quarantine(app)
    kept: list[Quarantined] = []
    for one in _chosen(app, action.key):
        if one.table == "vault":
            continue
        try:
            if one.table == "settings" and one.id.startswith("profile:"):
                await app.services.keys.remove(one.id.removeprefix("profile:"))  # it may have been entered for another address
            if (record := await quarantine.set_aside(one)) is not None:
                kept.append(record)
        except (StorageFull, StorageLost):
            raise
        except Exception as error:  # the boundary of one record: the others are set aside
            app.failed("set aside", error)
    await _again(app, {one.table for one in kept})
    if kept:
        which = "The record was" if len(kept) == 1 else f"{text.count(len(kept), 'record')} were"

        async def back() -> None:
            for record in kept:
                await _put_back(app, record.id)

        app.toast(f"{which} set aside. Nothing of it is deleted; it can be put back.", back)


async def put_back(app: App, action: PutBack, _event: Event) -> None:
    await _put_back(app, action.id)


async def _put_back(app: App, id: str) -> None:
    one = next((each for each in app.state.aside or () if each.id == id), None)
    if not await _quarantine(app).put_back(id):
        app.toast("It was not put back: another record stands in its place now, or it is not here any more. It stays set aside.")
    await _again(app, {one.table} if one is not None else set())


async def _again(app: App, tables: Sequence[str] | set[str]) -> None:
    """Read what these tables hold, since other records count now."""
    await read(app)
    if "threads" in tables:
        await app.refresh_threads()
    if "batches" in tables:
        await app.refresh_batches()
        app.services.engine.nudge()
    if "segments" in tables:
        await Tidy(Records(app.services.store)).stranded()
        await app.refresh_queue()
        await app.refresh_batches()  # the requests of the one that is open
    if "settings" in tables:
        await app._settings_elsewhere()
    if {"handed", "news"} & set(tables) and app.services.engine.leads:
        app.services.post().nudge()
    app.services.closer.nudge()


HANDLERS: dict[type[Action], Handler] = {
    ExportDamaged: export,
    ExportAside: export_aside,
    SetAside: set_aside,
    PutBack: put_back,
}
