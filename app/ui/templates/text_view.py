"""One text of a prompt: a field with its placeholders marked as they are typed, and what is wrong with it right below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from simple_html import div, label, li, mark, pre, span, ul

from app.core.templates import syntax
from app.core.templates.filters import FILTERS
from app.core.templates.findings import TemplateFinding
from app.ui.base.actions_base import Action
from app.ui.base.markup import LABEL, NOTHING, Node, area, at
from app.ui.base.parts import act, keys_of, text_input
from app.ui.base.prompt_state import PromptState
from app.ui.templates.actions import CloseCompletion, GiveDefault, MoveCompletion, PromptPlace, TakeCompletion, TypePrompt, UseColumn

MARKED: Final = syntax.KEPT_LENGTH
"""Characters of a text up to which its placeholders are marked in the field."""
MARKS: Final = 60
"""Placeholders of a text that are marked; of what was found all are."""
_AHEAD: Final = 300
"""Characters from the braces of a placeholder to what is typed in it, at most."""
_SHOWN: Final = 6
"""Findings below one field."""


def id_of(field: str, item: str = "") -> str:
    """The id of the field for a place of the prompt."""
    return f"prompt-{field}-{item}".replace(":", "-").removesuffix("-")


def of_place(here: PromptState, field: str, item: str = "") -> list[TemplateFinding]:
    """What was found there; of a placeholder that is being typed not that it is open yet."""
    found = [one for one in here.findings if one.field == field and one.item == item]
    typing = here.completing
    if typing is None or (typing.field, typing.item) != (field, item):
        return found
    return [one for one in found if one.kind != "syntax" or not 0 <= typing.opening.start - one.start <= _AHEAD]


def sentence(one: TemplateFinding) -> str:
    """A finding in words, with its place where the text has several lines."""
    place = f"Line {one.line}: " if one.line > 1 else ""
    return f"{place}{one.sentence} {one.remedy}".strip()


def ties(id: str, found: Sequence[TemplateFinding]) -> dict[str, Any]:
    """Ties a control to :func:`remarks`."""
    wrong = any(one.severity == "error" for one in found)
    return {"aria_invalid": "true" if wrong else None, "aria_describedby": f"{id}-wrong" if found else None}


def remarks(id: str, found: Sequence[TemplateFinding]) -> Node:
    """What is wrong with a text, for right below it."""
    if not found:
        return NOTHING
    return div(
        at("stack tight", id=f"{id}-wrong"),
        [
            span(at("fault" if one.severity == "error" else "advice"), sentence(one), [[" ", each] for each in remedies(one)])
            for one in found[:_SHOWN]
        ],
        span(at("advice"), f"And {len(found) - _SHOWN} more.") if len(found) > _SHOWN else NOTHING,
    )


def remedies(one: TemplateFinding) -> list[Node]:
    """What fixes it by one press."""
    match one.kind:
        case "unknown_column" if one.suggestion:
            return [act(f"Use {one.suggestion}", UseColumn(one.name, one.suggestion), "small")]
        case "empty":
            return [act("Add a default", GiveDefault(one.name), "small", aria_label=f"Add a default for {one.name}")]
        case _:
            return []


def prompt_area(here: PromptState, field: PromptPlace, item: str, text: str, title: str, **more: Any) -> Node:
    """A text of several lines, its placeholders marked."""
    id, found = id_of(field, item), of_place(here, field, item)
    lines = min(24, max(1, text.count("\n") + 1 + len(text) // 90))
    attributes = at(
        id=id,
        data_value_rev=here.rev,
        rows=str(lines),
        input=TypePrompt(field, item),
        aria_label=title,
        **{**ties(id, found), **carets(here, field, item), **more},
    )
    return div(
        at("field stack tight", data_bad=any(one.severity == "error" for one in found)),
        div(at("marked code-text" if field == "raw" else "marked"), marks(text, found, raw=field == "raw"), area(attributes, text)),
        offered(here, field, item),
        remarks(id, found),
    )


def carets(here: PromptState, field: str, item: str, *moves: Action) -> dict[str, Any]:
    """Attributes of a field that a column can be put into: the page tells of its caret and sets it (static/js), and keys choose of what is
    offered. ``moves``: what other keys do in it."""
    id = id_of(field, item)
    caret, at_, rev = here.caret
    found: dict[str, Any] = {"data_caret": str(at_) if caret == id and rev == here.rev else True}
    one = here.completing
    if one is None or (one.field, one.item) != (field, item):
        return {**found, "data_key": keys_of(*moves)} if moves else found
    return {
        **found,
        "data_key": keys_of(MoveCompletion(1), MoveCompletion(-1), TakeCompletion(), CloseCompletion(), *moves),
        "aria_autocomplete": "list",
        "aria_controls": f"{id}-offered",
        "aria_activedescendant": f"{id}-offered-{one.active}",
    }


def offered(here: PromptState, field: str, item: str) -> Node:
    """What is offered below a field while a placeholder is typed in it."""
    one = here.completing
    if one is None or (one.field, one.item) != (field, item):
        return NOTHING
    id = f"{id_of(field, item)}-offered"
    return ul(
        at("offered", id=id, role="listbox", aria_label="Filters" if one.opening.kind == "filter" else "Columns"),
        [
            li(
                at(id=f"{id}-{n}", role="option", aria_selected=str(n == one.active).lower(), click=TakeCompletion(n)),
                span(at("clip"), name),
                span(at("dim clip"), FILTERS[name].help) if one.opening.kind == "filter" and name in FILTERS else NOTHING,
            )
            for n, name in enumerate(one.choices)
        ],
    )


def prompt_line(here: PromptState, field: PromptPlace, item: str, value: str, title: str, hint: Node = NOTHING, **more: Any) -> Node:
    """A text of one line with its label."""
    more = {**carets(here, field, item), **more}
    return labelled(
        here, field, item, title, hint, text_input(id_of(field, item), value, TypePrompt(field, item), data_value_rev=here.rev, **more)
    )


def labelled(here: PromptState, place: PromptPlace, item: str, title: str, hint: Node, control: Node) -> Node:
    """A control with its label, and what was found about it."""
    id, found = id_of(place, item), of_place(here, place, item)
    return div(
        at("field", data_bad=any(one.severity == "error" for one in found)),
        label(at(for_=id), title),
        control,
        offered(here, place, item),
        remarks(id, found),
        span(at("hint"), hint) if hint != NOTHING else NOTHING,
    )


def marks(text: str, found: Sequence[TemplateFinding], *, raw: bool = False) -> Node:
    """The text again, to lie behind its field: only its marks are seen."""
    if not syntax.holds(text) or len(text) > MARKED:
        return NOTHING
    wrong = {(one.start, one.length): "bad" if one.severity == "error" else "warn" for one in found if one.length}
    spans = sorted({span: wrong.get(span, "") for span in (*syntax.parse(text, raw=raw).tags, *wrong)}.items())
    parts: list[Node] = []
    at_ = 0
    for (start, length), kind in [*spans[:MARKS], *(one for one in spans[MARKS:] if one[1])]:
        if start < at_:
            continue
        parts += [_pieces(text[at_:start]), mark(at(f"tag-mark {kind}".strip()), text[start : start + length])]
        at_ = start + length
    return pre(at("marks", aria_hidden="true"), parts, _pieces(text[at_:]), "\n")


def _pieces(text: str) -> list[Node]:
    """A text of any length as labels: none of them is cut."""
    return [text[at_ : at_ + LABEL] for at_ in range(0, len(text), LABEL)]
