"""Prompts of which a long part is the same in all rows and yet cannot be read from the provider's cache, since a column comes before it.

"Caching is enabled automatically for prompts that are 1024 tokens or longer"; "Cache hits are only possible for exact prefix matches within
a prompt. To realize caching benefits, place static content like instructions and examples at the beginning of your prompt, and put variable
content, such as user-specific information, at the end" (OpenAI, prompt caching guide, developers.openai.com/docs/guides/prompt-caching).
The schema of structured output comes before the first message there. Not of every model that caches the price of cached tokens in a batch
is published: where it is not, nothing would be saved for certain, and nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from app.core.base.text import number
from app.core.bodies import forms
from app.core.bodies.tokens import BYTES
from app.core.model.templates import PromptContent
from app.core.planning.report import SHOWN_ROWS, FoundKind, PlannedVariant
from app.core.planning.rowrequests import PlanOrder
from app.core.prices import rates
from app.core.prices.rates import TokenRates
from app.core.templates import syntax

LEAST: Final = 1_024
"""Tokens of a common beginning from which on it is cached."""


class CommonText(NamedTuple):
    """About how many tokens of a prompt are the same in all rows: ``before`` the first column (``column``, "" where none is used), and
    ``behind`` it."""

    before: int
    behind: int
    column: str

    @property
    def lost(self) -> bool:
        """Whether a column keeps so much of it from the cache that moving it is worth the while."""
        return bool(self.column) and self.before + self.behind >= LEAST and (self.before < LEAST or self.behind >= LEAST)


def common_text(content: PromptContent) -> CommonText:
    """Of the messages of a prompt, a token for four bytes; nothing of bodies typed by hand and of endpoints without messages."""
    before, behind, column = 0, 0, ""
    for one in _parts(content):
        if isinstance(one, syntax.ColumnNode | syntax.IfNode):
            column = column or one.column
        elif column:
            behind += len(one.encode("utf-8", "replace"))
        else:
            before += len(one.encode("utf-8", "replace"))
    return CommonText(before // BYTES, behind // BYTES, column)


def _parts(content: PromptContent) -> Iterator[syntax.TemplateNode]:
    """What the model reads, in its order."""
    form = forms.FORMS.get(content.endpoint)
    if form is None or form.asked != "messages" or content.raw is not None:
        return
    if form.schema and content.schema_on:
        yield content.schema_text
    for message in content.messages:
        yield from syntax.parse(message.text).nodes
        for source in (*(image.url for image in message.images), *(file.source for file in message.files)):
            yield from (node for node in syntax.parse(source).nodes if not isinstance(node, str))  # an address is not text that is read


def lost_to_columns(order: PlanOrder, count: int, rows: Sequence[int], planned: Iterable[PlannedVariant]) -> tuple[FoundKind, ...]:
    """What can be said of it, as findings over all rows that are planned: ``count`` of them, the first at the positions ``rows``.
    ``planned``: which models are asked what."""
    models: dict[str, list[str]] = {}
    for one in planned:
        models.setdefault(one.tag, []).append(one.model)
    said: dict[tuple[str, str], list[str]] = {}
    for tag, content in {one.tag: one.asked for one in order.asked}.items():
        found = common_text(content)
        priced = next((price for model in models.get(tag, ()) if (price := _cheaper(order, model)) is not None), None)
        if found.lost and priced is not None:
            said.setdefault((_sentence(found), _remedy(priced)), []).append(tag)
    tags = {one.tag for one in order.asked}
    return tuple(
        FoundKind(
            f"cache {n}",
            "rule",
            "advice",
            sentence,
            remedy,
            "",
            "",
            count,
            tuple(rows[:SHOWN_ROWS]),
            variants=tuple(about) if len(about) < len(tags) else (),
        )
        for n, ((sentence, remedy), about) in enumerate(said.items())
    )


def _cheaper(order: PlanOrder, model: str) -> TokenRates | None:
    """The prices of a model in batches, where cached tokens have a lower one."""
    profile = order.profile
    base_url = rates.SHOWN_FOR_PRACTICE if profile.practice else profile.base_url
    found = rates.rates_for(base_url, model, "batch", order.limits.prices if order.limits is not None else ())
    return found if found is not None and found.cached is not None and found.cached.base < found.input.base else None


def _sentence(found: CommonText) -> str:
    whole = found.before + found.behind
    first = f"only the first {number(found.before)}" if found.before >= LEAST else "none of them"
    return (
        f"About {number(whole)} tokens of the prompt are the same in all rows, but {found.column[:60]} stands after {number(found.before)} "
        f"of them, so {first} can be read from the provider's cache."
    )


def _remedy(priced: TokenRates) -> str:
    cached = priced.cached or priced.input
    return (
        "Put what is the same in all rows first, and the columns behind it: in batches a million tokens from the cache cost "
        f"{rates.dollars(cached.base * rates.PER_MILLION)} instead of {rates.dollars(priced.input.base * rates.PER_MILLION)}."
    )
