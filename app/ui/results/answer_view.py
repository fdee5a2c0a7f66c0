"""One request in full beside what came back, and the question before it is sent again though it may be paid twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from simple_html import b, code, details, div, li, p, pre, span, summary, ul

from app.core.base import text
from app.core.batches.ledger import DAMAGED_LINE
from app.core.model import trail
from app.core.openai.advice import explain
from app.core.openai.schema_faults import SchemaFault
from app.core.results.answers import Answer
from app.services.results.shown import Opened
from app.ui.base.actions import CloseDialog, CopyLink
from app.ui.base.answer_parts import answer_parts, in_short
from app.ui.base.dialogs_view import dialog
from app.ui.base.json_tree import tree_of
from app.ui.base.markup import NOTHING, Node, at, long
from app.ui.base.parts import act, command, command_tool, few, keys_of, note, pill, tool
from app.ui.base.prose import copy_button, prose, switch
from app.ui.base.reading_actions import CopyPiece, CopyWhole
from app.ui.base.state import State
from app.ui.results import addresses, unfound_view
from app.ui.results.actions import AskRisk, CopyText, SaveLine, SendAgain, SendAnyway, StepAnswer
from app.ui.results.answers_view import OUTCOMES, attempts, can_risk_one, can_send_one
from app.ui.results.dialogs import RiskDialog
from app.ui.threads.sent_view import prompt_of_request


def answer(state: State, one: Opened) -> Node:
    tone, word = OUTCOMES[one.outcome]

    return dialog(
        "answer",
        [f"Request {text.number(one.row + 1)} " if one.outcome not in ("unexpected", "damaged") else "Answer ", pill(tone, word)],
        [
            request_id(one),
            conversation(state, one),
            unfound_view.whose(state, one),
            attempts(state, one),
            raw("Raw request", one.body, "sent"),
            raw("Raw response", one.line, "came"),
            [raw("The other answer, which differs", each) for each in one.others],
        ],
        prompt_of_request(state, one.id),
        act("Copy link", CopyLink(f"{addresses.of_batch(one.batch)}/at/{one.batch}/{one.row}"), "quiet")
        if one.outcome not in ("unexpected", "damaged")
        else NOTHING,
        act("Copy the answer", CopyText("answer"), "quiet") if one.answer is not None and one.answer.text else NOTHING,
        command(state, SendAgain(one.batch, f"row:{one.row}"))
        if can_send_one(one, state.batch.story)
        else command(state, AskRisk(one.batch, f"row:{one.row}"), "quiet")
        if can_risk_one(one, state.batch.story)
        else NOTHING,
        tools=[
            command_tool(state, "up", StepAnswer(-1), focusable=True),
            command_tool(state, "down", StepAnswer(1), focusable=True),
        ],
        data_key=keys_of(StepAnswer(-1), StepAnswer(1)),
    )


def request_id(one: Opened) -> Node:
    """Its id, to be copied."""
    if not one.id:
        return p(at("dim mono"), "no id")
    return p(at("dim mono"), one.id, " ", tool("copy", "Copy the request's id", CopyPiece(one.id)))


def conversation(state: State, one: Opened) -> Node:
    """What was asked, and what came."""
    asked = few(one.asked, lambda _n, turn: _asked(state, *turn), "messages", "All of them are in the raw request.")
    return [switch(state), div(at("turns"), asked, _said(state, one))]


def _asked(state: State, role: str, said: str) -> Node:
    return div(at(f"turn {role}"), span(at("who"), role.capitalize()), prose(state, said, role))


def _turn(role: str, said: Node, kind: str = "") -> Node:
    shown = long(said, role) if isinstance(said, str) else said
    return div(at(f"turn {kind or role}"), span(at("who"), role.capitalize()), div(at("prose"), shown))


def _said(state: State, one: Opened) -> Node:
    answer = one.answer
    if one.unread:
        save = act("Save the line as a file", SaveLine(one.batch, one.row), "small")
        return _turn("Not shown", [p({}, trail.NOT_READ), save], "bad")
    if answer is None:
        words = {
            "unread": "The answer is not here yet.",
            "damaged": "The line is damaged and could not be read. It is shown below as received.",
            "missing": "The provider's files do not mention this request: there is no answer.",
            "unfound": explain(one.code).sentence + " It is not resent automatically, because that may be paid twice.",
            "expired": "The batch ended before this request was run. It costs nothing.",
            "cancelled": "The batch was cancelled before this request was run. It costs nothing.",
        }
        if one.code == DAMAGED_LINE:
            return _turn("No answer", "It was answered and billed, but the line is damaged. It is shown below as received.", "bad")
        return _turn("No answer", words.get(one.outcome, one.code or "There is no answer."), "bad")
    found = answer_parts(state, one.parts) if one.parts else in_short(state, answer)
    if answer.error or answer.error_code:
        found.append(_turn("Error", f"{answer.error_code}: {answer.error}".strip(": "), "bad"))
    if answer.notice:
        found.append(note("", "Not complete.", answer.notice))
    if one.faults:
        found.append(_faults(one.faults))
    facts = [
        answer.model,
        f"finished: {answer.finish}" if answer.finish else "",
        f"{text.number(answer.usage.input)} tokens in, {text.number(answer.usage.output)} out"
        if answer.usage.input or answer.usage.output
        else "",
        f"{text.number(answer.usage.reasoning)} for reasoning" if answer.usage.reasoning else "",
        _cost(state, one, answer),
        f"status {answer.status}" if answer.status else "",
        answer.request_id,
    ]
    found.append(p(at("dim"), " · ".join(one for one in facts if one)))
    return found


def _cost(state: State, one: Opened, answer: Answer) -> str:
    """What the answer cost at the batch price; nothing where nothing is billed or no price is known."""
    batch = next((each for each in state.batches.all if each.id == one.batch), None)
    profile = state.provider.profiles.get(batch.lane.profile) if batch is not None and not batch.practice else None
    if batch is None or profile is None or not (answer.usage.input or answer.usage.output):
        return ""
    from app.core.prices.rates import TokenCounts, cost, dollars, rates_for  # with the table of prices, which most pages never need

    limits = state.provider.limits.get(profile.id)
    rates = rates_for(profile.base_url, batch.lane.model, "batch", limits.prices if limits is not None else ())
    if rates is None:
        return ""
    return dollars(cost(rates, TokenCounts(answer.usage.input, answer.usage.output, answer.usage.cached)))


def _faults(found: Sequence[SchemaFault]) -> Node:
    lines: list[Node] = [li({}, code({}, text.shorten(one.path, 200)), f" {text.shorten(one.says, 400)}") for one in found]
    return note("bad", "It does not match its schema.", ul(at("sources"), lines))


def raw(title: str, content: str, copying: Literal["sent", "came"] | None = None) -> Node:
    """A text as it was sent or came, folded, as JSON to open and close where it is some; nothing where there is none."""
    if not content:
        return NOTHING
    shown = content if len(content) <= 200_000 else content[:200_000] + "\n… cut here; the downloaded file has all of it"
    tree, named = tree_of(content), f"Copy {title[:1].lower()}{title[1:]}"
    return details(
        {},
        summary({}, title),
        details({}, summary({}, "As a tree"), tree) if tree is not None else NOTHING,
        pre(at("code", tabindex="0"), long(shown, title)),
        act("Copy", CopyWhole(copying), "small quiet", aria_label=named) if copying else copy_button(content, named),
    )


def risk(state: State, one: RiskDialog) -> Node:
    """The question whether requests shall be sent again that may be paid twice."""
    count = len(one.rows)
    them = "it" if count == 1 else "them"
    return dialog(
        "risk",
        f"Send {text.count(count, 'request')} again on purpose?",
        [
            *(p({}, reason) for reason in one.reasons),
            p(
                {},
                b({}, "This may be paid for twice."),
                f" Queue {them} again only if you do not want to wait for the answer, or cannot use what you got.",
            ),
        ],
        act("Keep as it is", CloseDialog(), "quiet"),
        command(state, SendAnyway(one.batch, one.which), "danger"),
    )
