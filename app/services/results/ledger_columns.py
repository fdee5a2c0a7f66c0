"""Columns of a table of answers that the ledgers of its batches say: by each batch's rows, and the rows of the table itself."""

from __future__ import annotations

import operator
from array import array
from collections.abc import Callable, Sequence
from typing import Final

from app.core.batches import pipeline
from app.core.batches.ledger import Ledger
from app.core.openai.outcomes import ANSWERS, Outcome
from app.core.prices.rates import PER_DOLLAR
from app.core.results.answerindex import AnswerState, answer_state
from app.core.results.answers import Usage
from app.core.results.joining import usage_of
from app.services.results.join import Join
from app.services.results.join_sources import JoinedBatch

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


def whole(joined: Join, batch: array[int], row: array[int]) -> bool:
    """Whether the rows are those of the only batch, in its order: then its columns are theirs. A request that waits in the queue again is
    in no batch, and keeps the row that it had."""
    return len(joined.parts) == 1 and len(joined.parts[0].rows) == len(row) and -1 not in batch and row == array("I", range(len(row)))


def states(joined: Join, batch: array[int], row: array[int]) -> bytes:
    """What each row's answer is good for (AnswerState)."""
    states = [_states_of(one.ledger, len(one.rows), failed=one.batch.state == "failed") for one in joined.parts]
    if whole(joined, batch, row):
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


def outcomes(one: JoinedBatch) -> Sequence[str]:
    """In words. Of a batch without a ledger: it failed as a whole, it ended and was not read, or it is under way."""
    if one.ledger is None:
        state = one.batch.state
        return ["failed" if state == "failed" else "unread" if state in pipeline.FINAL else "pending"] * len(one.rows)
    words = [one.name.lower() for one in Outcome]
    return list(map(words.__getitem__, one.ledger.outcome))


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
