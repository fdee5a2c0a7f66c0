"""Recipes: what goes out comes back, nothing of it is data or a key, and nothing that comes so can harm."""

from __future__ import annotations

import json
import zlib
from base64 import urlsafe_b64encode
from typing import Any, get_args

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from app.core.bodies.forms import FORMS
from app.core.model.judging import Expectation
from app.core.model.lanes import CHAT
from app.core.model.sendings import FollowUp
from app.core.model.steps import NextStep
from app.core.model.templates import PromptContent, PromptFile, PromptMessage, PromptPair
from app.core.model.threads import Image, Role
from app.core.model.ways import Ways
from app.core.templates import recipes
from app.core.templates.content import columns_of
from app.core.templates.editing import placeholder
from app.core.templates.recipe_steps import RecipeStep
from app.core.templates.recipes import BadRecipe, Recipe

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ue000"), max_size=60)
names = st.sampled_from(["text", "other one", "Größe", "a|b", 'say "x"', "id"])


messages = st.lists(st.tuples(st.sampled_from(get_args(Role)), names.map(placeholder) | texts), max_size=3)
contents = st.builds(
    PromptContent,
    endpoint=st.sampled_from(list(FORMS)),
    fields=st.dictionaries(st.sampled_from(["model", "temperature"]), texts, max_size=2),
    messages=messages.map(lambda given: tuple(PromptMessage(f"m-{n}", role, text) for n, (role, text) in enumerate(given, 1))),
    inputs=st.lists(texts, max_size=2).map(tuple),
    metadata=st.lists(st.builds(PromptPair, texts, texts), max_size=2).map(tuple),
    schema_on=st.booleans(),
    schema_text=texts,
)
ways = st.builds(Ways, models=texts, samples=st.sampled_from(["1", "3"]), parameter=st.just("temperature"), values=texts)


@pytest.mark.slow
@settings(max_examples=40)
@given(contents, ways, st.none() | st.builds(Expectation, id=st.just("d-1"), column=names, tolerance=st.floats(0, 9)))
def test_a_recipe_comes_back_as_it_was(content: PromptContent, asked: Ways, held: Expectation | None) -> None:
    """As a file and as a link, which holds nothing that an address would change."""
    recipe = recipes.made("Sort reviews", content, asked, held).recipe
    assert recipes.of_bytes(recipes.to_bytes(recipe)) == recipe
    link = recipes.to_link(recipe)
    assert link.startswith(recipes.ADDRESS)
    assert link.isascii()
    assert recipes.of_link(link.removeprefix(recipes.ADDRESS)) == recipe


def packed(data: bytes) -> str:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return urlsafe_b64encode(packer.compress(data) + packer.flush()).rstrip(b"=").decode()


@given(
    st.text(max_size=200)
    | st.binary(max_size=200).map(lambda data: packed(data))
    | st.binary(max_size=60).map(lambda d: urlsafe_b64encode(d).decode())
)
@example("")
@example("A" * (recipes.MOST_LINK + 1))
@example(packed(b"[" * 300_000))
@example(packed(b" " * 20_000_000))
@example(packed(b'{"nightshift_recipe": 99}'))
@example(packed(b'{"nightshift_recipe": 1, "content": {"endpoint": "/v1/steal"}}'))
@example(packed(b'{"nightshift_recipe": 1, "content": {"messages": 5}}'))
@example(packed(b'{"nightshift_recipe": 1}') + "AAAA")
@example(packed(b'{"nightshift_recipe": 1, "content": {"raw": "\\ud800"}}'))
def test_any_other_link_is_a_sentence(text: str) -> None:
    """Too long, too deep, too large once it is unpacked, cut off, of another shape: it is said and nothing comes of it."""
    found, said = None, ""
    try:
        found = recipes.of_link(text)
    except BadRecipe as error:
        said = str(error)
    assert said.endswith(".") if found is None else found.nightshift_recipe == recipes.FORMAT


def test_what_comes_has_ids_and_parameters_of_this_program() -> None:
    """Whatever it says itself: ids name elements of the page, and data in it is dropped here as well."""
    given = {
        "nightshift_recipe": 1,
        "name": "  a \n b ",
        "ways": {"models": "", "samples": "1", "parameter": "", "values": "", "versions": ["v-9"]},
        "content": {
            "fields": {"model": "m", "no_such": "x"},
            "rows_per_request": -5,
            "messages": [{"id": '"><script>', "role": "user", "text": "hi", "images": [{"url": "stored:secret"}]}],
        },
        "more": {"a": [1]},
    }
    found = recipes.of_bytes(json.dumps(given).encode())
    assert (found.name, found.ways.versions, found.content.fields, found.content.rows_per_request) == ("a b", (), {"model": "m"}, 1)
    assert found.content.messages == (PromptMessage("m-1", "user", "hi"),)


def test_no_data_goes_out_and_what_stays_here_is_said() -> None:
    """Images and files that the prompt holds itself, data within a JSON body, versions of this workspace."""
    message = PromptMessage(
        "m-1",
        "user",
        "Look at {{picture}}",
        (Image("data:image/png;base64,AAAA"), Image("stored:image:1"), Image("{{picture}}")),
        (PromptFile("file-123"), PromptFile("data:application/pdf;base64,AAAA"), PromptFile("{{file}}")),
    )
    raw = '{"input": [{"image_url": "data:image/png;base64,QUJD"}], "x": "{{a}}"}'
    made = recipes.made("x", PromptContent(messages=(message,), raw=raw), Ways(versions=("v-1",)), None)
    text = recipes.to_bytes(made.recipe).decode()
    assert not any(word in text for word in ("AAAA", "QUJD", "stored:", "file-123", "v-1"))
    assert [one.partition(" left out")[0] for one in made.left_out[:2]] == ["2 images", "2 files"]
    assert len(made.left_out) == 4
    assert made.recipe.columns == ("a",)


def test_a_prompt_with_a_key_makes_no_recipe() -> None:
    """It would go to other people."""
    content = PromptContent(messages=(PromptMessage("m-1", "user", "Use sk-" + "a1B2" * 12),))
    with pytest.raises(BadRecipe, match="key"):
        recipes.made("x", content, Ways(), None)


def test_what_is_too_long_for_a_link_is_none() -> None:
    """It is a file then."""
    long = "".join(chr(0x4E00 + (n * 7919) % 20_000) for n in range(40_000))
    recipe = recipes.made("x", PromptContent(messages=(PromptMessage("m-1", "user", long),)), Ways(), None).recipe
    assert recipes.to_link(recipe) == ""
    assert recipes.of_bytes(recipes.to_bytes(recipe)) == recipe


def test_columns_are_found_in_another_table() -> None:
    """By their names, or nearly; two may change places, and what is not there stays as it is."""
    assert recipes.matched(("Text", "label", "gone"), ("id", "text", "La bel")) == {"Text": "text", "label": "La bel", "gone": ""}
    content = PromptContent(messages=(PromptMessage("m-1", "user", "{{a}} {{b | trim}} {{#if a}}{{c}}{{/if}}"),))
    recipe = Recipe(1, "", content, check=recipes.RecipeCheck("b"))
    moved, check, _ = recipes.over(recipe, {"a": "b", "b": "a", "c": ""})
    assert moved.messages[0].text == "{{b}} {{a | trim}} {{#if b}}{{c}}{{/if}}"
    assert check == recipes.RecipeCheck("a")


@pytest.mark.slow
@settings(max_examples=40)
@given(contents, st.permutations(["text", "other one", "Größe", "a|b", 'say "x"', "id"]))
def test_renaming_back_makes_the_same_prompt(content: PromptContent, order: list[str]) -> None:
    """Over any change of places among columns."""
    recipe = recipes.made("x", content, Ways(), None).recipe
    there = dict(zip(["text", "other one", "Größe", "a|b", 'say "x"', "id"], order, strict=True))
    moved, *_ = recipes.over(recipe, there)
    back, *_ = recipes.over(Recipe(1, "", moved), {to: one for one, to in there.items()})
    assert back == recipe.content
    assert {there.get(one, one) for one in columns_of(recipe.content)} == set(columns_of(moved))


def test_a_recipe_of_chat_has_its_messages_to_read() -> None:
    """Others have their inputs, and one that was typed as JSON has that."""
    content = PromptContent(endpoint=CHAT, messages=(PromptMessage("m-1", "user", "a"),), inputs=("b",))
    assert [one.text for one in recipes.shown_messages(content)] == ["a"]
    assert [one.text for one in recipes.shown_messages(PromptContent(endpoint="/v1/embeddings", inputs=("b",)))] == ["b"]
    assert [one.text for one in recipes.shown_messages(PromptContent(raw="{}"))] == ["{}"]


def step(id: str, message: str, after: str = "r-0", **more: Any) -> NextStep:
    return NextStep(id=id, dataset="d-1", after=after, run=id, follow=FollowUp(message, **more), limit=7, at=float(id[-1]))


def test_steps_go_along_and_name_the_other_table() -> None:
    """Each once, in their order, without its limit; columns are those of the other table, and the answer stays the answer."""
    planned = [
        step("r-1", "Shorten {{Answer}} of {{text}}"),
        step("r-2", "Sort {{Answer.kind}}", "r-1", alone=True, system="For {{id}}", form="schema", schema="{}"),
        step("r-3", "Shorten {{Answer}} of {{text}}"),
        replace(step("r-4", "No {{gone}}"), state="cancelled"),
    ]
    recipe = recipes.made("x", PromptContent(), Ways(), None, planned).recipe
    assert recipe.steps == (RecipeStep(planned[0].follow), RecipeStep(planned[1].follow, 0))
    assert recipe.columns == ("text", "id")
    assert recipes.of_bytes(recipes.to_bytes(recipe)) == recipe
    _content, _check, (first, second) = recipes.over(recipe, {"text": "id", "id": "text"})
    assert first.follow.message == "Shorten {{Answer}} of {{id}}"
    assert (second.follow.message, second.follow.system, second.follow.schema) == ("Sort {{Answer.kind}}", "For {{text}}", "{}")


@pytest.mark.parametrize(
    "steps",
    [
        [RecipeStep(FollowUp("a"), 0)],
        [RecipeStep(FollowUp("a"), -2)],
        [RecipeStep(FollowUp("a"))] * 21,
        [RecipeStep(FollowUp("a" * 200_001))],
    ],
)
def test_steps_that_cannot_be_are_refused(steps: list[RecipeStep]) -> None:
    """One that waits for itself or for none, and more or longer ones than there can be."""
    with pytest.raises(BadRecipe, match="steps"):
        recipes.of_bytes(recipes.to_bytes(Recipe(recipes.FORMAT, steps=tuple(steps))))


def test_a_key_in_a_step_keeps_the_recipe_here() -> None:
    """Whatever the prompt says."""
    with pytest.raises(BadRecipe, match="key"):
        recipes.made("x", PromptContent(), Ways(), None, [step("r-1", "Use sk-" + "a1B2" * 12)])
