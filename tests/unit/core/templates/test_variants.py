"""The same rows asked in several ways: every request says which it is."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from app.core.model.templates import PromptContent, PromptMessage, PromptPair
from app.core.openai import metadata
from app.core.templates import syntax, variants
from app.core.templates.lines import RequestMaker
from app.core.templates.variants import Variant

CHAT = PromptContent(fields={"model": "gpt-4o", "temperature": "0"}, messages=(PromptMessage("m", "user", "{{a}}"),))
RESPONSE = replace(CHAT, endpoint="/v1/responses", custom_id="{{a}}")


def made(one: variants.TaggedPrompt) -> tuple[str, dict[str, object]]:
    request = RequestMaker(one.content, ["a"]).make(["x"], f"row-1{one.suffix}")
    body: dict[str, object] = msgspec.json.decode(request.body)
    return request.custom_id, body


def test_models_and_samples() -> None:
    """Each model, each so often: told apart by the id, and by metadata where anybody may send it."""
    prompts = variants.tagged(variants.of_field(RESPONSE, "model", ["gpt-4o", " gpt-5 ", "gpt-4o", ""]), 2)
    found = [made(one) for one in prompts]
    assert [id for id, _ in found] == ["x~gpt-4o~1", "x~gpt-4o~2", "x~gpt-5~1", "x~gpt-5~2"]
    assert [body["model"] for _, body in found] == ["gpt-4o", "gpt-4o", "gpt-5", "gpt-5"]
    assert found[3][1]["metadata"] == {"variant": "gpt-5", "sample": "2"}
    (chat, *_) = variants.tagged(variants.of_field(CHAT, "model", ["gpt-4o"]), 2)
    id, body = made(chat)
    assert id == "row-1~gpt-4o~1"
    assert "metadata" not in body


def test_one_way_of_asking_changes_nothing() -> None:
    """A prompt without variants is sent as it is."""
    (only,) = variants.tagged([Variant("", RESPONSE)])
    assert (only.content, only.suffix, only.sample) == (RESPONSE, "", 0)


def test_parameters_cross() -> None:
    """Two models at two temperatures are four ways."""
    models = variants.of_field(CHAT, "model", ["gpt-4o", "gpt-5"])
    found = variants.crossed(models, "temperature", ["0", "1"])
    assert [one.tag for one in found] == ["gpt-4o.temperature-0", "gpt-4o.temperature-1", "gpt-5.temperature-0", "gpt-5.temperature-1"]
    assert [(one.content.fields["model"], one.content.fields["temperature"]) for one in found][2] == ("gpt-5", "0")
    (one,) = variants.crossed([Variant("", CHAT, "v-1")], "model", ["a"])
    assert (one.tag, one.version) == ("a", "v-1")
    (tagged,) = variants.tagged([one])
    assert (tagged.version, tagged.asked) == ("v-1", one.content)


def test_own_metadata_stays() -> None:
    """A person's pair of the same name is not written over, and none is pushed out."""
    own = replace(RESPONSE, metadata=(PromptPair("variant", "mine"),))
    (one,) = variants.tagged([Variant("b", own)])
    assert one.content.metadata == own.metadata
    full = replace(RESPONSE, metadata=tuple(PromptPair(f"k{n}", "v") for n in range(metadata.MOST)))
    assert variants.tagged([Variant("b", full)])[0].content.metadata == full.metadata


@given(st.lists(st.text(max_size=60), min_size=1, max_size=30))
def test_tags_are_plain_and_no_two_are_equal(names: list[str]) -> None:
    """Whatever they are called: nothing in a tag means anything to a template, an id or a file name."""
    found = variants.named(Variant(name, CHAT) for name in names)
    tags = [one.tag for one in found]
    assert len(set(tags)) == len(names)
    assert all(0 < len(tag) <= variants.MAX_TAG and variants.MARK not in tag for tag in tags)
    assert all(syntax.parse(tag).nodes == (tag,) for tag in tags)


@pytest.mark.parametrize(("ways", "samples"), [([], 1), ([Variant("", CHAT)], 0), ([Variant("", CHAT)], 21), ([Variant("a", CHAT)] * 2, 1)])
def test_what_can_not_be_told_apart_is_refused(ways: list[Variant], samples: int) -> None:
    """Nothing at all, too many samples, two ways with one tag."""
    with pytest.raises(ValueError, match=r"asked|tag"):
        variants.tagged(ways, samples)
