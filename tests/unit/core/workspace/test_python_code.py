"""Code for tables of answers goes with the workspace; that it was accepted does not."""

from __future__ import annotations

from app.core.model.entries import RecordEntry
from app.core.model.python_code import AcceptedCode, PythonCode
from app.core.results.python_code import digest
from app.core.workspace.scope import is_local
from app.services.runtime.records import put


def test_what_was_accepted_stays_in_its_browser() -> None:
    """So what comes from elsewhere cannot say of itself that it was."""
    code = PythonCode(id="py-1", name="Words", source="def column(row, answer): return len(answer)")
    for record, stays in ((code, False), (AcceptedCode(id=digest(code.source, code.kind)), True)):
        written = put(record, -1)
        entry = RecordEntry(table=written.table, id=written.id, rev=1, doc=written.doc, owner=written.owner)
        assert is_local(entry) is stays


def test_a_code_is_known_by_its_text_and_its_kind() -> None:
    """Another character, or the other function of it, is another code."""
    assert len({digest("a", "column"), digest("a", "keep"), digest("a ", "column"), digest("a\ud800", "column")}) == 4
    assert digest("a", "column") == digest("a", "column")
