"""Which keys of this browser are of which account, and whether a call may decide anything about a batch (core.openai.accounts).

What is known here never leaves this browser: neither the fingerprints nor the secret under which they are made are exported.
"""

from __future__ import annotations

from msgspec.structs import replace

from app.core.base import ids
from app.core.model.providers import Profile
from app.core.openai import accounts
from app.core.openai.accounts import KeySalt, KnownKey
from app.ports import Clock, Random
from app.services.runtime.records import Records

_SALT = "salt"


class Bindings:
    """Raises the store's errors."""

    def __init__(self, records: Records, clock: Clock, random: Random) -> None:
        self._records, self._clock, self._random = records, clock, random
        self._prints: dict[tuple[str, str], str] = {}

    async def of(self, profile: Profile, key: str, hint: str = "") -> KnownKey:
        """The key as it is known here; one that is seen for the first time gets an account of its own. ``hint``: the key as it is shown."""
        if profile.practice:
            return KnownKey(id=accounts.PRACTICE, accounts=(accounts.PRACTICE,), profile=profile.id)
        id = await self._fingerprint(profile.base_url, key)
        now = self._clock.now()
        return await self._records.first(
            KnownKey, id, lambda: KnownKey(id=id, accounts=(self._name(),), profile=profile.id, hint=hint, since=now)
        )

    async def noticed(self, known: KnownKey, organization: str, project: str) -> KnownKey:
        """What the provider's answer said of the key's account (empty: nothing that a page may read). Another project than before is
        another account; the same as that of another key is that key's account."""
        if not project or (organization, project) == (known.organization, known.project):
            return known
        names = known.accounts if not known.project else (self._name(),)
        others = [one.value for one in await self._records.all(KnownKey)]
        for one in others:
            if one.id != known.id and (one.profile, one.organization, one.project) == (known.profile, organization, project):
                names = (*one.accounts, *(name for name in names if name not in one.accounts))
        return await self._change(replace(known, accounts=names, organization=organization, project=project))

    async def same(self, known: KnownKey, account: str) -> KnownKey:
        """The key is of this account, as the provider or the person says."""
        if not account or account in known.accounts:
            return known
        return await self._change(replace(known, accounts=(*known.accounts, account)))

    async def hints(self, account: str) -> tuple[str, ...]:
        """The keys of an account as they may be shown, the last that was used first; none where they are not known here."""
        stored = [one.value for one in await self._records.all(KnownKey)]
        found = sorted((one for one in stored if account and account in one.accounts), key=lambda one: -one.since)
        return tuple(dict.fromkeys(one.hint for one in found if one.hint))

    async def _change(self, known: KnownKey) -> KnownKey:
        await self._records.save(known)
        return known

    def _name(self) -> str:
        return ids.new_id("a", self._clock.now(), self._random.token(12))

    async def _fingerprint(self, address: str, key: str) -> str:
        found = self._prints.get((address, key))
        if found is None:
            found = self._prints[address, key] = accounts.fingerprint(await self._salt(), address, key)
        return found

    async def _salt(self) -> str:
        """The secret of this browser, made when it is first needed."""
        return (await self._records.first(KeySalt, _SALT, lambda: KeySalt(id=_SALT, salt=self._random.token(48)))).salt
