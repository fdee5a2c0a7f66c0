"""The template of each table: read, kept as it is typed, and every version that was sent.

One write at a time for each template, and always the newest text: a key stroke never waits for the disk. What another tab wrote meanwhile
is met by merging (:mod:`app.core.templates.merging`): both tabs' changes stand. Where both wrote in one text, the later one is there
and the other one is kept as a version, so nothing that was typed is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from msgspec.structs import replace

from app.core.base import ids
from app.core.model.templates import PromptContent, PromptMessage, Template, TemplateVersion
from app.core.templates import versions
from app.core.templates.merging import lost, merged
from app.ports import Change, Conflict, StorageFull, StorageLost
from app.services.runtime.records import put
from app.services.runtime.runtime import Runtime
from app.services.threads.drafts import Saving

FRESH: Final = PromptContent(messages=(PromptMessage("m-1", "user"),))
"""What a table's template says before anything was typed. Equal in all tabs, so that the first words of two can be merged."""
ELSEWHERE: Final = "From another tab"
"""What a version is called that holds what another tab typed into the same text."""
MAX_NAME: Final = 200
"""Characters of a version's name."""

Heard = Callable[[Template, Saving], None]


class Templates:
    """Raises what the store raises. ``heard`` is told how the saving of a template stands, with the template as it is then: it may say
    what another tab wrote as well."""

    def __init__(self, runtime: Runtime, heard: Heard) -> None:
        self._records, self._clock, self._random, self._tasks = runtime.records, runtime.clock, runtime.random, runtime.tasks
        self._heard = heard
        self._base: dict[str, PromptContent] = {}
        """What each template said when this tab read or wrote it last."""
        self._wanted: dict[str, Template] = {}
        self._writing: set[str] = set()
        self._writes = 0

    # --- the template of a table

    async def of(self, dataset: str) -> Template:
        """The template of the dataset with this id as it is: what is not on disk yet counts. A new one is stored when it is changed.
        Reading it makes what another tab wrote known to this one."""
        writes = -1
        while writes != self._writes:  # what is read while a text is being written may be the text before it
            writes = self._writes
            found = [one.value for one in await self._records.all(Template)]
        own = [one for one in found if one.dataset == dataset and not one.deleted]
        now = self._clock.now()
        template = min(own, key=lambda one: (one.created, one.id), default=None)
        if template is None:
            template = Template(id=dataset, dataset=dataset, content=FRESH, created=now, updated=now)
        if (mine := self._wanted.get(template.id)) is not None:
            return mine
        self._base[template.id] = template.content
        return template

    def change(self, template: Template) -> None:
        """Have this written. Returns at once; ``heard`` is told. Before it :meth:`of` was asked for it."""
        self._wanted[template.id] = replace(template, updated=max(template.updated, self._clock.now()))
        if template.id not in self._writing:
            self._writing.add(template.id)
            self._heard(self._wanted[template.id], "saving")
            self._tasks.start(f"save {template.id}", self._write(template.id))

    async def _write(self, id: str) -> None:
        try:
            while (mine := self._wanted.get(id)) is not None:
                try:
                    stored = await self._merge(mine)
                except (Conflict, StorageFull, StorageLost) as error:
                    outcome: Saving = "conflict" if isinstance(error, Conflict) else "full" if isinstance(error, StorageFull) else "lost"
                    self._heard(self._wanted[id], outcome)
                    return
                self._writes += 1
                self._base[id] = stored.content
                newest = self._wanted[id]
                if newest is mine:
                    del self._wanted[id]
                    self._heard(stored, "saved")
                elif stored.content != mine.content:  # another tab's words belong to what was typed since as well
                    self._wanted[id] = replace(newest, content=merged(stored.content, mine.content, newest.content))
                    self._heard(self._wanted[id], "saving")
        finally:
            self._writing.discard(id)

    async def _merge(self, mine: Template) -> Template:
        """Write what this tab changed since it read; what is stored then."""
        before = self._base.get(mine.id, FRESH)

        async def decide() -> tuple[Sequence[Change], Template]:
            stored = await self._records.get(Template, mine.id)
            theirs = stored.value if stored is not None else replace(mine, content=before)
            content = merged(theirs.content, before, mine.content)
            after = replace(theirs, name=mine.name, content=content, deleted=0.0, updated=max(theirs.updated, mine.updated))
            changes: list[Change] = [put(after, stored.rev if stored is not None else 0)]
            if lost(theirs.content, before, content):
                known = await self.versions(mine.id)
                kept = versions.sent(theirs, known, self._new_id(), self._clock.now())
                changes += [] if kept in known else [put(replace(kept, name=ELSEWHERE), 0)]
            return changes, after

        return await self._records.transact(decide)

    def unsaved(self, id: str) -> bool:
        """Whether the newest text of a template is not on disk yet."""
        return id in self._wanted

    def _new_id(self) -> str:
        return ids.new_id("v", self._clock.now(), self._random.token(8))

    # --- versions

    async def versions(self, id: str) -> list[TemplateVersion]:
        """Those of one template, oldest first."""
        found = [one.value for one in await self._records.all(TemplateVersion)]
        return sorted((one for one in found if one.template == id), key=lambda one: one.number)

    async def version(self, id: str) -> TemplateVersion | None:
        """The version that answers name."""
        stored = await self._records.get(TemplateVersion, id)
        return stored.value if stored is not None else None

    async def sent(self, template: Template) -> TemplateVersion:
        """The version that says what this template says, to be named in what is sent: stored when this returns. To be called before
        anything is sent."""

        async def decide() -> tuple[Sequence[Change], TemplateVersion]:
            stored = await self._records.get(Template, template.id)
            known = await self.versions(template.id)
            version = versions.sent(template, known, self._new_id(), self._clock.now())
            if any(one.id == version.id for one in known):
                return (), version
            # The template is written with it, so that two tabs never give one number to two versions.
            return (
                put(version, 0),
                put(stored.value if stored is not None else template, stored.rev if stored is not None else 0),
            ), version

        return await self._records.transact(decide)

    async def call(self, id: str, name: str) -> TemplateVersion | None:
        """Name a version; nothing: it is called by its number. None where it is gone."""
        return await self._records.amend(TemplateVersion, id, lambda one: replace(one, name=" ".join(name.split())[:MAX_NAME]))
