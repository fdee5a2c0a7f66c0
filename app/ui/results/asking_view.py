"""What the dialogs of a further turn and of a next step both ask for: a message, a system message, the form of answers, and a model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Literal

from simple_html import datalist, option

from app.core.base import text
from app.core.model.sendings import FollowUp
from app.core.results.following_form import looser
from app.ui.base.actions_base import Action
from app.ui.base.markup import NOTHING, Node, area, at
from app.ui.base.parts import checkbox, chosen, field, typed
from app.ui.results.dialogs import FollowDialog, StepDialog

AskedField = Literal["alone", "system", "form", "schema"]
NAMES_SHOWN = 12
_SCHEMA: Final = '{"type": "object", "properties": {"score": {"type": "integer"}}, "required": ["score"], "additionalProperties": false}'
_MODELS_SHOWN = 200
_NAME = 60


def message_field(id: str, said: str, wrong: Sequence[str], names: Sequence[str], action: Action, placeholder: str, more: str = "") -> Node:
    """The message, with the ``names`` that stand for what each request has, and ``more`` behind them. What is wrong with it is said once
    something is there."""
    shown = ", ".join(f"{{{{{text.shorten(each, _NAME)}}}}}" for each in names)
    return field(
        id,
        "Next message",
        lambda **tied: area(at(id=id, rows="4", input=action, data_autofocus=True, placeholder=placeholder, **tied), said),
        hint=f"These are replaced by what each request has: {shown}{more}" if names else NOTHING,
        faults=wrong if said.strip() else (),
    )


def alone_fields(id: str, one: FollowDialog | StepDialog, typed: Callable[[AskedField], Action]) -> Node:
    """Whether the message is asked by itself, and then the system message before it. ``typed``: what happens as one of them is typed."""
    follow = one.follow
    return [
        checkbox("Send this alone, without the conversation before it", follow.alone, typed("alone"), id=f"{id}-alone"),
        field(
            f"{id}-system",
            "System message",
            lambda **tied: area(at(id=f"{id}-system", rows="2", input=typed("system"), **tied), follow.system),
            hint="Empty: none. The same placeholders work.",
            faults=one.wrong_system,
        )
        if follow.alone
        else NOTHING,
    ]


def form_fields(id: str, one: FollowDialog | StepDialog, typed: Callable[[AskedField], Action]) -> Node:
    """The form of the answers, and their schema where they have one of their own."""
    follow = one.follow
    usual = [("", "Text")] if follow.alone else [("", "Same as before"), ("text", "Text")]
    now = "" if follow.alone and follow.form == "text" else follow.form
    return [
        field(f"{id}-form", "Answers are", chosen(f"{id}-form", now, [*usual, ("schema", "JSON, by its own schema")], typed("form"))),
        field(
            f"{id}-schema",
            "JSON schema of the answers",
            lambda **tied: area(
                at("mono", id=f"{id}-schema", rows="6", input=typed("schema"), spellcheck="false", placeholder=_SCHEMA, **tied),
                follow.schema,
            ),
            hint=_held(follow),
            faults=one.wrong_form if follow.schema.strip() else (),
        )
        if follow.form == "schema"
        else NOTHING,
    ]


def _held(follow: FollowUp) -> str:
    """How far answers are held to their schema."""
    why = looser(follow)
    return f"Answers may deviate from it: {why[0]}" if why else "Its fields become columns of Results."


def model_field(dialog: str, model: str, known: Sequence[str], action: Action, placeholder: str, hint: str) -> Node:
    """The model, typed or chosen of those that are ``known``."""
    list_id = f"{dialog}-models"
    return [
        field(
            f"{dialog}-model",
            "Model",
            typed(f"{dialog}-model", model, action, placeholder=placeholder, list=list_id, class_="input"),
            hint=hint,
        ),
        datalist(at(id=list_id), [option(at(value=each)) for each in known[:_MODELS_SHOWN]]),
    ]
