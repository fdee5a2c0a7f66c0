"""Python over a table of answers in every state that the page shows, all of whose texts are one."""

from __future__ import annotations

from collections.abc import Iterator

from app.core.model.python_code import PythonCode
from app.services.results.python_rows import PythonFault
from app.services.results.python_runs import RowSeen
from app.ui.base.python_state import PythonDraft, PythonState
from app.ui.base.results_state import ResultsState
from tests.states.answered import BATCH, table

SOURCE = 'import re\n\ndef column(row, answer):\n    found = re.search(r"\\d+", answer)\n    return int(found[0]) if found else None\n'


def states(said: str) -> Iterator[tuple[str, ResultsState, PythonState]]:
    """The card, and what is told without it."""
    codes = (PythonCode(id="py-1", name=said, source=said), PythonCode(id="py-2", name="Small", kind="keep", source=said))
    numbers = {(BATCH, n): n + 1 for n in range(4)}
    seen = (RowSeen((BATCH, 0), "42"), RowSeen((BATCH, 1), said), RowSeen((BATCH, 2)), RowSeen((BATCH, 3), None, said, 4))
    yield "python being written", table(said), PythonState(draft=PythonDraft(source=SOURCE, looking=True))
    faults = tuple(PythonFault(BATCH, n, n + 1, n, said) for n in range(22))
    filled = PythonDraft(source=SOURCE, name=said, seen=seen, numbers=numbers, said=said, faults=faults)
    yield "python that filled a column", table(said), PythonState(codes, draft=filled)
    wrong = PythonDraft("keep", said, said, wrong=said, seen=())
    yield "python that cannot run", table(said), PythonState(codes, draft=wrong)
    running = PythonState(codes, draft=PythonDraft(source=SOURCE, name=said, seen=seen, numbers=numbers), doing=said, share=40)
    yield "python running over all rows", table(said), running
    yield "python from elsewhere", table(said), PythonState(codes, draft=PythonDraft(source=said, name=said, unread=True))
    yield "python that a view names", table(said), PythonState(codes, doing=said, share=7, failed={said: said, "Small": said})
