"""Files of a batch's input that exist already, from any script: requests with their own ids, one a line or in one array.

The watched folder reads such files as well: both cut them by ``jsonvalues.cutter`` and have each message judged by the same
:class:`.judging.MessageJudge`, as those are that come over HTTP and RabbitMQ. A line that is written for another service, or almost right,
is converted where that says the same (core.bodies.foreign). An id is unique in its file only, so the file's mark goes with it
(:func:`.folder.own_id`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from app.core.base import text
from app.core.base.text import size
from app.core.bodies import foreign
from app.core.bodies.bodyfindings import BodyFinding, GroupedFindings
from app.core.datasets.table import FaultList
from app.core.json import jsonvalues
from app.core.json.jsonlines import LineSplitter
from app.core.json.jsonvalues import Values
from app.core.model.lanes import Lane
from app.core.programs import folder
from app.core.programs.intake import MessageRefusal
from app.core.programs.judging import JudgedMessage, MessageJudge, Place

MOST_MODELS: Final = 50
"""Models that one file may name: each has a queue of its own."""
_SHOWN: Final = 1_000


class RequestLines:
    """Reads a file of ``size`` bytes of UTF-8 piece by piece."""

    def __init__(self, size: int, judge: MessageJudge, place: Place) -> None:
        self._judge, self._place = judge, place
        self._cutter: LineSplitter | Values | None = None
        self._first: dict[str, int] = {}  # the line that each id stands in
        self._lanes: set[Lane] = set()
        self.faults = FaultList()
        """Lines that are not taken, each with a sentence; ``row`` and ``line`` are both its number."""
        self.findings = GroupedFindings()
        """What is to be said of lines that are taken, by their numbers."""
        self.converted: Counter[str] = Counter()
        """How lines were written that are taken in our words («for Anthropic's …»)."""
        self.targets = 0
        """Lines that are taken and say where their result shall go, which is nothing that a person's file can ask for."""
        self.done, self.size = 0, size

    def feed(self, piece: bytes, *, last: bool = False) -> Iterator[JudgedMessage | None]:
        """The messages that this piece ends, as they are judged; None for each that is at fault. Raises nothing."""
        self.done += len(piece)
        if self._cutter is None:
            self._cutter = jsonvalues.cutter(jsonvalues.shape_of(piece), folder.MAX_LINE)
        for number, line in self._cutter.feed(piece, last=last):
            if line is None:
                self.faults.add(number, number, f"It is longer than {size(folder.MAX_LINE)}.")
                yield None
                continue
            found = self._of(number, line)
            if isinstance(found, str):
                self.faults.add(number, number, found, line[:_SHOWN].decode("utf-8", "replace"))
                yield None
                continue
            yield found

    def _of(self, number: int, line: bytes) -> JudgedMessage | str:
        """A request, or why the line is none."""
        found = self._judge.of(line, self._place)
        name = ""
        if isinstance(found, MessageRefusal) and (meant := foreign.conversion(line)) is not None:
            name = meant.name
            found = self._judge.of(meant.line, self._place)
        if isinstance(found, MessageRefusal):
            return f"It is written {name}. {found.detail}" if name else found.detail
        if (first := self._first.setdefault(found.caller_id, number)) != number:
            return f"Its custom_id “{found.caller_id[:60]}” is that of line {text.number(first)} as well."
        if found.lane not in self._lanes:
            if len(self._lanes) >= MOST_MODELS:
                return f"It is for another model than the first {MOST_MODELS}, and each has its own queue: split the file."
            self._lanes.add(found.lane)
        if found.findings:
            self.findings.add(number, [one for one in found.findings if isinstance(one, BodyFinding)])
        if name:
            self.converted[name] += 1
        self.targets += found.message.delivery_config is not None
        return found
