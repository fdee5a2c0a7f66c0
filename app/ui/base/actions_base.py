"""What an action is, and how the page carries it: as JSON in an element's attribute, handed back as it was."""

from __future__ import annotations

from functools import cache
from typing import Any, ClassVar, TypeVar, Union

import msgspec

from app.core.base.patterns import pattern
from app.core.json import jsonread
from app.ui.base.commands import Command

T = TypeVar("T")


class Action(msgspec.Struct, frozen=True, omit_defaults=True, tag=True):
    """Base of all actions; the tag is the class's name."""

    command: ClassVar[Command | None] = None
    """Its words, its keys, and whether it may be run now; None where it is no more than an event of a field, a list or a toast."""


def command_of(action: Action) -> Command:
    """What is known of an action that has a command. Raises LookupError where it has none."""
    if (found := type(action).command) is None:
        raise LookupError(f"{type(action).__name__} has no command")
    return found


def kinds(base: type[Action] = Action) -> tuple[type[Action], ...]:
    """Every action that there is."""
    return tuple(one for sub in base.__subclasses__() for one in (sub, *kinds(sub)))


@cache
def _decoder() -> jsonread.Decoder[Action]:
    """Made with the first action: it takes some milliseconds, which the first view need not wait for."""
    return jsonread.Decoder(Union[kinds()])  # noqa: UP007  # made of a tuple, which `|` cannot take


_ENCODER = msgspec.json.Encoder()


class Event(msgspec.Struct, frozen=True):
    """What the page handed over: the action, the field's value (text, true/false, a list of files, or None) and a few facts."""

    action: Action
    value: Any = None
    extra: dict[str, Any] = {}
    halved: bool = False
    """Whether half a character stood in it, for which � is in the value now."""

    @property
    def text(self) -> str:
        """The value as text; empty where it is none."""
        return self.value if isinstance(self.value, str) else ""

    def mark(self, chosen: set[T], one: T) -> None:
        """Have ``one`` among the chosen or not, as the box that was ticked says."""
        if self.value is True:
            chosen.add(one)
        else:
            chosen.discard(one)


class _Message(msgspec.Struct, frozen=True):
    action: msgspec.Raw
    value: Any = None
    extra: dict[str, Any] = {}


_ESCAPES = pattern(r"(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\[^u])|\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
_MESSAGE = jsonread.Decoder[_Message](_Message)


def _whole(message: str) -> str:
    """The message with U+FFFD for each escaped half a character; whole pairs and escaped backslashes stay."""
    return _ESCAPES.sub(lambda found: found[1] or "\\ufffd", message)


def encode(action: Action) -> str:
    """The action as the page carries it."""
    return _ENCODER.encode(action).decode()


def decode(message: str | bytes) -> Event:
    """Read what the page handed over. msgspec.MsgspecError when it is no action of ours.

    Half a character (a lone surrogate: an emoji cut in two) can be neither stored nor sent; U+FFFD takes its place.
    """
    halved = False
    try:
        raw = _MESSAGE.decode(message)
    except jsonread.Unreadable:
        raw = _MESSAGE.decode(_whole(message if isinstance(message, str) else message.decode()))
        halved = True
    return Event(_decoder().decode(raw.action), raw.value, raw.extra, halved)
