"""Variants and samples: the same rows asked with several models, parameters or versions of a prompt, or several times on purpose; each
request says which it is.

A tag is in the request's metadata (``variant``, ``sample``) where the endpoint takes metadata from anybody, and always behind its
``custom_id``: ``row-7~gpt-5-mini~2``. So answers can be compared whatever becomes of the requests in between.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec
from msgspec.structs import replace

from app.core.base.ids import without_file
from app.core.base.patterns import pattern
from app.core.model.lanes import RESPONSES
from app.core.model.templates import PromptContent, PromptPair
from app.core.openai import metadata

MARK: Final = "~"
"""Stands between an id and a tag. No tag holds it."""
MAX_TAG: Final = 40
"""Characters of a tag."""
MAX_SAMPLES: Final = 20
"""Samples of one row at most."""
_STRANGE = pattern(r"[^0-9A-Za-z._-]+")


def told_apart(custom_id: str) -> tuple[str, str]:
    """The id of what is asked, and the tag that says in which way ("": the only one). What tells the requests of one file from those of
    others is part of neither."""
    asked, _, tag = without_file(custom_id).partition(MARK)
    return asked, tag


class Variant(msgspec.Struct, frozen=True):
    """One way of asking. ``tag`` is empty where there is only one; ``version``: the id of the template's version that it was made of, where
    that is another one than what is in the template."""

    tag: str
    content: PromptContent
    version: str = ""


class TaggedPrompt(NamedTuple):
    """What one request of a row is made of. ``sample`` counts from 1; 0: each row is asked once. ``asked`` is the content before tags were
    added to it; ``version`` as for :class:`Variant`."""

    tag: str
    sample: int
    content: PromptContent
    asked: PromptContent
    version: str = ""

    @property
    def suffix(self) -> str:
        """What comes after a row's id. To be added to the id that a row has where the template names none; ``content.custom_id`` has it
        already."""
        return "".join(f"{MARK}{one}" for one in (self.tag, str(self.sample) if self.sample else "") if one)


def tag_of(words: str) -> str:
    """A text as a tag: letters, digits, ``.``, ``_`` and ``-``, not too many."""
    return _STRANGE.sub("-", words.strip()).strip("-")[:MAX_TAG] or "variant"


def of_field(content: PromptContent, field: str, values: Iterable[str]) -> tuple[Variant, ...]:
    """The prompt with each of these values of a parameter (by its name in the form; ``model`` is one). Equal values count once."""
    asked = dict.fromkeys(text.strip() for text in values if text.strip())
    return named(Variant(text if field == "model" else f"{field}-{text}", changed(content, {field: text})) for text in asked)


def changed(content: PromptContent, fields: Mapping[str, str]) -> PromptContent:
    """The prompt with other parameters."""
    return replace(content, fields={**content.fields, **fields})


def crossed(variants: Sequence[Variant], field: str, values: Iterable[str]) -> tuple[Variant, ...]:
    """Each of these with each of the values of a parameter."""
    texts = tuple(values)
    return named(
        replace(other, tag=f"{one.tag}.{other.tag}" if one.tag else other.tag, version=one.version)
        for one in variants
        for other in of_field(one.content, field, texts)
    )


def named(variants: Iterable[Variant]) -> tuple[Variant, ...]:
    """Variants whose tags are any words, with tags. Equal ones get a number, so that no two have one tag."""
    found: list[Variant] = []
    taken: set[str] = set()
    for one in variants:
        tag = tag_of(one.tag)
        number = 2
        while tag in taken:
            ending = f"-{number}"
            tag, number = f"{tag_of(one.tag)[: MAX_TAG - len(ending)]}{ending}", number + 1
        taken.add(tag)
        found.append(replace(one, tag=tag))
    return tuple(found)


def tagged(variants: Sequence[Variant], samples: int = 1) -> tuple[TaggedPrompt, ...]:
    """What is asked for each row: every variant, so many times. ValueError for none at all, for a tag that is there twice and for more
    samples than there may be."""
    if not variants or not 1 <= samples <= MAX_SAMPLES:
        raise ValueError("nothing is asked, or too often")
    if len({one.tag for one in variants}) != len(variants):
        raise ValueError("two variants have one tag")
    return tuple(_tagged(variants, samples))


def _tagged(variants: Sequence[Variant], samples: int) -> Iterator[TaggedPrompt]:
    for variant in variants:
        for sample in range(1, samples + 1):
            made = TaggedPrompt(variant.tag, sample if samples > 1 else 0, variant.content, variant.content, variant.version)
            yield made._replace(content=_marked(made))


def _marked(one: TaggedPrompt) -> PromptContent:
    """The content with its tags. Chat completions take metadata only together with ``store``, which nobody asked for."""
    content = one.content
    if content.custom_id.strip():
        content = replace(content, custom_id=content.custom_id + one.suffix)
    if content.endpoint != RESPONSES or content.raw is not None:
        return content
    own = {pair.key for pair in content.metadata}
    pairs = (PromptPair("variant", one.tag), PromptPair("sample", str(one.sample or "")))
    more = tuple(pair for pair in pairs if pair.value and pair.key not in own)
    return replace(content, metadata=(*content.metadata, *more)[: max(metadata.MOST, len(content.metadata))])
