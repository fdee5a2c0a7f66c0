"""A recipe from one table to another: made, sent as a link or a file, read, mapped and accepted."""

from __future__ import annotations

import json

from msgspec.structs import replace

from app.core.model.judging import Expectation
from app.core.model.sendings import FollowUp
from app.core.templates import recipes
from app.core.templates.recipe_steps import RecipeStep
from app.ui.base.state import Route
from tests.unit.ui.conftest import Open
from tests.unit.ui.templates.test_prompt import content, opened

OTHER = b"number,Review,right\n1,good,yes\n"


async def test_a_link_brings_a_prompt_to_another_table(tabs: Open) -> None:
    """It is shown in words first; columns are found by their names, what stood there is a version, and nothing is queued."""
    visit = await tabs()
    first = await opened(visit)
    await visit.app.services.records.save(Expectation(id=first, column="review"))
    await visit.type("Text of message 1", "Rate {{review}} of {{gone}}")
    await visit.type("Model", "gpt-4o-mini")
    next_step = FollowUp("Shorten {{Answer}} of {{review}}", alone=True, system="Be brief.")
    await visit.app.services.steps().plan(first, "r-0", next_step, 7, 2, None, submit=False)
    await visit.click("Copy link")
    link = visit.page.copied[-1].partition("#")[2]
    assert "sees the recipe first" in visit.toasts[-1]
    await visit.click("Download recipe")
    file = visit.page.saved[-1]
    assert json.loads(file.content)["content"]["messages"][0]["text"] == "Rate {{review}} of {{gone}}"
    other = await opened(visit, OTHER)
    await visit.type("Text of message 1", "What stood here")
    await visit.rest()
    await visit.go(f"#{link}")
    await visit.rest()
    assert "Rate {{review}} of {{gone}}" in visit.text
    assert "gpt-4o-mini" in visit.text
    assert "1 column missing: gone." in visit.text
    assert "Next step 1, after the answers to the prompt, by itself." in visit.text
    assert "Shorten {{Answer}} of {{review}}" in visit.text
    assert "Be brief." in visit.text
    await visit.choose("Table", other)
    assert visit.field("review").value == "Review"
    await visit.choose("gone", "number")
    await visit.click("Use it on this table")
    await visit.rest()
    assert visit.page.route == f"#/data/{other}/prompt"
    assert content(visit).messages[0].text == "Rate {{Review}} of {{number}}"
    assert [one.content.messages[0].text for one in visit.state.prompt.versions] == ["What stood here"]
    stored = await visit.app.services.records.get(Expectation, other)
    assert stored is not None
    assert stored.value.column == "Review"
    assert not visit.state.queue.lanes
    assert "1 next step is proposed" in visit.toasts[-1]
    (proposed,) = await visit.app.services.steps().of(other)
    assert (proposed.state, proposed.limit, proposed.open) == ("proposed", 0, False)
    assert proposed.follow == replace(next_step, message="Shorten {{Answer}} of {{Review}}")
    assert await visit.app.services.steps().propose(other, [RecipeStep(proposed.follow, submit=False)]) == 0  # once
    await visit.go(f"#/results/table/{other}")
    await visit.rest()
    assert "proposed by a recipe; nothing is asked before you plan it." in visit.text
    await visit.click("Plan …")
    await visit.rest()
    assert "No row of this table was sent yet" in visit.toasts[-1]
    await visit.click("Cancel")
    await visit.rest()
    assert [one.state for one in await visit.app.services.steps().of(other)] == ["cancelled"]


async def test_what_is_no_recipe_is_said(tabs: Open) -> None:
    """A link that was cut off, one that is nothing at all; and without one there is a way to a file."""
    visit = await tabs()
    await visit.go("#/recipe/abc")
    await visit.rest()
    assert "This recipe can't be used." in visit.text
    assert visit.state.recipe.recipe is None
    await visit.go("#/recipe")
    assert visit.field("Open a recipe file")


def test_the_address_of_a_recipe_is_kept_out_of_the_trail() -> None:
    """It may be long, and names nothing that is stored."""
    assert Route.parse(f"{recipes.ADDRESS}abc") == Route("recipe", query="abc")
