"""The prompts that each row is asked, of what a person typed: by the prompt and by versions of it, with other models beside its own, with
each value of a parameter, so many times."""

from __future__ import annotations

from collections.abc import Sequence

from app.core.base.text import number, whole_number
from app.core.model.templates import PromptContent, TemplateVersion
from app.core.model.ways import Ways
from app.core.templates import variants, versions
from app.core.templates.variants import TaggedPrompt, Variant


class WrongWays(ValueError):
    """What was typed says in no way how rows are asked. The text is a sentence for people."""


def prompts_of(content: PromptContent, ways: Ways, compared: Sequence[TemplateVersion], most: int) -> tuple[TaggedPrompt, ...]:
    """``compared``: the versions that are beside the content; ``most``: requests of one row. Raises WrongWays."""
    samples = whole_number(ways.samples.strip(), 1, variants.MAX_SAMPLES)
    if samples is None:
        raise WrongWays(f"Write how many times each row is asked: a number from 1 to {variants.MAX_SAMPLES}.")
    models: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    if content.raw is None:
        own = content.fields.get("model", "").strip()
        others = _listed(ways.models)
        models = tuple(dict.fromkeys([*([own] if own else []), *others])) if others else ()
        values = _listed(ways.values) if ways.parameter else ()
    count = (len(compared) + 1) * max(1, len(models)) * max(1, len(values)) * samples
    if count > most:  # before any of them is made
        raise WrongWays(f"These are {number(count)} requests a row; the maximum is {number(most)}.")
    found: tuple[Variant, ...] = (Variant("", content),)
    if compared:
        found = variants.named([Variant("now", content), *(Variant(versions.title(one), one.content, one.id) for one in compared)])
    if models:
        found = variants.crossed(found, "model", models)
    if values:
        found = variants.crossed(found, ways.parameter, values)
    return variants.tagged(found, samples)


def _listed(typed: str) -> tuple[str, ...]:
    """What stands between commas and line ends, each once."""
    parts = (one.strip() for one in typed.replace("\n", ",").split(","))
    return tuple(dict.fromkeys(one for one in parts if one))
