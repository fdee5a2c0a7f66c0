"""The prompt of a table: what is asked for each row."""

from __future__ import annotations

from simple_html import aside, div, header, p, section, span

from app.core.base import text
from app.core.bodies.forms import FORMS, EndpointForm
from app.core.model.templates import PromptContent
from app.ui.base.markup import NOTHING, Node, at
from app.ui.base.parts import act, choice, note, segmented
from app.ui.base.prompt_state import PromptState
from app.ui.base.state import State
from app.ui.templates.actions import (
    ChooseEndpoint,
    DropPromptRaw,
    SavePromptAgain,
    ShowPromptAs,
)
from app.ui.templates.columns_view import insert_bar, language
from app.ui.templates.examples_view import examples
from app.ui.templates.message_view import asked
from app.ui.templates.parameters_view import id_card, identity, parameters
from app.ui.templates.recipe_view import card
from app.ui.templates.row_view import row
from app.ui.templates.schema_view import structured
from app.ui.templates.text_view import of_place, prompt_area, remarks
from app.ui.templates.versions_view import kept


def prompt(state: State) -> Node:
    """The tab of a table on which its prompt is written."""
    here = state.prompt
    if here.template is None or here.dataset != state.route.id:
        return p(at("pad dim", role="status"), "Reading the prompt …")
    content = here.template.content
    form = FORMS.get(content.endpoint)
    return [
        _not_saved(here),
        div(
            at("beside"),
            div(at("stack first"), _raw(here, content) if here.editor == "raw" else _form(state, content, form)),
            aside(at("stack second", aria_label="Row"), _examples(state), row(here)),
            div(
                at("stack third"),
                [
                    parameters(state, content, form),
                    structured(here, content) if form.schema else NOTHING,
                    identity(here, content, form),
                ]
                if here.editor == "form" and form is not None
                else id_card(here, content),
                kept(state),
                card(state),
            ),
        ),
    ]


def _examples(state: State) -> Node:
    one = state.prompt.examples
    return examples(state, one) if one is not None else NOTHING


def _not_saved(here: PromptState) -> Node:
    if here.saving not in ("full", "lost", "conflict"):
        return NOTHING
    again = act("Save again", SavePromptAgain(), "small")
    stays = "What you type is kept in this tab only."
    match here.saving:
        case "full":
            return note("bad", "The browser has no space left.", f"{stays} Free space on the disk, then save again.", again)
        case "lost":
            return note("bad", "The browser's database is not available.", f"{stays} Copy it, then reload the page.", again)
    return note("bad", "Other tabs keep writing this prompt.", f"{stays} Close them, then save again.", again)


def _head(here: PromptState, content: PromptContent, now: float = 0.0) -> Node:
    endpoints = [(one.endpoint, one.title) for one in FORMS.values()]
    return header(
        {},
        segmented("Write as", here.editor, [("form", "Form", ShowPromptAs("form")), ("raw", "Raw JSON", ShowPromptAs("raw"))]),
        div(at("field"), choice("prompt-endpoint", content.endpoint, endpoints, ChooseEndpoint(), aria_label="Endpoint")),
        span(at("dim end"), _saving(here, now)),
    )


def _saving(here: PromptState, now: float) -> Node:
    match here.saving:
        case "saving":
            return "saving …"
        case "saved":
            return span(at(data_saved="yes"), f"saved {text.ago(max(0.0, now - here.saved_at))}")
        case None:
            return f"saved {text.ago(max(0.0, now - here.saved_at))}" if here.saved_at else "Empty draft"
        case _:
            return "not saved"


def _form(state: State, content: PromptContent, form: EndpointForm | None) -> Node:
    here = state.prompt
    return section(
        at("card", aria_label="Prompt"),
        _head(here, content, state.now),
        div(
            at("pad"),
            note(
                "info",
                "The JSON was edited by hand.",
                "It is sent as it is; changes here have no effect.",
                act("Edit the JSON", ShowPromptAs("raw"), "small"),
                act("Discard JSON edits", DropPromptRaw(), "small"),
            ),
        )
        if content.raw is not None
        else NOTHING,
        p(at("pad dim"), form.about) if form is not None else NOTHING,
        insert_bar(here),
        language(),
        asked(state, content, form) if form is not None else div(at("pad"), remarks("prompt-endpoint", of_place(here, "endpoint"))),
    )


def _raw(here: PromptState, content: PromptContent) -> Node:
    return section(
        at("card", aria_label="Raw JSON"),
        _head(here, content),
        div(
            at("pad stack tight"),
            insert_bar(here),
            language(),
            prompt_area(here, "raw", "", content.raw or "", "Raw JSON of the request", spellcheck="false"),
            p(
                at("dim"),
                "This is what the provider gets. In quotes {{column}} is a text, without them any JSON value.",
            ),
            div(at("row wrap"), act("Discard JSON edits", DropPromptRaw(), "quiet")) if content.raw is not None else NOTHING,
        ),
    )
