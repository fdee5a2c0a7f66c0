"""What is asked of the model: endpoint, model, how it answers, and in which form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from simple_html import button, datalist, div, option, section, span

from app.core.base import text
from app.core.base.findings import Finding
from app.core.endpoints.spec import EFFORTS, VERBOSITIES
from app.core.endpoints.table import ENDPOINTS
from app.core.model.lanes import EDITOR_ENDPOINTS
from app.core.openai import models
from app.ui.base.markup import NOTHING, Node, at
from app.ui.base.parts import Control, act, checkbox, chosen, field, json_area, typed
from app.ui.base.state import State
from app.ui.base.thread_state import ComposeState
from app.ui.provider.actions import ChooseProfile, RefreshModels
from app.ui.threads.actions import (
    SetOption,
    Tidy,
)

_EFFORTS = [("", "default"), *((one, one) for one in EFFORTS)]
_VERBOSITIES = [("", "default"), *((one, one) for one in VERBOSITIES)]


def place(finding: Finding) -> str:
    """Where in a text it is, as the beginning of a sentence."""
    return f"Line {finding.line}, column {finding.column}: " if finding.line else ""


def _texts(compose: ComposeState, name: str, severity: str) -> list[str]:
    value = getattr(compose.thread.options, name, "")
    if severity == "error" and not compose.tried and value in ("", False):
        return []
    return [
        f"{place(finding)}{finding.sentence} {finding.remedy}".strip()
        for finding in compose.findings
        if finding.field == name and finding.severity == severity
    ]


def options(state: State) -> Node:
    """The card beside the conversation."""
    compose = state.compose
    o = compose.thread.options
    fitting = [model for model in state.provider.models if models.fits(model, o.endpoint)]
    profiles = [(profile.id, profile.name) for profile in state.provider.profiles.values()]

    def labelled(name: str, title: str, control: Control, hint: Node = NOTHING) -> Node:
        return field(f"o-{name}", title, control, hint=hint, faults=_texts(compose, name, "error"), advice=_texts(compose, name, "advice"))

    def text_of(name: str, **more: Any) -> Control:
        return typed(f"o-{name}", getattr(o, name), SetOption(name), data_value_rev=compose.rev, **more)

    def model(**tied: Any) -> Node:
        names = datalist(at(id="models"), [option(at(value=one)) for one in fitting])
        return [text_of("model", list="models", placeholder="type or choose", disabled=raw)(**tied), names]

    raw = compose.thread.raw is not None
    return section(
        at("card pad stack", aria_label="Options"),
        field("profile", "Provider", chosen("profile", state.preferences.profile, profiles, ChooseProfile())),
        labelled(
            "endpoint",
            "Endpoint",
            chosen("o-endpoint", o.endpoint, [(one, ENDPOINTS[one].title) for one in EDITOR_ENDPOINTS], SetOption("endpoint")),
        ),
        labelled(
            "model",
            "Model",
            model,
            _models_hint(state, len(fitting)),
        ),
        NOTHING if raw else _model_options(compose, labelled, text_of),
    )


def _model_options(compose: ComposeState, labelled: Node, text_of: Callable[..., Control]) -> Node:
    o = compose.thread.options
    effort = chosen("o-reasoning_effort", o.reasoning_effort, _EFFORTS, SetOption("reasoning_effort"))
    verbosity = chosen("o-verbosity", o.verbosity, _VERBOSITIES, SetOption("verbosity"))
    return [
        div(
            at("pair"),
            labelled("max_output_tokens", "Max output tokens", text_of("max_output_tokens", inputmode="numeric", placeholder="no limit")),
            labelled("temperature", "Temperature", text_of("temperature", inputmode="decimal", placeholder="default")),
        ),
        div(at("pair"), labelled("reasoning_effort", "Reasoning", effort), labelled("verbosity", "Verbosity", verbosity)),
        checkbox("Structured output", o.schema_on, SetOption("schema_on"), id="o-schema_on"),
        _schema(compose, labelled, text_of) if o.schema_on else NOTHING,
    ]


def _schema(compose: ComposeState, labelled: Node, text_of: Callable[..., Control]) -> Node:
    o = compose.thread.options

    def schema(**tied: Any) -> Node:
        example = '{\n  "type": "object",\n  "properties": {…}\n}'
        return json_area("o-schema_text", o.schema_text, compose.rev, 10, SetOption("schema_text"), placeholder=example, **tied)

    return [
        labelled("schema_name", "Schema name", text_of("schema_name")),
        labelled(
            "schema_text",
            "JSON schema",
            schema,
        ),
        div(
            at("row wrap"),
            span(
                at("grow"),
                checkbox("Strict schema", o.schema_strict, SetOption("schema_strict"), id="o-schema_strict"),
            ),
            act("Format", Tidy("schema"), "quiet small"),
        ),
    ]  # fmt: skip


def _models_hint(state: State, fitting: int) -> Node:
    refresh = button(at("btn link", type="button", click=RefreshModels()), "Refresh models")
    if "models" in state.busy:
        return "Asking the provider for its models …"
    if state.provider.models_problem is not None:
        kept = (
            f" The list of {text.ago(state.now - state.provider.models_at)} is offered."
            if state.provider.models
            else " Any name can be typed."
        )
        return [state.provider.models_problem.what, kept, " ", refresh]
    if state.provider.models:
        return [f"{text.count(fitting, 'model')} for this endpoint, updated {text.ago(state.now - state.provider.models_at)} · ", refresh]
    return ["No list of models yet; any name can be typed. ", refresh]
