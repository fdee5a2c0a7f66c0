"""Which of the files that a person gave together are tables, and which become rows of one: a picture, a PDF, a folder of anything but
tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from app.core.base.locale import plainly
from app.core.base.text import count, head, number
from app.core.datasets import filerows
from app.core.datasets.filerows import GivenFile

TABLES: Final = (".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".geojson", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".parquet")
"""How the names of tables end."""
TEXTS: Final = (".txt",)
"""A text by itself may be a table; of several each is a row."""
ROWS: Final = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".pdf", ".md", ".html", ".htm", ".xml")
"""How the names of files end of which each is a row."""


FOLDER_TABLES: Final = tuple(one for one in TABLES if one not in (".json", ".geojson"))
"""How the names of all files of a folder end that is a folder of tables; of a folder of JSON files each is one record more often."""
MOST_TABLES: Final = 50
"""Tables that a folder has at most: of more files each is a row."""

_NAMED: Final = 5
"""Files that are named of those that could not be read."""


def unread(given: Sequence[dict[str, Any]]) -> tuple[str, str] | None:
    """What is to be said of files and folders that the browser could not read: title and text; None where it could."""
    lost = [str(one.get("path") or one.get("name", "")) for one in given if one.get("error")]
    if not lost:
        return None
    names = ", ".join(head(one, 80) for one in lost[:_NAMED])
    more = f" and {number(len(lost) - _NAMED)} more" if len(lost) > _NAMED else ""
    what = "one file or folder" if len(lost) == 1 else f"{number(len(lost))} files or folders"
    why = "none of it was imported. It" if len(lost) == 1 else "none of them was imported. They"
    return (
        "Not all files could be read.",
        f"The browser could not read {what}, and {why} may be protected, or moved: {names}{more}.",
    )


def as_rows(given: Sequence[dict[str, Any]], *, folder: bool = False) -> tuple[list[GivenFile], list[dict[str, Any]]]:
    """Of files as the page hands them over (name, path in a folder, size) those that are rows, with their places in all of them one after
    another, and the others, which are tables. All of a folder are rows, unless it was dropped and holds tables
    alone; ``folder``: it was chosen so that each of its files becomes a row."""
    folders = set() if folder else _of_tables(given)
    rows: list[GivenFile] = []
    tables: list[dict[str, Any]] = []
    at = 0
    for one in given:
        name, size = str(one.get("name", "")), one.get("size", 0)
        size = size if isinstance(size, int) and size >= 0 else 0
        path = str(one.get("path") or "")
        if path.partition("/")[0] in folders:
            if filerows.is_wanted(path):
                tables.append(one)
        elif path or _is_row(name.lower(), alone=len(given) == 1):
            rows.append(GivenFile(path or name, size, at))
        else:
            tables.append(one)
        at += size
    return rows, tables


def _of_tables(given: Sequence[dict[str, Any]]) -> set[str]:
    """The folders, by their own names, in which there is nothing but tables, at any depth."""
    inside: dict[str, list[str]] = {}
    for one in given:
        path = str(one.get("path") or "")
        if path and filerows.is_wanted(path):
            inside.setdefault(path.partition("/")[0], []).append(path.lower())
    return {folder for folder, paths in inside.items() if len(paths) <= MOST_TABLES and all(path.endswith(FOLDER_TABLES) for path in paths)}


def _is_row(name: str, *, alone: bool) -> bool:
    return name.endswith(ROWS) or (not alone and name.endswith(TEXTS))


@plainly
def name_of(files: Sequence[GivenFile]) -> str:
    """What the table of these files is called at first: as the folder that all of them are in, if there is one."""
    if len(files) == 1:
        return files[0].path.rpartition("/")[2]
    folders = {one.path.partition("/")[0] if "/" in one.path else "" for one in files}
    return folders.pop() or count(len(files), "file") if len(folders) == 1 else count(len(files), "file")
