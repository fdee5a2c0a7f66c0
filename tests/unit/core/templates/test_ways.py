"""What a person types about the ways in which rows are asked becomes prompts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from app.core.model.templates import PromptContent, PromptMessage, TemplateVersion
from app.core.model.ways import Ways
from app.core.templates.ways import WrongWays, prompts_of

ASK = PromptContent(fields={"model": "gpt-4o", "temperature": "0"}, messages=(PromptMessage("m", "user", "{{a}}"),))


def version(number: int, content: PromptContent, name: str = "") -> TemplateVersion:
    return TemplateVersion(id=f"v-{number}", template="t", number=number, content=content, digest=str(number), name=name)


def tags(ways: Ways, *compared: TemplateVersion, most: int = 50) -> list[str]:
    return [one.suffix for one in prompts_of(ASK, ways, compared, most)]


def test_nothing_typed_is_the_prompt_alone() -> None:
    """Without a tag: what is sent is as if nothing could be compared."""
    (only,) = prompts_of(ASK, Ways(), (), 50)
    assert (only.content, only.suffix) == (ASK, "")
    assert tags(Ways(models=" ,\n", values="1, 2")) == [""]  # values of no parameter


def test_all_of_it_crosses() -> None:
    """Versions, models with the prompt's own first, values, and samples; what is typed twice counts once."""
    ways = Ways(models="gpt-5, gpt-4o\ngpt-5", parameter="temperature", values="0,1", samples=" 2 ")
    found = tags(ways, version(1, ASK, "Short"))
    assert found[:3] == ["~now.gpt-4o.temperature-0~1", "~now.gpt-4o.temperature-0~2", "~now.gpt-4o.temperature-1~1"]
    assert len(found) == len(set(found)) == 2 * 2 * 2 * 2
    assert {one.version for one in prompts_of(ASK, ways, (version(1, ASK),), 50)} == {"", "v-1"}
    filtered = replace(ASK, fields={"model": '{{model | default("a, b")}}'})
    assert len(prompts_of(filtered, Ways(models="gpt-5"), (), 50)) == 2


def test_a_body_typed_by_hand_has_no_parameters() -> None:
    """It is sampled, and compared with versions."""
    raw = replace(ASK, raw="{}")
    assert [one.suffix for one in prompts_of(raw, Ways(models="a,b", parameter="n", values="1", samples="2"), (), 50)] == ["~1", "~2"]


@given(st.text(max_size=5))
def test_what_is_no_number_of_samples_is_said(typed: str) -> None:
    """In a sentence that says what is."""
    if typed.strip().isascii() and typed.strip().isdecimal() and 1 <= int(typed) <= 20:
        assert len(tags(Ways(samples=typed))) == int(typed)
        return
    with pytest.raises(WrongWays, match="a number from 1 to 20"):
        tags(Ways(samples=typed))


def test_too_many_are_refused_before_they_are_made() -> None:
    """A thousand models at a thousand temperatures are a million prompts."""
    many = ",".join(map(str, range(1_000)))
    with pytest.raises(WrongWays, match="1,001,000 requests a row; the maximum is 50"):
        tags(Ways(models=many, parameter="temperature", values=many))
    assert len(tags(Ways(samples="3"), most=3)) == 3
    with pytest.raises(WrongWays, match="4 requests a row"):
        tags(Ways(samples="2", models="gpt-5"), most=3)
