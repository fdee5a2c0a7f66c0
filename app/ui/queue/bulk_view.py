"""The dialog in which many requests are changed, and what the queue says of such changes."""

from __future__ import annotations

from typing import Final

from simple_html import b, datalist, div, li, option, p, pre, section, span, ul

from app.core.base import text
from app.core.base.ids import without_file
from app.core.endpoints.spec import FormField
from app.core.model import keys
from app.core.model.lanes import Lane
from app.core.model.queue_edits import QueueEdit
from app.core.openai import kinds, models
from app.core.queue.change_form import MODEL, OTHER, PAIR, changeable, field_of, has_metadata
from app.core.queue.changing import ChangeExample, ChangeReport
from app.ui.base.actions import CloseDialog
from app.ui.base.dialogs_view import dialog, faults
from app.ui.base.markup import NOTHING, Node, area, at, long
from app.ui.base.parts import act, chosen, command, field, note, segmented, typed
from app.ui.base.state import State
from app.ui.base.times import ago
from app.ui.queue.bulk_actions import ApplyBulk, ChooseBulk, KeepBulk, SetBulkRemoved, StopBulk, TypeBulk, UndoBulk
from app.ui.queue.dialogs import BulkDialog

_MODELS_SHOWN = 200
_CHECKING: Final = "Checking the requests …"
_HOW: Final = (("", "Set", SetBulkRemoved(False)), ("yes", "Remove", SetBulkRemoved(True)))


def bulk(state: State, one: BulkDialog) -> Node:
    """The dialog."""
    lane = keys.lane_of_key(one.lane)
    changing = bool(state.queue.work.doing)
    return dialog(
        "bulk",
        f"Edit {text.count(one.requests, 'request')}",
        div(
            at("stack"),
            p(at("dim"), f"Selected in {kinds.short(lane.endpoint)} · {lane.model}. Nothing is sent."),
            field("bulk-field", "Change", chosen("bulk-field", one.field, _choices(lane), ChooseBulk(), data_autofocus=True)),
            div(at("row"), segmented("What to do", "yes" if one.removed else "", _HOW)) if one.field != MODEL else NOTHING,
            _named(one) if one.field in (PAIR, OTHER) else NOTHING,
            _value(state, one, lane) if not one.removed else NOTHING,
            p(at("fault", role="alert"), one.fault) if one.fault and one.removed else NOTHING,
            _outlook(state, one),
        ),
        act("Stop", StopBulk()) if changing else act("Cancel", CloseDialog(), "quiet"),
        command(state, ApplyBulk(), "primary"),
    )


def _choices(lane: Lane) -> list[tuple[str, str]]:
    more = [(PAIR, "Metadata …")] if has_metadata(lane.endpoint) else []
    return [*((one.name, one.label) for one in changeable(lane.endpoint)), *more, (OTHER, "Another parameter …")]


def _named(one: BulkDialog) -> Node:
    words = "Key" if one.field == PAIR else "Parameter"
    hint = "" if one.field == PAIR else "Its name in the JSON body."
    return field("bulk-key", words, typed("bulk-key", one.key, TypeBulk("key"), class_="input"), hint=hint or NOTHING)


def _value(state: State, one: BulkDialog, lane: Lane) -> Node:
    known = field_of(lane.endpoint, one.field)
    wrong = faults(one.fault)
    hint: Node = (known.help or NOTHING) if known is not None else "A JSON value." if one.field == OTHER else NOTHING
    if known is not None and known.kind in ("list", "json", "text"):
        shown = at("mono", id="bulk-text", rows="3", input=TypeBulk("text"), spellcheck="false")
        return field("bulk-text", "Value", lambda **tied: area({**shown, **at(**tied)}, one.text), hint=hint, faults=wrong)
    offered = _offered(state, known, lane)
    given = {"list": "bulk-values"} if offered else {}
    return [
        field(
            "bulk-text",
            "New model" if one.field == MODEL else "Value",
            typed("bulk-text", one.text, TypeBulk("text"), class_="input", **given),
            hint="They move to the group of that model." if one.field == MODEL else hint,
            faults=wrong,
        ),
        datalist(at(id="bulk-values"), [option(at(value=each)) for each in offered]) if offered else NOTHING,
    ]


def _offered(state: State, known: FormField | None, lane: Lane) -> list[str]:
    """Values to choose from; models are those of the provider in use, where the requests are its."""
    if known is None:
        return []
    if known.kind == "boolean":
        return ["true", "false"]
    if known.kind != "model":
        return [*known.choices]
    fitting = [each for each in state.provider.models if models.fits(each, lane.endpoint)]
    return fitting[:_MODELS_SHOWN] if lane.profile == state.profile.id else []


def _outlook(state: State, one: BulkDialog) -> Node:
    """What the change would do, or how far it is."""
    if state.queue.work.doing:
        return [p(at("dim", role="status"), under_way(state)), p(at("dim"), text.percent(state.queue.work.share))]
    if one.doing:
        return [p(at("dim", role="status"), _CHECKING), p(at("dim"), text.percent(one.share))]
    if one.report is None:
        return p(at("dim", role="status"), _CHECKING if one.change is not None else "Nothing is changed yet.")
    return [_counts(one.report), _example(one.report.example) if one.report.example is not None else NOTHING]


def _counts(report: ChangeReport) -> Node:
    lines: list[Node] = [[b({}, text.number(report.changed)), " " + ("request changes." if report.changed == 1 else "requests change.")]]
    if report.same:
        lines.append(f"{text.count(report.same, 'request')} {'says' if report.same == 1 else 'say'} so already.")
    stays = "cannot be changed and stays as it is:" if report.left == 1 else "cannot be changed and stay as they are:"
    return div(
        at("stack tight", role="status"),
        [p({}, one) for one in lines],
        [p(at("fault"), f"{text.count(report.left, 'request')} {stays}"), _reasons(report.refused)] if report.left else NOTHING,
        [p(at("advice"), "The provider may refuse some of them then:"), _reasons(report.advised)] if report.advised else NOTHING,
    )


def _reasons(found: dict[str, int]) -> Node:
    return ul(at("stack tight"), [li({}, f"{text.number(count)}: {why}") for why, count in found.items()])


def _example(one: ChangeExample) -> Node:
    return section(
        at("stack tight", aria_label="Example"),
        p(at("dim"), "For example ", span(at("mono"), without_file(one.id)), ":"),
        p(at("dim"), "Before"),
        pre(at("code"), long(one.before, "before")),
        p(at("dim"), "After"),
        pre(at("code"), long(one.after, "after")),
    )


# --- in the queue


def under_way(state: State) -> str:
    """What is done; how far it is stands beside it, where nobody reads each step of it aloud."""
    doing = "Putting back" if state.queue.work.doing == "undo" else "Changing"
    return f"{doing} {text.count(state.queue.work.requests, 'request')} …"


def edit_notes(state: State) -> list[Node]:
    """What was changed and can be undone, and what is under way."""
    if state.queue.work.doing:
        stop = act("Stop", StopBulk(), "small") if state.queue.work.stop is not None else NOTHING
        return [note("info", under_way(state), span(at(aria_live="off"), text.percent(state.queue.work.share)), stop)]
    return [_edited(state, one) for one in state.queue.edits]


def _edited(state: State, one: QueueEdit) -> Node:
    words = text.shorten(one.change.words, 100)
    requests = text.count(one.requests, "request")
    buttons = [act("Undo the change", UndoBulk(one.id), "small"), act("Keep it", KeepBulk(one.id), "quiet small")]
    if one.finished:
        was = "was" if one.requests == 1 else "were"
        return note("info", f"{requests} {was} changed.", [span(at("mono"), words), ", ", ago(state, one.at), "."], *buttons)
    return note("", f"A change stopped after {requests}.", [span(at("mono"), words), ". The page ended before it did."], *buttons)
