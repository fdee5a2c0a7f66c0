"""Which requests of a batch that has ended are sent again, and which lines of a batch were.

The rule, from what the ledger says of a row:

=====================================================  =====  =====================================================================
what became of it                                      again  why
=====================================================  =====  =====================================================================
answered                                               no     it is paid for
answered, but with a flaw (core.openai.flaws)                 no     it is paid for
it may have been answered (core.batches.doubts)                no     it may be paid for
expired: ``batch_expired``, or without a line and      yes    it did not run and is not billed (OpenAI batch guide)
nothing says that it was answered
missing: likewise, though the batch completed          yes    nothing will come of it any more (public reports of real runs)
missing: its line is damaged                           no     it was answered and billed, and the line is kept
cancelled                                              no     the person wanted it so
failed: status from 500 on, or 0, and their codes      yes    the provider's own fault (OpenAI error codes; openai-python retries them)
failed: status 408, 409, 429, and their codes          yes    it passes (likewise)
failed: the provider waited too long for an image      yes    it passes (public reports: the same address is read the next time)
failed: no credit, a spending limit                    no     likewise 429, but waiting does not help (OpenAI error codes)
failed: any of these, but tokens were counted          no     it was billed, and may be again
failed: the batch as a whole                           no     what the provider said must be looked at first
failed: anything else (bad request, refusal)           no     the same again ends the same
=====================================================  =====  =====================================================================

By hand everything can be sent again that was not answered. What was, or may have been, only on purpose (:func:`risky`): the person is told
that it may be paid twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from app.core.batches.ledger import DAMAGED_LINE, Ledger
from app.core.openai.advice import IMAGE_TIMEOUT
from app.core.openai.outcomes import Outcome

MAX_LIMIT: Final = 20
"""The most that a profile may say of how often one request is sent again by rule."""

PASSING: Final = frozenset(
    {
        *("server_error", "internal_error", "internal_server_error", "status_0", "service_unavailable", "service_unavailable_error"),
        *("server_is_overloaded", "overloaded", "overloaded_error", "engine_overloaded", "bad_gateway", "gateway_timeout", "timeout"),
        *("rate_limit_exceeded", "rate_limit_error", "slow_down", "requests", "tokens", "too_many_requests", IMAGE_TIMEOUT),
    }
)
"""Codes of single lines that say: later it may succeed. OpenAI error codes guide; public reports of real runs; other providers' words."""
MONEY: Final = frozenset(
    {
        *("insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "credit_balance_exhausted", "quota_exceeded"),
        *("spend_limit_reached", "usage_limit_reached", "account_deactivated", "access_terminated"),
    }
)
"""Codes that come with status 429 too and mean that money ran out: only a person can fix that (OpenAI error codes guide)."""
_STATUSES: Final = frozenset({408, 409, 429})


def deserves(outcome: Outcome, code: str, status: int, *, billed: bool = False) -> bool:
    """Whether the rule sends a row again. ``status`` is the line's own, 0 where there is none; ``billed``: its line counts tokens."""
    if outcome is Outcome.EXPIRED:
        return True
    if outcome is Outcome.MISSING:
        return code != DAMAGED_LINE
    if outcome is not Outcome.FAILED or billed or code in MONEY or code.startswith("batch_"):
        return False
    return code in PASSING or status in _STATUSES or status >= 500


_UNSENDABLE: Final = frozenset({Outcome.ANSWERED, Outcome.UNREAD, Outcome.UNFOUND, Outcome.FLAWED})


def sendable(outcome: Outcome, code: str) -> bool:
    """Whether a row can be sent again by hand without a word: it was not answered."""
    return outcome not in _UNSENDABLE and code != DAMAGED_LINE


def risky(outcome: Outcome, code: str) -> bool:
    """Whether a row can be sent again on purpose only: it may be, or is, answered and billed, and there is no good answer here."""
    return outcome in (Outcome.UNFOUND, Outcome.FLAWED) or code == DAMAGED_LINE


class _Table:
    """The rule for each pair of outcome and code, asked once: most rows of a batch are alike."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._known: dict[tuple[int, int, int, bool], bool] = {}

    def __getitem__(self, row: int) -> bool:
        ledger = self._ledger
        billed = bool(ledger.input_tokens[row] or ledger.output_tokens[row])
        key = ledger.outcome[row], ledger.code[row], ledger.status[row], billed
        if key not in self._known:
            self._known[key] = deserves(ledger.outcome_of(row), ledger.code_of(row), ledger.status[row], billed=billed)
        return self._known[key]


def unanswered(ledger: Ledger) -> Iterator[int]:
    """The rows that can be sent again by hand, in order."""
    damaged = ledger.codes.index(DAMAGED_LINE) if DAMAGED_LINE in ledger.codes else -1
    not_here = frozenset(map(int, _UNSENDABLE))
    code = ledger.code
    return (row for row, outcome in enumerate(ledger.outcome) if outcome not in not_here and code[row] != damaged)


def doubtful(ledger: Ledger) -> Iterator[int]:
    """The rows that can be sent again on purpose only, in order."""
    damaged = ledger.codes.index(DAMAGED_LINE) if DAMAGED_LINE in ledger.codes else -1
    these = frozenset({int(Outcome.UNFOUND), int(Outcome.FLAWED)})
    code = ledger.code
    return (row for row, outcome in enumerate(ledger.outcome) if outcome in these or code[row] == damaged)


def deserving(ledger: Ledger) -> Iterator[int]:
    """The rows that the rule sends again, in order."""
    table = _Table(ledger)
    return (row for row in unanswered(ledger) if table[row])


class ResentRows:
    """Which rows of a batch were sent again: a byte a row, so that 50,000 are 50 kB. Stored beside the ledger, which can be made again.
    1: it went; 2: it went on purpose, although it was answered or may have been."""

    def __init__(self, requests: int, data: bytes | None = None, *, full: bool = False) -> None:
        """``data``: as it was stored. Of another length it is damaged: then, and with ``full``, all went, so that none goes twice."""
        full = full or (data is not None and len(data) != requests)
        self._rows = bytearray(b"\1" * requests if full else data or requests)

    def __contains__(self, row: int) -> bool:
        return self._rows[row] != 0

    def __len__(self) -> int:
        return len(self._rows) - self._rows.count(0)

    @property
    def risked(self) -> int:
        """How many went on purpose."""
        return self._rows.count(2)

    def on_purpose(self, row: int) -> bool:
        return self._rows[row] == 2

    def rows(self) -> Iterator[int]:
        """In order."""
        return (row for row, resent in enumerate(self._rows) if resent)

    def add(self, rows: Iterable[int], *, on_purpose: bool = False) -> None:
        for row in rows:
            self._rows[row] = 2 if on_purpose else 1

    def drop(self, rows: Iterable[int]) -> None:
        for row in rows:
            self._rows[row] = 0

    def to_bytes(self) -> bytes:
        return bytes(self._rows)
