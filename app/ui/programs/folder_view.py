"""The watched folder: how it stands, and what became of the files in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simple_html import div, h2, header, section, span, table, tbody, td, th, thead, tr

from app.core.base import text
from app.core.programs.folder import Dropped, problems_name, results_name
from app.ui.base.markup import NOTHING, Node, at, join
from app.ui.base.parts import act, pill, scrolls
from app.ui.base.state import State
from app.ui.programs.actions import AllowFolder, ChooseFolder, MendFile, SwitchFolder, TakeFile

if TYPE_CHECKING:
    from app.services.programs.folder_watcher import FolderView

_SHOWN = 20
_PILLS = {"reading": ("info", "being read"), "read": ("good", "read"), "foreign": ("warn", "not taken")}


def way(state: State) -> Node:
    """The folder among the ways in; nothing where the browser cannot watch one."""
    here = state.programs.folder
    if here is None or not here.offered:
        return NOTHING
    tone, title, words, button = _stands(here)
    fault = state.programs.folder_fault or here.fault
    return [
        div(at("row wrap"), pill(tone, title), span(at("dim grow words"), words), button),  # type: ignore[arg-type]
        span(at("fault", role="alert"), fault) if fault else NOTHING,
    ]


def _stands(folder: FolderView) -> tuple[str, str, str, Node]:
    """Tone, title, words and what can be done."""
    choose = act("Choose a folder…", ChooseFolder(), "small")
    if folder.watched is None or folder.state == "none":
        return (
            "wait",
            "No folder",
            "Request files (.jsonl) dropped into a folder can be queued, and their results written next to them.",
            choose,
        )
    name = folder.watched.name
    if folder.state == "locked":
        words = f"The browser asks you to allow “{name}” again. Until then nothing in it is read, and results wait."
        return "warn", "Folder locked", words, act("Allow it", AllowFolder(), "small")
    if folder.state == "gone":
        return "bad", "Folder gone", f"“{name}” was moved or deleted. Results for it wait, and are retried.", choose
    if not folder.watched.on:
        words = f"Files in “{name}” are not read. Results of those read before are still written."
        return "wait", "Folder left alone", words, act("Watch it", SwitchFolder(on=True), "small")
    buttons = span(at("row"), act("Another…", ChooseFolder(), "quiet small"), act("Stop", SwitchFolder(on=False), "small"))
    return "good", "Folder watched", f"Files of requests (.jsonl) in “{name}” are queued; results are written beside them.", buttons


def files(state: State) -> Node:
    """The files of the folder, newest first; nothing where there are none."""
    here = state.programs.folder
    if here is None or not here.files:
        return NOTHING
    more = len(here.files) - _SHOWN
    return section(
        at("card", aria_label="Files of the folder"),
        header({}, h2({}, "Files of the folder"), span(at("dim"), f"and {text.count(more, 'older one')}") if more > 0 else NOTHING),
        scrolls(
            "Files as a table",
            table(
                at("table dropped"),
                thead(
                    {},
                    tr(
                        {},
                        th({}, "File"),
                        th({}, "State"),
                        th(at("num"), "Requests"),
                        th(at("num hide-s"), "Not taken"),
                        th(at("num hide-s"), "Seen"),
                    ),
                ),
                tbody({}, [_file(state, file) for file in here.files[:_SHOWN]]),
            ),
        ),
    )


def _file(state: State, one: Dropped) -> Node:
    tone, word = _PILLS[one.state]
    return tr(
        {},
        td(at("mono clip", title=one.name), text.shorten(one.name, 60)),
        td(at("state"), pill(tone, word), " ", _more(one)),  # type: ignore[arg-type]
        td(at("num taken"), text.number(one.taken)),
        td(at("num hide-s"), text.number(one.refused)),
        td(at("num hide-s"), text.clock(one.at, offset=state.zone, now=state.now)),
    )


def _more(one: Dropped) -> Node:
    if one.state == "foreign":
        return [
            span(at("dim"), f"{results_name(one.name)} was next to it: another browser may have sent it. "),
            act("Send it from here", TakeFile(one.name), "small"),
        ]
    said = [f"line {text.number(one.lines)}"] if one.state == "reading" and one.lines else []
    if one.refused:
        said.append(f"reasons in {problems_name(one.name)}")
    words = span(at("dim"), join(said)) if said else NOTHING
    if not one.mendable or one.state != "read":
        return words
    title = "They are written for another service, or have small errors; the file itself is not changed"
    return [words, " ", act(f"Convert and take {text.number(one.mendable)}", MendFile(one.name), "small", title=title)]
