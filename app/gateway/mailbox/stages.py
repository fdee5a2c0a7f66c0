"""Where a message of a program is between the server and the page: its stages, and what leads from one to another.

The server's database refuses every other move, and no row can be removed whose stage leads on (:func:`guard`).
"""

from __future__ import annotations

import sqlite3
from functools import lru_cache
from typing import Final, Literal

from app.core.base.transitions import NoSuchMove, State, Transitions

Stage = Literal["here", "taken", "refused", "leaving"]
StageEvent = Literal["committed", "reported", "page_refused", "ended_unsent", "removed"]
"""What happens to a message:

- ``committed``: a page has it in its own database. ``reported``: a page says what became of it.
- ``page_refused``: a page could not make a request of it. ``ended_unsent``: the server ends it, because its line is no request or its batch
  was cancelled.
- ``removed``: its program withdrew it, or its result was delivered or read, long ago.
"""

STAGES: Final[Transitions[Stage, StageEvent]] = Transitions(
    "here",
    {
        "here": State(
            "no page has it; it may be sent to one",
            {
                "committed": "taken",
                "reported": "taken",
                "page_refused": "refused",
                "ended_unsent": "refused",
                "removed": "leaving",
            },
        ),
        "taken": State("a page has it in its own database, so no other page is given it", {"reported": "taken", "removed": "leaving"}),
        "refused": State("no request was created from it; the answer says why", {}),
        "leaving": State("its program no longer sees it; it is erased when no page has it", {}),
    },
)

_REFUSED: Final = "NoSuchMove:"
_LISTED: Final = ", ".join


def move(db: sqlite3.Connection, event: StageEvent, seq: int, **changed: object) -> bool:
    """Move a message along the table, and with it other columns. Returns False where its stage does not hear the event (or there is no such
    message): nothing was changed."""
    return db.execute(_update(event, tuple(changed)), (*changed.values(), seq)).rowcount > 0


@lru_cache(maxsize=64)
def _update(event: StageEvent, columns: tuple[str, ...]) -> str:
    heard = {name: one.leads[event] for name, one in STAGES.states.items() if event in one.leads}
    (to,) = set(heard.values())
    sets = _LISTED([f"stage = '{to}'", *(f"{name} = ?" for name in columns)])
    return f"UPDATE messages SET {sets} WHERE seq = ? AND stage IN ({_LISTED(map(repr, heard))})"  # noqa: S608 — names of the program only


def guard(db: sqlite3.Connection) -> None:
    """Have this connection refuse what the table does not name, whichever statement asks for it. The triggers are the connection's own: a
    file never carries the table of an older or newer server."""
    for old, news in STAGES.moves.items():
        known = f"NOT IN ({_LISTED(map(repr, sorted({*news, *([old] if old else [])})))})"
        when = f"UPDATE OF stage ON main.messages WHEN OLD.stage = '{old}'" if old else "INSERT ON main.messages WHEN TRUE"
        _refuse(db, f"moves_{old}", f"{when} AND NEW.stage {known}", old)
        if old and news:
            _refuse(db, f"erases_{old}", f"DELETE ON main.messages WHEN OLD.stage = '{old}'", old)


def _refuse(db: sqlite3.Connection, name: str, when: str, old: str) -> None:
    db.execute(f"CREATE TEMP TRIGGER {name} BEFORE {when} BEGIN SELECT RAISE(ABORT, '{_REFUSED}{old}'); END")


def refusal(error: Exception) -> Exception:
    """NoSuchMove in place of SQLite's own error, where the guard refused; any other error as it is."""
    said = str(error)
    if isinstance(error, sqlite3.IntegrityError) and said.startswith(_REFUSED):
        return NoSuchMove(said.removeprefix(_REFUSED), "change", "a stage that does not follow")
    return error
