"""Which segments were written since someone looked, so that who keeps summaries of them reads those again and no other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar
from weakref import WeakKeyDictionary

from app.ports import Change, Put, Remove, Restore, Store, Table


class Touched:
    """One for each store. What this tab commits is known by id; of another tab's commit only that there was one."""

    _known: ClassVar[WeakKeyDictionary[Store, Touched]] = WeakKeyDictionary()

    def __init__(self) -> None:
        self._owners: dict[str, str] = {}
        self._all = True

    @classmethod
    def of(cls, store: Store) -> Touched:
        """The one of this store."""
        found = cls._known.get(store)
        if found is None:
            found = cls._known[store] = cls()
            store.watch(found._other_tab_wrote)
        return found

    def _other_tab_wrote(self, tables: frozenset[str]) -> None:
        self._all = self._all or Table.SEGMENTS in tables

    def everything(self) -> None:
        """Any segment may be another one now."""
        self._all = True

    def written(self, changes: Sequence[Change]) -> None:
        """These changes are committed."""
        for one in changes:
            if isinstance(one, Put | Remove | Restore) and one.table is Table.SEGMENTS:
                self._owners[one.id] = "" if isinstance(one, Remove) else one.owner

    def take(self) -> dict[str, str] | None:
        """The segments that were written since it was asked last, with who owns them now ("": nobody); None: any may have been. Who asks
        takes them over."""
        owners, every = self._owners, self._all
        self._owners, self._all = {}, False
        return None if every else owners

    def give_back(self, owners: dict[str, str] | None) -> None:
        """What was taken could not be read."""
        if owners is None:
            self._all = True
        else:
            self._owners = {**owners, **self._owners}
