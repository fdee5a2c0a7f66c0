"""Columns of a table of answers that the ledgers of its batches say: by each batch's rows, and the rows of the table itself."""

from __future__ import annotations

import operator
from array import array
from collections.abc import Callable, Sequence
from typing import Final

from app.core.batches.ledger import Ledger
from app.core.openai.outcomes import ANSWERS, Outcome
from app.core.prices.rates import PER_DOLLAR
from app.core.results.answerindex import AnswerState, answer_state
from app.core.results.answers import Usage
from app.core.results.joining import usage_of
from app.services.results.join import Join

NAN: Final = float("nan")
_ANSWERED: Final = frozenset(map(int, ANSWERS))


def requests(joined: Join) -> tuple[array[int], array[int], tuple[array[int], array[int]] | None]:
    """The batch and row of every request, in the rows' order; of a table's the run and the position of its row as well."""
    if joined.table is None:
        sendings = joined.sendings[0]
        return sendings.batch, sendings.row, None
    count = len(joined.sendings)
    places = sorted(position * count + n for n, one in enumerate(joined.sendings) for position in range(len(one)) if one.known(position))
    run = array("H", (place % count for place in places))
    position = array("I", (place // count for place in places))
    batch = array("i", (joined.sendings[n].batch[at] for n, at in zip(run, position, strict=True)))
    row = array("I", (joined.sendings[n].row[at] for n, at in zip(run, position, strict=True)))
    return batch, row, (run, position)


def states(joined: Join, batch: array[int], row: array[int]) -> bytes:
    states = [_states_of(one.ledger, len(one.rows), failed=one.batch.state == "failed") for one in joined.parts]
    if len(states) == 1 and len(states[0]) == len(row) and row == array("I", range(len(row))):
        return states[0]
    return bytes([states[b][r] if b >= 0 else AnswerState.PENDING for b, r in zip(batch, row, strict=True)])


def _states_of(ledger: Ledger | None, count: int, *, failed: bool) -> bytes:
    if ledger is None:
        return bytes([AnswerState.ERROR if failed else AnswerState.PENDING]) * count
    known: dict[tuple[int, int], int] = {}
    found = bytearray(count)
    for n, pair in enumerate(zip(ledger.outcome, ledger.code, strict=True)):
        state = known.get(pair)
        if state is None:
            state = known[pair] = int(answer_state(pair[0], ledger.codes[pair[1]]))
        found[n] = state
    return bytes(found)


def outcomes(ledger: Ledger | None, count: int) -> Sequence[str]:
    if ledger is None:
        return ["pending"] * count
    words = [one.name.lower() for one in Outcome]
    return list(map(words.__getitem__, ledger.outcome))


def codes(ledger: Ledger | None, count: int) -> Sequence[str]:
    return [""] * count if ledger is None else list(map(ledger.codes.__getitem__, ledger.code))


def figures(ledger: Ledger | None, name: str, count: int) -> Sequence[float]:
    """Figures of a ledger; none where there is no answer, unless its line says any all the same."""
    if ledger is None:
        return array("d", [NAN]) * count
    figures: array[int] = getattr(ledger, name)
    return array("d", [float(one) if one or outcome in _ANSWERED else NAN for one, outcome in zip(figures, ledger.outcome, strict=True)])


def costs(ledger: Ledger | None, price: Callable[[Usage], int] | None, count: int) -> Sequence[float]:
    """In dollars."""
    if ledger is None or price is None:
        return array("d", [NAN]) * count
    billed = map(bool, map(operator.or_, ledger.input_tokens, ledger.output_tokens))
    return array("d", [price(usage_of(ledger, row)) / PER_DOLLAR if one else NAN for row, one in enumerate(billed)])
