"""What is at the provider under one key: its batch files, and which of them may go."""

from __future__ import annotations

from simple_html import a, div, h1, h2, header, input_, p, section, span

from app.core.base import text
from app.core.batches import adopting
from app.core.batches.remote_files import Listed
from app.core.model.batches import Batch
from app.core.model.remote import Remote
from app.ui.account.actions import (
    AdoptBatch,
    AskSweep,
    ChooseAccount,
    ChooseFile,
    ChooseFiles,
    LookAtAccount,
    ScrollAccount,
    ShowAccount,
    StopSweep,
)
from app.ui.base.markup import NOTHING, Node, at, join
from app.ui.base.parts import Tone, act, choice, command, empty, pill, problem_note, segmented, unseen, windowed
from app.ui.base.provider_state import AccountState
from app.ui.base.state import State
from app.ui.base.times import ago

WHAT: dict[str, tuple[Tone, str, str]] = {
    "needed": ("info", "in use", "A batch that has not ended needs it."),
    "unfetched": ("warn", "not all here", "Not all answers of its batch are in this browser: download them first."),
    "kept": ("good", "results saved", "Its batch has ended, and its answers are stored in this browser."),
    "orphan": ("warn", "orphaned", "Uploaded from here, and used by no batch."),
    "elsewhere": ("wait", "created elsewhere", "From a batch that this browser did not create, or no longer has."),
    "unused": ("wait", "unused", "No batch uses it; Nightshift did not upload it."),
}
"""Of each kind of file: tone, word, and what it means."""


def account(state: State) -> Node:
    substate = state.account
    return [
        _header(state, substate),
        problem_note(substate.problem, act("Try again", LookAtAccount(), "small")) if substate.problem else NOTHING,
        _seen(state, substate) if substate.seen is not None else NOTHING,
    ]


def _header(state: State, substate: AccountState) -> Node:
    providers = [(profile.id, profile.name or profile.base_url) for profile in state.provider.profiles.values()]
    busy = substate.reading is not None or substate.deleting is not None
    words: Node = "What your key can see there: batch files, including those created elsewhere."
    if substate.reading is not None:
        words = f"Reading: {text.count(substate.reading[0], 'file')} and {text.count(substate.reading[1], 'batch')} so far …"
    elif substate.seen is not None:
        size = text.size(sum(file.file.size for file in substate.files))
        when = ago(state, substate.seen.at)
        words = join(
            [f"{text.count(len(substate.files), 'file')}, {size}", text.count(len(substate.seen.batches), "batch"), ["listed ", when]]
        )
    return header(
        {},
        div({}, h1({}, "At the provider"), p({}, words)),
        div(
            at("actions"),
            div(
                at("field"),
                choice("account-profile", substate.profile, providers, ChooseAccount(), aria_label="Provider", disabled=busy),
            ),
            command(state, LookAtAccount()),
        ),
    )


def _seen(state: State, substate: AccountState) -> Node:
    tabs = [(one, title, ShowAccount(one)) for one, title in (("files", "Files"), ("batches", "Remote batches"))]
    return [
        div(at("row"), segmented("Show", substate.tab, tabs)),
        _files(state, substate) if substate.tab == "files" else _batches(state, substate),
    ]


def _batches(state: State, substate: AccountState) -> Node:
    """All batches of the account, those of this browser and those created elsewhere."""
    remotes = substate.seen.batches if substate.seen else ()
    if not remotes:
        return empty("No batches", "The provider lists no batch for this key.")
    first, last = state.scrolled("account").window(len(remotes))
    mine = [batch for batch in state.batches.all if batch.lane.profile == substate.profile]
    known = adopting.Index(mine)
    return section(
        at("card", aria_label="Remote batches"),
        header({}, h2({}, "Remote batches"), span(at("dim"), "one that was created elsewhere can be imported, with its requests")),
        windowed(
            "account",
            len(remotes),
            first,
            [_batch(state, n, one, known.of(one)) for n, one in enumerate(remotes[first:last], first)],
            ScrollAccount(),
            title="Remote batches",
            head=div(
                at("line line-head remote-line", role="row"),
                [
                    span(at(cls, role="columnheader"), title)
                    for cls, title in (
                        ("", "Batch"),
                        ("hide-s", "Status"),
                        ("num hide-s", "Requests"),
                        ("num hide-s", "Age"),
                        ("", unseen("Actions")),
                    )
                ],
            ),
        ),
    )


def _batch(state: State, n: int, remote: Remote, ours: Batch | None) -> Node:
    name = remote.metadata.get("name", "") or remote.id
    if ours is not None:
        way: Node = a(at(href=f"#/batches/{ours.id}"), "is here")
    else:
        way = act("Import batch", AdoptBatch(remote.id), "small", data_once=True, aria_label=f"Import batch {name}")
    return div(
        at("line remote-line", role="row", id=f"remote-{n}", aria_rowindex=str(n + 1)),
        span(at("clip", role="cell", title=f"{remote.id} · {remote.endpoint}"), name),
        span(at("clip hide-s", role="cell"), remote.status.replace("_", " ") or "?"),
        span(at("num hide-s", role="cell"), text.number(remote.total) if remote.total else "?"),
        span(at("num dim hide-s", role="cell"), ago(state, remote.created_at) if remote.created_at else "?"),
        span(at("end", role="cell"), way),
    )


def _files(state: State, substate: AccountState) -> Node:
    if not substate.files:
        return empty("No files", "The provider keeps no batch files for this key.")
    first, last = state.scrolled("account").window(len(substate.files))
    return section(
        at("card", aria_label="Files"),
        header({}, h2({}, "Files"), _choosers(substate), span(at("row end"), _deletion(state, substate))),
        windowed(
            "account",
            len(substate.files),
            first,
            [_row(state, substate, n, one) for n, one in enumerate(substate.files[first:last], first)],
            ScrollAccount(),
            title="Files at the provider",
            head=div(
                at("line line-head file-line", role="row"),
                [
                    span(at(cls, role="columnheader"), title)
                    for cls, title in (("", unseen("Chosen")), ("", "File"), ("", "What it is"), ("num", "Size"), ("num hide-s", "Age"))
                ],
            ),
        ),
    )


def _choosers(substate: AccountState) -> Node:
    """Choose a kind at once; only what may go."""
    found: list[Node] = []
    for what, word in (("orphan", "orphaned"), ("kept", "with results saved")):
        count = sum(file.what == what for file in substate.files)
        if count:
            found.append(act(f"Choose {text.number(count)} {word}", ChooseFiles(what), "quiet small"))
    if substate.chosen:
        found.append(act("Choose none", ChooseFiles(), "quiet small"))
    return span(at("row wrap"), found)


def _deletion(state: State, substate: AccountState) -> Node:
    if substate.deleting is not None:
        done, total = substate.deleting
        return [
            span(at("dim", role="status"), f"deleted {text.number(done)} of {text.number(total)}"),
            command(state, StopSweep(), "small"),
        ]
    if not substate.chosen:
        return NOTHING
    return command(state, AskSweep(), "danger small")


def _row(state: State, substate: AccountState, n: int, one: Listed) -> Node:
    tone, word, why = WHAT[one.what]
    file = one.file
    name = file.filename or file.id
    return div(
        at(
            "line file-line",
            role="row",
            id=f"file-{n}",
            aria_rowindex=str(n + 1),
            aria_selected="true" if file.id in substate.chosen else None,
        ),
        span(
            at(role="cell"),
            input_(
                at(
                    type="checkbox",
                    checked=file.id in substate.chosen,
                    disabled=not one.free or substate.deleting is not None,
                    change=ChooseFile(file.id),
                    aria_label=f"Choose {name}",
                    title=why,
                )
            ),
        ),
        span(at("clip mono", role="cell", title=file.id), name),
        span(at(role="cell", title=why), pill(tone, word)),
        span(at("num", role="cell"), text.size(file.size) if file.size else "?"),
        span(at("num dim hide-s", role="cell"), ago(state, file.created_at) if file.created_at else "?"),
    )
