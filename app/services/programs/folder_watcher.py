"""The watched folder, in the tab that leads: files that are dropped into it are read line by line and queued.

A file is read when it has stayed as it is between two looks, so that none is read while it is being written. What was read is stored with
each portion: a reload goes on there, and a line that is read twice is known by its place. A file that changed is read again from its
beginning; what of it was taken before is not taken twice. Before the first line is read the file of results is made: another browser that
watches the same folder leaves the file alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from app.core.base import text
from app.core.bodies import foreign
from app.core.json import jsonvalues
from app.core.json.jsonlines import LineSplitter
from app.core.json.jsonvalues import Values
from app.core.programs import folder as rules
from app.core.programs.folder import Dropped, FolderEntry, FolderState, Watched
from app.core.programs.intake import MAX_ID, MessageRefusal, custom_id_of
from app.core.programs.message import ResultFile
from app.ports import Folder, FolderLost
from app.services.programs.intake import Duplicate, Intake, RawMessage, Verdict
from app.services.runtime.isolation import Isolation
from app.services.runtime.periodic import PeriodicWorker
from app.services.runtime.records import Records, Stored, put
from app.services.runtime.runtime import Runtime

ID: Final = "folder"
LOOK: Final = 3.0
"""Seconds between two looks at the folder."""
PIECE: Final = 1_000_000
"""Bytes that are read at a time."""
_UNREAD: Final[dict[str, Any]] = {"read": 0, "lines": 0, "taken": 0, "refused": 0, "problems": 0, "mendable": 0}
"""The fields of a file that is to be read from its beginning."""


class FolderView(msgspec.Struct, frozen=True):
    """What is shown of the folder. ``files``: newest first. ``offered``: this browser can watch one."""

    offered: bool = False
    watched: Watched | None = None
    state: FolderState = "none"
    files: tuple[Dropped, ...] = ()
    fault: str = ""


async def watched(records: Records) -> Watched | None:
    """The folder that was chosen."""
    stored = await records.get(Watched, ID)
    return stored.value if stored else None


class Watcher:
    """``notify`` is called when something of it changed that a person can see. What fails is shown, and tried again with the next look."""

    def __init__(self, runtime: Runtime, port: Folder, taker: Intake, notify: Callable[[], None]) -> None:
        self._records, self._clock, self._random = runtime.records, runtime.clock, runtime.random
        self._port, self._taker, self._notify = port, taker, notify
        self._worker = PeriodicWorker(runtime.clock, runtime.tasks, "folder", self._seen_again, LOOK, first=0.0, retry=LOOK, longest=LOOK)
        self._seen: dict[str, FolderEntry] = {}  # the files as the last look found them
        self._fault = ""
        self._files_aside = Isolation(runtime.tasks, "files")

    def nudge(self) -> None:
        """The folder was chosen, opened or let go: look now."""
        self._worker.nudge()

    # --- what a person does: any tab

    async def choose(self) -> bool:
        """Have a folder picked and watch it; False when none was picked. Raises FolderLost."""
        chosen = await self._port.choose()
        if chosen is None:
            return False
        before = await watched(self._records)
        known = before.folder if before is not None and chosen.same else self._random.token(12)
        await self._records.save(Watched(id=ID, folder=known, name=chosen.name))
        self.nudge()
        return True

    async def allow(self) -> bool:
        """Have the person asked again; whether the folder is open now. Raises FolderLost."""
        allowed = await self._port.ask()
        self.nudge()
        return allowed

    async def switch(self, *, on: bool) -> None:
        """Take files, or leave them alone. Results go on being written."""
        if (one := await watched(self._records)) is not None:
            await self._records.save(replace(one, on=on))
        self.nudge()

    async def take_anyway(self, name: str) -> None:
        """Read a file although there were results beside it."""
        here = await watched(self._records)
        stored = await self._records.get(Dropped, rules.drop_id(here.folder, name)) if here else None
        if stored is not None and stored.value.state == "foreign":
            await self._records.commit([put(replace(stored.value, state="reading", results=-1), stored.rev)])
        self.nudge()

    async def mend(self, name: str) -> None:
        """Read a file again, and convert the lines that are written for another service or almost right. Lines that were taken stay
        taken."""
        here = await watched(self._records)
        stored = await self._records.get(Dropped, rules.drop_id(here.folder, name)) if here else None
        if stored is not None and stored.value.state == "read" and stored.value.mendable:
            await self._records.commit([put(replace(stored.value, state="reading", mend=True, **_UNREAD), stored.rev)])
        self.nudge()

    async def view(self) -> FolderView:
        """How it stands, for the screen."""
        if not self._port.offered:
            return FolderView()
        here = await watched(self._records)
        if here is None:
            return FolderView(offered=True)
        try:
            state = await self._port.state()
        except FolderLost:
            state = "gone"
        files = sorted((one.value for one in await self._files(here)), key=lambda one: one.at, reverse=True)
        return FolderView(True, here, state, tuple(files), self._fault)

    async def _files(self, here: Watched) -> list[Stored[Dropped]]:
        return [one for one in await self._records.all(Dropped) if one.value.id == rules.drop_id(here.folder, one.value.name)]

    # --- the work: the tab that leads

    async def run(self) -> None:
        """Until cancelled."""
        if self._port.offered:
            await self._worker.run()

    async def _seen_again(self) -> None:
        """One look; that the folder is gone is shown with it and is no fault of ours."""
        try:
            await self.look()
        except FolderLost as error:
            self._is(str(error))
        else:
            self._is("")

    def _is(self, fault: str) -> None:
        if fault != self._fault:
            self._fault = fault
            self._notify()

    async def look(self) -> None:
        """Look once, and take what is there. Raises FolderLost."""
        here = await watched(self._records)
        if here is None or not here.on or await self._port.state() != "open":
            self._seen.clear()
            return
        entries = await self._port.look()
        before_this, self._seen = self._seen, {one.name: one for one in entries}
        known = {one.value.name: one for one in await self._files(here)}
        trouble = ""
        for entry in sorted((one for one in entries if rules.is_input(one.name)), key=lambda one: (one.modified, one.name)):
            before = known.get(entry.name)
            if before is not None and (before.value.state == "foreign" or (before.value.state == "read" and before.value.is_of(entry))):
                continue
            if entry.fault:
                self._files_aside.put(entry.name, ValueError(entry.fault))
                continue
            if before_this.get(entry.name) != entry:
                continue  # perhaps it is still being written
            try:
                await self._files_aside.run(entry.name, self._take(here, entry, before))
            except FolderLost as error:
                trouble = str(error)  # this file waits; the others do not
        if trouble:
            raise FolderLost(trouble)

    async def _take(self, here: Watched, entry: FolderEntry, before: Stored[Dropped] | None) -> None:
        """Read a file from where it is to its end."""
        fresh = Dropped(
            id=rules.drop_id(here.folder, entry.name), name=entry.name, size=entry.size, modified=entry.modified, at=self._clock.now()
        )
        if before is None:
            if self._seen.keys() & {rules.results_name(entry.name), rules.problems_name(entry.name)}:
                await self._records.save(replace(fresh, state="foreign"), 0)
                self._notify()
                return
            await self._records.save(fresh, 0)
            drop = Stored(fresh, 1)
        elif before.value.state == "reading" and before.value.is_of(entry):
            drop = before
        else:  # it is another text than it was
            anew = {"state": "reading", "at": fresh.at, "shape": "lines", "mend": False, **_UNREAD}
            drop = await self._changed(before, size=entry.size, modified=entry.modified, **anew)
        await self._port.write(rules.results_name(entry.name), -1, b"")
        lines = jsonvalues.cutter(drop.value.shape, rules.MAX_LINE, drop.value.read, drop.value.lines)
        at = drop.value.read
        while at < entry.size:
            if not (piece := await self._port.read(entry.name, at, min(at + PIECE, entry.size))):
                raise FolderLost(f"The file {entry.name} became shorter while it was being read. It is read again.")
            if at == 0 and (shape := jsonvalues.shape_of(piece)) != drop.value.shape:
                drop = await self._changed(drop, shape=shape)
                lines = jsonvalues.cutter(drop.value.shape, rules.MAX_LINE, drop.value.read, drop.value.lines)
            at += len(piece)
            some = lines.feed(piece, last=at >= entry.size)
            if not await self._goes_on(here):
                return
            if some:
                drop = await self._portion(here, drop, some, lines)
        await self._changed(drop, state="read", read=entry.size, lines=lines.lines)
        self._notify()

    async def _goes_on(self, here: Watched) -> bool:
        """Whether the person still wants this."""
        now = await watched(self._records)
        return now is not None and now.on and now.folder == here.folder

    async def _changed(self, drop: Stored[Dropped], **fields: Any) -> Stored[Dropped]:
        """Store these fields; the others may change meanwhile, for results of the first lines come while the last ones are read."""
        return await self._records.change(drop.value, lambda one: replace(one, **fields))

    async def _portion(
        self, here: Watched, drop: Stored[Dropped], some: Sequence[tuple[int, bytes | None]], lines: LineSplitter | Values
    ) -> Stored[Dropped]:
        """Hand lines in, say which of them are none, and remember how far we are."""
        name = drop.value.name
        file = ResultFile(here.folder, name)
        read = [(number, line) for number, line in some if line is not None]
        if drop.value.mend:
            read = [(number, foreign.mended(line) or line) for number, line in read]
        given = [RawMessage(line, "folder", rules.place(here.folder, name, number), file=file) for number, line in read]
        verdicts = await self._taker.take(given)
        problems = [
            rules.LineProblem(number, "too_large", "Too large", f"The line is longer than {text.size(rules.MAX_LINE)}.")
            for number, line in some
            if line is None
        ]
        problems += self._problems(here, given, [number for number, _ in read], verdicts)
        problems.sort(key=lambda one: one.line)
        end = drop.value.problems
        if problems:
            data = b"".join(msgspec.json.encode(one) + b"\n" for one in problems)
            end = await self._port.write(rules.problems_name(name), end, data)
        taken, refused = drop.value.taken + len(some) - len(problems), drop.value.refused + len(problems)
        mendable = drop.value.mendable
        for one, verdict in zip(given, verdicts, strict=True):
            mendable += isinstance(verdict, MessageRefusal) and not drop.value.mend and foreign.mended(one.data) is not None
        drop = await self._changed(drop, read=lines.read, lines=lines.lines, taken=taken, refused=refused, mendable=mendable, problems=end)
        self._notify()
        return drop

    def _problems(
        self, here: Watched, given: Sequence[RawMessage], numbers: Sequence[int], verdicts: Sequence[Verdict]
    ) -> list[rules.LineProblem]:
        """Lines that are no requests here: those that were refused, and those whose custom_id another line of their file has."""
        found: list[rules.LineProblem] = []
        for number, one, verdict in zip(numbers, given, verdicts, strict=True):
            if isinstance(verdict, MessageRefusal):
                found.append(rules.LineProblem(number, verdict.code, verdict.title, verdict.detail, verdict.pointer, verdict.custom_id))
            elif isinstance(verdict, Duplicate) and verdict.first != one.message_id:
                detail, id = _elsewhere(here, drop_line=verdict.first), custom_id_of(one.data)
                found.append(rules.LineProblem(number, "duplicate_custom_id", "Duplicate custom_id", detail, "/custom_id", id[:MAX_ID]))
        return found


def _elsewhere(here: Watched, drop_line: str) -> str:
    """Where a custom_id was seen first, as a sentence."""
    ours = rules.drop_id(here.folder, "")
    name, _, line = drop_line.removeprefix(ours).rpartition(":")
    where = f" in line {line} of {name}" if drop_line.startswith(ours) else ""
    return f"A line with this custom_id was accepted before{where}. This one is not sent: if it is another request, give it another id."
