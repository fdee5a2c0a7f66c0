"""``python -m tests.evaluation``: every mail of a public corpus through table, batch and evaluation; the figures beside scikit-learn's of
the exported file. scikit-learn is installed under build/evaluation, from tools/locks/evaluation.txt."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
import venv
from pathlib import Path

from tests.kit.evaluation import columns, evaluate, page_figures, plain_figures

ROOT = Path(__file__).resolve().parents[2]
PLACE = ROOT / "build" / "evaluation"
COUNT = 3_000
NEAR = 1e-12
SKLEARN = """
import json, sys
from sklearn import metrics
true, said = json.load(sys.stdin)
labels = ["ham", "spam"]
figures = {
    "confusion": metrics.confusion_matrix(true, said, labels=labels).tolist(),
    "accuracy": metrics.accuracy_score(true, said),
    "kappa": metrics.cohen_kappa_score(true, said),
}
parts = metrics.precision_recall_fscore_support(true, said, labels=labels, zero_division=0)
figures |= {label: [float(part[n]) for part in parts] for n, label in enumerate(labels)}
print(json.dumps(figures))
"""


def python() -> Path:
    """The Python that has scikit-learn; installed where it is not there yet."""
    found = PLACE / "bin" / "python"
    if not (PLACE / "installed").exists():
        venv.create(PLACE, with_pip=True, clear=True)
        lock = ROOT / "tools" / "locks" / "evaluation.txt"
        install: list[str | Path] = [
            found,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--require-hashes",
            "-r",
            lock,
        ]
        subprocess.run(install, check=True)
        (PLACE / "installed").touch()
    return found


def same(one: object, other: object) -> bool:
    """Whether two figures are the same but for the last digits of a division."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return isinstance(one, int | float) and isinstance(other, int | float) and abs(one - other) < NEAR


def main() -> int:
    """Print the figures of all three; 1 where they differ."""
    began = time.monotonic()
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    done = asyncio.run(evaluate(count))
    true, said = columns(done.file)
    spent = time.monotonic() - began
    run = subprocess.run([python(), "-c", SKLEARN], input=json.dumps([true, said]), capture_output=True, text=True, check=True)
    theirs, page, plain = json.loads(run.stdout), page_figures(done.agreement), plain_figures(true, said)
    wrong = [name for name in theirs if not (same(theirs[name], page[name]) and same(theirs[name], plain[name]))]
    print(f"{len(true):,} mails, {spent:.1f} s from the table to the exported file")
    for name, value in theirs.items():
        print(f"{name:10} {value}{'' if name not in wrong else f'  PAGE: {page[name]}  PLAIN: {plain[name]}'}")
    print(f"differ: {', '.join(wrong)}" if wrong else "The page's figures are scikit-learn's.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
