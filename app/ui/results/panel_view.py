"""One request beside the table: what was asked and what came, how often it was sent, and the way to the one before and after it."""

from __future__ import annotations

from simple_html import a, div, h2, header, p, section, span

from app.core.base import text
from app.ui.base.markup import NOTHING, Node, at
from app.ui.base.parts import command, command_tool, keys_of, pill
from app.ui.base.results_state import ResultsState
from app.ui.base.state import State
from app.ui.results.actions import SendAgain
from app.ui.results.annotate_view import KEYS, of_open
from app.ui.results.answer_view import conversation, raw, request_id
from app.ui.results.answers_view import OUTCOMES, attempts, can_send_one
from app.ui.results.follow_actions import AskFollow
from app.ui.results.following_view import can_be_followed, follow_links_of
from app.ui.results.repair_view import repair
from app.ui.results.table_actions import CloseResult, CopyResult, StepResult
from app.ui.threads.sent_view import prompt_of_request


def panel(state: State, here: ResultsState) -> Node:
    """The side of the table while a request is open."""
    one = here.beside.request
    tools = [
        command_tool(state, "up", StepResult(-1), focusable=True),
        command_tool(state, "down", StepResult(1), focusable=True),
        command_tool(state, "close", CloseResult()),
    ]
    keys = keys_of(StepResult(-1), StepResult(1), CloseResult(), *KEYS)
    if one is None or here.at is None:
        return section(
            at("card peek", aria_label="Request", data_key=keys),
            header({}, h2({}, "Request"), span(at("row end"), tools)),
            p(at("pad dim", role="status"), here.beside.lost or "Reading …"),
        )
    tone, word = OUTCOMES[one.outcome]
    return section(
        at("card peek", aria_label="Request", data_key=keys),
        header(
            {},
            h2(
                at(tabindex="-1", data_autofocus=f"{one.batch}/{one.row}/{0 if here.annotating.field else here.annotating.refocus}"),
                f"Request {text.number(one.row + 1)}",
            ),
            pill(tone, word),
            span(at("row end"), tools),
        ),
        div(
            at("pad stack"),
            of_open(state, here, one),
            request_id(one),
            conversation(state, one),
            repair(state, one),
            follow_links_of(state, one.batch, one.row),
            attempts(state, one),
            raw("Raw request", one.body, "sent"),
            raw("Raw response", one.line, "came"),
            [raw("The other answer, which differs", each) for each in one.others],
            div(
                at("row wrap"),
                command(state, CopyResult(), "small quiet") if one.answer is not None and one.answer.text else NOTHING,
                command(state, SendAgain(one.batch, f"row:{one.row}"), "small") if can_send_one(one, state.batch.story) else NOTHING,
                command(state, AskFollow(one.batch, one.row), "small quiet") if can_be_followed(one) else NOTHING,
                prompt_of_request(state, one.id),
                a(at("btn small quiet", href=f"#/batches/{one.batch}"), "Open its batch"),
            ),
        ),
    )
