"""What a program hands in: one message, the same over HTTP, RabbitMQ, a folder and in tests. Server and page read it with this module.

A message is ``{"custom_id", "url", "method", "body", "delivery_config"}`` and no other key, as OpenAI Batch Manager takes it, so that its
programs work unchanged; that ``delivery_config`` may be missing is an addition. Here its shape is checked; whether the provider would take
the body is ``core.bodies.bodies``' to say.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from app.core.base.patterns import pattern
from app.core.bodies import foreign
from app.core.endpoints.table import FOR_PROGRAMS
from app.core.json import jsonread
from app.core.json.jsonread import Unreadable, WrongShape
from app.core.programs.targets import Target

if TYPE_CHECKING:
    Url = str
else:
    Url = Literal[FOR_PROGRAMS]
"""An endpoint that a message may name."""
Source = Literal["http", "rabbitmq", "folder", "sdk"]
"""The way that a message came."""

MAX_ID: Final = 512
"""Characters of a custom_id: it is a key here and is in addresses."""
FOREIGN: Final = "foreign_line"
"""The code of a message that is written for another service, or almost right (core.bodies.foreign)."""
_NEEDED: Final = 'A request is {"custom_id": "…", "method": "POST", "url": "/v1/responses", "body": {…}}.'
_KINDS: Final = {
    "object": "an object {…}",
    "array": "a list […]",
    "str": "a text",
    "int": "a number",
    "float": "a number",
    "bool": "true or false",
    "null": "null",
}
_EXPECTED = pattern(r"^Expected `([^`]*)`, got `([^`]*)`$")
_NO_NUMBER = pattern(rb"[:\[,]\s*(NaN|-?Infinity)\b")
_AT = pattern(r" - at `\$(.*)`$")
_STEP = pattern(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]")
_SURROGATE = pattern(rb"\\u[dD][89a-fA-F]")
_HALF_OR_HUGE = pattern(rb"[\\eE](?:(?<=\\)u[dD][89a-fA-F]|(?<=[0-9.][eE])\+?[0-9]{3})")
_LONG = pattern(rb"[0-9]{300}")
_DIGITS: Final = b"0123456789"
_HUGE = pattern(rb"-?[0-9]{300}|-?[0-9][0-9.]*[eE]\+?[0-9]{3,}")


class Message(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One message that has the right shape. ``body`` is its JSON as it arrived; ``delivery_config`` None: the sender names no place."""

    custom_id: str
    url: Url | Literal["/chat/completions"]
    method: Literal["POST"]
    body: msgspec.Raw
    delivery_config: Target | None = None

    @property
    def model(self) -> str:
        """The body's model; :func:`decode` has seen that there is one."""
        return _bodies.decode(self.body).model

    def line(self) -> bytes:
        """As a line of a batch's input, newline included, without ``delivery_config``: that never leaves for the provider."""
        body = bytes(self.body)
        if b"\n" in body or b"\r" in body:
            body = jsonread.one_line(body)  # breaks stand between tokens only: inside a text they are escaped
        return msgspec.json.encode(_Line(self.custom_id, "POST", self.url, msgspec.Raw(body))) + b"\n"


class MessageRefusal(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a message was not taken. ``code`` is stable and for programs, ``title`` and ``detail`` are for people, ``pointer`` is a JSON
    pointer (RFC 6901) into the message. ``custom_id`` is the message's, where it could be read."""

    code: str
    title: str
    detail: str
    pointer: str = ""
    custom_id: str = ""

    def error(self) -> dict[str, Any]:
        """One entry of ``{"errors": […]}``, as every refusal of the mailbox reads."""
        entry: dict[str, Any] = {"code": self.code, "title": self.title, "detail": self.detail}
        return {**entry, "source": {"pointer": self.pointer}} if self.pointer else entry


class _Line(msgspec.Struct, frozen=True):
    custom_id: str
    method: str
    url: str
    body: msgspec.Raw


class _Body(msgspec.Struct, frozen=True):
    """What every body must have, whatever its endpoint: the model, by which requests share a batch."""

    model: str


class _Name(msgspec.Struct, frozen=True):
    custom_id: Any = None


_messages: Final = jsonread.Decoder[Message](Message)
_bodies: Final = jsonread.Decoder[_Body](_Body)


def decode(data: bytes) -> Message | MessageRefusal:
    """One message from its JSON, or what is wrong with it. Any bytes may be given."""
    inside = ""
    try:
        data.decode()
        message = _messages.decode(data)
        inside = "/body"
        body = _bodies.decode(message.body)
        if _to_look_into(message.body):
            jsonread.value(message.body)  # what is only kept was not looked into
    except WrongShape as error:
        return _schema(error, data, inside)
    except (Unreadable, UnicodeDecodeError) as error:
        if isinstance(error, Unreadable) and error.kind == "number":
            return _huge(data, inside)
        return MessageRefusal("invalid_json", "Invalid JSON", _not_json(error, data), inside, custom_id_of(data))
    return _id_fault(message) or _model_fault(message, body.model) or target_fault(message.delivery_config, message.custom_id) or message


def _to_look_into(body: msgspec.Raw) -> bool:
    """Whether a body may hold what only a full reading finds: half a character, a number that no reader takes. Most have none of the signs:
    they are skipped character by character, where alternatives would be tried at each of them."""
    data = bytes(body)
    many = len(data) - len(data.translate(None, _DIGITS)) >= 300
    return bool(_HALF_OR_HUGE.search(data) or (many and _LONG.search(data)))


def decode_with_body(data: bytes) -> tuple[Message, dict[str, Any]] | MessageRefusal:
    """As :func:`decode`, with the body as a value: for who looks into it anyway. It is read once, which finds all that is wrong with it."""
    try:
        message = _messages.decode(data)
        body = jsonread.part(message.body)
    except Unreadable:
        body = None
    if not isinstance(body, dict) or not isinstance(body.get("model"), str):  # decode() says why
        found = decode(data)
        return (
            found
            if isinstance(found, MessageRefusal)
            else MessageRefusal("invalid_json", "Invalid JSON", "The body can't be read.", "/body")
        )
    fault = _id_fault(message) or _model_fault(message, body["model"]) or target_fault(message.delivery_config, message.custom_id)
    return fault or (message, body)


def _id_fault(message: Message) -> MessageRefusal | None:
    if not message.custom_id.strip():
        return _invalid("custom_id is empty: the result could not be identified.", "/custom_id")
    if len(message.custom_id) > MAX_ID:
        return _invalid(f"custom_id has {len(message.custom_id)} characters; the maximum is {MAX_ID}.", "/custom_id")
    return None


def _model_fault(message: Message, model: str) -> MessageRefusal | None:
    if not model.strip():
        return _invalid("body.model is empty; a batch needs a model.", "/body/model", message.custom_id)
    return None


def target_fault(target: Target | None, custom_id: str = "") -> MessageRefusal | None:
    """What is wrong with the place that results go to; None where it could be tried. ``custom_id`` names the message it belongs to."""
    if target is not None and (fault := target.fault):
        return _invalid(fault, f"/delivery_config/{target.__struct_fields__[0]}", custom_id)
    return None


def custom_id_of(data: bytes) -> str:
    """The custom_id of a message that may be anything; nothing where there is none."""
    try:
        found = jsonread.typed(data, _Name).custom_id
    except Unreadable:
        return ""
    return found[:MAX_ID] if isinstance(found, str) else ""


def _invalid(detail: str, pointer: str, custom_id: str = "") -> MessageRefusal:
    return MessageRefusal("invalid_request", "Invalid value", detail, pointer, custom_id)


def _huge(data: bytes, inside: str) -> MessageRefusal:
    """A number beyond what JSON readers take: above 1.8e308 (IEEE 754 doubles), or an integer of more than 4,300 digits (Python)."""
    found = _HUGE.search(data)
    which = f"begins with {found[0][:20].decode()}" if found else "is one of the body's"
    detail = f"A number is too large: it {which}. Numbers go up to 1.8e308, integers have at most 4,300 digits."
    return _invalid(detail, inside, custom_id_of(data))


def _schema(error: WrongShape, data: bytes, inside: str = "") -> MessageRefusal:
    """A message of the wrong shape: msgspec says what and where, ``… - at `$.body.model```. One that is written for another service is
    named as such."""
    try:
        known = foreign.recognised(jsonread.value(data))
    except Unreadable:
        known = None
    if known is not None and not known.notes:
        return MessageRefusal(FOREIGN, "Written for another service", f"{known.sentence} {_NEEDED}", "", custom_id_of(data))
    text = str(error)
    found = _AT.search(text)
    steps = _STEP.findall(found[1]) if found else []
    pointer = inside + "".join(f"/{_escaped(name or number)}" for name, number in steps if number != "...")
    said = text[: found.start()] if found else text
    if named := re.search(r"(?:missing required|unknown) field `(.*)`$", said):
        pointer += f"/{_escaped(named[1])}"
    return _invalid(known.sentence if known is not None else _in_words(said, pointer), pointer, custom_id_of(data))


def _in_words(said: str, pointer: str) -> str:
    """What a typed decode says, for people who have never seen one."""
    field = pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~")
    where = pointer.strip("/").replace("/", ".") or "The message"
    if said.startswith("Object missing"):
        return f"The message has no {where}. {_NEEDED}"
    if said.startswith("Object contains"):
        return f"The message has a field “{field[:60]}”, which it can't hold: remove it. {_NEEDED}"
    if found := _EXPECTED.search(said):
        wanted, got = (_KINDS.get(one.strip(), one.strip()) for one in (found[1].partition("|")[0], found[2]))
        return f"{where} is {got}, and must be {wanted}. {_NEEDED if not pointer else ''}".rstrip()
    if said.startswith("Invalid enum value"):
        given = said.removeprefix("Invalid enum value ").strip("'\"")
        wanted = ", ".join(FOR_PROGRAMS) if field == "url" else "POST"
        return f"{where} is “{given[:80]}”, and must be {'one of ' if field == 'url' else ''}{wanted}."
    return f"{said}."


def _escaped(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")


def _not_json(error: Exception, data: bytes) -> str:
    if isinstance(error, Unreadable) and error.kind in ("too_deep", "too_large", "number"):
        return f"The message isn't readable JSON: {error}."
    if _SURROGATE.search(data) and not isinstance(error, UnicodeDecodeError):
        return "The message isn't JSON: perhaps a text holds half a character (a lone surrogate, often left by cutting an emoji)."
    if isinstance(error, UnicodeDecodeError):
        return (
            f"The message isn't UTF-8 text: byte {error.start + 1:,} can't be read. Perhaps it was saved as Latin-1 or Windows-1252; "
            "save it as UTF-8."
        )
    if found := _NO_NUMBER.search(data):
        return f"The message isn't JSON: {found[1].decode()} is not a number in JSON. Write a number, or null."
    if data.startswith(b"\xef\xbb\xbf"):
        return "The message begins with a byte order mark, which JSON does not have. Save it as UTF-8 without one."
    if data.rstrip().endswith((b"},", b"],")):
        return "The message isn't JSON: there is a comma after it. Write one object a line, without commas between them."
    return f"The message isn't JSON: {str(error).rstrip('.')}."
