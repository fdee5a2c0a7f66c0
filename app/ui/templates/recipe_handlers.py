"""A recipe goes out as a file or a link, and comes in to be read, mapped to a table's columns, and accepted."""

from __future__ import annotations

import re
from collections.abc import Callable

from msgspec.structs import replace

from app.core.base import text
from app.core.model.datasets import Dataset
from app.core.model.judging import Expectation
from app.core.model.steps import NextStep
from app.core.model.ways import Ways
from app.core.openai.wire import BytesBlob
from app.core.templates import recipes, versions
from app.core.templates.recipes import BadRecipe, MadeRecipe, Recipe, RecipeCheck
from app.ports import FileUnreadable
from app.services.templates.templates import FRESH
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler
from app.ui.base.plan_state import PlanState
from app.ui.base.recipe_state import RecipeState
from app.ui.templates.recipe_actions import ChooseRecipe, ChooseRecipeTable, CopyRecipe, MapRecipeColumn, SaveRecipe, UseRecipe

_UNREADABLE = "The browser could not read the file. Choose it again."


# --- out


async def _made(context: Context) -> MadeRecipe | None:
    """The recipe of the table whose prompt is open; None, with the reason said, where there is none."""
    template, plan = context.state.prompt.template, context.state.plan
    if template is None:
        return None
    ways = plan.ways if plan.dataset == template.dataset else Ways()
    stored = await context.services.records.get(Dataset, template.dataset)
    held = await context.services.records.get(Expectation, template.dataset)
    name = stored.value.name if stored is not None else ""
    planned = [one.value for one in await context.services.records.all(NextStep) if one.value.dataset == template.dataset]
    try:
        return recipes.made(name, template.content, ways, held.value if held is not None else None, planned)
    except BadRecipe as error:
        context.toast(str(error))
        return None


async def save(context: Context, _action: SaveRecipe, _event: Event) -> None:
    made = await _made(context)
    if made is not None:
        stem = re.sub(r"[^\w.-]+", "-", made.recipe.name).strip("-.")[:80] or "nightshift"
        name = f"{stem}.recipe.json"
        context.screen.save_file(name, BytesBlob(recipes.to_bytes(made.recipe)), "application/json")
        context.toast(" ".join([f"Saved {name}: no rows, no key.", *made.left_out]))


async def copy(context: Context, _action: CopyRecipe, _event: Event) -> None:
    made = await _made(context)
    if made is None:
        return
    link = recipes.to_link(made.recipe)
    if not link:
        context.toast("This recipe is too long for a link. Download it as a file.")
        return
    context.screen.copy_link(link)
    context.toast(" ".join(["Copied: whoever opens the link sees the recipe first. It has no rows and no key.", *made.left_out]))


# --- in


async def follow(context: Context) -> None:
    """Read what the address has, and which tables there are."""
    state = context.state
    if state.route.query and state.route.query != state.recipe.source:
        _read(context, state.route.query, lambda: recipes.of_link(state.route.query))
    await _tables(context)
    context.changed()


def _read(context: Context, source: str, read: Callable[[], Recipe]) -> None:
    here = context.state.recipe = RecipeState(source=source)
    try:
        here.recipe = read()
    except BadRecipe as error:
        here.fault = str(error)


async def _tables(context: Context) -> None:
    state, here = context.state, context.state.recipe
    if state.data.all is None:
        state.data.all = tuple(await context.services.datasets().all())
    if state.recipe is here and here.recipe is not None and not here.dataset:
        newest = next((one for one in state.data.all if not one.deleted and one.current is not None), None)
        if newest is not None:
            _match(here, newest)


def _match(here: RecipeState, dataset: Dataset) -> None:
    if here.recipe is not None and dataset.current is not None:
        here.dataset = dataset.id
        here.columns = recipes.matched(here.recipe.columns, [one.name for one in dataset.current.columns])


async def choose(context: Context, _action: ChooseRecipe, event: Event) -> None:
    given = event.value[0] if isinstance(event.value, list) and event.value and isinstance(event.value[0], dict) else {}
    blob = context.screen.picked(str(given.get("token", "")))
    name = str(given.get("name", ""))
    if blob is None:
        context.state.recipe = RecipeState(source=name, fault=_UNREADABLE)
        return
    if blob.size > recipes.MOST_BYTES:
        context.state.recipe = RecipeState(source=name, fault="This file is larger than 1 MB, more than a recipe can be.")
        return
    try:
        data = await blob.read()
    except FileUnreadable:
        context.state.recipe = RecipeState(source=name, fault=_UNREADABLE)
        return
    _read(context, name, lambda: recipes.of_bytes(data))
    await _tables(context)


def choose_table(context: Context, _action: ChooseRecipeTable, event: Event) -> None:
    chosen = next((one for one in context.state.data.all or () if one.id == event.text), None)
    if chosen is not None:
        _match(context.state.recipe, chosen)


def map_column(context: Context, action: MapRecipeColumn, event: Event) -> None:
    here = context.state.recipe
    if action.column in here.columns:
        here.columns = {**here.columns, action.column: event.text}


async def use(context: Context, _action: UseRecipe, _event: Event) -> None:
    """The prompt that stood there is kept as a version first; what answers are compared with stays where something was chosen."""
    here, templates = context.state.recipe, context.services.templates()
    recipe, id, began = here.recipe, here.dataset, context.state.route
    if recipe is None or not id or "recipe" in context.state.busy:
        return
    context.state.busy.add("recipe")
    context.changed()
    try:
        dataset = await context.services.records.get(Dataset, id)
        if dataset is None or dataset.value.deleted:
            context.toast("This table is no longer here. Choose another one.")
            here.dataset = ""
            return
        content, check, steps = recipes.over(recipe, here.columns)
        template = await templates.of(id)
        kept = template.content not in (FRESH, content) and versions.unsent(template, await templates.versions(template.id))
        if kept:
            await templates.sent(template)
        templates.change(replace(template, content=content))
        said = ["This table now has the recipe's prompt. Nothing is queued or sent."]
        said += ["The earlier prompt is kept under Versions."] if kept else []
        said += await _hold(context, id, check)
        if steps and (new := await context.services.steps().propose(id, steps)):
            context.state.follow.table = ""  # they are read again where its answers are opened
            where = text.verb(new, "are proposed in this table's Results")
            said.append(f"{text.count(new, 'next step')} {where}; nothing is sent before you plan it.")
    finally:
        context.state.busy.discard("recipe")
    context.state.plan = PlanState(dataset=id, ways=recipe.ways)
    context.toast(" ".join(said))
    context.lead_on(began, f"#/data/{id}/prompt")


async def _hold(context: Context, id: str, check: RecipeCheck | None) -> list[str]:
    """Have answers held against the column of the recipe, where nothing was chosen for this table."""
    if check is None:
        return []
    wanted = Expectation(id=id, column=check.column, how=check.how, field=check.field, tolerance=check.tolerance)
    stored = await context.services.records.get(Expectation, id)
    if stored is None:
        await context.services.records.save(wanted)
        return [f"Answers are compared with “{text.shorten(check.column, 60)}”."]
    return [] if stored.value == wanted else ["The column that this table's answers are compared with stays as you chose it."]


HANDLERS: dict[type[Action], Handler] = {
    SaveRecipe: save,
    CopyRecipe: copy,
    ChooseRecipe: choose,
    ChooseRecipeTable: choose_table,
    MapRecipeColumn: map_column,
    UseRecipe: use,
}
