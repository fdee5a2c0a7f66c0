"""Provider profiles, their keys and their models; and what the person prefers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
from msgspec.structs import replace

from app.core.activity.log import LogEntry, draft
from app.core.base import ids, urls
from app.core.batches import pipeline
from app.core.model import keys
from app.core.model.batches import Batch
from app.core.model.problem import Problem
from app.core.model.providers import OPENAI, ModelList, Profile
from app.core.model.segments import Segment
from app.core.model.settings import BrokerSettings, Preferences
from app.core.openai import problems
from app.core.openai.problems import Call, Refused
from app.ports import Change, Guard, Http, Keys, KeysLocked, Page, Table
from app.services.provider.bindings import Bindings
from app.services.provider.client import Provider
from app.services.runtime.records import put, remove
from app.services.runtime.runtime import Runtime

PRACTICE = Profile(id="practice", name="Practice", base_url="practice://local/v1", practice=True)
PRACTICE_KEY = "practice"
_PLACES = ("thread", "practice_run", "recent_tables", "starred")
"""Preferences that say where a person is; they are no settings."""
MOST_STARRED = 500
"""Favourites."""


def _called(character: str) -> str:
    """A character that is no part of a key, in words."""
    if character in "\r\n\u2028\u2029":
        return "a line break"
    if character.isspace():
        return "a space"
    return "a letter or sign outside of those that keys are made of" if character.isprintable() else "one that is not seen on the screen"


def masked(key: str) -> str:
    """A key as it may be shown: enough to tell two apart, not enough to use."""
    return f"{key[:3]}…{key[-4:]}" if len(key) >= 16 else "•" * 8


class KeyUnusable(Exception):
    """What was typed cannot be a key. The text is a sentence for people and never holds any of it."""


class ProviderUse(msgspec.Struct, frozen=True):
    """What still needs a provider: batches on their way, and requests that wait in the queue."""

    batches: int
    requests: int


class Profiles:
    """Every known provider. Keys are asked for when a call is made and never kept here."""

    def __init__(self, runtime: Runtime, http: Http, keys: Keys, page: Page) -> None:
        self._records, self._clock, self._random, self._log = runtime.records, runtime.clock, runtime.random, runtime.log
        self._http, self._keys, self._page = http, keys, page
        self.known: dict[str, Profile] = {}
        self.extra_origins: dict[str, tuple[str, ...]] = {}
        """Origins that the page must be allowed to call beside the providers', by what they are for."""
        self.guard: Guard = "none"
        """Whether keys are under a passphrase, and whether it was entered, as of the last :meth:`look_at_guard`; ``locked`` likewise."""
        self.locked: frozenset[str] = frozenset()
        """Profiles whose key cannot be had before it is, and other secrets that cannot, by their names there."""
        self._preferring = asyncio.Lock()
        """Held by who changes the preferences: what was chosen last is stored last."""
        self.bindings = Bindings(runtime.records, runtime.clock, runtime.random)

    async def load(self) -> dict[str, Profile]:
        """All profiles: the practice provider first, then OpenAI, then the person's own by name."""
        stored = {one.value.id: one.value for one in await self._records.all(Profile)}
        own = sorted((one for id, one in stored.items() if id not in ("practice", "openai")), key=lambda one: one.name.casefold())
        # OpenAI's own address takes the place of a record that is not there, never of one that cannot be read: its key may be for elsewhere
        openai = stored.get("openai") or (OPENAI if "openai" not in self._records.damage.settings("profile") else None)
        self.known = {one.id: one for one in (PRACTICE, openai, *own) if one is not None}
        self.extra_origins["broker"] = await self._of_broker()
        return self.known

    async def _of_broker(self) -> tuple[str, ...]:
        if (stored := await self._records.get(BrokerSettings, "broker")) is None:
            return ()
        from app.core.programs import rabbit  # most pages have none

        return (found,) if (found := rabbit.origin(stored.value)) else ()

    async def save(self, profile: Profile) -> bool:
        """Keep a profile; False if the page must reload before it may call the profile's host."""
        await self._records.commit([put(profile, -1), *self._log.put(draft("setting", "provider_saved"))])
        await self.load()
        return self.allow_hosts()

    async def amend(self, id: str, **changes: Any) -> None:
        """Change these fields of a profile as it is stored, and no others: another tab may have changed those."""
        await self._records.change(self.known[id], lambda one: replace(one, **changes))
        await self.load()

    async def stored(self, id: str) -> Profile | None:
        """The profile as it is stored now, whichever tab did that."""
        found = await self._records.get(Profile, id)
        return found.value if found else None

    def allow_hosts(self) -> bool:
        """Tell the page's policy which hosts are configured; True if it allows them all already."""
        providers = {urls.origin(one.base_url) for one in self.known.values() if not one.practice}
        also = {origin for one in self.known.values() if not one.practice for origin in one.also}
        return self._page.allow_hosts(sorted(providers.union(also, *self.extra_origins.values())))

    def fresh(self) -> Profile:
        """A new profile to be filled in."""
        return Profile(id=ids.new_id("p", self._clock.now(), self._random.token(6)), name="", base_url="https://")

    async def remove(self, id: str) -> None:
        """Forget a profile and its key."""
        await self._keys.remove(id)
        await self._records.commit([remove(Profile, id), *self._log.put(draft("setting", "provider_removed"))])
        await self.load()
        self.allow_hosts()

    async def use(self, id: str) -> ProviderUse:
        """What still needs a provider, in all tabs."""
        batches = [one.value for one in await self._records.all(Batch)]
        owners = [one for one in await self._records.store.owners(Table.SEGMENTS) if keys.names_lane(one)]
        waiting = 0
        for owner in owners:
            if keys.lane_of(owner).profile == id:
                waiting += sum(one.value.live for one in await self._records.all(Segment, owner))
        return ProviderUse(sum(one.lane.profile == id and one.state not in pipeline.FINAL for one in batches), waiting)

    # --- keys

    async def key(self, profile: Profile) -> str | None:
        return PRACTICE_KEY if profile.practice else await self._keys.get(profile.id)

    async def key_mark(self, id: str) -> str:
        """Tells whether the key that is kept is still the same one later (the Keys port)."""
        return await self._keys.mark(id)

    async def put_key(self, id: str, key: str, *, remember: bool, over: str | None = None) -> bool:
        """Keep a key of any length (white space around it dropped); nothing at all removes the key. ``over``: the mark of the key that it
        takes the place of; False, with nothing changed, where another tab was faster.

        Raises KeyUnusable where a character is none that a header can carry: what is pasted may hold more than is seen.
        """
        key = key.strip()
        if not key:
            return await self._keys.remove(id, over)
        if wrong := next((one for one in key if not "!" <= one <= "~"), ""):
            raise KeyUnusable(
                f"Character {key.index(wrong) + 1} cannot be part of a key: it is {_called(wrong)}. "
                "Copy the key again, without anything around or inside it."
            )
        try:
            if not await self._keys.put(id, key, remember=remember, over=over):
                return False
        except KeysLocked:
            raise KeyUnusable("Keys on this machine are under a passphrase. Enter it first, or keep this key in memory only.") from None
        await self._log.note("setting", "key_set")
        return True

    async def remove_key(self, id: str, over: str | None = None) -> bool:
        """Forget a key; ``over`` as in :meth:`put_key`."""
        if not await self._keys.remove(id, over):
            return False
        await self._log.note("setting", "key_removed")
        return True

    async def remembered(self, id: str) -> bool:
        return await self._keys.remembered(id)

    async def has_key(self, id: str) -> bool:
        """Whether there is one, be it locked or not."""
        return bool(await self._keys.get(id)) or id in await self._keys.locked()

    # --- the passphrase

    async def look_at_guard(self) -> None:
        """Learn how things stand with it. Who calls for a provider and has none of its key knows why."""
        self.guard = await self._keys.guard()
        self.locked = frozenset(await self._keys.locked()) if self.guard == "locked" else frozenset()

    async def set_passphrase(self, passphrase: str) -> bool:
        """Have every key and secret on this machine open with it only, from the next start on. False, with nothing changed: keys are
        locked, or another tab was faster. Raises StorageLost."""
        if not await self._keys.set_guard(passphrase):
            return False
        await self.look_at_guard()
        await self._log.note("setting", "passphrase_set")
        return True

    async def drop_passphrase(self) -> bool:
        """Keep the keys without one again; False as in :meth:`set_passphrase`."""
        if not await self._keys.drop_guard():
            return False
        await self.look_at_guard()
        await self._log.note("setting", "passphrase_removed")
        return True

    async def forget_passphrase(self) -> None:
        """It is not known any more: it goes, with the keys that only it opens."""
        await self._keys.forget_guard()
        await self.look_at_guard()
        await self._log.note("setting", "passphrase_removed")

    async def unlock(self, passphrase: str) -> bool:
        """Whether it is the passphrase."""
        found = await self._keys.unlock(passphrase)
        await self.look_at_guard()
        return found

    async def lock(self) -> None:
        """Until it is entered again; work that needs a key waits."""
        self._keys.lock()
        await self.look_at_guard()

    async def provider(self, id: str, call: Call = "upload") -> Provider:
        """The provider to call. Refused when the profile or its key is missing; ``call`` is what it is wanted for."""
        profile = self.known.get(id)
        if profile is None:
            raise Refused(
                Problem(
                    code="no_profile",
                    what="The provider that these requests are meant for was removed from the settings.",
                    means=problems.no_key(call, PRACTICE).means,
                    do="Add the provider again in the settings.",
                    blame="person",
                )
            )
        key = await self.key(profile)
        if not key:
            raise Refused((problems.key_locked if id in self.locked else problems.no_key)(call, profile))
        return Provider(self._http, profile, key, await self.bindings.of(profile, key, masked(key)))

    # --- models

    async def models(self, id: str) -> tuple[str, ...]:
        """Ask the provider for its models and keep the list. Raises Refused. Also the test of a key."""
        provider = await self.provider(id, "models")
        found = await provider.models()
        await self.bindings.noticed(provider.known, provider.organization, provider.project)
        await self._records.save(ModelList(id=id, models=found, fetched=self._clock.now()))
        return found

    async def last_models(self, id: str) -> ModelList:
        """The last list kept, for use offline; empty if there was none."""
        stored = await self._records.get(ModelList, id)
        return stored.value if stored else ModelList(id=id)

    # --- preferences

    async def preferences(self) -> Preferences:
        stored = await self._records.get(Preferences, "preferences")
        found = stored.value if stored else Preferences(id="preferences")
        return found if found.profile in self.known else replace(found, profile="practice")

    async def prefer(self, **changes: Any) -> None:
        """Change these fields of what is stored, and no others: another tab may have changed those. The log tells which, not to what.
        Raises Conflict only when others keep winning."""
        logged = [draft("setting", name) for name in sorted(changes) if name not in _PLACES]
        async with self._preferring:
            await self._prefer(lambda _: changes, logged)

    async def star(self, *names: str, on: bool) -> tuple[str, ...]:
        """Make these favourites (``<kind>:<id>``), or none; all that there are, with those that another tab made so meanwhile."""

        def changed(before: Preferences) -> dict[str, Any]:
            others = tuple(one for one in before.starred if one not in names)
            return {"starred": ((*names, *others) if on else others)[:MOST_STARRED]}

        async with self._preferring:
            await self._prefer(changed, [])
            return (await self.preferences()).starred

    async def _prefer(self, changes: Callable[[Preferences], dict[str, Any]], logged: list[LogEntry]) -> None:
        over = 0  # where there is none; another attempt writes over one that cannot be read

        async def decide() -> tuple[list[Change], None]:
            nonlocal over
            stored = await self._records.get(Preferences, "preferences")
            before, rev = (stored.value, stored.rev) if stored else (Preferences(id="preferences"), over)
            over = -1
            return [put(replace(before, **changes(before)), rev), *self._log.put(*logged)], None

        await self._records.transact(decide)
