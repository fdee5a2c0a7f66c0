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


def straight(joined: Join, batch: array[int], row: array[int]) -> bool:
    """Whether the rows are those of the batches, one batch after the other, each in its order: then their columns are theirs one after the
    other. A request that waits in the queue again is in no batch, and keeps the row that it had."""
    at = 0
    for n, one in enumerate(joined.parts):
        end = at + len(one.rows)
        if (
            batch[at:end].tobytes() != (array("i", [n]) * (end - at)).tobytes()
            or row[at:end].tobytes() != array("I", range(end - at)).tobytes()
        ):
            return False
        at = end
    return at == len(row)


def states(joined: Join, batch: array[int], row: array[int], *, in_order: bool) -> bytes:
    """What each row's answer is good for (AnswerState). ``in_order``: the rows are :func:`straight`."""
    states = [_states_of(one.ledger, len(one.rows), failed=one.batch.state == "failed") for one in joined.parts]
    if in_order:
        return b"".join(states)
    return bytes([states[b][r] if b >= 0 else AnswerState.PENDING for b, r in zip(batch, row, strict=True)])


def _states_of(ledger: Ledger | None, count: int, *, failed: bool) -> bytes:
    if ledger is None:
        return bytes([AnswerState.ERROR if failed else AnswerState.PENDING]) * count
    if len(set(ledger.outcome)) == 1 and len(set(ledger.code)) == 1:  # as a rule all are answered
        return bytes([int(answer_state(ledger.outcome[0], ledger.codes[ledger.code[0]]))]) * count
    kinds = set(zip(ledger.outcome, ledger.code, strict=True))
    known = {pair: int(answer_state(pair[0], ledger.codes[pair[1]])) for pair in kinds}
    return bytes(map(known.__getitem__, zip(ledger.outcome, ledger.code, strict=True)))


Coded = tuple[Sequence[str], Sequence[int]]
"""A few words, and by a batch's rows the place of theirs among them."""


def outcomes(one: JoinedBatch) -> Coded:
    """In words. Of a batch without a ledger: it failed as a whole, it ended and was not read, or it is under way."""
    if one.ledger is None:
        state = one.batch.state
        return ["failed" if state == "failed" else "unread" if state in pipeline.FINAL else "pending"], bytes(len(one.rows))
    return _OUTCOMES, one.ledger.outcome


_OUTCOMES: Final = [one.name.lower() for one in Outcome]


def codes(ledger: Ledger | None, count: int) -> Coded:
    return ([""], bytes(count)) if ledger is None else (ledger.codes, ledger.code)


def figures(ledger: Ledger | None, name: str, count: int) -> Sequence[float]:
    """Figures of a ledger; none where there is no answer, unless its line says any anyway."""
    if ledger is None:
        return array("d", [NAN]) * count
    figures: array[int] = getattr(ledger, name)
    if _ANSWERED.issuperset(ledger.outcome):
        return array("d", figures)
    return array("d", [float(one) if one or outcome in _ANSWERED else NAN for one, outcome in zip(figures, ledger.outcome, strict=True)])


def figure(ledger: Ledger | None, name: str, row: int) -> float:
    """The figure of one row."""
    if ledger is None:
        return NAN
    found: int = getattr(ledger, name)[row]
    return float(found) if found or ledger.outcome[row] in _ANSWERED else NAN


def costs(ledger: Ledger | None, price: Callable[[Usage], int] | None, count: int) -> Sequence[float]:
    """In dollars."""
    if ledger is None or price is None:
        return array("d", [NAN]) * count
    billed = map(bool, map(operator.or_, ledger.input_tokens, ledger.output_tokens))
    return array("d", [price(usage_of(ledger, row)) / PER_DOLLAR if one else NAN for row, one in enumerate(billed)])
