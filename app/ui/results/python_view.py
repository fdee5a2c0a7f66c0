"""Python for a table of answers: the editor, what the code makes of the rows in sight, and what became of all of them."""

from __future__ import annotations

from simple_html import button, code, div, h2, header, label, li, p, section, span, strong, ul

from app.core.base import text
from app.core.model.python_code import PythonCode
from app.core.results.file_columns import PYTHON
from app.core.results.python_code import MOST_SOURCE, line_of
from app.services.results.python_rows import PythonFault
from app.services.results.python_runs import RowSeen
from app.ui.base.code_editor import code_editor
from app.ui.base.markup import NOTHING, Node, area, at
from app.ui.base.parts import act, command, field, keys_of, note, segmented, text_input, tool
from app.ui.base.python_state import PythonDraft
from app.ui.base.results_state import ResultsState
from app.ui.base.state import State
from app.ui.results.python_actions import (
    AcceptCode,
    ChooseCodeKind,
    DropCode,
    NameCode,
    OpenCode,
    RunCode,
    SeeCode,
    ShowPython,
    StopCode,
    TypeCode,
)
from app.ui.results.table_actions import OpenResult

_NAME = 60
_CELL = 200
_SAYS = 300
"""Characters of what is wrong at a line."""
_FAULTS = 20
_LISTED = 100
_KINDS = [("column", "Makes a column", ChooseCodeKind("column")), ("keep", "Filters rows", ChooseCodeKind("keep"))]


def python_columns(state: State) -> list[str]:
    """What can be shown of kept code, whether the table has it by now or not."""
    return [f"{PYTHON}{one.name}" for one in state.python.codes or () if one.kind == "column"]


def python_notes(state: State, here: ResultsState) -> Node:
    """What of the columns that the view names could not be filled, and how far a run is that nobody asked for here."""
    python = state.python
    failed = [
        note("warn", f"“{text.shorten(name, _NAME)}” was not filled.", why, _open(state, name)) for name, why in python.failed.items()
    ]
    if python.doing and python.draft is None:
        failed.append(p(at("row wrap"), *_running(state)))
    return failed if failed else NOTHING


def _open(state: State, name: str) -> Node:
    found = state.python.code(name)
    return act("Open it", OpenCode(found.id), "small") if found is not None else NOTHING


def _running(state: State) -> list[Node]:
    python = state.python
    return [
        span(at("spin", aria_hidden="true")),
        span(at(role="status"), f"“{text.shorten(python.doing, _NAME)}”: {text.percent(python.share)}"),
        command(state, StopCode(), "small quiet"),
    ]


def python_card(state: State, here: ResultsState) -> Node:
    """The card above the table; nothing while it is closed."""
    draft = state.python.draft
    if draft is None:
        return NOTHING
    return section(
        at("card python", aria_label="Python"),
        header({}, h2({}, "Python"), span(at("row end"), tool("close", "Close Python", ShowPython()))),
        div(
            at("pad stack"),
            _kept(state),
            div(at("row"), segmented("What it does", draft.kind, _KINDS)),
            _words(draft),
            _editor(draft),
            note("bad", "It can’t run.", draft.wrong) if draft.wrong else NOTHING,
            _seen(draft),
            _unread(state) if draft.unread else _all(state, draft),
            p(at("dim", role="status"), draft.said) if draft.said else NOTHING,
            _faults(draft.faults),
        ),
    )


def _kept(state: State) -> Node:
    codes = state.python.codes
    if not codes:
        return NOTHING
    more = len(codes) - _LISTED
    return div(
        at("row wrap"),
        span(at("label"), "Kept"),
        [_one(one) for one in codes[:_LISTED]],
        span(at("dim"), f"and {text.number(more)} more") if more > 0 else NOTHING,
        act("New", OpenCode(), "small quiet"),
    )


def _one(one: PythonCode) -> Node:
    short = text.shorten(one.name, _NAME)
    return span(
        at("row"),
        button(at("btn small", type="button", click=OpenCode(one.id), title=f"Open {one.name}"), span(at("clip"), short)),
        tool("close", f"Forget {short}", DropCode(one.id), kind="quiet small"),
    )


def _words(draft: PythonDraft) -> Node:
    gives = "the value of the cell" if draft.kind == "column" else "whether to keep the row"
    return p(
        at("dim"),
        [code({}, f"def {draft.kind}(row, answer):"), f" returns {gives}. "],
        [code({}, "answer"), " is the text, or a dict if it is a JSON object; ", code({}, "row"), " has the table’s columns, and "],
        [code({}, "id, number, prompt, answer, outcome, finish_reason, input_tokens, output_tokens, cost"), ". "],
        "It runs in a separate worker without access to the network, storage or keys.",
    )


def _editor(draft: PythonDraft) -> Node:
    written = area(
        at(
            "mono",
            id="python-code",
            rows=str(min(24, max(8, draft.source.count("\n") + 2))),
            data_value_rev=draft.rev,
            wrap="off",
            spellcheck="false",
            autocomplete="off",
            autocapitalize="off",
            maxlength=str(MOST_SOURCE),
            readonly=draft.unread,
            input=TypeCode(),
        ),
        draft.source,
    )
    return div(
        at("field"),
        label(at(for_="python-code"), "Code"),
        code_editor(written, rev=draft.rev, marks=_marks(draft), locked=draft.unread, keys=keys_of(RunCode())),
    )


def _marks(draft: PythonDraft) -> list[tuple[int, str]]:
    """Lines of the code at which something went wrong, with the first of what it was."""
    told = [(line_of(draft.wrong), draft.wrong)]
    told += [(one.line, one.says) for one in draft.seen or ()]
    told += [(one.line, one.says) for one in draft.faults]
    found: dict[int, str] = {}
    for line, says in told:
        if line and says:
            found.setdefault(line, text.shorten(says, _SAYS))
    return sorted(found.items())


def _unread(state: State) -> Node:
    return note(
        "warn",
        "This code was imported.",
        "It was not written in this browser, and none of it has run here. Read it. If you know what it does, allow it to run; you are "
        "asked again if the code changes.",
        command(state, AcceptCode(), "small primary"),
    )


def _all(state: State, draft: PythonDraft) -> Node:
    if state.python.doing:
        return div(at("row wrap"), *_running(state))
    return div(
        at("row wrap"),
        field(
            "python-name",
            "Name of the column",
            lambda **tied: text_input(
                "python-name", draft.name, NameCode(), data_value_rev=draft.rev, maxlength="60", data_key=keys_of(RunCode()), **tied
            ),
        ),
        command(state, RunCode(), "primary"),
        act("Try on visible rows", SeeCode(), "quiet"),
    )


def _seen(draft: PythonDraft) -> Node:
    """What came of the rows in sight."""
    if draft.seen is None:
        return p(at("dim", role="status"), "Running over the visible rows …") if draft.looking else NOTHING
    if not draft.seen:
        return p(at("dim", role="status"), "None of the visible rows has an answer.")
    return div(
        at("stack tight"),
        span(at("label"), "The visible rows"),
        ul(at("values"), [_row(draft, one) for one in draft.seen]),
    )


def _row(draft: PythonDraft, one: RowSeen) -> Node:
    number = f"Row {text.number(draft.numbers.get(one.row, 0))}"
    if one.says:
        return li(at("row"), span(at("dim"), number), span(at("fault"), _fault(one.line, one.says)))
    shown: Node = text.shorten(one.cell, _CELL) if one.cell else span(at("dim"), "(blank)")
    return li(at("row"), span(at("dim"), number), strong(at("clip", title=one.cell or None), shown))


def _fault(line: int, says: str) -> str:
    return f"Line {line}: {says}" if line else says


def _faults(faults: tuple[PythonFault, ...]) -> Node:
    if not faults:
        return NOTHING
    more = len(faults) - _FAULTS
    return div(
        at("stack tight"),
        span(at("label"), "Rows with errors"),
        ul(
            at("values"),
            [
                li(
                    at("row"),
                    act(f"Row {text.number(one.number)}", OpenResult(one.batch, one.row), "small quiet"),
                    span(at("fault"), _fault(one.line, one.says)),
                )
                for one in faults[:_FAULTS]
            ],
        ),
        p(at("dim"), "More of them have the value (error) in the column.") if more > 0 else NOTHING,
    )
