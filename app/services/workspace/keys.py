"""API keys that travel with a workspace: sealed under a passphrase, each with the address that it was entered for."""

from __future__ import annotations

import contextlib
from typing import Final

import msgspec

from app.core.base import urls
from app.core.json import jsonread
from app.core.model.providers import Profile
from app.ports import Keys, KeysLocked

SHORTEST: Final = 8
"""Characters of a passphrase, at least."""


class Key(msgspec.Struct, frozen=True):
    """A key, and the origin of the address that it was entered for."""

    key: str
    origin: str


async def sealed(keys: Keys, passphrase: str, profiles: dict[str, Profile]) -> str:
    """All keys that are here; nothing if there are none. Raises StorageLost."""
    found = {}
    for profile in profiles.values():
        if not profile.practice and (key := await keys.get(profile.id)):
            found[profile.id] = Key(key, urls.origin(profile.base_url))
    return await keys.seal(passphrase, msgspec.json.encode(found).decode()) if found else ""


async def opened(keys: Keys, passphrase: str, sealed: str) -> dict[str, Key] | None:
    """The keys by profile; None when the passphrase is another one. Raises StorageLost."""
    content = await keys.unseal(passphrase, sealed)
    if content is None:
        return None
    try:
        return jsonread.typed(content, dict[str, Key])
    except jsonread.Unreadable:
        return None


async def _there(keys: Keys, id: str) -> bool:
    """Whether there is a key, be it locked or not."""
    return bool(await keys.get(id)) or id in await keys.locked()


async def take_in(keys: Keys, found: dict[str, Key], profiles: dict[str, Profile], *, remember: bool) -> list[str]:
    """Keep the keys of profiles that have none and whose address is the one that the key was entered for; returns their profiles' ids."""
    taken = []
    for id, one in found.items():
        profile = profiles.get(id)
        mark = await keys.mark(id)
        if profile is None or profile.practice or urls.origin(profile.base_url) != one.origin or await _there(keys, id):
            continue
        with contextlib.suppress(KeysLocked):  # that the key is missing shows in the settings
            if await keys.put(id, one.key, remember=remember, over=mark):
                taken.append(id)
    return taken


async def part(keys: Keys, before: dict[str, Profile], after: dict[str, Profile]) -> list[str]:
    """Before profiles change: remove the key of every one whose address will be another, or which will be gone. A key goes only where it
    was entered for. Returns their names."""
    parted = []
    for id, profile in before.items():
        later = after.get(id)
        moved = later is None or urls.origin(later.base_url) != urls.origin(profile.base_url)
        if not profile.practice and moved and await _there(keys, id):
            await keys.remove(id)
            parted.append(profile.name)
    return parted
