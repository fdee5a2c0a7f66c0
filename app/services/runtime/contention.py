"""Doing again what someone else was faster at: another tab, or another task of this one, changed what was read before it was written."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from app.core.base.locale import PLAIN, within
from app.ports import Conflict

T = TypeVar("T")

ATTEMPTS: Final = 8
"""How often something is read, decided and written again when others write it at the same time."""


async def contended(
    attempt: Callable[[], Awaitable[T]], between: Callable[[], Awaitable[object]] | None = None, most: float = ATTEMPTS
) -> T:
    """What comes of an attempt that reads, decides and writes; from its reading on again after a Conflict, up to ``most`` times in all.

    Whatever is stored is decided in an attempt, whoever asked for it: sentences that are stored are made there, and have plain figures.
    ``between`` is awaited before each further attempt. Raises Conflict when others keep winning, and what else the attempt raises.
    """
    failed = 0
    while True:
        try:
            with within(PLAIN):
                return await attempt()
        except Conflict:
            failed += 1
            if failed >= most:
                raise
        if between is not None:
            await between()
