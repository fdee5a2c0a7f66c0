"""Importing a batch that was created elsewhere with the same key, as pure decisions: whether it is here, what its record is, which lines
of its input are requests.

Its record's id follows from the provider's id, so that two tabs cannot bring it twice. It is never made again, and its requests are not
sent again by rule: whoever made it may do so.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable

from app.core.base import text
from app.core.base.patterns import pattern
from app.core.batches import pipeline
from app.core.batches.pipeline.ways import LOST, RETURNED
from app.core.bodies import requests
from app.core.model.batches import Batch
from app.core.model.lanes import Lane
from app.core.model.providers import Profile
from app.core.model.remote import Remote
from app.core.openai.recognition import OUR_ID

_NO_ID = pattern(r"[^0-9A-Za-z]+")
_NAMED = 10


class Index:
    """The batches of this browser, to be found by what the provider says of one. Those that the person gave up
    (core.batches.pipeline.ways) do not count: should such a batch turn up at the provider, it can be imported."""

    def __init__(self, batches: Iterable[Batch]) -> None:
        self._ours: dict[str, Batch] = {}
        self._theirs: dict[str, Batch] = {}
        for one in batches:
            if one.problem is not None and one.problem.code in (LOST, RETURNED):
                continue
            self._ours[one.id] = one
            if one.remote is not None:
                self._theirs[one.remote.id] = one

    def has(self, remote_id: str) -> bool:
        """Whether one of them is this batch at the provider."""
        return remote_id in self._theirs

    def of(self, remote: Remote) -> Batch | None:
        """The batch here that a batch at the provider is: by its id there, or by ours in its metadata."""
        return self._theirs.get(remote.id) or self._ours.get(remote.metadata.get(OUR_ID, ""))


def record_id(profile: Profile, remote: Remote) -> str:
    """The id under which a batch created elsewhere is kept: the same every time."""
    mark = zlib.crc32(f"{profile.base_url}\n{remote.id}".encode("utf-8", "replace"))
    return f"b-x{mark:08x}-{_NO_ID.sub('', remote.id)[-24:]}"


def record(profile: Profile, remote: Remote, now: float) -> Batch:
    """A batch created elsewhere as it is first stored. What is asked in it is read from its input file next."""
    name = remote.metadata.get("name", "").strip()[:200]
    batch = Batch(
        id=record_id(profile, remote),
        name=name or remote.id,
        lane=Lane(profile.id, remote.endpoint, ""),
        requests=remote.total,
        created=remote.created_at or now,
        input_file_id=remote.input_file_id,
        remote=remote,
        practice=profile.practice,
    )
    return pipeline.adopt(batch, now)


class InputFileReader:
    """Reads an input file piece by piece, each cut at line ends. ``damaged`` are the numbers (from 1) of the lines that are no request, or
    name an id that an earlier line has: a batch that holds any was refused by the provider's check. ``model`` and ``endpoint`` are those of
    the first request: a batch itself may name another endpoint than its lines (core.openai.kinds)."""

    def __init__(self) -> None:
        self.damaged: list[int] = []
        self.model = ""
        self.endpoint = ""
        self.count = 0
        self._line = 0
        self._ids: set[str] = set()

    def read(self, data: bytes) -> list[tuple[str, bytes]]:
        """The (custom_id, line) pairs of a piece; a last line without an end gets one, and empty lines are none."""
        if not self._line:
            data = data.removeprefix(b"\xef\xbb\xbf")
        found: list[tuple[str, bytes]] = []
        for line in data.removesuffix(b"\n").split(b"\n"):
            self._line += 1
            text = line.removesuffix(b"\r")
            if not text.strip():
                continue
            id = self._id(text)
            if not id or id in self._ids:
                self.damaged.append(self._line)
                continue
            self._ids.add(id)
            self.count += 1
            found.append((id, text + b"\n"))
        return found

    def _id(self, line: bytes) -> str:
        try:
            found = requests.decode(line)
        except requests.LineFault:
            return ""
        if not self.count:
            self.model, self.endpoint = requests.preview(line).model, found.url
        return found.custom_id

    @property
    def words(self) -> str:
        """What to say of damaged lines, as a sentence; nothing where there are none."""
        if not self.damaged:
            return ""
        named = ", ".join(f"{text.number(one)}" for one in self.damaged[:_NAMED])
        more = f" and {text.number(len(self.damaged) - _NAMED)} more" if len(self.damaged) > _NAMED else ""
        many = len(self.damaged) > 1
        said = ("Lines", "are", "name") if many else ("Line", "is", "names")
        return f"{said[0]} {named}{more} of the input file {said[1]} no request, or {said[2]} an id that occurs twice."


def placeholder(id: str, endpoint: str) -> bytes:
    """What stands for a request whose text is nowhere any more."""
    return requests.line(id, endpoint, {})
