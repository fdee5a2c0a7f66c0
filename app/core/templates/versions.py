"""Versions of templates: every one that was sent is kept, has a number, can be named, compared and brought back. Answers name the id of the
version that asked for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final, Literal, NamedTuple

import msgspec
from msgspec.structs import replace

from app.core.bodies import forms
from app.core.model.templates import PromptContent, Template, TemplateVersion

MAX_LINES: Final = 2_000
"""Lines of a text that are compared; finding the difference of more would take seconds."""
_DIGEST: Final = 32

_encode: Final = msgspec.json.Encoder(order="deterministic").encode


def digest(content: PromptContent) -> str:
    """32 hexadecimal digits (of SHA-256) that are equal for equal contents. Ids of messages do not count, and texts that hold half of a
    character are taken as they are."""
    import hashlib  # only what is sent needs it

    same = replace(content, messages=tuple(replace(message, id="") for message in content.messages))
    text = repr(msgspec.to_builtins(same)) if _halved(same) else _encode(same).decode()
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST]


def _halved(content: PromptContent) -> bool:
    try:
        _encode(content)
    except UnicodeEncodeError:
        return True
    return False


def sent(template: Template, versions: Iterable[TemplateVersion], id: str, now: float) -> TemplateVersion:
    """The version to name in what is sent now: the one that says the same, else a new one with this id, to be stored before anything is
    sent. ``versions``: those there are, of this template or of others."""
    own = [version for version in versions if version.template == template.id]
    same = digest(template.content)
    known = next((version for version in reversed(own) if version.digest == same and version.content == template.content), None)
    if known is not None:
        return known
    number = max((version.number for version in own), default=0) + 1
    return TemplateVersion(id=id, template=template.id, number=number, content=template.content, digest=same, created=now)


def restored(template: Template, version: TemplateVersion, now: float) -> Template:
    """The template as that version said. What stood in it and was never sent is for the caller to keep (as a version of its own)."""
    return replace(template, content=version.content, updated=max(template.updated, now))


def unsent(template: Template, versions: Iterable[TemplateVersion]) -> bool:
    """Whether the template says something that no version keeps."""
    same = digest(template.content)
    return all(version.template != template.id or version.digest != same for version in versions)


def title(version: TemplateVersion) -> str:
    """What the version is called: its name, else its number."""
    return version.name.strip() or f"Version {version.number}"


# --- comparing ---------------------------------------------------------------------------------------------------------------------

ChangeKind = Literal["added", "removed", "changed"]
LineKind = Literal["same", "added", "removed"]


class DiffLine(NamedTuple):
    """A line of one text or of both."""

    kind: LineKind
    text: str


class ContentChange(msgspec.Struct, frozen=True):
    """One thing that two contents say differently. ``label`` is what the form calls it."""

    label: str
    kind: ChangeKind
    before: str
    after: str

    @property
    def lines(self) -> list[DiffLine]:
        """The two texts line by line."""
        return diff(self.before, self.after)


def compared(before: PromptContent, after: PromptContent) -> list[ContentChange]:
    """What is different, in the order of the form. Messages are told by their place."""
    old, new = dict(_parts(before)), dict(_parts(after))
    order = {**new, **old} if len(old) > len(new) else {**old, **new}
    found = []
    for label in order:
        was, now = old.get(label), new.get(label)
        if was != now:
            kind: ChangeKind = "added" if was is None else "removed" if now is None else "changed"
            found.append(ContentChange(label, kind, was or "", now or ""))
    return found


def _parts(content: PromptContent) -> Iterator[tuple[str, str]]:
    """Everything that is not empty, by its label. Two contents that have all of it in common say the same."""
    form = forms.FORMS.get(content.endpoint)
    yield "Endpoint", content.endpoint
    for name, text in sorted(content.fields.items(), key=lambda item: item[0] != "model"):
        field = form.field(name) if form is not None else None
        if text:
            yield field.label if field is not None else name, text
    for number, message in enumerate(content.messages, 1):
        yield f"Message {number}, role", message.role
        yield f"Message {number}", message.text
        for at, image in enumerate(message.images, 1):
            yield f"Message {number}, image {at}", f"{image.url} ({image.detail})"
        for at, file in enumerate(message.files, 1):
            yield f"Message {number}, file {at}", f"{file.source} {file.name}".rstrip()
    for number, text in enumerate(content.inputs, 1):
        yield f"Input {number}", text
    if content.rows_per_request != 1:
        yield "Rows per request", str(content.rows_per_request)
    for pair in content.metadata:
        yield f"Metadata {pair.key}", pair.value
    if content.custom_id:
        yield "custom_id", content.custom_id
    if content.schema_on:
        yield "Schema name", content.schema_name
        yield "Schema", content.schema_text
        yield "Strict schema", "yes" if content.schema_strict else "no"
    if content.raw is not None:
        yield "Raw JSON", content.raw


def diff(before: str, after: str) -> list[DiffLine]:
    """Two texts line by line; of texts with very many lines those between the first and the last difference are all removed and added."""
    old, new = before.splitlines(), after.splitlines()
    start = _common(old, new)
    end = _common(old[start:][::-1], new[start:][::-1])
    inner_old, inner_new = old[start : len(old) - end], new[start : len(new) - end]
    return [
        *(DiffLine("same", line) for line in old[:start]),
        *_inner(inner_old, inner_new),
        *(DiffLine("same", line) for line in old[len(old) - end :]),
    ]


def _common(old: Sequence[str], new: Sequence[str]) -> int:
    return next((at for at, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), min(len(old), len(new)))


def _inner(old: Sequence[str], new: Sequence[str]) -> Iterator[DiffLine]:
    if len(old) > MAX_LINES or len(new) > MAX_LINES:
        yield from (DiffLine("removed", line) for line in old)
        yield from (DiffLine("added", line) for line in new)
        return
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            yield from (DiffLine("same", line) for line in old[a:b])
        else:
            yield from (DiffLine("removed", line) for line in old[a:b])
            yield from (DiffLine("added", line) for line in new[c:d])
