"""One provider with one key: the batch API's calls as coroutines. Every failure comes out as ``Refused`` with a Problem in words."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import TypeVar

from msgspec.structs import replace

from app.core.batches import batchproblems
from app.core.model.batches import Batch
from app.core.model.lanes import Endpoint
from app.core.model.problem import Problem
from app.core.model.providers import Profile
from app.core.model.quoting import quote
from app.core.model.remote import Remote
from app.core.openai import api, problems, recognition, replies
from app.core.openai.accounts import KnownKey
from app.core.openai.problems import Call, Refused
from app.core.openai.wire import Blob, NetworkError, Request, Response
from app.ports import Http, Stream
from app.services.runtime.isolation import PASSES

T = TypeVar("T")
P = TypeVar("P", replies.FilePage, replies.BatchPage)
_OVER = ("completed", "failed", "expired", "cancelling", "cancelled")
_MAX_PAGES = 100
_MAX_NAME = 200


class Provider:
    """``key`` goes into the Authorization header of calls to ``profile.base_url`` and nowhere else. ``known`` is what is known of it here;
    ``organization`` and ``project`` are what the last answers said of its account, where a page may read that."""

    def __init__(self, http: Http, profile: Profile, key: str, known: KnownKey) -> None:
        self._http, self.profile, self._key, self.known = http, profile, key, known
        self.organization = self.project = ""

    async def _call(
        self, call: Call, request: Request, read: Callable[[Response, Profile, str], T], progress: Callable[[int, int], None] | None = None
    ) -> T:
        try:
            response = await self._http.send(replace(request, follows=self.profile.also), progress=progress)
        except NetworkError as error:
            raise Refused(problems.from_network(call, error, self.profile)) from error
        self.organization = response.headers.get("openai-organization", "")[:_MAX_NAME] or self.organization
        self.project = response.headers.get("openai-project", "")[:_MAX_NAME] or self.project
        return read(response, self.profile, self._key)

    async def models(self) -> tuple[str, ...]:
        return await self._call("models", api.list_models(self.profile, self._key), api.read_models)

    async def upload(self, batch: Batch, content: Blob, progress: Callable[[int, int], None]) -> replies.RemoteFile:
        """Upload; the file as the provider says it has it. Refused also when that is not what was sent, or it cannot use it."""
        request = api.upload_file(self.profile, self._key, batch.filename, content)
        file = await self._call("upload", request, api.read_upload, progress)
        if file.size not in (0, content.size) or file.status in replies.UNUSABLE:
            raise Refused(batchproblems.bad_upload(self.profile, content.size, file.size, file.status, file.said))
        return file

    async def find_file(self, batch: Batch) -> replies.RemoteFile | None:
        """Our upload, by its name, if it is there whole."""

        async def page(after: str) -> replies.FilePage:
            request = api.list_files(self.profile, self._key, purpose=self.profile.purpose, after=after)
            return await self._call("list", request, api.read_files)

        return await self._find(page, lambda page: recognition.match_file(page.files, batch), batch.created)

    async def create(self, batch: Batch) -> Remote:
        remote = await self._call("create", api.create_batch(self.profile, self._key, batch), api.read_created)
        if remote.metadata.get(recognition.OUR_ID, batch.id) != batch.id:  # what was made, if anything, is found by listing
            raise Refused(batchproblems.other_batch("create", self.profile, batch.id, remote.metadata[recognition.OUR_ID]))
        return remote

    async def find_batch(self, batch: Batch) -> Remote | None:
        """Our batch, by the id in its metadata."""

        async def page(after: str) -> replies.BatchPage:
            return await self._call("list", api.list_batches(self.profile, self._key, after=after), api.read_batches)

        return await self._find(page, lambda page: recognition.match_batch(page.batches, batch), batch.created)

    async def part_from_twins(self, batch: Batch, remote_id: str) -> tuple[str, ...] | None:
        """Cancel every other batch that carries our id; the ids of those that there were. None when looking or cancelling did not work, so
        that it must be done again."""
        try:
            page = await self._call("list", api.list_batches(self.profile, self._key), api.read_batches)  # a twin is as new as ours
        except Refused:
            return None
        twins = recognition.twins_of(page.batches, batch, remote_id)
        well = True
        for twin in twins:
            if twin.status not in _OVER:
                try:
                    await self.cancel(twin.id)
                except PASSES:
                    raise
                except Exception:  # the boundary of one: it is cancelled with the next look; the others, which cost money, now
                    well = False
        return tuple(twin.id for twin in twins) if well else None

    async def _find(self, turn: Callable[[str], Awaitable[P]], match: Callable[[P], T | None], when: float) -> T | None:
        """Page through a listing; None only if it was read to its end, or to before ours could be. Raises Refused when it has no end."""
        after = ""
        for _ in range(_MAX_PAGES):
            page = await turn(after)
            found = match(page)
            if found is None and page.partial and not recognition.older_than(page, when):
                break  # what is not on it may be on the next page, which cannot be asked for
            if found is not None or not page.after or recognition.older_than(page, when):
                return found
            if page.after == after:
                break  # the same page again: it does not turn them
            after = page.after
        raise Refused(problems.endless_listing(self.profile))

    async def poll(self, id: str, batch: Batch | None = None) -> Remote:
        """How the batch stands. ``batch`` is ours, where it is one. Refused when the answer is about another."""
        return self._asked("poll", id, batch, await self._call("poll", api.get_batch(self.profile, self._key, id), api.read_batch))

    async def cancel(self, id: str, batch: Batch | None = None) -> Remote:
        """Cancel it; as for :meth:`poll`."""
        request = api.cancel_batch(self.profile, self._key, id)
        return self._asked("cancel", id, batch, await self._call("cancel", request, api.read_cancelled))

    def _asked(self, call: Call, id: str, batch: Batch | None, remote: Remote) -> Remote:
        """The answer, if it is about the batch that was asked about. A gateway may have ids of its own: what carries our mark, or our
        input file, is ours under any id, and goes on by the one that we know."""
        if remote.id == id:
            return remote
        if batch is not None and recognition.match_batch((replace(remote, id=id),), replace(batch, superseded=())) is not None:
            said = f"It answered about “{quote(remote.id)}”, which carries this batch's mark or input file and so counts as this batch."
            return replace(remote, id=id, remarks=(*remote.remarks, said))
        raise Refused(batchproblems.other_batch(call, self.profile, id, remote.id))

    async def file(self, file_id: str) -> replies.RemoteFile:
        """What the provider says of a file. What it says of another file, though asked about this one, is as good as nothing."""
        found = await self._call("download", api.get_file(self.profile, self._key, file_id), api.read_file)
        return found if found.id == file_id else replies.RemoteFile(id=file_id)

    async def readiness(self, file_id: str) -> replies.RemoteFile:
        """How far the provider is with an uploaded file. One that says nothing of files is taken at its word later, by the create. Refused
        when it cannot use the file, or cannot be asked now."""
        try:
            file = await self._call("list", api.get_file(self.profile, self._key, file_id), api.read_file)
        except Refused as error:
            if error.problem.retry or error.problem.code in ("wrong_key", "forbidden"):
                raise
            return replies.RemoteFile(id=file_id)
        if file.id == file_id and file.status in replies.UNUSABLE:
            raise Refused(
                replace(batchproblems.bad_upload(self.profile, file.size, file.size, file.status, file.said), retry=False, blame="person")
            )
        return file if file.id == file_id else replies.RemoteFile(id=file_id)

    async def delete(self, file_id: str) -> None:
        """Delete a file; there is no way back. One that is gone already is fine."""
        await self._call("delete", api.delete_file(self.profile, self._key, file_id), api.read_deleted)

    async def file_pages(self, purpose: str) -> AsyncGenerator[replies.FilePage, None]:
        """All files of a purpose, page by page, newest first."""

        async def turn(after: str) -> replies.FilePage:
            return await self._call("list", api.list_files(self.profile, self._key, purpose=purpose, after=after), api.read_files)

        async for page in self._pages(turn):
            yield page

    async def batch_pages(self) -> AsyncGenerator[replies.BatchPage, None]:
        """All batches of the account, 100 a page, newest first."""

        async def turn(after: str) -> replies.BatchPage:
            return await self._call("list", api.list_batches(self.profile, self._key, after=after), api.read_batches)

        async for page in self._pages(turn):
            yield page

    async def _pages(self, turn: Callable[[str], Awaitable[P]]) -> AsyncGenerator[P, None]:
        """A listing to its end. Raises Refused when it has none."""
        after = ""
        for _ in range(_MAX_PAGES):
            page = await turn(after)
            yield page
            if page.partial:
                break
            if not page.after:
                return
            if page.after == after:
                break
            after = page.after
        raise Refused(problems.endless_listing(self.profile))

    async def ask(self, endpoint: Endpoint, body: bytes) -> Stream:
        """Have one request answered at once, at the synchronous price. The answer as it arrives, whatever its status; its pieces raise
        NetworkError. Raises Refused."""
        try:
            return await self._http.stream(replace(api.ask(self.profile, self._key, endpoint, body), follows=self.profile.also))
        except NetworkError as error:
            raise Refused(problems.from_network("answer", error, self.profile)) from error

    def refusal(self, status: int, headers: dict[str, str], body: bytes) -> Problem:
        """What an answer to :meth:`ask` says that is none."""
        return problems.from_response("answer", Response(status, headers, body), self.profile, self._key)

    def masked(self, text: str) -> str:
        """Someone else's words, without the key."""
        return quote(text, self._key)

    async def content(self, file_id: str) -> AsyncGenerator[bytes, None]:
        """A file's bytes in pieces of about 1 MB, from its beginning."""
        content = await self.open(file_id)
        try:
            async for piece in content.pieces():
                yield piece
        finally:
            await content.close()

    async def open(self, file_id: str, start: int = 0) -> FileDownload:
        """A file's content from byte ``start`` on, if the provider honours that: its status is 206 then, 200 where it begins again, and 416
        where there is nothing from there on."""
        try:
            request = api.file_content(self.profile, self._key, file_id, start)
            stream = await self._http.stream(replace(request, follows=self.profile.also))
            page = stream.headers.get("content-type", "").startswith("text/html")  # a log-in page is no answer file
            if not page and (stream.status == 200 or (start and stream.status in (206, 416))):
                return FileDownload(stream, self.profile)
            body = b"".join([piece async for piece in stream.chunks()])
        except NetworkError as error:
            raise Refused(problems.from_network("download", error, self.profile)) from error
        raise Refused(problems.from_response("download", Response(stream.status, stream.headers, body), self.profile, self._key))


class FileDownload:
    """A file that is arriving. To be closed, whatever comes."""

    def __init__(self, stream: Stream, profile: Profile) -> None:
        self.status, self.headers = stream.status, stream.headers
        self._chunks, self._profile, self._begun = stream.chunks(), profile, False

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """The bytes in pieces of about 1 MB. Raises Refused."""
        self._begun = True
        try:
            async for piece in self._chunks:
                yield piece
        except NetworkError as error:
            raise Refused(problems.from_network("download", error, self._profile)) from error

    async def close(self) -> None:
        """End the download, also half-way."""
        if not self._begun:  # a generator that never ran does not clean up
            with contextlib.suppress(NetworkError):
                await anext(self._chunks, None)
        end = getattr(self._chunks, "aclose", None)
        if end is not None:
            await end()
