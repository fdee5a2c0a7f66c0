"""``python -m tests.soak``: simulated weeks with random faults, one after the other, for an hour of the machine's time (``make soak``).

``--minutes N`` is how long, ``--seed N`` the first week's (a week that fails is made again by its own), ``--keep`` writes the figures into
docs/soak.md.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from pathlib import Path

from tests.bench.__main__ import machine
from tests.soak.week import Balance, Week

PAGE = Path(__file__).resolve().parents[2] / "docs" / "soak.md"
START, END = "<!-- Written by python -m tests.soak --keep. -->\n", "<!-- End of the run. -->\n"


def said(total: Balance, minutes: float, seed: int) -> str:
    """The ledger, as text."""
    outcomes = "\n".join(f"| {name} | {count:,} |" for name, count in sorted(total.outcomes.items()))
    batches = ", ".join(f"{count:,} {name}" for name, count in sorted(total.batches.items()))
    return f"""{total.weeks:,} weeks, {total.days:,.0f} simulated days, in {minutes:.0f} minutes (seeds {seed} to {seed + total.weeks - 1}).

{total.calls:,} calls to the provider; {total.failed_calls:,} times some were made to fail; {total.deaths:,} tabs died. Batches: {batches}.
{total.sendings:,} sendings of {total.asked:,} requests:

| outcome | requests |
|---|---|
{outcomes}
| **sum** | **{sum(total.outcomes.values()):,}** |
| **queued** | **{total.asked:,}** |

The provider answered and billed {total.billed:,}; the ledger {"balances" if total.right else "DOES NOT BALANCE"}.
"""


def main() -> int:
    """Live weeks until the time is over; 1 when one does not balance."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak")
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", action="store_true")
    given = parser.parse_args()
    where, began, total, seed = machine(), time.monotonic(), Balance(), given.seed
    while time.monotonic() - began < given.minutes * 60 or not total.weeks:
        try:
            total.add(asyncio.run(Week(seed).live()))
        except BaseException as error:
            print(f"The week of seed {seed} failed: python -m tests.soak --minutes 0 --seed {seed}", file=sys.stderr)
            if isinstance(error, Exception):
                raise
            return 1
        if total.weeks % 20 == 0:
            print(f"{total.weeks} weeks, {total.asked:,} requests, {(time.monotonic() - began) / 60:.1f} minutes", flush=True)
        seed += 1
    text = said(total, (time.monotonic() - began) / 60, given.seed)
    print(f"\n{where}\n\n{text}")
    if given.keep:
        before, _, rest = PAGE.read_text().partition(START)
        PAGE.write_text(f"{before}{START}\n{where}.\n\n{text}\n{END}{rest.partition(END)[2]}")
    return 0 if total.right else 1


if __name__ == "__main__":
    sys.exit(main())
