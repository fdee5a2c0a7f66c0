"""The workspace as a whole: its card in the settings, and what a file that was chosen holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simple_html import b, details, div, h2, header, input_, label, li, p, section, span, ul
from simple_html import summary as fold

from app.core.base import text
from app.core.batches import pipeline
from app.ui.base.markup import NOTHING, Node, at
from app.ui.base.parts import act, bar_part, checkbox, command, field, note
from app.ui.base.state import State
from app.ui.base.times import ago
from app.ui.workspace.actions import ChooseWorkspace, ExportWorkspace, KeepImport, StopWorkspace, TypePassphrase, UndoImport, WithKeys
from app.ui.workspace.dialogs import ImportDialog

if TYPE_CHECKING:
    from app.core.workspace.renaming import Address

_DOING = {
    "export": "Writing the file",
    "check": "Reading the file",
    "import": "Importing",
    "undo": "Undoing the import",
    "keep": "Clearing what was kept for the undo",
}


def card(state: State) -> Node:
    """Export, import, and the way back."""
    workspace = state.workspace
    return section(
        at("card", aria_label="Workspace"),
        header({}, h2({}, "Workspace")),
        div(
            at("pad stack"),
            p(
                at("dim"),
                "Everything kept here, in one file: prompts, queue, batches, answers, settings. "
                "Move it to another browser, or keep it as a backup.",
            ),
            _on_their_way(state),
            _keys(state),
            _progress(state) if workspace.doing else _buttons(state),
            note(*workspace.said) if workspace.said and not workspace.doing else NOTHING,
            _undo(state),
        ),
    )


def _on_their_way(state: State) -> Node:
    count = sum(batch.state not in pipeline.FINAL for batch in state.batches.all)
    return note("", *one_place(count)) if count else NOTHING


def one_place(count: int) -> tuple[str, str]:
    """What must be known of batches on their way, as title and text."""
    return (
        f"{text.count(count, 'batch')} {'is' if count == 1 else 'are'} on {'its' if count == 1 else 'their'} way.",
        f"Continue {'it' if count == 1 else 'them'} in one place only, here or where the file is imported: "
        "two browsers that work on one batch interfere with each other.",
    )


def _keys(state: State) -> Node:
    workspace = state.workspace
    if workspace.doing:
        return NOTHING
    return div(
        at("stack tight"),
        checkbox("With the API keys, encrypted", workspace.with_keys, WithKeys(), id="workspace-keys"),
        [
            _passphrase("first", "Passphrase", hint="The keys cannot be read without it, and it cannot be recovered."),
            _passphrase("again", "Passphrase again", fault=workspace.fault),
        ]
        if workspace.with_keys
        else NOTHING,
    )


def _passphrase(which: str, title: str, *, hint: Node = NOTHING, fault: str = "") -> Node:
    id = f"passphrase-{which}"
    return field(
        id,
        title,
        lambda **tied: input_(
            at(
                id=id,
                type="password",
                data_own=True,  # it is in the field, never in markup
                input=TypePassphrase(which),
                autocomplete="new-password" if which != "import" else "off",
                **tied,
            )
        ),
        hint=hint,
        faults=[fault] if fault else [],
    )


def _buttons(state: State) -> Node:
    file = at(
        id="workspace-file",
        type="file",
        accept=".nightshift",
        change=ChooseWorkspace(),
        data_read="blob",
        aria_label="Import a workspace file",
    )
    return div(at("row wrap"), command(state, ExportWorkspace()), label(at("btn"), "Import …", input_(file)))


def _progress(state: State) -> Node:
    return div(
        at("row wrap"),
        _meter(state),
        command(state, StopWorkspace(), "quiet small"),
    )


def _meter(state: State) -> Node:
    workspace = state.workspace
    words = f"{_DOING[workspace.doing]}: {text.percent(workspace.share)}"
    bar = span(at("bar", role="progressbar", aria_label=words, aria_valuenow=str(workspace.share)), bar_part("r", workspace.share))
    return span(at("meter grow"), bar, span(at("dim"), words))


def _undo(state: State) -> Node:
    last, workspace = state.workspace.last, state.workspace
    if last is None or workspace.doing:
        return NOTHING
    how = "replaced what was here" if last.mode == "replace" else "was merged with what was here"
    return note(
        "info",
        "An import can be undone.",
        [f"{last.name or 'A file'} {how} ", ago(state, last.at), ". What was here before is kept until you decide, and takes up space."],
        act("Undo the import", UndoImport(), "small"),
        act("Keep the import", KeepImport(), "quiet small"),
    )


# --- the dialog


def summary(one: ImportDialog, state: State) -> Node:
    """What a file holds, and what either way of importing it does."""
    workspace = state.workspace
    return [
        p(at("dim"), one.name),
        ul(at("counts"), [li({}, b({}, figure), " ", words) for words, figure in one.counts]),
        note("", *one_place(one.on_their_way)) if one.on_their_way else NOTHING,
        note("", "Parts of it are damaged.", _findings(one.findings)) if one.findings else NOTHING,
        _passphrase("import", "Passphrase of its API keys", hint="Leave it empty to import everything but the keys.", fault=one.fault)
        if one.sealed and not workspace.doing
        else NOTHING,
        p(
            at("dim"),
            b({}, "Merge"),
            " adds what is not here; if a batch is on both sides, the one further along is kept; nothing that you wrote is lost. ",
            b({}, "Replace"),
            " puts the file's workspace in place of this one. Both can be undone.",
        ),
        _addresses(one),
        p(at("dim"), "The earlier import can then no longer be undone.") if one.undoable else NOTHING,
        _meter(state) if workspace.doing else NOTHING,
    ]


def _addresses(one: ImportDialog) -> Node:
    """Every address that comes with the file or would change, before anything is done."""
    both = tuple(each for each in one.merged if each in one.replaced)
    lists = (
        ("", both),
        ("Only if you merge:", tuple(each for each in one.merged if each not in both)),
        ("Only if you replace:", tuple(each for each in one.replaced if each not in both)),
    )
    if not (one.merged or one.replaced):
        return NOTHING
    return note(
        "",
        "Addresses come with this file.",
        [
            p(
                {},
                "What is here keeps its addresses. Only what the file sends to these addresses will go there:",
            ),
            [[p({}, title) if title else NOTHING, ul({}, [_address(each) for each in found])] for title, found in lists if found],
        ],
    )


def _address(one: Address) -> Node:
    where = f"{one.old} → {one.new}" if one.old else one.new
    return li({}, b({}, one.what), " ", span(at("mono"), where), f" {one.note}" if one.note else "")


def _findings(findings: tuple[str, ...]) -> Node:
    return details({}, fold({}, "What is damaged or left out"), ul({}, [li({}, finding) for finding in findings]))
