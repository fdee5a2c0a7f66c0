"""The thread editor: a conversation, what is asked of the model, and what will be sent."""

from __future__ import annotations

from simple_html import a, aside, dd, div, dl, dt, footer, h1, h2, header, img, input_, li, p, section, span, ul

from app.core.base import text
from app.core.base.findings import Finding, errors
from app.core.bodies import bodies
from app.core.model.threads import STORED, Image, Thread, ThreadMessage
from app.core.openai import kinds
from app.core.queue.waiting import when_added
from app.core.threads import editing
from app.ui.base.markup import NOTHING, Node, area, at, join
from app.ui.base.parts import act, choice, command, command_tool, few, icon, json_area, keys_of, note, said, segmented, ties, tool
from app.ui.base.state import State
from app.ui.base.thread_state import ComposeState
from app.ui.threads.actions import (
    AddImageFile,
    AddMessage,
    AskImageAddress,
    DeleteMessage,
    DropRaw,
    DuplicateMessage,
    DuplicateThread,
    EditMessage,
    EditRaw,
    Enqueue,
    EnqueueAndSubmit,
    KeepMine,
    MoveMessage,
    NewThread,
    OpenPaste,
    RemoveImage,
    RenameThread,
    SetDetail,
    SetRole,
    ShowEditor,
    TakeTheirs,
    Tidy,
)
from app.ui.threads.doors_view import doors
from app.ui.threads.options_view import options, place
from app.ui.threads.sent_view import sent

_ROLES = [("system", "System"), ("developer", "Developer"), ("user", "User"), ("assistant", "Assistant")]
_DETAILS = [("auto", "auto"), ("low", "low"), ("high", "high")]
MAX_IMAGE_BYTES = 10_000_000
_ROLE_HINTS = {
    "system": "Instructions for the model, whatever is asked.",
    "developer": "Instructions for the model, for newer models.",
    "user": "The question, or the text to work on.",
    "assistant": "An answer given before, as an example or as history.",
}


_THEIRS = 300
"""Characters of the other tab's text that are shown in a conflict."""


def compose(state: State) -> Node:
    substate = state.compose
    blocking = errors(substate.findings)
    return [
        _header(state, blocking),
        _missing(state) if substate.missing else NOTHING,
        _conflict(substate) if substate.saving == "conflict" else NOTHING,
        _not_saved(state) if substate.saving in ("full", "lost") else NOTHING,
        _blocked(blocking) if substate.tried and blocking else NOTHING,
        div(
            at("two"),
            div(at("stack"), _raw_card(substate) if substate.editor == "raw" else _conversation(state), doors(state)),
            aside(at("stack", aria_label="Request"), options(state), _summary(state), _key(state)),
        ),
    ]


def _header(state: State, blocking: tuple[Finding, ...]) -> Node:
    substate = state.compose
    thread = substate.thread
    count = text.count(len(thread.messages), "message")
    return header(
        at("stays"),
        div(
            {},
            h1(at("visually-hidden"), "Compose"),
            input_(
                at(
                    "title",
                    id="thread-name",
                    value=thread.name,
                    data_value_rev=substate.rev,
                    placeholder=editing.title(thread),
                    aria_label="Prompt name",
                    input=RenameThread(),
                    autocomplete="off",
                )
            ),
            p(at("dim"), join([count, _saving(substate, state.now), "sent as typed JSON" if thread.raw is not None else NOTHING])),
        ),
        div(
            at("actions"),
            command(state, NewThread(), "quiet", words="New"),
            act("Duplicate", DuplicateThread(thread.id), "quiet hide-s"),
            command(state, Enqueue(), id="enqueue"),
            command(state, EnqueueAndSubmit(), "primary", id="enqueue-submit", data_once=True),
        ),
    )


def _saving(substate: ComposeState, now: float) -> Node:
    match substate.saving:
        case None:
            return "Empty draft" if not substate.saved_at else f"saved {text.ago(now - substate.saved_at)}"
        case "saving":
            return "saving …"
        case "saved":
            return span(at(data_saved="yes"), f"saved {text.ago(now - substate.saved_at)}")
        case _:
            return "not saved"


def _missing(state: State) -> Node:
    """The address names a prompt that is not there, and another one is open."""
    deleted = any(one.id == state.compose.missing and one.deleted for one in state.threads.all)
    why = (
        "The prompt at this address was deleted; it can be restored under Prompts."
        if deleted
        else "The prompt at this address is not in this browser: it was deleted here, or it is in another browser."
    )
    return note(
        "",
        "Prompt deleted." if deleted else "Prompt not found.",
        f"{why} Below is another one, which was open before.",
        a(at("btn small", href="#/threads"), "Prompts"),
    )


def _conflict(substate: ComposeState) -> Node:
    what, text_there = editing.difference(substate.thread, substate.theirs) if substate.theirs is not None else ("", "")
    shown = f" {what} there: “{text.shorten(text_there, _THEIRS)}”." if what else ""
    return note(
        "",
        "This prompt was changed in another tab.",
        f"What you typed here is not saved yet.{shown} Choose which of the two stays in this prompt; the other one is kept as a copy.",
        act("Keep mine", KeepMine(), "small"),
        act("Take theirs", TakeTheirs(), "small"),
        act("Continue in a copy", TakeTheirs(copy=True), "small"),
    )


def _not_saved(state: State) -> Node:
    full = state.compose.saving == "full"
    stays = f"What you type is kept in this tab only{', over a reload too' if state.threads.held else ''}."
    return note(
        "bad",
        "The browser has no space left." if full else "The browser's database is not available.",
        f"{stays} Delete old prompts or free space on the disk, then save again."
        if full
        else f"{stays} {'Reload' if state.threads.held else 'Copy it, then reload'} the page.",
        act("Save again", KeepMine(), "small"),
    )


def _fault(_n: int, finding: Finding) -> Node:
    return li({}, f"{finding.sentence} {finding.remedy}".strip())


def _blocked(blocking: tuple[Finding, ...]) -> Node:
    return div(
        at("note bad", role="alert", id="blocked"),
        span(at("sign", aria_hidden="true"), "✕"),
        div(
            at("grow"),
            p({}, "This cannot be queued yet:"),
            ul({}, few(blocking, _fault, "faults")),
        ),
    )


# --- conversation ----------------------------------------------------------------------------------------------------------------


def _tabs(substate: ComposeState) -> Node:
    return segmented("Edit as", substate.editor, [("form", "Conversation", ShowEditor("form")), ("raw", "Raw JSON", ShowEditor("raw"))])


def _conversation(state: State) -> Node:
    substate = state.compose
    thread = substate.thread
    return section(
        at("card", aria_label="Conversation"),
        header({}, _tabs(substate), command(state, OpenPaste(), "quiet end")),
        _raw_wins() if thread.raw is not None else NOTHING,
        few(
            thread.messages,
            lambda n, one: _message(state, one, n),
            "messages",
            "They are kept and sent; Raw JSON shows all of them.",
        ),
        footer(
            {}, command(state, AddMessage(), id="add-message"), [_general(finding) for finding in substate.findings if _is_general(finding)]
        ),
    )


def _is_general(finding: Finding) -> bool:
    return finding.field == "messages" and not finding.item and finding.severity == "advice"


def _general(finding: Finding) -> Node:
    return span(at("dim"), f"{finding.sentence} {finding.remedy}".strip())


def _raw_wins() -> Node:
    return div(
        at("pad"),
        note("info", "The Raw JSON was edited by hand.", "It is sent as it is; changes here have no effect.",
             act("Edit the JSON", ShowEditor("raw"), "small"), act("Discard JSON edits", DropRaw(), "small")),
    )  # fmt: skip


def _message(state: State, message: ThreadMessage, n: int) -> Node:
    substate, id = state.compose, message.id
    wrong = [
        finding
        for finding in substate.findings
        if finding.item == id and (finding.severity == "advice" or substate.tried or message.images)
    ]
    faults, advice = _sentences(wrong)
    lines = min(24, max(1, message.text.count("\n") + 1 + len(message.text) // 90))
    return div(
        at(
            "msg",
            id=f"message-{id}",
            role="group",
            aria_label=f"Message {n + 1}",
            drop=AddImageFile(id),
            paste=AddImageFile(id),
            data_max_bytes=MAX_IMAGE_BYTES,
            data_read="dataurl",
        ),
        div(at("who"), choice(f"role-{id}", message.role, _ROLES, SetRole(id), aria_label=f"Role of message {n + 1}")),
        div(
            at("content stack tight"),
            area(
                at(
                    id=f"text-{id}",
                    data_value_rev=substate.rev,
                    rows=str(lines),
                    input=EditMessage(id),
                    placeholder=_ROLE_HINTS[message.role],
                    aria_label=f"Text of message {n + 1}",
                    data_key=keys_of(MoveMessage(id, -1), MoveMessage(id, 1)),
                    **ties(f"text-{id}", faults, advice),
                ),
                message.text,
            ),
            div(at("images"), [_image(id, k, one) for k, one in enumerate(message.images)]) if message.images else NOTHING,
            said(f"text-{id}", faults, advice),
        ),
        div(
            at("tools"),
            command_tool(state, "up", MoveMessage(id, -1)),
            command_tool(state, "down", MoveMessage(id, 1)),
            tool("image", "Add an image", AskImageAddress(id)),
            tool("copy", "Duplicate message", DuplicateMessage(id)),
            tool("close", "Delete message", DeleteMessage(id)),
        ),
    )


def _image(id: str, index: int, image: Image) -> Node:
    inline = image.url.startswith("data:")
    name = image.name or ("image" if inline or image.size else image.url)
    return div(
        at("image"),
        img(at(src=image.url, alt="")) if inline else icon("image"),
        span(at("clip", title=name), name),
        span(at("dim"), text.size(image.size or len(image.url) * 3 // 4)) if inline or image.size else NOTHING,
        choice(f"detail-{id}-{index}", image.detail, _DETAILS, SetDetail(id, index), aria_label="Detail of the image"),
        tool("close", "Remove image", RemoveImage(id, index)),
    )


# --- JSON body -------------------------------------------------------------------------------------------------------------------


def _raw_card(substate: ComposeState) -> Node:
    thread = substate.thread
    shown = _raw_text(thread)
    found = [finding for finding in substate.findings if finding.field == "raw"]
    faults, advice = _sentences(found)
    hint = (
        "This is what the provider gets. "
        + ("It was edited by hand and is sent as it is." if thread.raw is not None else "It follows the form until you edit it.")
        + (f" “{STORED}…” is an image; it is inserted when the request is created." if STORED in shown else "")
    )
    return section(
        at("card", aria_label="Raw JSON"),
        header(
            {},
            _tabs(substate),
            span(at("row end"), act("Format", Tidy("raw"), "quiet"), act("Discard JSON edits", DropRaw(), "quiet"))
            if thread.raw is not None
            else NOTHING,
        ),
        div(
            at("pad field", data_bad=bool(faults)),
            json_area("raw", shown, substate.rev, 24, EditRaw(), aria_label="Raw JSON of the request", **ties("raw", faults, advice, hint)),
            said("raw", faults, advice, hint),
        ),
    )


_last_text: list[tuple[Thread, str]] = []


def _raw_text(thread: Thread) -> str:
    """The JSON body as text. That of the last thread is kept: the page is drawn once a second, and a body may have megabytes."""
    if not _last_text or _last_text[0][0] is not thread:
        _last_text[:] = [(thread, bodies.raw_text(thread))]
    return _last_text[0][1]


def _sentences(found: list[Finding]) -> tuple[list[str], list[str]]:
    """Faults and advice as they are shown."""
    said_of = [(one.severity, f"{place(one)}{one.sentence} {one.remedy}".strip()) for one in found]
    return [one for severity, one in said_of if severity == "error"], [one for severity, one in said_of if severity == "advice"]


def _key(state: State) -> Node:
    if state.profile.practice:
        return NOTHING
    from app.ui.provider.key_view import wanted_key  # in practice nobody needs it

    return wanted_key(state, state.profile, "Submitting needs one; adding to the queue does not.")


# --- summary ---------------------------------------------------------------------------------------------------------------------


def _summary(state: State) -> Node:
    substate = state.compose
    lane = substate.lane
    queued = sum(one.requests for one in state.queue.lanes if one.lane == lane)
    practice = state.profile.practice
    return section(
        at("card pad stack tight", aria_label="Request summary"),
        h2({}, "Request summary"),
        dl(
            at("facts"),
            dt({}, "Endpoint · model"),
            dd(at("mono"), f"{kinds.short(lane.endpoint)} · {lane.model or 'no model yet'}"),
            dt({}, "Size"),
            dd(
                {},
                text.size(substate.size),
                [span(at("fault", role="alert"), f" {finding.sentence}") for finding in substate.findings if finding.field == "size"],
            ),
            dt({}, "Queued"),
            dd({}, text.number(queued)),
            dt({}, "Price"),
            dd({}, "Free (simulated)" if practice else "half the normal price, within 24 h"),
        ),
        sent(state),
        p(
            at("dim"),
            "Answers are simulated in this page: nothing leaves this machine, nothing is billed. "
            if practice
            else f"“Submit now” sends it to {state.profile.name} now. “Add to queue” keeps it on this machine. ",
            when_added(state.queue.automatic, state.profile),
        ),
    )
