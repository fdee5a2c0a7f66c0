"""Edits of a thread: pure functions from thread to thread.

A message that is no longer there (a double click, an edit that another one overtook) leaves the thread as it is. What takes text away
returns an :data:`Undo` beside the thread, from which :func:`undo` restores it exactly.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec.structs import replace

from app.core.base.text import shorten, words
from app.core.model.threads import Image, Options, Role, Thread, ThreadMessage

ROLES: tuple[Role, ...] = ("system", "developer", "user", "assistant")
_TITLE = 60
_SEARCHED = 100_000


class MessageDeleted(msgspec.Struct, frozen=True, tag="message"):
    """A message and where it stood."""

    message: ThreadMessage
    index: int


class ImageRemoved(msgspec.Struct, frozen=True, tag="image"):
    """An image, its message and where it stood."""

    message_id: str
    image: Image
    index: int


class RawCleared(msgspec.Struct, frozen=True, tag="raw"):
    """A body typed by hand that was given up for the form."""

    raw: str


Undo = MessageDeleted | ImageRemoved | RawCleared


def index_of(thread: Thread, message_id: str) -> int:
    """Where a message stands; -1 if it is not there."""
    return next((i for i, message in enumerate(thread.messages) if message.id == message_id), -1)


def next_role(thread: Thread) -> Role:
    """Who speaks next: the assistant after the user, else the user."""
    return "assistant" if thread.messages and thread.messages[-1].role == "user" else "user"


def add_message(thread: Thread, id: str, role: Role | None = None, text: str = "", at: int | None = None) -> Thread:
    """A new message with this id, at the end or before index ``at``; without a role the one that follows from its place."""
    index = len(thread.messages) if at is None else min(max(at, 0), len(thread.messages))
    before = replace(thread, messages=thread.messages[:index])
    message = ThreadMessage(id=id, role=role or next_role(before), text=text)
    return replace(thread, messages=(*before.messages, message, *thread.messages[index:]))


def _change(thread: Thread, message_id: str, edit: Callable[[ThreadMessage], ThreadMessage]) -> Thread:
    return replace(thread, messages=tuple(edit(one) if one.id == message_id else one for one in thread.messages))


def set_text(thread: Thread, message_id: str, text: str) -> Thread:
    """A message's text, as typed."""
    return _change(thread, message_id, lambda one: replace(one, text=text))


def set_role(thread: Thread, message_id: str, role: Role) -> Thread:
    """A message's role. ValueError for one that no endpoint knows."""
    if role not in ROLES:
        raise ValueError(f"no role {role!r}")
    return _change(thread, message_id, lambda one: replace(one, role=role))


def move_to(thread: Thread, message_id: str, index: int) -> Thread:
    """Put a message at an index (as counted without it), clamped to the thread."""
    old = index_of(thread, message_id)
    if old < 0:
        return thread
    rest = [*thread.messages]
    message = rest.pop(old)
    rest.insert(min(max(index, 0), len(rest)), message)
    return replace(thread, messages=tuple(rest))


def move_up(thread: Thread, message_id: str) -> Thread:
    """One place towards the beginning; the first stays."""
    return move_to(thread, message_id, index_of(thread, message_id) - 1)


def move_down(thread: Thread, message_id: str) -> Thread:
    """One place towards the end; the last stays."""
    return move_to(thread, message_id, index_of(thread, message_id) + 1)


def duplicate_message(thread: Thread, message_id: str, id: str) -> Thread:
    """A copy, under the new id, right after the message."""
    old = index_of(thread, message_id)
    if old < 0:
        return thread
    copy = replace(thread.messages[old], id=id)
    return replace(thread, messages=(*thread.messages[: old + 1], copy, *thread.messages[old + 1 :]))


def same(one: Thread, other: Thread) -> bool:
    """Whether a person would find the same in both: times and the bin aside."""
    return replace(one, created=0.0, updated=0.0, deleted=0.0) == replace(other, created=0.0, updated=0.0, deleted=0.0)


def difference(mine: Thread, theirs: Thread) -> tuple[str, str]:
    """Where two versions of a thread differ first: what is different, and how it stands in ``theirs``."""
    if mine.raw != theirs.raw:
        return "The Raw JSON", theirs.raw or "(none: the form is used)"
    for number, (one, other) in enumerate(zip(mine.messages, theirs.messages, strict=False), 1):
        if one != other:
            return f"Message {number}", other.text
    if len(mine.messages) != len(theirs.messages):
        return "The number of messages", f"{len(theirs.messages)}"
    for name in Options.__struct_fields__:
        if getattr(mine.options, name) != getattr(theirs.options, name):
            return f"The option {name.replace('_', ' ')}", f"{getattr(theirs.options, name)}"
    return "The name", theirs.name


def duplicate(thread: Thread, id: str, now: float) -> Thread:
    """The whole thread as a new one. Messages keep their ids, which are unique within a thread only."""
    name = f"{title(thread)} (copy)"
    return replace(thread, id=id, name=name, created=now, updated=now)


def delete_message(thread: Thread, message_id: str) -> tuple[Thread, Undo | None]:
    """Take a message out; None when it was not there."""
    index = index_of(thread, message_id)
    if index < 0:
        return thread, None
    rest = (*thread.messages[:index], *thread.messages[index + 1 :])
    return replace(thread, messages=rest), MessageDeleted(thread.messages[index], index)


def add_image(thread: Thread, message_id: str, image: Image) -> Thread:
    """An image at the end of a message."""
    return _change(thread, message_id, lambda one: replace(one, images=(*one.images, image)))


def remove_image(thread: Thread, message_id: str, index: int) -> tuple[Thread, Undo | None]:
    """Take the image at this index out of a message; None when there is none."""
    at = index_of(thread, message_id)
    if at < 0 or not 0 <= index < len(thread.messages[at].images):
        return thread, None
    images = thread.messages[at].images
    gone = ImageRemoved(message_id, images[index], index)
    return _change(thread, message_id, lambda one: replace(one, images=(*images[:index], *images[index + 1 :]))), gone


def undo(thread: Thread, what: Undo) -> Thread:
    """Bring back what was taken, at its old place or as near as the thread still allows. Doing it twice changes nothing more."""
    match what:
        case MessageDeleted(message, index):
            if index_of(thread, message.id) >= 0:
                return thread
            return replace(thread, messages=(*thread.messages[:index], message, *thread.messages[index:]))
        case ImageRemoved(message_id, image, index):
            return _change(thread, message_id, lambda one: replace(one, images=(*one.images[:index], image, *one.images[index:])))
        case RawCleared(raw):
            return thread if thread.raw is not None else replace(thread, raw=raw)


def rename(thread: Thread, name: str) -> Thread:
    """The thread's name, as typed; empty: the title follows from the text."""
    return replace(thread, name=name)


def set_option(thread: Thread, name: str, value: str | bool) -> Thread:
    """One attribute of ``records.Options``, by name. ValueError for an unknown name or a value of the wrong kind."""
    old = getattr(thread.options, name, None) if name in Options.__struct_fields__ else None
    if old is None or type(old) is not type(value):
        raise ValueError(f"no option {name!r} that takes a {type(value).__name__}")
    changes: dict[str, Any] = {name: value}
    return replace(thread, options=replace(thread.options, **changes))


def set_raw(thread: Thread, raw: str) -> Thread:
    """The body as typed by hand; from now on it is what is sent."""
    return replace(thread, raw=raw)


def clear_raw(thread: Thread) -> tuple[Thread, Undo | None]:
    """Back to the form; None when no body was typed."""
    if thread.raw is None:
        return thread, None
    return replace(thread, raw=None), RawCleared(thread.raw)


def touch(thread: Thread, now: float) -> Thread:
    """The same thread, changed just now; a clock that went backwards does not make it older."""
    return replace(thread, updated=max(thread.updated, now))


def title(thread: Thread) -> str:
    """The name; else the first words of the first user message, else of any message; else «Untitled»."""
    if thread.name.strip():
        return thread.name.strip()
    spoken = sorted(thread.messages, key=lambda message: message.role != "user")
    return next((short for message in spoken if (short := shorten(message.text, _TITLE))), "Untitled")


def matches(thread: Thread, query: str) -> bool:
    """Whether every word of the query is found in the name, the model, the messages or the raw body, whatever the case.
    Of a raw body the first 100,000 characters are searched."""
    sought = words(query)
    if not sought:
        return True
    raw = (thread.raw or "")[:_SEARCHED]  # a raw body may hold megabytes of image
    texts = (thread.name, thread.options.model, *(message.text for message in thread.messages), raw)
    whole = "\n".join(texts).casefold()
    return all(word in whole for word in sought)
