"""Provider profiles, their keys and their models; and what the person prefers."""

from __future__ import annotations

from msgspec.structs import replace

from app.core import api, ids, problems
from app.core.problems import Call, Refused
from app.core.records import ModelList, Preferences, Problem, Profile
from app.ports import Clock, Http, Keys, Page, Random
from app.services.provider import Provider
from app.services.records import Records, remove

PRACTICE = Profile(id="practice", name="Practice", base_url="practice://local/v1", practice=True)
OPENAI = Profile(id="openai", name="OpenAI", base_url="https://api.openai.com/v1")
PRACTICE_KEY = "practice"


def masked(key: str) -> str:
    """A key as it may be shown: enough to tell two apart, not enough to use."""
    return f"{key[:3]}…{key[-4:]}" if len(key) >= 16 else "•" * 8


class Profiles:
    """Every known provider. Keys are asked for when a call is made and never kept here."""

    def __init__(self, records: Records, http: Http, keys: Keys, page: Page, clock: Clock, random: Random) -> None:
        self._records, self._http, self._keys, self._page, self._clock, self._random = records, http, keys, page, clock, random
        self.known: dict[str, Profile] = {}

    async def load(self) -> dict[str, Profile]:
        """All profiles: the practice provider first, then OpenAI, then the person's own by name."""
        stored = {one.value.id: one.value for one in await self._records.all(Profile)}
        own = sorted((one for id, one in stored.items() if id not in ("practice", "openai")), key=lambda one: one.name.casefold())
        self.known = {one.id: one for one in (PRACTICE, stored.get("openai", OPENAI), *own)}
        return self.known

    async def save(self, profile: Profile) -> bool:
        """Keep a profile; False if the page must reload before it may call the profile's host."""
        await self._records.save(profile)
        await self.load()
        return self.allow_hosts()

    def allow_hosts(self) -> bool:
        """Tell the page's policy which hosts are configured; True if it allows them all already."""
        return self._page.allow_hosts(sorted({api.origin(one.base_url) for one in self.known.values() if not one.practice}))

    def fresh(self) -> Profile:
        """A new profile to be filled in."""
        return Profile(id=ids.new_id("p", self._clock.now(), self._random.token(6)), name="", base_url="https://")

    async def remove(self, id: str) -> None:
        """Forget a profile and its key."""
        await self._keys.remove(id)
        await self._records.commit([remove(Profile, id)])
        await self.load()
        self.allow_hosts()

    # --- keys

    async def key(self, profile: Profile) -> str | None:
        return PRACTICE_KEY if profile.practice else await self._keys.get(profile.id)

    async def put_key(self, id: str, key: str, *, remember: bool) -> None:
        """Keep a key of any length (white space around it dropped); nothing at all removes the key."""
        if key.strip():
            await self._keys.put(id, key.strip(), remember=remember)
        else:
            await self._keys.remove(id)

    async def remove_key(self, id: str) -> None:
        await self._keys.remove(id)

    async def remembered(self, id: str) -> bool:
        return await self._keys.remembered(id)

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
            raise Refused(problems.no_key(call, profile))
        return Provider(self._http, profile, key)

    # --- models

    async def models(self, id: str) -> tuple[str, ...]:
        """Ask the provider for its models and keep the list. Raises Refused. Also the test of a key."""
        provider = await self.provider(id, "models")
        found = await provider.models()
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

    async def prefer(self, preferences: Preferences) -> None:
        await self._records.save(preferences)
