"""What the dialogs of a further turn and of a next step both ask for: a message and a model."""

from __future__ import annotations

from collections.abc import Sequence

from simple_html import datalist, option

from app.core.base import text
from app.ui.base.actions_base import Action
from app.ui.base.markup import NOTHING, Node, area, at
from app.ui.base.parts import field, typed

NAMES_SHOWN = 12
_MODELS_SHOWN = 200
_NAME = 60


def message_field(id: str, said: str, wrong: Sequence[str], names: Sequence[str], action: Action, placeholder: str, more: str = "") -> Node:
    """The message, with the ``names`` that stand for what each request has, and ``more`` behind them. What is wrong with it is said once
    something stands there."""
    shown = ", ".join(f"{{{{{text.shorten(each, _NAME)}}}}}" for each in names)
    return field(
        id,
        "What is asked next",
        lambda **tied: area(at(id=id, rows="4", input=action, data_autofocus=True, placeholder=placeholder, **tied), said),
        hint=f"These stand for what each request has: {shown}{more}" if names else NOTHING,
        faults=wrong if said.strip() else (),
    )


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
