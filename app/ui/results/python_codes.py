"""Kept Python: read, put away, and known to be accepted in this browser or not."""

from __future__ import annotations

from app.core.model.python_code import AcceptedCode, PythonCode
from app.core.results.python_code import digest
from app.services.runtime.records import put
from app.ui.base.context import Context
from app.ui.base.python_state import PythonState

MOST_CODES = 100
"""Codes that are kept at most."""


async def read_codes(context: Context) -> None:
    """What is kept, and what may run here. What another tab wrote is found as well."""
    records, here = context.services.records, context.state.python
    found = [one.value for one in await records.all(PythonCode)]
    accepted = frozenset(one.value.id for one in await records.all(AcceptedCode))
    here.codes = tuple(sorted(found, key=lambda one: (one.name.casefold(), one.id)))
    here.accepted = accepted


def may_run(here: PythonState, code: PythonCode) -> bool:
    """Whether it was written or accepted in this browser."""
    return digest(code.source, code.kind) in here.accepted


async def accept(context: Context, code: PythonCode) -> None:
    """From now on this very text may run in this browser."""
    await context.services.records.save(AcceptedCode(id=digest(code.source, code.kind), at=context.services.clock.now()))
    await read_codes(context)


async def keep(context: Context, code: PythonCode) -> None:
    """Keep a code that was written here: what may run, and that it may, in one commit."""
    accepted = AcceptedCode(id=digest(code.source, code.kind), at=context.services.clock.now())
    await context.services.records.commit([put(code, -1), put(accepted, -1)])
    await read_codes(context)
