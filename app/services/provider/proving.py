"""Seeing to it that a batch is decided about with a key of its own account only (core.openai.accounts).

With another key nothing is sent that changes anything. What only looks may still show our batch: then the key is of its account, which is
remembered, and the step goes on.
"""

from __future__ import annotations

from app.core.batches import pipeline
from app.core.batches.pipeline import Effect
from app.core.model.batches import Batch
from app.core.model.remote import Remote
from app.core.openai import accounts
from app.core.openai.accounts import Fit
from app.core.openai.problems import Call, Refused
from app.services.provider.bindings import Bindings
from app.services.provider.client import Provider
from app.services.provider.profiles import Profiles

_SAYS_NO = (400, 403, 404)
"""Statuses with which a provider answers about a batch of another account."""


class Prover:
    """Raises Refused (``other_account``) where nothing may be decided, and what the store raises."""

    def __init__(self, profiles: Profiles) -> None:
        self._profiles = profiles

    @property
    def _bindings(self) -> Bindings:
        return self._profiles.bindings

    async def fit(self, provider: Provider, batch: Batch) -> Fit:
        """Whether the provider's key is of the batch's account, by what is known now."""
        provider.known = await self._bindings.noticed(provider.known, provider.organization, provider.project)
        return accounts.fit(batch, provider.known)

    async def refuse(self, provider: Provider, batch: Batch, call: Call) -> Refused:
        """The refusal to decide, in words."""
        hints = await self._bindings.hints(batch.account)
        return Refused(accounts.other_account(call, batch, provider.profile, provider.known, hints))

    async def shown(self, provider: Provider, batch: Batch) -> None:
        """The provider has shown what only the batch's account has: the key is of it."""
        provider.known = await self._bindings.same(provider.known, batch.account)

    async def may(self, provider: Provider, batch: Batch, effect: Effect, call: Call) -> None:
        """Whether the step may be made. A create and an upload are bound when their intent is stored; a look decides by what it shows."""
        fit = await self.fit(provider, batch)
        if fit == "same" or isinstance(effect, pipeline.FindFile | pipeline.AskFile | pipeline.FindBatch | pipeline.Poll):
            return
        if isinstance(effect, pipeline.Upload | pipeline.Create):
            raise await self.refuse(provider, batch, call)
        if fit == "other":
            await self.probe(provider, batch, call)

    async def probe(self, provider: Provider, batch: Batch, call: Call) -> Remote:
        """The batch as this key shows it; Refused where it does not show ours."""
        remote = await self.poll(provider, batch, call)
        if not accounts.proves(remote, batch):
            raise await self.refuse(provider, batch, call)
        await self.shown(provider, batch)
        return remote

    async def poll(self, provider: Provider, batch: Batch, call: Call = "poll") -> Remote:
        """Ask for the batch. That it is not there is heard from its own account only, and so is all else of a batch that is not ours."""
        try:
            remote = await provider.poll(batch.remote.id if batch.remote else "", batch)
        except Refused as error:
            if error.problem.status in _SAYS_NO and await self.fit(provider, batch) != "same":
                raise await self.refuse(provider, batch, call) from None
            raise
        if await self.fit(provider, batch) == "other":
            if not accounts.proves(remote, batch):
                raise await self.refuse(provider, batch, call)
            await self.shown(provider, batch)
        return remote
