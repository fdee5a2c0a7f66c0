"""The prompt of a table in every state that the page shows, all of whose texts are one."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from app.core.bodies.forms import FORMS
from app.core.bodies.schemabuilder import SchemaField
from app.core.model.lanes import CHAT, EMBEDDINGS
from app.core.model.sendings import FollowUp, QueuedRows
from app.core.model.templates import PromptContent, PromptFile, PromptMessage, PromptPair, Template, TemplateVersion
from app.core.model.threads import Image
from app.core.model.ways import Ways
from app.core.templates.completion import Completing, Opening
from app.core.templates.findings import TemplateFinding
from app.core.templates.recipe_steps import RecipeStep
from app.core.templates.recipes import FORMAT, Recipe, RecipeCheck
from app.core.templates.rendering import RenderedRow, RenderedText
from app.core.templates.versions import ContentChange
from app.ui.base.data_state import DataState, OpenTable
from app.ui.base.prompt_state import ChosenRow, Examples, PromptState
from app.ui.base.recipe_state import RecipeState
from tests.states.tables import NOW, table

ID = "d-2"


def content(said: str, endpoint: str = CHAT) -> PromptContent:
    """Everything that a prompt can hold."""
    return PromptContent(
        endpoint=endpoint,
        fields={name: said for form in FORMS.values() for name in (field.name for field in form.fields)},
        messages=(
            PromptMessage("m-1", "system", said),
            PromptMessage("m-2", "user", f"{{{{review}}}} {said}", (Image(said), Image(said)), (PromptFile(said, said),)),
            PromptMessage("m-3", "assistant"),
        ),
        inputs=(said, "{{review}}"),
        metadata=(PromptPair(said, said), PromptPair("", "")),
        custom_id=said,
        schema_on=True,
        schema_name=said,
        schema_text=said,
    )


def findings(said: str) -> tuple[TemplateFinding, ...]:
    """One of each kind, and some of each place."""
    places = [("messages", ""), ("messages", "m-1"), ("images", "m-2:0"), ("files", "m-2:0"), ("inputs", "0"), ("metadata", "0")]
    more = [("fields", "model"), ("fields", "temperature"), ("custom_id", ""), ("raw", ""), ("endpoint", ""), ("rows_per_request", "")]
    return (
        *(TemplateFinding(field, said, said, item=item, line=2) for field, item in (*places, *more)),
        TemplateFinding("messages", said, said, item="m-2", kind="unknown_column", name=said, start=0, length=10, suggestion=said),
        TemplateFinding("messages", said, said, "advice", item="m-2", kind="empty", name=said, start=0, length=10, rows=(1, 2), count=2),
        *(TemplateFinding("messages", said, said, item="m-2") for _ in range(9)),
    )


def prompt(said: str, **more: object) -> PromptState:
    """A prompt that is being written, with much wrong about it."""
    written = content(said)
    given = {"template": Template(id=ID, dataset=ID, content=written), "saving": "saved", "saved_at": NOW - 5, "findings": findings(said)}
    beside = {
        "columns": (said, f"{said} 2", *(f"c {n}" for n in range(30))),
        "rows": 2_000,
        "at": 1,
        "row": ChosenRow(1, 2, 3, (said, "", said)),
    }
    texts = (RenderedText("system", said), RenderedText("user", said, 2), RenderedText("assistant", ""))
    made = RenderedRow(texts, said, said, 2_000, 500)
    below = tuple(SchemaField(said, kind, said, optional=True, choices=(said,)) for kind in ("text", "choice"))
    schema = (
        *below,
        SchemaField(said, "object", fields=below),
        SchemaField(said, "list", item=SchemaField("item", "object", fields=below)),
    )
    old = tuple(TemplateVersion(id=f"v-{n}", template=ID, number=n, content=written, digest="", name=said * (n % 2)) for n in (3, 2, 1))
    changes = (ContentChange(said, "changed", "a\nb\n" + "c\n" * 9, "b\n" + "c\n" * 9 + "d"), ContentChange(said, "added", "", "a"))
    sent = tuple(
        QueuedRows(id=f"r-{n}", dataset=ID, dataset_version=1, template=ID, template_version=f"v-{n}", at=NOW - n, requests=1_000)
        for n in (3, 2)
    )
    rest = {
        "schema": schema,
        "versions": old,
        "sent": sent,
        "compared": "v-3",
        "changes": changes,
        "examples": Examples(said, said, said, said),
    }
    return PromptState(dataset=ID, **{**given, **beside, "rendered": made, **rest, **more})  # type: ignore[arg-type]  # its fields


def states(said: str) -> Iterator[tuple[str, DataState, PromptState]]:
    """What the tab shows."""
    data = DataState(all=(table(2, said),), open=OpenTable(table(2, said)))
    yield "a prompt being read", data, PromptState()
    yield "a prompt", data, prompt(said)
    for form in FORMS.values():
        yield f"a prompt for {form.title}", data, prompt(said, template=Template(id=ID, dataset=ID, content=content(said, form.endpoint)))
    yield "a prompt for an unknown endpoint", data, prompt(said, template=Template(id=ID, dataset=ID, content=content(said, said)))
    raw = replace(content(said, EMBEDDINGS), raw=said)
    yield "a prompt as raw JSON", data, prompt(said, template=Template(id=ID, dataset=ID, content=raw), editor="raw")
    yield "a prompt whose form does not count", data, prompt(said, template=Template(id=ID, dataset=ID, content=raw))
    yield "an empty prompt", data, prompt(said, template=Template(id=ID, dataset=ID), findings=(), saving=None, saved_at=0.0)
    for kind in ("column", "filter"):
        offered = Completing("messages", "m-2", Opening(kind, "t", 0, 1), (said, "trim"), 1)
        yield f"a prompt that offers a {kind}", data, prompt(said, completing=offered, caret=("prompt-messages-m-2", 4, 0))
    yield "a prompt whose row makes no request", data, prompt(said, rendered=RenderedRow(fault=said, remedy=said), examples=None)
    yield "a prompt whose schema the builder does not hold", data, prompt(said, schema=(), unheld=said)
    yield "a prompt whose row is lost", data, prompt(said, lost=said, compared="v-2", changes=())
    yield "a prompt of a table without rows", data, prompt(said, rows=0, row=None, versions=())
    yield "a prompt whose row is being read", data, prompt(said, row=None, examples=Examples())
    for saving in ("saving", "conflict", "full", "lost"):
        yield f"a prompt: {saving}", data, prompt(said, saving=saving)


def recipe_states(said: str) -> Iterator[tuple[str, RecipeState]]:
    """A recipe that came: read, with a column that is missing; as a JSON body; of inputs; that can't be read. No text has braces: each
    placeholder is a control."""
    column, said = said, said.replace("{{", "{ {")
    ways = Ways(models=said, samples="3", parameter="temperature", values=said)
    check = RecipeCheck(said, "json", said)
    whole = Recipe(FORMAT, said, content(said), ways, check)
    yield "a recipe", RecipeState("x", whole, dataset=ID, columns=dict.fromkeys(whole.columns, ""))
    steps = (RecipeStep(FollowUp(said)), RecipeStep(FollowUp(said, True, said, said, "schema", said), 0))
    yield "a recipe with steps", RecipeState("x", replace(whole, steps=steps), dataset=ID, columns=dict.fromkeys(whole.columns, ""))
    yield (
        "a recipe of JSON",
        RecipeState("x", Recipe(FORMAT, "", PromptContent(raw=f"{{{{a}}}} {said}")), dataset=ID, columns={"a": column}),
    )
    yield "a recipe of inputs", RecipeState("x", Recipe(FORMAT, said, content(said, EMBEDDINGS)))
    yield "a recipe that can't be read", RecipeState("x", fault=said)
