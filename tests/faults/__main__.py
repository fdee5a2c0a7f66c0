"""``python -m tests.faults``: the whole fault matrix in Chromium.

``python -m tests.faults 137 138`` runs these cases, ``--sample 100 --seed 7`` a choice of them, ``--list`` prints them all.
"""

from __future__ import annotations

import argparse
import sys
import time

from playwright.sync_api import sync_playwright

from tests.faults.matrix import matrix, sample, size, uncovered
from tests.faults.run import Result, running
from tests.kit.browser import chromium_launch
from tests.kit.site import ROOT, serving
from tools import vendor


def main() -> int:
    """Run what was asked for; 1 when a case fails."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults")
    parser.add_argument("numbers", nargs="*", type=int)
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--list", action="store_true")
    given = parser.parse_args()
    cases = matrix()
    if given.list:
        print("\n".join(case.words for case in cases))
        states, effects, moves = uncovered()
        print(f"Not reached by any journey: states {states}, effects {effects}, moves {moves}")
    print(f"The matrix: {size(cases)}.")
    if given.list:
        return 0
    if strange := [number for number in given.numbers if not 1 <= number <= len(cases)]:
        parser.error(f"there is no case {strange[0]}: they go from 1 to {len(cases)}")
    chosen = [cases[number - 1] for number in given.numbers] or (sample(given.sample, given.seed) if given.sample else list(cases))
    print(f"This run: {size(chosen)}.", flush=True)
    assert vendor.main() == 0
    began, failed, over = time.monotonic(), 0, 0

    def done(result: Result) -> None:
        nonlocal failed, over
        over += 1
        if over % 100 == 0:
            print(f"{over} of {len(chosen)}, {time.monotonic() - began:.0f} s", flush=True)
        if result.wrong:
            failed += 1
            print(f"\n{result.case.words}", *result.wrong, sep="\n  ", flush=True)

    with serving(ROOT) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(**chromium_launch())
        with running(browser, site, done) as runner:
            runner.run(chosen)
        browser.close()
    spent = time.monotonic() - began
    print(f"{len(chosen) - failed} of {len(chosen)} cases hold; {spent:.0f} s, {spent / len(chosen):.2f} s a case.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
