"""The dialog in which answers are given to a model to be judged."""

from __future__ import annotations

from simple_html import div, label, p

from app.core.base import text
from app.core.results.judge_prompt import CRITERIA
from app.ui.base.actions import CloseDialog
from app.ui.base.dialogs_view import dialog
from app.ui.base.markup import NOTHING, Node, area, at
from app.ui.base.parts import act, chosen, command, field, note, typed
from app.ui.base.state import State
from app.ui.results.dialogs import JudgeDialog
from app.ui.results.judge_actions import PrepareJudge, StopJudge, TypeJudge

_SCALES = [("score", "A score from 1 to 5"), ("verdict", "Pass or fail"), ("labels", "One of my labels")]


def judge(state: State, one: JudgeDialog) -> Node:
    """What is judged, by which words, and what comes of it."""
    return dialog(
        "judge",
        "Judge with a model",
        div(
            at("stack"),
            p(at("dim"), f"{text.count(one.count, 'request')} of {one.title}; unanswered requests are left out."),
            field("judge-scale", "The judge gives", chosen("judge-scale", one.scale, _SCALES, TypeJudge("scale"), data_autofocus=True)),
            field(
                "judge-labels",
                "Labels, separated by commas",
                typed("judge-labels", one.labels, TypeJudge("labels"), placeholder="helpful, evasive, wrong"),
            )
            if one.scale == "labels"
            else NOTHING,
            div(
                at("field"),
                label(at(for_="judge-criteria"), "Criteria"),
                area(at(id="judge-criteria", rows="4", input=TypeJudge("criteria"), placeholder=CRITERIA), one.criteria),
            ),
            field("judge-name", "Column prefix", typed("judge-name", one.name, TypeJudge("name"))),
            p(at("dim"), f"Show the judge what is expected as well: the column “{text.shorten(one.expected, 60)}”.")
            if one.expected
            else NOTHING,
            p(
                {},
                "The answers become a table with a prompt that you can change. Continue as with any table: choose the model, check and "
                "price, add to the queue, submit. Nothing is sent before that. The judge's verdicts appear next to the answers here.",
            ),
            _standing(one),
        ),
        act("Stop", StopJudge()) if one.doing else act("Close", CloseDialog(), "quiet"),
        command(state, PrepareJudge(), "primary"),
    )


def _standing(one: JudgeDialog) -> Node:
    if one.doing:
        return p(at(role="status"), f"Creating the table: {text.percent(one.share)}")
    return note("bad", *one.fault) if one.fault is not None else NOTHING
