"""One request in full beside what came back, and the question before it is sent again though it may be paid twice."""

from __future__ import annotations

from simple_html import b, details, div, p, pre, span, summary

from app.core.base import text
from app.core.batches.ledger import DAMAGED_LINE
from app.core.model import trail
from app.core.openai.advice import explain
from app.services.results.shown import Opened
from app.ui.base.actions import CloseDialog
from app.ui.base.dialogs_view import dialog
from app.ui.base.markup import NOTHING, Node, at, long
from app.ui.base.parts import act, command, command_tool, few, keys_of, note, pill
from app.ui.base.state import State
from app.ui.results import unfound_view
from app.ui.results.actions import AskRisk, CopyText, SaveLine, SendAgain, SendAnyway, StepAnswer
from app.ui.results.answers_view import OUTCOMES, attempts, can_risk_one, can_send_one
from app.ui.results.dialogs import RiskDialog


def answer(state: State, one: Opened) -> Node:
    tone, word = OUTCOMES[one.outcome]

    return dialog(
        "answer",
        [f"Request {text.number(one.row + 1)} " if one.outcome not in ("unexpected", "damaged") else "Answer ", pill(tone, word)],
        [
            p(at("dim mono"), one.id or "no id"),
            conversation(one),
            unfound_view.whose(state, one),
            attempts(state, one),
            raw("What was sent", one.body),
            raw("What came back", one.line),
            [raw("The other answer, which differs", each) for each in one.others],
        ],
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


def conversation(one: Opened) -> Node:
    """What was asked, and what came."""
    return div(at("turns"), few(one.asked, lambda _n, turn: _turn(*turn), "messages", "All of them stand in what was sent."), _said(one))


def _turn(role: str, said: Node, kind: str = "") -> Node:
    shown = long(said, role) if isinstance(said, str) else said
    return div(at(f"turn {kind or role}"), span(at("who"), role.capitalize()), div(at("prose"), shown))


def _said(one: Opened) -> Node:
    answer = one.answer
    if one.unread:
        save = act("Save the line as a file", SaveLine(one.batch, one.row), "small")
        return _turn("Not shown", [p({}, trail.NOT_READ), save], "bad")
    if answer is None:
        words = {
            "unread": "The answer is not here yet.",
            "damaged": "The line is damaged and could not be read. It is shown below as it came.",
            "missing": "The provider's files do not mention this request: there is no answer.",
            "unfound": explain(one.code).sentence + " It is not sent again by itself, because that may be paid twice.",
            "expired": "The batch ended before this request was run. It costs nothing.",
            "cancelled": "The batch was cancelled before this request was run. It costs nothing.",
        }
        if one.code == DAMAGED_LINE:
            return _turn("No answer", "It was answered and billed, but the line is damaged. It is shown below as it came.", "bad")
        return _turn("No answer", words.get(one.outcome, one.code or "There is no answer."), "bad")
    found: list[Node] = []
    if answer.reasoning:
        found.append(details({}, summary({}, "Reasoning"), div(at("prose dim"), long(answer.reasoning, "reasoning"))))
    if answer.text:
        shown = long(answer.text, "answer")
        body = pre(at("code"), shown) if answer.format != "text" else div(at("prose"), shown)
        found.append(div(at("turn assistant"), span(at("who"), "Assistant"), body))
    if answer.refusal:
        found.append(_turn("Refusal", answer.refusal, "bad"))
    found += [_turn(f"Calls {call.name}", call.arguments, "assistant") for call in answer.tools]
    if answer.error or answer.error_code:
        found.append(_turn("Error", f"{answer.error_code}: {answer.error}".strip(": "), "bad"))
    if answer.notice:
        found.append(note("", "Not complete.", answer.notice))
    facts = [
        answer.model,
        f"finished: {answer.finish}" if answer.finish else "",
        f"{text.number(answer.usage.input)} tokens in, {text.number(answer.usage.output)} out"
        if answer.usage.input or answer.usage.output
        else "",
        f"{text.number(answer.usage.reasoning)} for reasoning" if answer.usage.reasoning else "",
        f"status {answer.status}" if answer.status else "",
        answer.request_id,
    ]
    found.append(p(at("dim"), " · ".join(one for one in facts if one)))
    return found


def raw(title: str, content: str) -> Node:
    """A text as it was sent or came, folded; nothing where there is none."""
    if not content:
        return NOTHING
    shown = content if len(content) <= 200_000 else content[:200_000] + "\n… cut here; the downloaded file has all of it"
    return details({}, summary({}, title), pre(at("code"), long(shown, title)))


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
                b({}, "This may be paid twice."),
                f" Queue {them} again only if you do not want to wait for the answer, or cannot use what came.",
            ),
        ],
        act("Keep as it is", CloseDialog(), "quiet"),
        command(state, SendAnyway(one.batch, one.which), "danger"),
    )
