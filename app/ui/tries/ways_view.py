"""The form of the ways in which each row is asked: other models beside the prompt's own, values of a parameter, versions, samples. For
tries and for plans."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from simple_html import datalist, details, div, option, p, summary

from app.core.bodies.forms import FORMS
from app.core.model.ways import Ways
from app.core.openai import models
from app.core.templates import versions
from app.ui.base.actions_base import Action
from app.ui.base.markup import NOTHING, Node, at
from app.ui.base.parts import checkbox, chosen, few, field, text_input, typed
from app.ui.base.state import State

WaysField = Literal["models", "samples", "parameter", "values"]


def ways_form(state: State, where: str, ways: Ways, typing: Callable[[WaysField], Action], compare: Callable[[str], Action]) -> Node:
    """``where`` begins the controls' ids; ``typing`` is sent while a field is typed, ``compare`` when a version is chosen or left."""
    template = state.prompt.template
    endpoint = template.content.endpoint if template is not None else ""
    form = FORMS.get(endpoint)
    raw = template is not None and template.content.raw is not None
    parameters = [("", "none"), *((one.name, one.label) for one in form.fields if one.kind != "model")] if form is not None else []
    return details(
        at(id=f"{where}-ways", open=_changed(ways)),
        summary({}, "Compare models, parameters or versions, or ask each row several times"),
        div(
            at("strip-fields pad"),
            p(at("dim"), "The body is typed by hand and says its model and its parameters itself: versions can be compared.")
            if raw
            else [
                _models(state, where, endpoint, ways, typing),
                field(
                    f"{where}-parameter",
                    "Parameter to compare",
                    chosen(f"{where}-parameter", ways.parameter, parameters, typing("parameter")),
                ),
            ],
            field(
                f"{where}-values",
                "Its values",
                typed(f"{where}-values", ways.values, typing("values"), placeholder="0, 0.7, 1"),
                hint="Separated by commas.",
            )
            if ways.parameter and not raw
            else NOTHING,
            field(
                f"{where}-samples",
                "Times each row is asked",
                typed(f"{where}-samples", ways.samples, typing("samples"), inputmode="numeric"),
                hint="Each is a separate request, and is billed.",
            ),
        ),
        div(
            at("pad stack tight", role="group", aria_label="Versions to compare"),
            few(
                state.prompt.versions,
                lambda _n, one: checkbox(f"Beside {versions.title(one)}", one.id in ways.versions, compare(one.id)),
                "versions",
            ),
        )
        if state.prompt.versions
        else NOTHING,
    )


def _changed(ways: Ways) -> bool:
    return bool(ways.models.strip() or ways.parameter or ways.versions) or ways.samples.strip() != "1"


def _models(state: State, where: str, endpoint: str, ways: Ways, typing: Callable[[WaysField], Action]) -> Node:
    fitting = [name for name in state.provider.models if models.fits(name, endpoint)]
    id, names = f"{where}-models", f"{where}-models-list"
    return field(
        id,
        "Also by these models",
        lambda **ties: [
            text_input(id, ways.models, typing("models"), list=names, placeholder="gpt-5-mini, gpt-5", **ties),
            datalist(at(id=names), [option(at(value=name)) for name in fitting]),
        ],
        hint="Separated by commas. Each answer names its model.",
    )
