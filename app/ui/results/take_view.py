"""The dialog in which a person chooses a file of answers, and sees it being written."""

from __future__ import annotations

from typing import Final

from simple_html import div, li, p, span, ul

from app.core.base import text
from app.core.model.settings import REPORTS, ROWLESS, RowChoice
from app.ui.base.actions import CloseDialog
from app.ui.base.actions_base import command_of
from app.ui.base.dialogs_view import dialog
from app.ui.base.markup import NOTHING, Node, at, long
from app.ui.base.parts import act, bar_part, checkbox, chosen, command, field, keys_of, note, segmented
from app.ui.base.state import State
from app.ui.results.dialogs import TakeAwayDialog
from app.ui.results.report_rows_view import report_rows
from app.ui.results.take_actions import ChooseRows, ChooseTakeAway, MakeTable, StopTakeAway, WriteTakeAway
from app.ui.results.take_columns_view import columns

FORMATS: Final = (
    ("csv", "CSV"),
    ("xlsx", "Excel (XLSX)"),
    ("jsonl", "JSON Lines (JSONL)"),
    ("parquet", "Parquet"),
    ("tuning", "Fine-tuning (JSONL, chat format)"),
    ("dpo", "Preference pairs (JSONL, DPO format)"),
    ("pairs", "Preference pairs (JSONL: prompt, chosen, rejected)"),
    ("html", "Report with charts (HTML)"),
    ("markdown", "Report (Markdown)"),
)
_PAIRS: Final = (
    "Two answers to the same row of which one is preferred: by a blind vote, else by ratings, else one marked good and one bad; "
    "a correction is preferred to the answer it corrects. Ties are left out and counted."
)
_REPORT: Final = "Outcomes of the requests, kinds of problems, prompts, batches and the first rows"
_HINTS: Final = {
    "csv": "Opens in any spreadsheet. UTF-8.",
    "xlsx": "Every cell is text or a number, never a formula.",
    "jsonl": "One JSON object per row, with types.",
    "parquet": "Columns with types, compressed. For pandas, DuckDB, Spark and others.",
    "tuning": "One conversation per line: the prompt and its answer. Requests without a good answer are left out.",
    "dpo": _PAIRS,
    "pairs": _PAIRS,
    "html": f"Charts. {_REPORT}. One page without scripts that needs no network.",
    "markdown": f"{_REPORT}. The tables of the charts in their place.",
}
_DOING: Final = {"table": "Creating the table", "columns": "Reading the columns"}


def take_away(state: State, one: TakeAwayDialog) -> Node:
    """The dialog."""
    rows = one.choice.format not in ROWLESS
    return dialog(
        "take",
        "Download answers",
        div(
            at("stack"),
            p(at("dim"), one.title),
            field(
                "take-format",
                "Format",
                chosen("take-format", one.choice.format, FORMATS, ChooseTakeAway("format"), data_autofocus=True),
                hint=_HINTS.get(one.choice.format, ""),
            ),
            [_rows(one) if one.only is None else NOTHING, columns(state, one), _layout(one)] if rows else NOTHING,
            report_rows(state.charts.report, "take-report-rows") if one.choice.format in REPORTS else NOTHING,
            _csv(one) if one.choice.format == "csv" else NOTHING,
            _standing(one),
        ),
        act("Stop", StopTakeAway()) if one.doing else act("Close", CloseDialog(), "quiet"),
        command(state, MakeTable(), spins=one.doing == "table"),
        command(state, WriteTakeAway(), "primary", spins=one.doing == "write"),
        data_key=keys_of(WriteTakeAway()) if command_of(WriteTakeAway()).refusal(state, WriteTakeAway()) is None else None,
    )


def _rows(one: TakeAwayDialog) -> Node:
    words: tuple[tuple[RowChoice, str], ...] = (("all", "All"), ("answered", "Answered"), ("unanswered", "Not answered"))
    choices = [(which, title, ChooseRows(which)) for which, title in words]
    return div(at("field"), span(at("label"), "Rows"), segmented("Rows", one.choice.rows, choices))


def _layout(one: TakeAwayDialog) -> Node:
    options = (("rows", "One row per answer"), ("columns", "Side by side, in columns"))
    return field(
        "take-layout",
        "Several answers per row",
        chosen("take-layout", "columns" if one.choice.side_by_side else "rows", options, ChooseTakeAway("side_by_side")),
        hint="Samples, and rows that were queued more than once.",
    )


def _csv(one: TakeAwayDialog) -> Node:
    return div(
        at("stack tight"),
        checkbox("Byte order mark, so that Excel reads it as UTF-8", one.choice.bom, ChooseTakeAway("bom"), id="take-bom"),
        checkbox(
            "Put an apostrophe before cells that start with = + - @", one.choice.neutral, ChooseTakeAway("neutral"), id="take-neutral"
        ),
    )


def _standing(one: TakeAwayDialog) -> Node:
    """How far it is, or how it ended."""
    if one.doing:
        return div(
            at("stack tight"),
            span(at(role="status"), f"{_DOING.get(one.doing, 'Writing the file')} … {text.percent(one.share)}"),
            span(at("bar", role="img", aria_label=f"{text.percent(one.share)} done"), bar_part("g", float(one.share))),
        )
    if one.fault is not None:
        return note("bad", *one.fault)
    if not one.said:
        return NOTHING
    remarks = ul({}, [li({}, long(each, "remark")) for each in one.remarks]) if one.remarks else NOTHING
    return note("good", "Saved.", [long(one.said, "file"), remarks])
