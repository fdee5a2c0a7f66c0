"""Requests that follow answers: each goes on from a conversation that was answered by one further user message, or asks that message by
itself, with what was answered written into it.

Over rows of a table the message is a template (core.templates.syntax). Beside the table's columns it may name the answer (``{{Answer}}``)
and the fields of a structured one (``{{Answer.size}}``, ``{{Answer.outer.inner}}``). Shapes of bodies: OpenAI API reference (chat
completions, responses).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

import msgspec

from app.core.base import text
from app.core.base.patterns import pattern
from app.core.json import jsonread
from app.core.model.lanes import CHAT, RESPONSES
from app.core.model.sendings import FollowUp
from app.core.results.answers import answer_of
from app.core.results.expecting import field_of
from app.core.results.following_form import AnswerForm, form_faults
from app.core.results.samples import facts_of
from app.core.templates import compiling, findings, syntax
from app.core.templates.compiling import CellFault
from app.core.templates.variants import MARK, MAX_TAG

ANSWER: Final = "Answer"
"""What the answer is called in a message, unless the table has a column of that name."""
MAX_MESSAGE: Final = 100_000
"""Characters of a message."""
_KEPT: Final = 400
"""Characters of an id that stand in those of the requests that follow it. A custom_id has 512 at most."""
_COUNTED = pattern(r"(?:([^~]*)[.])?(?:turn|step)-([0-9]{1,4})")
_ADDED = pattern(r"r-[0-9a-z]{9}-[0-9a-z]{1,17}-")
_CALLS: Final = (b'"tool_calls"', b'"function_call"', b'"custom_tool_call"')
_NO_FIELDS: Final = "have an answer that is not a JSON object, whose fields the message names"
_ALONE_WITHOUT: Final = (
    *("tools", "tool_choice", "parallel_tool_calls", "functions", "function_call", "response_format", "text", "n", "prediction"),
    *("instructions", "previous_response_id", "conversation", "prompt"),
)
"""What belongs to the conversation that was, and not to a message that is asked by itself."""


class Unfollowed(Exception):
    """Why no request follows this one: the end of a sentence whose subject is requests (``were not answered``)."""


class UnusableMessage(ValueError):
    """The message cannot be sent as it is: sentences."""


class Followed(msgspec.Struct, frozen=True, array_like=True):
    """Which answer a request follows: its id, and the batch and row of that answer. ``keys.sent_rows_id`` of its addition has them."""

    id: str
    batch: str
    row: int


# --- what a message may name ---------------------------------------------------------------------------------------------------


class MessageNames:
    """The names that a message may use over these columns, and what they stand for."""

    def __init__(self, columns: Sequence[str]) -> None:
        self.columns = tuple(columns)
        names = (ANSWER, *(f"{ANSWER} ({n})" for n in range(2, len(columns) + 3)))
        self.answer = next(name for name in names if name not in columns)
        """What the answer is called."""

    def path(self, name: str) -> str:
        """The field of a structured answer that a name stands for; "" for another name."""
        return name.removeprefix(f"{self.answer}.") if name.startswith(f"{self.answer}.") and name not in self.columns else ""

    def faults(self, message: str) -> list[str]:
        """What is wrong with a message, in sentences; nothing where it can be sent."""
        if not message.strip():
            return ["Write the next message."]
        return self._faults(message)

    def system_of(self, follow: FollowUp) -> str:
        """The system message, where one is sent."""
        return follow.system if follow.alone and follow.system.strip() else ""

    def system_faults(self, follow: FollowUp) -> list[str]:
        """What is wrong with it, likewise."""
        return self._faults(follow.system) if self.system_of(follow) else []

    def _faults(self, message: str) -> list[str]:
        if len(message) > MAX_MESSAGE:
            return [f"A message has {text.number(MAX_MESSAGE)} characters at most."]
        if not syntax.holds(message):
            return []
        parsed = syntax.parse(message)
        known = (*self.columns, self.answer, *(one for one in parsed.columns if self.path(one)))
        faults = [f"{one.sentence} {one.remedy}".strip() for one in findings.of_syntax("messages", parsed)]
        if not self.columns:  # of no table
            named = f"{{{{{self.answer}}}}}"
            return faults + [f"“{one[:60]}” stands for nothing here; {named} does." for one in parsed.columns if one not in known]
        return faults + [f"{one.sentence} {one.remedy}".strip() for one in findings.of_columns("messages", message, parsed, known)]


class WrittenMessages(NamedTuple):
    """What one request asks: its message, and the system message before it ("": none)."""

    message: str
    system: str = ""


class MessageWriter:
    """Writes the messages of each request. Raises UnusableMessage."""

    def __init__(self, follow: FollowUp, columns: Sequence[str]) -> None:
        names = MessageNames(columns)
        if faults := [*names.faults(follow.message), *names.system_faults(follow), *form_faults(follow)]:
            raise UnusableMessage(" ".join(faults))
        parsed = [syntax.parse(one) for one in (follow.message, *([follow.system] if names.system_of(follow) else []))]
        self._names, self._width = names, len(names.columns)
        self._paths = list(dict.fromkeys(one for each in parsed for one in each.columns if names.path(one)))
        places = compiling.places_of((*names.columns, names.answer, *self._paths))
        self._texts = [compiling.text_of(one, places) for one in parsed]

    def write(self, cells: Sequence[Any], answer: str) -> WrittenMessages:
        """For a row's cells and its answer. Raises Unfollowed."""
        row = [*list(compiling.cells(cells, self._width))[: self._width], answer, *self._fields(answer)]
        try:
            return WrittenMessages(*(one(row) for one in self._texts))
        except CellFault:
            raise Unfollowed("would have too long a message") from None

    def _fields(self, answer: str) -> list[str]:
        if not self._paths:
            return []
        try:
            value = jsonread.value(answer.strip())
        except jsonread.Unreadable:
            raise Unfollowed(_NO_FIELDS) from None
        if not isinstance(value, dict):
            raise Unfollowed(_NO_FIELDS)
        return [field_of(value, self._names.path(one)) or "" for one in self._paths]


# --- the request ---------------------------------------------------------------------------------------------------------------


def answer_to_follow(endpoint: str, outcome: str, line: bytes | None, correction: str | None) -> str:
    """What the assistant is taken to have said: a person's correction in place of the answer. Raises Unfollowed."""
    if endpoint not in (CHAT, RESPONSES):
        raise Unfollowed("are of an endpoint without conversations")
    if outcome not in ("answered", "flawed"):
        raise Unfollowed("were not answered")
    if correction is not None and correction.strip():
        return correction
    if line is None:
        raise Unfollowed("have an answer that is not in this browser any more")
    facts = facts_of(endpoint, line)
    said = facts.samples[0] if facts.samples else None
    if said is None or not said.text.strip():
        raise Unfollowed("have an empty answer")
    if any(one in line for one in _CALLS) and answer_of(endpoint, line).tools:
        raise Unfollowed("were answered by a function call, which needs its results first")
    return said.text


def body_of(
    endpoint: str, body: Mapping[str, Any], follow: FollowUp, answer: str, written: WrittenMessages, form: AnswerForm
) -> dict[str, Any]:
    """The body of the request that follows: everything but the conversation stays as it was, as far as it is no part of it, and but for the
    form of its answers where that is to be another one."""
    made = dict(body)
    if follow.model:
        made["model"] = follow.model
    name = "messages" if endpoint == CHAT else "input"
    user = {"role": "user", "content": written.message}
    if follow.alone:
        for one in _ALONE_WITHOUT:
            made.pop(one, None)
        system = [{"role": "system", "content": written.system}] if written.system else []
        return form.put(endpoint, {**made, name: [*system, user]})
    before = made.get(name)
    turns = before if isinstance(before, list) else [{"role": "user", "content": before}] if isinstance(before, str) else []
    return form.put(endpoint, {**made, name: [*turns, {"role": "assistant", "content": answer}, user]})


# --- ids -----------------------------------------------------------------------------------------------------------------------

Step = Literal["turn", "step"]


def next_tag(tag: str, *, alone: bool, sample: int = 0, other: int = 1) -> str:
    """The tag of what follows a request of this tag: ``turn-2`` behind none, ``gpt-5.turn-3`` behind ``gpt-5.turn-2``; a message that is
    asked by itself is a ``step``. ``other``: it is the so many-th source whose followers would be called the same."""
    counted = _COUNTED.fullmatch(tag)
    before, number = (counted[1] or "", int(counted[2])) if counted else (tag, 1)
    step: Step = "step" if alone else "turn"
    ending = f"{step}-{number + 1}"
    apart = ".".join(filter(None, (f"s{sample}" if sample else "", f"a{other}" if other > 1 else "", ending)))
    head = before[: MAX_TAG - len(apart) - 1].rstrip(".")
    return f"{head}.{apart}" if head else apart


class _Source(NamedTuple):
    run: str
    tag: str
    sample: int


class FollowIds:
    """Gives ids to requests that follow others. They begin with the addition's own id, which no other has, so they meet none that there
    is; within it none is given twice."""

    def __init__(self, run: str, *, alone: bool) -> None:
        self._run, self._alone = run, alone
        self._tags: dict[_Source, str] = {}
        self._given: set[str] = set()

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags of requests of rows, each once."""
        return tuple(self._tags.values())

    def of_row(self, row: int, run: str, tag: str, sample: int) -> str:
        """For the request of a table's row (its id) in one way of asking of one addition: ``<addition>-<row>~<tag>``."""
        source = _Source(run, tag, sample)
        if source not in self._tags:
            names = (next_tag(tag, alone=self._alone, sample=sample, other=n) for n in range(1, len(self._tags) + 2))
            self._tags[source] = next(one for one in names if one not in self._tags.values())
        return self._allot(f"{self._run}-{row}", f"{MARK}{self._tags[source]}")

    def of_request(self, id: str) -> str:
        """For any other request: ``<addition>-<its id>~<tag>``; of one that follows another itself, only what was there first."""
        head, mark, tag = id.rpartition(MARK)
        known = bool(mark) and _COUNTED.fullmatch(tag) is not None
        first = head if known else id
        first = (first[found.end() :] if known and (found := _ADDED.match(first)) else first)[:_KEPT]
        return self._allot(f"{self._run}-{first}", f"{MARK}{next_tag(tag if known else '', alone=self._alone)}")

    def _allot(self, head: str, tail: str) -> str:
        id, n = head + tail, 2
        while id in self._given:
            id, n = f"{head}-{n}{tail}", n + 1
        self._given.add(id)
        return id
