"""A recipe, as a person reads it before it is used; and the card by which one is made."""

from __future__ import annotations

from typing import Final

from simple_html import a, dd, div, dl, dt, h1, h2, header, input_, label, li, p, pre, section, small, ul
from simple_html import details as fold
from simple_html import summary as fold_title

from app.core.base import text
from app.core.bodies.forms import FORMS
from app.core.model.datasets import Dataset
from app.core.model.templates import PromptContent, PromptFile
from app.core.model.threads import Image
from app.core.templates import recipes
from app.core.templates.recipe_steps import RecipeStep
from app.core.templates.recipes import Recipe
from app.ui.base.markup import NOTHING, Node, at, long
from app.ui.base.parts import chosen, command, field, note
from app.ui.base.recipe_state import RecipeState
from app.ui.base.state import State
from app.ui.templates.recipe_actions import ChooseRecipe, ChooseRecipeTable, CopyRecipe, MapRecipeColumn, SaveRecipe, UseRecipe

_LISTED: Final = 100
_OPTIONS: Final = 500
_NAME: Final = 80
_HOW: Final = {"exact": "exactly", "normalised": "ignoring case and punctuation around", "number": "as numbers", "json": "as JSON"}


def card(state: State) -> Node:
    """The way out: on the tab of a table's prompt."""
    return section(
        at("card", aria_label="Recipe"),
        header({}, h2({}, "Recipe")),
        div(
            at("pad stack tight"),
            p(at("dim"), "Prompt, schema and settings, to replay this job on another table. No rows, no key."),
            div(
                at("row wrap"),
                command(state, SaveRecipe(), "small"),
                command(state, CopyRecipe(), "small"),
                a(at("btn small quiet", href="#/recipe"), "Open a recipe"),
            ),
        ),
    )


def recipe(state: State) -> Node:
    """The view."""
    here = state.recipe
    return [
        header(
            {},
            div(
                {},
                h1({}, "Recipe"),
                p({}, here.recipe.name or "Without a name") if here.recipe is not None else NOTHING,
            ),
            div(at("actions"), _picker()),
        ),
        note("bad", "This recipe can't be used.", here.fault) if here.fault else NOTHING,
        _read(state, here, here.recipe) if here.recipe is not None else _none(here),
    ]


def _picker() -> Node:
    chosen_file = at(
        id="recipe-file", type="file", accept=".json", change=ChooseRecipe(), data_read="blob", aria_label="Open a recipe file"
    )
    return label(at("btn"), "Open a recipe file", input_(chosen_file))


def _none(here: RecipeState) -> Node:
    if here.fault:
        return NOTHING
    return p(
        at("pad dim"),
        "A recipe is a table's prompt with its schema and settings, as a file or a link, to run the same job on another table. "
        "Create one on a table's Prompt tab.",
    )


def _read(state: State, here: RecipeState, one: Recipe) -> Node:
    return [
        note("info", "Read it before you use it.", "It becomes the prompt of your table. This queues, sends and costs nothing."),
        section(at("card", aria_label="What it asks"), header({}, h2({}, "What it asks")), div(at("pad stack"), _words(one), _asked(one))),
        section(at("card", aria_label="Your table"), header({}, h2({}, "Your table")), div(at("pad stack"), _over(state, here, one))),
    ]


def _words(one: Recipe) -> Node:
    content = one.content
    form = FORMS[content.endpoint]
    facts: list[tuple[str, Node]] = [("Endpoint", form.title)]
    known = {each.name: each.label for each in form.fields}
    facts += [(known.get(name, name), long(value, name)) for name, value in list(content.fields.items())[:_LISTED] if value.strip()]
    facts += [("Metadata", [f"{pair.key}: ", long(pair.value, "metadata")]) for pair in content.metadata[:_LISTED]]
    if content.custom_id.strip():
        facts.append(("Request id", long(content.custom_id, "id")))
    if one.ways.models.strip():
        facts.append(("Also by", long(one.ways.models, "models")))
    if one.ways.parameter and one.ways.values.strip():
        facts.append((f"Each value of {one.ways.parameter}", long(one.ways.values, "values")))
    if one.ways.samples.strip() not in ("", "1"):
        facts.append(("Times each row is asked", long(one.ways.samples, "samples")))
    if one.check is not None:
        held = f" in {one.check.field}" if one.check.field else ""
        facts.append(("Compared with", f"{one.check.column}{held}, {_HOW[one.check.how]}"))
    return dl(at("facts left"), [[dt({}, title), dd({}, value)] for title, value in facts])


def _asked(one: Recipe) -> Node:
    content = one.content
    messages = recipes.shown_messages(content)
    more = len(messages) - _LISTED
    return [
        [
            div(
                at("stack tight"),
                small(at("dim"), "JSON body" if content.raw is not None else message.role),
                pre(at("code"), long(message.text, "message")),
                _with(message.images, message.files),
            )
            for message in messages[:_LISTED]
        ],
        p(at("dim"), f"and {text.count(more, 'more message')}") if more > 0 else NOTHING,
        _schema(content),
        [_step(n, step) for n, step in enumerate(one.steps, 1)],
    ]


def _step(n: int, one: RecipeStep) -> Node:
    """What would be asked next, in full; it is planned by itself, with a limit."""
    follow, waits = one.follow, f"step {one.after + 1}" if one.after >= 0 else "the prompt"
    how = ["by itself" if follow.alone else "in the conversation", f"of {text.shorten(follow.model, _NAME)}" if follow.model else ""]
    said = [("System", follow.system)] if follow.alone and follow.system else []
    said += [("", follow.message)] + ([("JSON schema of the answers", follow.schema)] if follow.form == "schema" else [])
    return div(
        at("stack tight"),
        small(at("dim"), f"Next step {n}, after the answers to {waits}, {' '.join(filter(None, how))}. It runs only after you plan it."),
        [[small(at("dim"), title) if title else NOTHING, pre(at("code"), long(each, "step"))] for title, each in said],
    )


def _with(images: tuple[Image, ...], files: tuple[PromptFile, ...]) -> Node:
    """The addresses that go with a message: by them data could leave."""
    sources = [*(("Image", one.url) for one in images), *(("File", one.source) for one in files)]
    return ul({}, [li({}, f"{kind}: ", long(source, "address")) for kind, source in sources[:_LISTED]]) if sources else NOTHING


def _schema(content: PromptContent) -> Node:
    if not content.schema_on or content.raw is not None:
        return NOTHING
    strict = "strict" if content.schema_strict else "not strict"
    return fold(
        {},
        fold_title({}, f"Answers follow the schema “{text.shorten(content.schema_name, _NAME)}” ({strict})"),
        pre(at("code"), long(content.schema_text, "schema")),
    )


def _over(state: State, here: RecipeState, one: Recipe) -> Node:
    tables = [each for each in state.data.all or () if not each.deleted and each.current is not None]
    if not tables:
        return p({}, "There is no table yet. ", a(at(href="#/data"), "Import one"), ", then come back to this address.")
    options = [("", "Choose …"), *((each.id, text.shorten(each.name, _NAME)) for each in tables[:_OPTIONS])]
    table = next((each for each in tables if each.id == here.dataset), None)
    return [
        field("recipe-table", "Table", chosen("recipe-table", here.dataset, options, ChooseRecipeTable())),
        _columns(here, one, table) if table is not None else NOTHING,
        div(at("row wrap"), command(state, UseRecipe(), "primary")),
    ]


def _columns(here: RecipeState, one: Recipe, table: Dataset) -> Node:
    columns = one.columns
    if not columns:
        return p(at("dim"), "It uses no column: every row would get the same request.")
    names = [each.name for each in table.current.columns] if table.current is not None else []
    options = [("", "(none)"), *((name, text.shorten(name, _NAME)) for name in names[:_OPTIONS])]
    missing = [name for name in columns if not here.columns.get(name)]
    lacks = ", ".join(text.shorten(name, _NAME) for name in missing[:_LISTED])
    return [
        [
            field(
                f"recipe-column-{n}",
                text.shorten(name, _NAME),
                chosen(f"recipe-column-{n}", here.columns.get(name, ""), options, MapRecipeColumn(name)),
            )
            for n, name in enumerate(columns[:_LISTED])
        ],
        note(
            "",
            f"{text.count(len(missing), 'column')} missing: {lacks}.",
            "Choose which of this table's columns to use for them, or change the prompt afterwards: until then it can't be queued.",
        )
        if missing
        else NOTHING,
    ]
