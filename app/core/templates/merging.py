"""One change of a template applied to what it says meanwhile: how two tabs write one template, and how a change is undone when others
followed it.

Everything that the change left alone stays as it is now: parameters are told by their names, messages by their ids, the rest by its field.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar

from msgspec.structs import asdict, replace

from app.core.model.templates import PromptContent, PromptMessage
from app.core.templates.content import edited

T = TypeVar("T")

_APART: Final = frozenset({"fields", "messages"})


def merged(now: PromptContent, before: PromptContent, after: PromptContent) -> PromptContent:
    """``now`` with what changed from ``before`` to ``after``. Undoing a change is ``merged(now, after, before)``."""
    if now == before:
        return after
    if before == after:
        return now
    return replace(
        now,
        **_changed(before, after, _APART),
        fields=_fields(now.fields, before.fields, after.fields),
        messages=_messages(now.messages, before.messages, after.messages),
    )


def _changed(before: Any, after: Any, but: frozenset[str] = frozenset()) -> dict[str, Any]:
    """The attributes of a struct that are others now."""
    was = asdict(before)
    return {name: value for name, value in asdict(after).items() if name not in but and value != was[name]}


def _fields(now: Mapping[str, str], before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str]:
    found = {**now}
    for name in before.keys() | after.keys():
        if before.get(name) != after.get(name):
            found.pop(name, None)
            if name in after:
                found[name] = after[name]
    return found


def _messages(now: Sequence[PromptMessage], before: Sequence[PromptMessage], after: Sequence[PromptMessage]) -> tuple[PromptMessage, ...]:
    """A message that one side took away is away, unless the other side wrote in it. Where the change moved messages, its order counts."""
    here, was, new = ({one.id: one for one in each} for each in (now, before, after))
    kept: dict[str, PromptMessage] = {}
    for id, one in new.items():
        if id not in was:
            kept[id] = one
        elif id not in here:
            if one != was[id]:
                kept[id] = one
        else:
            kept[id] = replace(here[id], **_changed(was[id], one))
    for id, one in here.items():
        if id not in new and (id not in was or one != was[id]):
            kept[id] = one
    moved = [id for id in was if id in new] != [id for id in new if id in was]
    first, second = ([*new], [*here]) if moved else ([*here], [*new])
    return tuple(kept[id] for id in _interleaved(first, second) if id in kept)


def _interleaved(first: list[str], second: list[str]) -> list[str]:
    """All of ``first``, and what is only in ``second`` behind what it follows there."""
    found = [*first]
    for at, id in enumerate(second):
        if id not in found:
            ahead = next((one for one in reversed(second[:at]) if one in found), None)
            found.insert(found.index(ahead) + 1 if ahead is not None else 0, id)
    return found


def lost(now: PromptContent, before: PromptContent, result: PromptContent) -> bool:
    """Whether a text that ``now`` has and ``before`` had not is not in ``result``: someone typed it elsewhere, and it gave way."""
    return any(text.strip() for text in _all_texts(now) - _all_texts(before) - _all_texts(result))


def _all_texts(content: PromptContent) -> set[str]:
    """Also those that its endpoint does not send."""
    found = {content.schema_text}

    def seen(text: str) -> str:
        found.add(text)
        return text

    edited(content, seen)
    return found
