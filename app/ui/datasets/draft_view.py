"""A file before it is imported: how it is read, correctable, above its first rows."""

from __future__ import annotations

from typing import Final

from simple_html import div, h1, h2, header, input_, li, p, pre, section, span, table, tbody, td, th, thead, tr, ul

from app.core.base import text
from app.core.datasets.encodings import OFFERED, EncodingPreview
from app.core.model.datasets import Dialect
from app.services.datasets.examine_job import FirstRows
from app.ui.base.data_state import DataState, ImportDraft
from app.ui.base.markup import NOTHING, Node, at
from app.ui.base.parts import act, bar_part, checkbox, chosen, command, field, note
from app.ui.base.state import State
from app.ui.datasets.actions import ChooseEncoding, ChooseKey, ImportTable, LeaveOthers, NameTable, QueueRequests, SetDialect, StopImport
from app.ui.datasets.requests_view import offer

_DELIMITERS: Final = ((",", "Comma ,"), (";", "Semicolon ;"), ("tab", "Tab"), ("|", "Bar |"), (":", "Colon :"), (" ", "Space"))
_QUOTES: Final = (('"', 'Double "'), ("'", "Single '"), ("", "None"))
_COLUMNS: Final = 30
_CANDIDATES: Final = 6


def draft(state: State, one: ImportDraft) -> Node:
    """The strip, the first rows, and the way on."""
    title = f"New version of {one.name}" if one.into else one.source.name or "Pasted rows"
    return [
        header(
            {},
            div({}, h1({}, title), p({}, "Check how it is read, then import it. Nothing is sent.")),
            div(
                at("actions"),
                act("Cancel", StopImport(), "quiet") if one.doing != "import" else act("Stop", StopImport()),
                command(state, QueueRequests(), "primary") if one.requests is not None else NOTHING,
                command(state, ImportTable(), "primary" if one.requests is None else ""),
            ),
        ),
        note("bad", *one.fault) if one.fault else NOTHING,
        _others(state.data) if state.data.waiting else NOTHING,
        _progress(one) if one.doing == "import" else NOTHING,
        _asked(one.seen) if one.seen is not None and one.seen.candidates else NOTHING,
        offer(state, one.requests) if one.requests is not None else NOTHING,
        _strip(one, one.seen) if one.seen is not None else NOTHING,
        _first_rows(one.seen) if one.seen is not None else p(at("pad dim", role="status"), "Reading the file …"),
    ]


def _others(here: DataState) -> Node:
    """Files that come after this one."""
    names = ", ".join(text.head(one.name, 60) for one in here.waiting[:3])
    more = f" and {text.number(len(here.waiting) - 3)} more" if len(here.waiting) > 3 else ""
    return note(
        "info",
        f"{text.count(len(here.waiting), 'more file')} after this one.",
        f"{names}{more}",
        act("Leave them out", LeaveOthers(), "small"),
    )


def _progress(one: ImportDraft) -> Node:
    return section(
        at("card"),
        div(
            at("pad stack tight"),
            span(at(role="status"), f"Importing … {text.percent(one.share)}"),
            span(at("bar", role="img", aria_label=f"{text.percent(one.share)} imported"), bar_part("g", float(one.share))),
        ),
    )


def _asked(seen: FirstRows) -> Node:
    """Which encoding is it? What each makes of the text is shown."""
    return section(
        at("card", aria_label="Encoding"),
        header({}, h2({}, "In which of these do the characters look right?")),
        div(
            at("pad stack"),
            p(at("dim"), "This file isn't UTF-8 text, so its encoding has to be chosen."),
            ul(
                at("stack"),
                [
                    li(
                        at("stack tight"),
                        pre(at("code"), "\n".join(lines)),
                        span(
                            at("row wrap"),
                            act(same[0].title, ChooseEncoding(same[0].encoding), "small" if n else "small primary"),
                            span(at("dim"), "Same text here:") if same[1:] else NOTHING,
                            [act(one.title, ChooseEncoding(one.encoding), "small quiet") for one in same[1:]],
                        ),
                    )
                    for n, (lines, same) in enumerate(_alike(seen.candidates))
                ],
            ),
        ),
    )


def _alike(candidates: tuple[EncodingPreview, ...]) -> list[tuple[tuple[str, ...], list[EncodingPreview]]]:
    """Encodings by what they make of the lines, likeliest first: of many that differ elsewhere the person sees the text once. The last one,
    UTF-8 with damaged rows, is always among those that are shown."""
    found: dict[tuple[str, ...], list[EncodingPreview]] = {}
    for one in candidates:
        found.setdefault(one.lines, []).append(one)
    groups = list(found.items())
    return [*groups[:_CANDIDATES], *groups[max(_CANDIDATES, len(groups) - 1) :]]


def _strip(one: ImportDraft, seen: FirstRows) -> Node:
    dialect = one.dialect or seen.dialect
    keys = [("", "None: whole rows are compared"), *((name, name) for name in seen.columns)]
    return section(
        at("card", aria_label="How it is read"),
        div(
            at("pad strip-fields"),
            _formats(dialect, seen),
            field(
                "table-name",
                "Name",
                lambda **tied: input_(
                    at("input", id="table-name", value=one.name, input=NameTable(), autocomplete="off", maxlength="200", **tied)
                ),
            )
            if not one.into
            else NOTHING,
            field(
                "table-key",
                "Row key",
                chosen("table-key", one.key, keys, ChooseKey()),
                hint="A column with a different value in every row. A newer file then updates these rows.",
            ),
        ),
    )


def _formats(dialect: Dialect, seen: FirstRows) -> list[Node]:
    found: list[Node] = []
    if dialect.format == "csv":
        shown = "tab" if dialect.delimiter == "\t" else dialect.delimiter
        found += [
            field("dialect-delimiter", "Delimiter", chosen("dialect-delimiter", shown, _DELIMITERS, SetDialect("delimiter"))),
            field("dialect-quote", "Quote", chosen("dialect-quote", dialect.quote, _QUOTES, SetDialect("quote"))),
        ]
    if seen.sheets:
        names = [(each.name, f"{each.name} (hidden)" if each.hidden else each.name) for each in seen.sheets]
        first = next((each.name for each in seen.sheets if not each.hidden), seen.sheets[0].name)
        found.append(field("dialect-sheet", "Sheet", chosen("dialect-sheet", dialect.sheet or first, names, SetDialect("sheet"))))
    if dialect.format in ("csv", "json", "jsonl"):
        known = [("utf-8", "Unicode (UTF-8)"), ("utf-16le", "Unicode (UTF-16, little-endian)"), *OFFERED]
        found.append(field("dialect-encoding", "Encoding", chosen("dialect-encoding", dialect.encoding, known, SetDialect("encoding"))))
    if dialect.format in ("csv", "sheet"):
        found += [
            field(
                "dialect-skip",
                "Lines to skip",
                lambda **tied: input_(
                    at("input", id="dialect-skip", type="number", min="0", value=str(dialect.skip), change=SetDialect("skip"), **tied)
                ),
                hint="Lines above the table, such as a title." if dialect.skip else NOTHING,
            ),
            checkbox("First row is the header", dialect.header, SetDialect("header"), id="dialect-header"),
        ]
    if dialect.format == "csv":
        found.append(checkbox("Fill short rows", dialect.fill, SetDialect("fill"), id="dialect-fill"))
    return found


def _first_rows(seen: FirstRows) -> Node:
    if seen.refused:
        return note("bad", "The file can't be read this way.", seen.refused)
    columns = seen.columns[:_COLUMNS]
    more = len(seen.columns) - len(columns)
    return [
        [note("info", "Good to know.", one) for one in seen.remarks],
        note(
            "",
            f"{text.count(len(seen.faults), 'row')} near the beginning can't be read and will be skipped.",
            ul({}, [li({}, f"Row {text.number(one.row)}: {one.sentence}") for one in seen.faults[:5]]),
        )
        if seen.faults
        else NOTHING,
        section(
            at("card", aria_label="First rows"),
            header({}, h2({}, "First rows"), span(at("dim"), f"and {text.count(more, 'more column')}") if more else NOTHING),
            div(
                at("scroll-x", tabindex="0", role="region", aria_label="First rows"),
                table(
                    at("table"),
                    thead({}, tr({}, [th(at("clip", scope="col"), name) for name in columns])),
                    tbody({}, [tr({}, [td(at("clip"), cell) for cell in row[:_COLUMNS]]) for row in seen.rows]),
                ),
            )
            if seen.rows
            else p(at("pad dim"), "There are no rows."),
        ),
    ]
