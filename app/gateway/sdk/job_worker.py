"""The worker that advances the SDK's batches (``jobs`` has the steps): one task, woken when something about a batch changed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from app.core.base.transitions import NoSuchMove
from app.gateway.mailbox.mailbox import Mailbox
from app.gateway.mailbox.messages import New
from app.gateway.practice.disk import FolderDisk
from app.gateway.sdk import jobs
from app.gateway.sdk.jobs import Job, Progress, StoredFile

PORTION: Final = 500
"""Lines in one commit."""
RETRY: Final = 10.0
"""Seconds until a step is tried again that the disk refused."""
TIDY: Final = 600.0
"""Seconds between two looks for files that have expired."""


class KeptFolder(FolderDisk):
    """File contents in a folder that outlives the server."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def _path(self, id: str) -> Path:
        return self.folder / id

    def path(self, id: str) -> Path:
        """The path of a content."""
        return self.folder / id

    def sync(self, id: str) -> int:
        """Flush a content to the disk; returns its size in bytes."""
        with self.path(id).open("rb") as file:
            os.fsync(file.fileno())
            return os.fstat(file.fileno()).st_size


def token(prefix: str) -> str:
    """An unguessable id as the provider makes them: ``batch_…``, ``file-…``."""
    return f"{prefix}{os.urandom(12).hex()}"


class Jobs:
    """The SDK's batches and files, over ``mailbox``; contents lie in ``folder``."""

    def __init__(self, mailbox: Mailbox, folder: Path) -> None:
        self.mailbox, self.database = mailbox, mailbox.database
        self.disk = KeptFolder(folder)
        self._changed: set[str] = set()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        mailbox.on_status.append(self._on_status)

    def reserve(self) -> str:
        """An id for a new file."""
        return token("file-")

    async def open(self) -> None:
        """Resume what was left unfinished."""
        await asyncio.to_thread(self.disk.folder.mkdir, exist_ok=True)
        await self._sweep()
        self._changed.update(await self.database.read(jobs.unfinished))
        self._wake.set()
        self._task = asyncio.create_task(self._work())

    async def close(self) -> None:
        """Stop. A step that is half done is done again after the next start."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def look_at(self, id: str) -> None:
        """Something about this batch has changed."""
        self._changed.add(id)
        self._wake.set()

    def _on_status(self, custom_ids: Sequence[str]) -> None:
        for id in custom_ids:
            if id.startswith("batch_"):
                self.look_at(id.rpartition("-")[0])

    async def _work(self) -> None:
        while True:
            try:
                async with asyncio.timeout(TIDY):
                    await self._wake.wait()
            except TimeoutError:
                try:
                    await self._sweep()
                except (OSError, sqlite3.Error) as error:
                    print(f"Old files were not searched for: {error}.", file=sys.stderr, flush=True)
                continue
            self._wake.clear()
            while self._changed:
                id = self._changed.pop()
                try:
                    await self._lead(id)
                except Exception as error:  # the boundary of one batch: the others continue
                    why = error if isinstance(error, OSError | sqlite3.Error | NoSuchMove) else type(error).__name__
                    print(f"The batch {id} waits: {why}. It is retried in {RETRY:g} seconds.", file=sys.stderr, flush=True)
                    asyncio.get_running_loop().call_later(RETRY, self.look_at, id)

    async def _sweep(self) -> None:
        """Delete contents without a record: of expired and deleted files, and of uploads that broke off."""
        now = self.mailbox.clock()
        known = await self.database.read(lambda db: {file.id for file in jobs.files(db, now)} | jobs.inputs(db))
        for path in await asyncio.to_thread(lambda: list(self.disk.folder.iterdir())):
            try:
                age = now - path.stat().st_mtime
                if path.name not in known and (age > 2 * TIDY or path.suffix == ".part"):
                    path.unlink(missing_ok=True)
            except OSError:
                continue  # it has gone already, or is no file of ours

    # --- one batch

    async def _lead(self, id: str) -> None:
        found = await self.database.read(lambda db: jobs.load(db, id))
        if found is None or not found[0].open:
            return
        job, progress = found
        if job.status == "validating":
            job = await self._check(job)
        if job.total is not None and progress.lines < job.total and job.status in ("in_progress", "cancelling"):
            try:
                await self._hand_in(job, progress)
            except FileNotFoundError:  # lines that became messages are answered; the rest cannot be
                await self.database.write(lambda db: jobs.cut_off(db, job.id, _GONE))
        if job.status == "cancelling" and not job.dropped:
            now = self.mailbox.clock()
            await self.database.write(lambda db: jobs.drop(db, job, now))
            self.mailbox.wake()
        again = await self.database.read(lambda db: jobs.load(db, id))
        if again and again[0].open and _all_ended(*again):
            await self._finish(again[0])

    async def _check(self, job: Job) -> Job:
        path = self.disk.path(job.input_file_id)
        try:
            total, faults = await asyncio.to_thread(jobs.check, path, job.endpoint)
        except FileNotFoundError:
            total, faults = 0, [_GONE]
        now = self.mailbox.clock()

        def after(stored: Job) -> Job:
            if stored.status != "validating":
                return stored
            if faults:
                return jobs.moved(stored, "file_is_bad", failed_at=now, faults=tuple(faults))
            return jobs.moved(stored, "file_is_good", in_progress_at=now, total=total)

        return await self.database.write(lambda db: jobs.change(db, job.id, after)) or job

    async def _hand_in(self, job: Job, progress: Progress) -> None:
        lines = islice(jobs.numbered(self.disk.path(job.input_file_id)), progress.lines, None)
        done = progress.lines
        while portion := await asyncio.to_thread(_portion, job, lines):
            done += len(portion)
            now = self.mailbox.clock()
            await self.database.write(lambda db, portion=portion, done=done, now=now: jobs.add(db, job, portion, done, now))  # type: ignore[misc]
            self.mailbox.wake()

    async def _finish(self, job: Job) -> None:
        """Put the results together. Their files are there before the batch says that it is completed."""
        now = self.mailbox.clock()

        def ending(stored: Job) -> Job:  # as it is now: a program may have asked to cancel it meanwhile
            return jobs.moved(stored, "all_ended", finalizing_at=now) if stored.status == "in_progress" else stored

        await self.database.write(lambda db: jobs.change(db, job.id, ending))
        made = [await self._file(job, kind) for kind in ("output", "error")]
        ids = [stored.id if stored else None for stored in made]

        def ended(stored: Job) -> Job:
            after = jobs.moved(stored, "files_made", output_file_id=ids[0], error_file_id=ids[1])
            return msgspec.structs.replace(after, **{f"{after.status}_at": now})

        def commit(db: sqlite3.Connection) -> None:
            for file in made:
                if file:
                    jobs.put_file(db, file)
            jobs.change(db, job.id, ended)

        await self.database.write(commit)

    async def _file(self, job: Job, kind: str) -> StoredFile | None:
        """The answered lines, or the others, as a file; None when there are none."""
        id = self.reserve()
        part = self.disk.folder / f"{id}.part"
        count = 0
        with await asyncio.to_thread(part.open, "wb") as file:
            after = 0
            while found := await self.database.read(lambda db, after=after: jobs.results(db, job.id, after, PORTION)):  # type: ignore[misc]
                after = found[-1][0]
                lines = [line for _, outcome, line in found if (outcome == "answered") == (kind == "output")]
                count += len(lines)
                await asyncio.to_thread(_write, file, lines)
            await asyncio.to_thread(os.fsync, file.fileno())
        if not count:
            part.unlink()
            return None
        await asyncio.to_thread(part.replace, self.disk.path(id))
        size = self.disk.path(id).stat().st_size
        return StoredFile(id, self.mailbox.clock(), size, f"{job.id}_{kind}.jsonl", "batch_output")


_GONE: Final = jobs.Fault("file_not_found", "The batch's file is gone from the server's disk. Upload it again and create a new batch.")


def _all_ended(job: Job, progress: Progress) -> bool:
    if job.status == "cancelling" and job.total is None:
        return True  # cancelled before its file was read
    return job.total is not None and progress.lines >= job.total and progress.completed + progress.failed >= job.total


def _portion(job: Job, lines: Iterator[tuple[int, bytes]]) -> list[New]:
    return [jobs.as_message(job, number, line) for number, line in islice(lines, PORTION)]


def _write(file: BinaryIO, lines: list[bytes]) -> None:
    file.write(b"".join(line + b"\n" for line in lines))
    file.flush()
