"""A prompt that is long and the same in all rows is read from the provider's cache only as far as no column stands before it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from app.core.model.lanes import EMBEDDINGS, RESPONSES
from app.core.model.providers import Profile
from app.core.model.templates import PromptContent, PromptFile, PromptMessage
from app.core.model.threads import Image
from app.core.planning.caching import LEAST, common_text, lost_to_columns
from app.core.planning.report import FoundKind, PlannedVariant
from app.core.planning.rowrequests import PlanOrder
from app.core.templates.variants import TaggedPrompt

LONG = "Be kind. " * 500
"""About 1,125 tokens, at four bytes each."""


def asking(*texts: str, model: str = "gpt-5-mini") -> PromptContent:
    roles = ("system", "user", "user")
    messages = tuple(PromptMessage(f"m{n}", roles[n], text) for n, text in enumerate(texts))  # type: ignore[arg-type]  # roles
    return PromptContent(fields={"model": model}, messages=messages)


def found(content: PromptContent, *prompts: TaggedPrompt, profile: Profile | None = None, rows: int = 7) -> tuple[FoundKind, ...]:
    order = PlanOrder("d", 1, ("a",), content, profile or Profile(id="openai", name="OpenAI"), "r", prompts=prompts)
    planned = [PlannedVariant(one.tag, one.asked.fields["model"], rows, 0) for one in order.asked]
    return lost_to_columns(order, rows, [2 * n for n in range(rows)], planned)


def test_a_column_before_a_long_text_is_said() -> None:
    """With how much is lost, which column it is, and what the price is from the cache; all rows have it."""
    (one,) = found(asking(f"You speak {{{{lang | default('en')}}}}. {LONG}", "Rate {{a}}"))
    assert one.sentence.startswith("About 1,128 tokens of the prompt are the same in all rows, but lang stands after 2 of them, so none")
    # gpt-5-mini in a batch: 0.0125 dollars a million from the cache, 0.125 else
    assert one.remedy.endswith("a million tokens from the cache cost $0.0125 instead of $0.1250.")
    assert (one.severity, one.count, one.rows, one.variants) == ("advice", 7, tuple(range(0, 14, 2)), ())


@pytest.mark.parametrize(
    "content",
    [
        asking(LONG, "Rate {{a}}"),
        asking("Rate {{a}}", "Be kind."),
        asking(LONG),
        asking(f"{{{{a}}}} {LONG}", model="gpt-4o"),
        asking(f"{{{{a}}}} {LONG}", model="nobody-knows-this"),
        replace(asking(f"{{{{a}}}} {LONG}"), raw="{}"),
        PromptContent(EMBEDDINGS, {"model": "text-embedding-3-small"}, inputs=(f"{{{{a}}}} {LONG}",)),
    ],
    ids=["columns last", "too short", "no column", "no cheaper in batches", "price unknown", "typed by hand", "no messages"],
)
def test_where_nothing_is_lost_nothing_is_said(content: PromptContent) -> None:
    """Also where nobody knows that anything would be saved."""
    assert found(content) == ()


def test_what_is_behind_a_cached_beginning_counts_as_well() -> None:
    """The first thousand tokens are cached, and as many more could be."""
    (one,) = found(asking(LONG, "{{a}}", LONG))
    assert "a stands after 1,125 of them, so only the first 1,125 can be read" in one.sentence
    assert found(asking(LONG, "{{a}}", "Be kind.")) == ()


def test_a_schema_stands_first_and_an_image_of_a_row_ends_the_beginning() -> None:
    """As the provider has them."""
    schema = replace(asking("{{a}}", endpoint_text := "Be kind."), endpoint=RESPONSES, schema_on=True, schema_text="x" * 4 * LEAST)
    assert common_text(schema).before == LEAST
    assert endpoint_text
    picture = PromptMessage("m", "user", "Look.", images=(Image("{{photo}}"),))
    assert common_text(replace(asking(), messages=(picture, PromptMessage("n", "user", LONG)))).column == "photo"
    paper = PromptMessage("m", "user", "Read.", files=(PromptFile("{{paper}}"),))
    assert common_text(replace(asking(), messages=(paper,))).column == "paper"


def test_ways_that_lose_nothing_are_not_meant() -> None:
    """Of two versions one has its columns first; of practice the prices at OpenAI hold."""
    good, bad = asking(LONG, "{{a}}"), asking("{{a}}", LONG)
    prompts = (TaggedPrompt("now", 0, good, good), TaggedPrompt("Version-1", 0, bad, bad))
    (one,) = found(good, *prompts, profile=Profile(id="practice", name="Practice", practice=True))
    assert one.variants == ("Version-1",)


@given(st.lists(st.sampled_from(["same ", "{{a}}", "{{#if a}}x{{else}}y{{/if}}", "ü" * 40]), max_size=12))
def test_every_text_counts_once(parts: list[str]) -> None:
    """Before the first column or behind it, whatever stands there."""
    measured = common_text(asking("".join(parts)))
    static = sum(len(one.encode()) for one in parts if "{{" not in one)
    assert static // 4 - 1 <= measured.before + measured.behind <= static // 4
    assert bool(measured.column) == any("{{" in one for one in parts)
