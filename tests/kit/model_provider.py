"""A provider as a model, for properties: it keeps files and batches, and a dice says what becomes of each call.

No HTTP and no bytes: it answers effects with events, so that ten thousand lives of a batch take a minute. What it must get right is what an
answer leaves open: a call may take effect although its answer is lost, late, or twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from app.core.batches import pipeline as p
from app.core.model.batches import Batch, Fetched, Tally
from app.core.model.problem import Problem
from app.core.model.providers import Profile
from app.core.model.remote import Remote, RemoteError
from app.core.openai import problems
from app.core.openai.problems import Call
from app.core.openai.wire import NetworkError, Response

PROFILE = Profile(id="openai", name="OpenAI")
LATE = 119.0
"""Seconds: the longest that a create may be under way (``retry.CREATE_TIMEOUT`` is 120)."""
CALLS: dict[type[p.Effect], Call] = {
    p.Upload: "upload",
    p.FindFile: "list",
    p.Create: "create",
    p.FindBatch: "list",
    p.Poll: "poll",
    p.CancelRemote: "cancel",
    p.Download: "download",
}
FATES = (
    *("good", "good", "good", "good", "429", "500", "500 and done", "401", "404", "broken", "lost", "blocked and done", "offline", "twice"),
    *("dies before", "dies after", "late", "late and dies"),
)
ENDINGS = ("completed", "completed", "completed", "expired", "failed", "cancelled", "in_progress", "validating")


class Died(Exception):
    """The tab is gone, in the middle of a call."""


class Dice:
    """Choices read from bytes; when they are used up, always the first: a world without faults. Fewer and smaller bytes are simpler."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    @property
    def over(self) -> bool:
        return self._at >= len(self._data)

    def pick(self, count: int) -> int:
        if self.over:
            return 0
        self._at += 1
        return self._data[self._at - 1] % count


@dataclass
class Made:
    """A batch at the provider. ``ours`` is the id in its metadata; ``full``: it failed because there was no room for it."""

    id: str
    ours: str
    input_file_id: str
    ids: tuple[str, ...]
    status: str = "validating"
    cancelling: bool = False
    full: bool = False
    answered: int = 0
    billed: list[str] = field(default_factory=list)

    def remote(self) -> Remote:
        over = self.status in p.ENDINGS
        failed = len(self.ids) - self.answered if self.status == "completed" else 0
        return Remote(
            id=self.id,
            status=self.status,
            input_file_id=self.input_file_id,
            output_file_id=f"out-{self.id}" if over and self.answered else "",
            error_file_id=f"err-{self.id}" if over and failed else "",
            total=len(self.ids),
            completed=self.answered if over else 0,
            failed=failed,
            errors=(RemoteError("token_limit_exceeded" if self.full else "invalid_json_line", "No."),) if self.status == "failed" else (),
            metadata={"nightshift": self.ours},
        )

    def go_on(self, dice: Dice) -> None:
        """Time passes."""
        if self.status in p.ENDINGS:
            return
        if self.cancelling:
            self._end("cancelled" if dice.pick(4) < 3 else "completed", dice)
        elif self.status != "finalizing":
            self.status = ("finalizing", "in_progress", "validating", "dreaming")[dice.pick(4)]
        elif (ending := ENDINGS[dice.pick(len(ENDINGS))]) in p.ENDINGS:
            self._end(ending, dice)
        else:
            self.status = ending  # it goes back: seen nowhere, promised by nobody

    def _end(self, ending: str, dice: Dice) -> None:
        self.status = ending
        self.full = ending == "failed" and dice.pick(2) == 0
        all_of_them = len(self.ids)
        self.answered = 0 if ending == "failed" else all_of_them - dice.pick(all_of_them + 1)
        self.billed = list(self.ids[: self.answered])


class Far:
    """The provider. ``pass_time`` lets seconds go by while a call is under way."""

    def __init__(self, dice: Dice, pass_time: Callable[[float], None], now: Callable[[], float]) -> None:
        self._dice, self._pass, self._now = dice, pass_time, now
        self.files: list[tuple[str, str]] = []
        self.contents: dict[str, tuple[str, ...]] = {}
        self.made: list[Made] = []
        self._under_way: list[tuple[float, Callable[[], object]]] = []

    def of(self, ours: str) -> list[Made]:
        """The batches that carry our id."""
        return [one for one in self.made if one.ours == ours]

    def billed(self) -> list[str]:
        """The ids of all answered requests, twice where one was answered twice."""
        return [id for one in self.made for id in one.billed]

    def arrive(self, everything: bool = False) -> None:
        """Let take effect what was under way until now."""
        due = [one for one in self._under_way if everything or one[0] <= self._now()]
        self._under_way = [one for one in self._under_way if one not in due]
        for _when, effect in due:
            effect()

    def answer(self, effect: p.Effect, batch: Batch, ids: Iterable[str]) -> p.Event:
        """What comes of a call. Raises Died when the tab ends in it."""
        self.arrive()
        if isinstance(effect, p.Reconcile):
            return p.Reconciled(self._tally(batch))
        call = CALLS[type(effect)]
        fate = FATES[self._dice.pick(len(FATES))]

        def do() -> p.Event:
            return self._do(effect, batch, tuple(ids))

        def failed(problem: Problem) -> p.Event:
            return p.CallFailed(call, problem)

        match fate:
            case "429" | "500" | "401" | "404":
                return failed(problems.from_response(call, Response(int(fate)), PROFILE))
            case "500 and done":
                do()
                return failed(problems.from_response(call, Response(500), PROFILE))
            case "broken" | "offline":
                return failed(problems.from_network(call, NetworkError("broken" if fate == "broken" else "offline"), PROFILE))
            case "lost" | "blocked and done":
                do()
                return failed(problems.from_network(call, NetworkError("broken" if fate == "lost" else "blocked"), PROFILE))
            case "late":
                self._pass(LATE)
                do()
                return failed(problems.from_network(call, NetworkError("timeout"), PROFILE))
            case "late and dies":
                self._under_way.append((self._now() + LATE, do))
                raise Died
            case "dies before":
                raise Died
            case "dies after":
                do()
                raise Died
            case "twice" if isinstance(effect, p.Create):  # Chromium repeats a POST when a used connection breaks
                do()
                return do()
            case _:
                return do()

    def _do(self, effect: p.Effect, batch: Batch, ids: tuple[str, ...]) -> p.Event:
        match effect:
            case p.Upload():
                self.files.append((f"file-{len(self.files)}", batch.filename))
                self.contents[self.files[-1][0]] = ids
                return p.Uploaded(self.files[-1][0])
            case p.FindFile():
                found = next((id for id, name in reversed(self.files) if name == batch.filename), None)
                return p.Uploaded(found) if found else p.FileNotFound()
            case p.Create():
                file_id = batch.input_file_id
                new = Made(f"batch-{len(self.made)}", batch.id, file_id, self.contents[file_id])
                self.made.append(new)
                if self._dice.pick(3) == 2:
                    new.go_on(self._dice)
                return p.Created(new.remote(), self._part(batch, new))
            case p.FindBatch():
                found_batch = next(iter(self._unknown(batch)), None)
                if found_batch is None:
                    return p.BatchNotFound()
                found_batch.go_on(self._dice)
                return p.Created(found_batch.remote(), self._part(batch, found_batch))
            case p.CancelRemote():
                mine = self._mine(batch)
                if mine.status in p.ENDINGS:
                    return p.CallFailed("cancel", problems.from_response("cancel", Response(409), PROFILE))
                mine.cancelling, mine.status = True, "cancelling"
                return p.CancelAnswered(mine.remote())
            case p.Download(which, _):
                return p.Downloaded(Fetched(which=which, segments=1, size=5))
            case p.Poll():
                mine = self._mine(batch)
                mine.go_on(self._dice)
                return p.Polled(mine.remote(), None if batch.uniqueness_verified else self._part(batch, mine))
        raise AssertionError(f"the model does not know what {effect} does at the provider")

    def _unknown(self, batch: Batch) -> list[Made]:
        """Those with our id that are not known to count no more."""
        return [one for one in self.of(batch.id) if one.id not in {known.id for known in batch.superseded}]

    def _mine(self, batch: Batch) -> Made:
        return next(one for one in self.made if batch.remote and one.id == batch.remote.id)

    def _part(self, batch: Batch, mine: Made) -> tuple[str, ...] | None:
        """Cancel every other batch that carries our id; None when that look failed."""
        if self._dice.pick(4) == 3:
            return None
        twins = [one for one in self._unknown(batch) if one is not mine]
        for one in twins:
            if one.status not in p.ENDINGS:
                one.status = "cancelled"
        return tuple(one.id for one in twins)

    def _tally(self, batch: Batch) -> Tally:
        answered = self._mine(batch).answered
        rest = batch.requests - answered
        return {
            "expired": Tally(answered=answered, expired=rest),
            "cancelled": Tally(answered=answered, cancelled=rest),
        }.get(batch.ending, Tally(answered=answered, failed=rest))
