"""The dialogs: one at a time, closed by Esc, by the cross or by their own buttons. A conversation being pasted and an edited request can be
had back for a while after their dialog was closed; the other dialogs are short and forget."""

from __future__ import annotations

from typing import Any

from simple_html import Tag, details, div, footer, h2, header, input_, label, p, pre, span, summary

from app.core.base import text
from app.core.batches.ledger import DAMAGED_LINE
from app.core.model import trail
from app.core.openai import kinds
from app.core.openai.advice import explain
from app.services.results.review import Opened
from app.ui.account.actions import SweepFiles
from app.ui.activity import view as activity_view
from app.ui.base.actions import CloseDialog
from app.ui.base.dialogs import (
    AddressDialog,
    CancelDialog,
    DeliveryDialog,
    ForgetDialog,
    ImportDialog,
    LogDialog,
    Paste,
    ProfileDialog,
    RequestDialog,
    RiskDialog,
    SettleDialog,
    SweepDialog,
)
from app.ui.base.markup import NOTHING, Node, area, at, keys, long
from app.ui.base.parts import act, choice, chosen, close_button, few, field, icon, note, pill, said, ties, tool, typed
from app.ui.base.state import State
from app.ui.batches import settling_view
from app.ui.batches.actions import CancelBatch, ForgetBatch
from app.ui.programs.actions import ChooseTargetKind, DeliverAgain, TypeTarget
from app.ui.provider.actions import RemoveProfile, SaveProfile, TypeProfile
from app.ui.queue.actions import DeleteRequest, EditRequest, RequestAsThread, SaveRequest, TakeTheirRequest
from app.ui.results import unfound_view
from app.ui.results.actions import AskRisk, CopyText, SaveLine, SendAgain, StepAnswer
from app.ui.results.answers_view import OUTCOMES, attempts, can_risk_one, can_send_one
from app.ui.threads.actions import AddImageAddress, AddImageFile, ApplyPaste, Tidy, TypeImageAddress, TypePaste
from app.ui.threads.view import MAX_IMAGE_BYTES
from app.ui.workspace import view as workspace_view
from app.ui.workspace.actions import BringWorkspace, StopWorkspace

_DIALOG = Tag("dialog")


def show(state: State) -> Node:
    """The open dialog, if any."""
    match state.dialog:
        case None:
            return NOTHING
        case Paste() as one:
            return _paste(one)
        case RequestDialog() as one:
            return _request(one)
        case AddressDialog() as one:
            return _address(one)
        case ProfileDialog() as one:
            return _profile(one)
        case CancelDialog() as one:
            return _cancel(one)
        case SettleDialog() as one:
            return settling_view.dialog(state, one, _dialog)
        case RiskDialog() as one:
            return _dialog("risk", *unfound_view.risk(state, one))
        case ForgetDialog() as one:
            return _forget(one)
        case SweepDialog() as one:
            return _sweep(one)
        case ImportDialog() as one:
            return _import(one, state)
        case LogDialog() as one:
            return _dialog("log-entry", "What happened", activity_view.entry(one.entry, state))
        case DeliveryDialog() as one:
            return _delivery(state, one)
        case one:
            return _answer(state, one)


def _dialog(id: str, title: Node, body: Node, *buttons: Node, tools: Node = NOTHING, **more: Any) -> Node:
    return _DIALOG(
        at(id=id, data_open=True, close=CloseDialog(), aria_labelledby=f"{id}-title", **more),
        header({}, h2(at(id=f"{id}-title"), title), span(at("row end"), tools, close_button())),
        div(at("body"), body),
        footer({}, list(buttons)) if buttons else NOTHING,
    )


def _faults(one: str) -> list[str]:
    return [one] if one else []


def _paste(one: Paste) -> Node:
    return _dialog(
        "paste",
        "Paste a conversation",
        [
            p(at("dim"), "A list of messages, a request body, a batch line, or text with “User:” and “Assistant:”."),
            div(
                at("field", data_bad=bool(one.fault)),
                area(
                    at(
                        "mono",
                        id="paste-text",
                        rows="14",
                        input=TypePaste(),
                        aria_label="Conversation as text",
                        data_autofocus=True,
                        spellcheck="false",
                        **ties("paste-text", _faults(one.fault)),
                    ),
                    one.text,
                ),
                said("paste-text", _faults(one.fault)),
            ),
        ],
        act("Cancel", CloseDialog(), "quiet"),
        act("Make a thread", ApplyPaste(), "primary", disabled=not one.text.strip(), busy=one.making),
    )


def _request(one: RequestDialog) -> Node:
    changed = one.text != one.before
    return _dialog(
        "request",
        "Queued request",
        [
            p(at("dim"), span(at("mono"), one.id), " · ", one.endpoint),
            div(
                at("field", data_bad=bool(one.fault)),
                area(
                    at(
                        "mono",
                        id="request-text",
                        data_value_rev=one.rev,
                        rows="20",
                        wrap="off",
                        spellcheck="false",
                        input=EditRequest(),
                        aria_label="Body of the request",
                        **ties("request-text", _faults(one.fault)),
                    ),
                    one.text,
                ),
                said("request-text", _faults(one.fault)),
            ),
            div(
                at("stack tight"),
                p({}, "In the other tab:"),
                pre(at("code"), long(one.theirs, "request")),
                span({}, act("Take theirs", TakeTheirRequest(), "small")),
            )
            if one.theirs
            else NOTHING,
        ],
        act("Tidy", Tidy("request"), "quiet"),
        act("Open as a thread", RequestAsThread(), "quiet", busy=one.making),
        act("Delete", DeleteRequest(one.lane, one.id), "quiet danger"),
        act("Save mine over it" if one.theirs else "Save", SaveRequest(), "primary", disabled=not changed, busy=one.saving),
    )


def _address(one: AddressDialog) -> Node:
    limit = text.size(MAX_IMAGE_BYTES)
    return _dialog(
        "address",
        "Add an image",
        [
            field(
                "image-address",
                "Address of the image",
                typed(
                    "image-address",
                    one.text,
                    TypeImageAddress(),
                    placeholder="https://…",
                    inputmode="url",
                    data_autofocus=True,
                    data_key=keys(Enter=AddImageAddress()),
                ),
                hint="The provider fetches it when it runs the batch; this page does not.",
                faults=_faults(one.fault),
            ),
            div(
                at("row wrap"),
                label(
                    at("btn"),
                    icon("image"),
                    "Choose a file",
                    input_(
                        at(
                            type="file",
                            accept="image/png,image/jpeg,image/webp,image/gif",
                            change=AddImageFile(one.message),
                            data_max_bytes=str(MAX_IMAGE_BYTES),
                            data_read="dataurl",
                            aria_label="Image file",
                        )
                    ),
                ),
                span(at("dim"), f"It becomes part of the request; {limit} at most."),
            ),
        ],
        act("Cancel", CloseDialog(), "quiet"),
        act("Add", AddImageAddress(), "primary", disabled=not one.text.strip()),
    )


def _profile(one: ProfileDialog) -> Node:
    profile = one.profile

    def entry(name: str, title: str, value: str, hint: Node = NOTHING, **more: Any) -> Node:
        return field(f"profile-{name}", title, typed(f"profile-{name}", value, TypeProfile(name), **more), hint=hint)

    address = "Up to and including /v1. The key goes to this URL and nowhere else."
    if (meant := kinds.tidy(profile.base_url)) != profile.base_url.strip().rstrip("/"):
        address = f"Azure OpenAI: its batches are at {meant}, which is what is stored."
    told = "Azure OpenAI" if kinds.is_azure(profile.base_url) else "OpenAI"
    return _dialog(
        "provider",
        "Add a provider" if one.fresh else f"Edit {profile.name}",
        [
            entry("name", "Name", profile.name, data_autofocus=one.fresh, placeholder="Azure, research"),
            entry(
                "base_url",
                "Base URL",
                profile.base_url,
                address,
                inputmode="url",
            ),
            field(
                "profile-kind",
                "API type",
                chosen(
                    "profile-kind",
                    profile.kind,
                    [("", f"By base URL ({told})"), ("openai", "OpenAI-compatible"), ("azure", "Azure OpenAI")],
                    TypeProfile("kind"),
                ),
                hint="Azure names endpoints without /v1, checks a file before a batch can use it, and takes a deployment’s name as model.",
            ),
            div(
                at("pair"),
                entry("purpose", "Upload purpose", profile.purpose),
                entry("window", "Completion window", profile.window),
                entry("max_requests", "Max requests per batch", str(profile.max_requests), inputmode="numeric"),
                entry(
                    "max_bytes",
                    "Max file size (bytes)",
                    str(profile.max_bytes),
                    "At most 200 MB. OpenAI refused uploads above about 150 MB.",
                    inputmode="numeric",
                ),
                entry(
                    "resend",
                    "Max retries per request",
                    str(profile.resend),
                    "Requests that did not run, or failed at the provider’s side, go back to the queue by themselves. 0: never.",
                    inputmode="numeric",
                ),
                entry(
                    "also",
                    "Allowed redirect hosts",
                    one.hosts,
                    "With https://, separated by spaces: where the provider keeps files. The key is never sent there.",
                    inputmode="url",
                ),
                entry(
                    "expires_after",
                    "Uploaded files expire after (days)",
                    str(profile.expires_after // kinds.DAY),
                    "0: the provider’s default. Azure takes 14 to 30; without expiry it keeps 500 files at most.",
                    inputmode="numeric",
                ),
            ),
            span(at("fault", role="alert"), one.fault) if one.fault else NOTHING,
        ],
        act("Remove this provider", RemoveProfile(profile.id), "quiet danger") if not one.fresh and profile.id != "openai" else NOTHING,
        act("Cancel", CloseDialog(), "quiet"),
        act("Save", SaveProfile(), "primary"),
    )


def _cancel(one: CancelDialog) -> Node:
    return _dialog(
        "cancel",
        "Cancel this batch?",
        p(
            {},
            "What the provider has answered by then is kept and billed. It may take ten minutes. What was not answered costs nothing.",
        ),
        act("Let it run", CloseDialog(), "quiet", data_autofocus=True),
        act("Cancel the batch", CancelBatch(one.batch), "danger"),
    )


def _forget(one: ForgetDialog) -> Node:
    return _dialog(
        "forget",
        "Delete this batch from this browser?",
        p(
            {},
            "Its requests, its answers and their files are deleted here, and there is no way back. Download first what you need. "
            "Requests of it that were put back into the queue stay there. The provider keeps what it has; what was billed stays billed.",
        ),
        act("Keep it", CloseDialog(), "quiet", data_autofocus=True),
        act("Delete the batch", ForgetBatch(one.batch), "danger"),
    )


def _sweep(one: SweepDialog) -> Node:
    others = f" {text.count(one.elsewhere, 'file')} of them {'belong' if one.elsewhere != 1 else 'belongs'} to batches made elsewhere."
    return _dialog(
        "sweep",
        f"Delete {text.count(one.files, 'file')} at {one.provider}?",
        p(
            {},
            f"{text.size(one.size)} are deleted at the provider, and there is no way back.{others if one.elsewhere else ''} "
            "What is stored in this browser stays. Deleting is free.",
        ),
        act("Keep them", CloseDialog(), "quiet", data_autofocus=True),
        act(f"Delete {text.count(one.files, 'file')}", SweepFiles(), "danger"),
    )


def _import(one: ImportDialog, state: State) -> Node:
    busy = bool(state.workspace.doing)
    return _dialog(
        "import",
        "Import a workspace",
        workspace_view.summary(one, state),
        act("Cancel", StopWorkspace(), "quiet", disabled=busy and state.workspace.stop is None),
        act("Replace what is here", BringWorkspace("replace"), "danger", disabled=busy),
        act("Merge with what is here", BringWorkspace("merge"), "primary", disabled=busy, data_autofocus=True),
    )


# --- an answer -------------------------------------------------------------------------------------------------------------------


def _answer(state: State, one: Opened) -> Node:
    before, after = state.batch.steps
    tone, word = OUTCOMES[one.outcome]

    def step(name: str, title: str, by: int, there: bool) -> Node:
        """At an end it is inert but not disabled: it may have the focus, and a disabled button would swallow the dialog's keys."""
        return tool(name, title, StepAnswer(by), aria_disabled=None if there else "true")

    return _dialog(
        "answer",
        [f"Request {text.number(one.row + 1)} " if one.outcome not in ("unexpected", "damaged") else "Answer ", pill(tone, word)],
        [
            p(at("dim mono"), one.id or "no id"),
            div(at("turns"), few(one.asked, lambda _n, turn: _turn(*turn), "messages", "All of them stand in what was sent."), _said(one)),
            unfound_view.whose(state, one),
            attempts(state, one),
            _raw("What was sent", one.body),
            _raw("What came back", one.line),
            [_raw("The other answer, which differs", each) for each in one.others],
        ],
        act("Copy the answer", CopyText("answer"), "quiet") if one.answer is not None and one.answer.text else NOTHING,
        act("Queue it again", SendAgain(one.batch, f"row:{one.row}"), busy="again" in state.busy)
        if can_send_one(one, state.batch.story)
        else act("Queue it again, may be paid twice", AskRisk(one.batch, f"row:{one.row}"), "quiet")
        if can_risk_one(one, state.batch.story)
        else NOTHING,
        tools=[
            step("up", "Previous request (Alt+↑)", -1, before),
            step("down", "Next request (Alt+↓)", 1, after),
        ],
        data_key=keys(Alt_ArrowUp=StepAnswer(-1), Alt_ArrowDown=StepAnswer(1)),
    )


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


def _raw(title: str, content: str) -> Node:
    if not content:
        return NOTHING
    shown = content if len(content) <= 200_000 else content[:200_000] + "\n… cut here; the downloaded file has all of it"
    return details({}, summary({}, title), pre(at("code"), long(shown, title)))


# --- a message of a program --------------------------------------------------------------------------------------------------------


def _delivery(state: State, dialog: DeliveryDialog) -> Node:
    from app.core.programs.message import ResultFile
    from app.ui.programs.view import one_message

    kinds = [("webhook", "Webhook"), ("rabbitmq", "RabbitMQ queue")]
    if isinstance(dialog.one.target, ResultFile):
        kinds = [("folder", "The file in the folder"), *kinds]
    word = "Save" if dialog.one.state == "waiting" else "Deliver again"
    target = (
        NOTHING
        if dialog.kind == "folder"
        else field(
            "delivery-to",
            "Result goes to",
            typed("delivery-to", dialog.typed, TypeTarget(), placeholder=dialog.one.reply_to or "nowhere"),
            faults=[dialog.fault] if dialog.fault else [],
        )
    )
    body = [
        one_message(state, dialog.one),
        div(
            at("row wrap"),
            div(at("field"), choice("delivery-kind", dialog.kind, kinds, ChooseTargetKind(), aria_label="Kind of target")),
            target,
        ),
    ]
    return _dialog("delivery", text.shorten(dialog.one.id, 60), body, act(word, DeliverAgain("one"), "primary"))
