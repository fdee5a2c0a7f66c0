"""The Store port over IndexedDB. What a transaction does is in static/js/store.mjs; here values are carried over, errors named."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
from pyodide.ffi import JsException, create_proxy, to_js

from app.adapters.blobs import BrowserBlob, taken
from app.adapters.script import js_page, js_store
from app.core.json import jsonread
from app.core.model.entries import Dump, RecordEntry
from app.core.openai.wire import Blob
from app.ports import Change, Conflict, IllegalMove, PutBytes, Row, StorageFull, StorageLost, Table, Usage


class _PutBytes(msgspec.Struct, frozen=True, tag="put_bytes"):
    """A PutBytes without its data, which cross as a buffer."""

    id: str


class _Conflict(msgspec.Struct, frozen=True):
    table: str
    id: str
    expected: int
    found: int


class _IllegalMove(msgspec.Struct, frozen=True):
    table: str
    id: str
    old: str
    new: str


@contextmanager
def _port_errors() -> Iterator[None]:
    try:
        yield
    except JsException as error:
        raise _translated(error.name, error.message) from None


def _translated(name: str, message: str) -> Exception:
    match name:
        case "Conflict":
            clash = jsonread.typed(message, _Conflict)
            return Conflict(clash.table, clash.id, clash.expected, clash.found)
        case "IllegalMove":
            move = jsonread.typed(message, _IllegalMove)
            return IllegalMove(move.table, move.id, move.old, move.new)
        case "MissingBytes":
            return KeyError(message)
        case "StorageFull":
            return StorageFull(message)
        case "StorageLost":
            return StorageLost(message)
    return StorageLost(f"{name}: {message}")


def _listed(js_array: Any) -> list[Any]:
    """A JS array of plain values as a list."""
    found: list[Any] = js_array.to_py()
    return found


def _rows(found: Any) -> list[Row]:
    """Records as static/js/store.mjs packs them: ids, revisions, index fields and ends in one array, their texts one after another."""
    flat, docs = _listed(found.index), taken(found.docs)
    ends = flat[5::6]
    each = zip(flat[::6], flat[1::6], flat[2::6], flat[3::6], flat[4::6], [0, *ends], ends, strict=False)
    return [Row(id, rev, docs[start:end].decode(), owner, state, float(order)) for id, rev, owner, state, order, start, end in each]


class BrowserStore:
    """The Store port over the IndexedDB database of this origin. Made by :func:`open_store`."""

    def __init__(self, js: Any) -> None:
        self._js = js

    @property
    def vault(self) -> Any:
        """The table of sealed keys, a JS object for :class:`app.adapters.keys.BrowserKeys`."""
        return self._js.vault

    async def get(self, table: Table, id: str) -> Row | None:
        with _port_errors():
            found = await self._js.get(table.value, id)
        if found is None:
            return None
        rev, doc, owner, state, order = _listed(found)
        return Row(id, rev, doc, owner, state, float(order))

    async def scan(self, table: Table, *, owner: str | None = None) -> list[Row]:
        with _port_errors():
            return _rows(await self._js.scan(table.value, owner))

    async def revisions(self, table: Table, owner: str) -> list[tuple[str, int]]:
        with _port_errors():
            flat = _listed(await self._js.revisions(table.value, owner))
        return list(zip(flat[::2], flat[1::2], strict=True))

    async def get_many(self, table: Table, ids: Sequence[str]) -> list[Row]:
        with _port_errors():
            return _rows(await self._js.getMany(table.value, msgspec.json.encode(list(ids)).decode()))

    async def page(
        self,
        table: Table,
        *,
        owner: str | None = None,
        state: str | None = None,
        after: tuple[float, str] | None = None,
        limit: int,
        newest: bool = False,
    ) -> list[Row]:
        field, value = ("owner", owner) if state is None else ("state", state)
        edge = to_js(list(after)) if after is not None else None
        with _port_errors():
            return _rows(await self._js.page(table.value, field, value, edge, limit, newest))

    async def strays(self, table: Table) -> list[Row]:
        with _port_errors():
            return _rows(await self._js.strays(table.value))

    async def counts(self, table: Table, *, owner: str | None = None) -> dict[str, int]:
        with _port_errors():
            return dict(_listed(await self._js.counts(table.value, owner)))

    async def owners(self, table: Table) -> list[str]:
        with _port_errors():
            return _listed(await self._js.owners(table.value))

    async def commit(self, changes: Sequence[Change]) -> None:
        buffers: list[bytes] = []
        plain: list[Change | _PutBytes] = []
        for change in changes:
            if isinstance(change, PutBytes):
                buffers.append(change.data)
                plain.append(_PutBytes(change.id))
            else:
                plain.append(change)
        with _port_errors():
            await self._js.commit(to_js(msgspec.json.encode(plain)), to_js(buffers))

    async def dump(self) -> Dump:
        with _port_errors():
            found = await self._js.dump(to_js([table.value for table in Table]))
        entries: list[RecordEntry] = []
        while (part := found.next()) is not None:
            docs, start = taken(part.docs), 0
            for table, id, rev, owner, state, order, end in jsonread.value(taken(part.index)):
                entries.append(RecordEntry(table, id, rev, docs[start:end].decode(), owner, state, float(order)))
                start = end
            await js_page.breathe()
        entries.sort(key=lambda one: one.key)
        return Dump(entries, sorted(_listed(found.runs)))

    async def load(self, ids: Sequence[str]) -> list[bytes | None]:
        with _port_errors():
            found = await self._js.load(to_js(list(ids)))
        return [None if array is None else taken(array) for array in found]

    async def blob(self, ids: Sequence[str]) -> Blob:
        with _port_errors():
            return BrowserBlob(await self._js.blob(to_js(list(ids))))

    async def usage(self) -> Usage:
        with _port_errors():
            used, quota, persisted = _listed(await self._js.usage())
        return Usage(int(used), int(quota), persisted)

    async def persist(self) -> bool:
        with _port_errors():
            return bool(await self._js.persist())

    def watch(self, notify: Callable[[frozenset[str]], None]) -> None:
        def tell(js_tables: Any) -> None:
            notify(frozenset(_listed(js_tables)))

        self._js.watch(create_proxy(tell))  # for the page's life

    def watch_loss(self, notify: Callable[[], None]) -> None:
        """Have it told once that every call fails from now on: a newer program changed the database, or the browser closed it."""
        self._js.watchLoss(create_proxy(notify))  # for the page's life

    def close(self) -> None:
        """Let go of the database. The store is of no use afterwards."""
        self._js.close()


async def open_store(moves: Mapping[str, Mapping[str, Collection[str]]], name: str = "nightshift") -> BrowserStore:
    """Open the database, made or upgraded where needed. ``moves`` has, for each table whose states are checked, the legal moves: state ->
    states; ``""`` -> the first states.

    Raises StorageLost with what to do when it cannot be opened, and StorageFull.
    """
    sorted_ = {table: {state: sorted(after) for state, after in table_moves.items()} for table, table_moves in moves.items()}
    text = msgspec.json.encode(sorted_).decode()
    with _port_errors():
        return BrowserStore(await js_store.open(text, name))


async def destroy_store(name: str) -> None:
    """Forget a whole database and everything in it."""
    with _port_errors():
        await js_store.destroy(name)
