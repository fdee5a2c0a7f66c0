"""Keys and other secrets: kept on this machine, under a passphrase there, or in memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol

Guard = Literal["none", "locked", "open"]
"""Whether keys are under a passphrase of the person's, and whether it was entered."""


class Keys(Protocol):
    """API keys by profile id, and the secrets of webhooks and the password of a broker by names of their own. Kept
    sealed on this machine, under a passphrase there, or in memory only. Never in the store's records.

    The sealed ones are all tabs'. Who saves or removes one says by ``over`` which was there when that was decided (:meth:`mark`): where it
    is another one by now, nothing is changed, and False is returned. None: whatever is there.
    """

    async def get(self, profile: str) -> str | None:
        """None also where it is under the passphrase and that was not entered (:meth:`locked`)."""
        ...

    async def mark(self, profile: str) -> str:
        """Tells the sealed key that is there from any that comes after it, without showing it; "" where there is none. A key that is
        sealed again has another mark, also where it is the same key."""
        ...

    async def put(self, profile: str, key: str, *, remember: bool, over: str | None = None) -> bool:
        """``remember``: sealed, under the passphrase where there is one. Raises KeysLocked where that was not entered."""
        ...

    async def remove(self, profile: str, over: str | None = None) -> bool: ...

    async def remembered(self, profile: str) -> bool: ...

    async def unopened(self) -> list[str]:
        """The names under which something is sealed that cannot be opened (the browser's sealing key is another one, or it is damaged) and
        that is not in this tab's memory."""
        ...

    # --- under a passphrase

    async def guard(self) -> Guard: ...

    async def locked(self) -> list[str]:
        """The names under which something is sealed that opens when the passphrase is entered."""
        ...

    async def set_guard(self, passphrase: str) -> bool:
        """Seal everything that is kept under a passphrase from now on, which is open then. False, with nothing changed: another one
        is locked, or another tab was faster."""
        ...

    async def drop_guard(self) -> bool:
        """Keep it without a passphrase again; False as in :meth:`set_guard`."""
        ...

    async def forget_guard(self) -> None:
        """The passphrase is not known any more: it goes, and everything that only it opens."""
        ...

    async def unlock(self, passphrase: str) -> bool:
        """Whether it is the passphrase; then keys can be had until :meth:`lock`, or the end of the tab. Raises StorageLost, in a sentence,
        where what would tell that is damaged."""
        ...

    def lock(self) -> None:
        """Here and in the other tabs."""
        ...

    def watch(self, heard: Callable[[Literal["guard", "stir"]], None]) -> None:
        """Be told what other tabs do: ``guard``: they locked, unlocked, or changed the passphrase, and so it is here; ``stir``: the
        person is there."""
        ...

    def stir(self) -> None:
        """Tell them that the person is here."""
        ...

    async def seal(self, passphrase: str, text: str) -> str:
        """The text under a passphrase, as JSON text that says how it was made. StorageLost where the browser cannot."""
        ...

    async def unseal(self, passphrase: str, sealed: str) -> str | None:
        """The text that was sealed; None when the passphrase is another one or the seal is damaged."""
        ...


class KeysLocked(Exception):
    """The passphrase has to be entered first."""
