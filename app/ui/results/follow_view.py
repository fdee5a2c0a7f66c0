"""The dialog in which a person says what is asked next of answers."""

from __future__ import annotations

from msgspec.structs import replace
from simple_html import b, div, p, span

from app.core.base import text
from app.core.prices.rates import about
from app.core.results.stepping import added_tokens
from app.services.results.follow_job import FollowReport
from app.ui.base.actions import CloseDialog
from app.ui.base.dialogs_view import dialog
from app.ui.base.markup import NOTHING, Node, at, long
from app.ui.base.parts import act, command, note
from app.ui.base.state import State
from app.ui.results.asking_view import NAMES_SHOWN, alone_fields, form_fields, message_field, model_field
from app.ui.results.dialogs import FollowDialog
from app.ui.results.follow_actions import QueueFollow, StopFollow, TypeFollow

_REASONS = 8


def follow(state: State, one: FollowDialog) -> Node:
    """The message, what goes, what stays, and the price."""
    report = one.report
    return dialog(
        "follow",
        "Follow up",
        div(
            at("stack"),
            p(at("dim"), f"Answers of {one.title}. Each that can be continued becomes a new request; the answer itself is not changed."),
            _standing(one),
            _message(one),
            alone_fields("follow", one, TypeFollow),
            form_fields("follow", one, TypeFollow),
            model_field(
                "follow", one.follow.model, state.provider.models, TypeFollow("model"), _models(report), "Empty: the model that answered."
            ),
            [_goes(report), _first(one), _price(one, report)] if report is not None else NOTHING,
        ),
        act("Stop", StopFollow()) if one.doing else act("Cancel", CloseDialog(), "quiet"),
        command(state, QueueFollow(), "primary"),
    )


def _message(one: FollowDialog) -> Node:
    names = one.report.names if one.report is not None else ()
    more = " …" if len(names) > NAMES_SHOWN else ""
    return message_field("follow-message", one.follow.message, one.wrong, names[:NAMES_SHOWN], TypeFollow("message"), "Why?", more)


def _models(report: FollowReport | None) -> str:
    models = dict.fromkeys(one.lane.model for one in report.lanes) if report is not None else {}
    return ", ".join([*models][:3])[:200]


def _goes(report: FollowReport) -> Node:
    """What becomes of the chosen answers; the counts add up to them."""
    stays = list(report.stays.items())
    corrected = report.corrected
    return div(
        at("stack tight"),
        p(
            {},
            b({}, text.number(report.requests)),
            f" of {text.count(report.requests + sum(report.stays.values()), 'request')} can be continued.",
        ),
        p(at("dim"), f"For {text.number(corrected)} of them your correction is used instead of the answer.") if corrected else NOTHING,
        [p(at("dim"), f"{text.number(count)} {text.verb(count, why)}, and {_stay(count)}.") for why, count in stays[:_REASONS]],
    )


def _stay(count: int) -> str:
    return "stays" if count == 1 else "stay"


def _first(one: FollowDialog) -> Node:
    """The end of the first conversation, as it would be."""
    if not one.preview or one.report is None or not one.report.first:
        return NOTHING
    system = [("system", one.preview_system)] if one.preview_system else []
    turns = [*system, *([] if one.follow.alone else [("assistant", one.report.first[-1])]), ("user", one.preview)]
    return div(
        at("turns"),
        [div(at(f"turn {role}"), span(at("who"), role.capitalize()), div(at("prose"), long(said, role))) for role, said in turns],
    )


def _price(one: FollowDialog, report: FollowReport) -> Node:
    if not report.requests:
        return NOTHING
    asked = replace(one.follow, message=one.preview or one.follow.message, system=one.preview_system or one.follow.system)
    more = added_tokens(asked)
    inputs = sum(each.input_tokens + more * each.requests for each in report.lanes)
    tokens = f"{text.number(inputs)} tokens in, {text.number(sum(each.output_tokens for each in report.lanes))} out"
    if all(each.practice for each in report.lanes):
        words = f"Practice: simulated, nothing is billed. About {tokens}."
    elif any(each.cost is None for each in report.lanes):
        words = f"No price is known for this model. About {tokens}."
    else:
        price = about(sum((each.cost or 0) + each.token * more * each.requests for each in report.lanes))
        words = f"{text.count(report.requests, 'request')}: {price} as a batch ({tokens})."
    return p(at(role="status"), b({}, words), " Output is assumed to be as long as before. They wait in the queue until you submit them.")


def _standing(one: FollowDialog) -> Node:
    if one.doing:
        doing = "Reading the answers" if one.doing == "look" else "Adding to the queue"
        return p(at(role="status"), f"{doing}: {text.percent(one.share)}")
    return note("bad", *one.fault) if one.fault is not None else NOTHING
