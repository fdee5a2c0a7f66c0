"""A tab has one of each thing that its services stand on."""

import ast
from pathlib import Path

import pytest

APP = Path(__file__).resolve().parents[4] / "app"
IN_WORKERS = {
    "services/datasets/import_job.py",
    "services/datasets/keep_job.py",
    "services/planning/answered.py",
    "services/planning/queue_job.py",
    "services/planning/requestfile_job.py",
    "services/planning/row_source.py",
    "services/queue/bulk_jobs.py",
    "services/results/annotation_columns.py",
    "services/results/current_column.py",
    "services/results/first_rows.py",
    "services/results/follow_job.py",
    "services/results/answers_job.py",
    "services/results/join.py",
    "services/results/judge_answers.py",
    "services/results/pairs_job.py",
    "services/results/report_job.py",
    "services/results/requestfile_job.py",
    "services/results/selection_jobs.py",
    "services/results/spend_sums.py",
    "services/workspace/export_job.py",
}
"""Jobs: a worker that computes has a Python of its own, and so Records of its own."""


@pytest.mark.slow
@pytest.mark.parametrize("name", ["Records", "Log"])
def test_one_is_made_for_each_tab(name: str) -> None:
    """Whoever needs the tab's records or the writer of its log is given them: a second one would not know what the first has written."""
    makers = {
        path.relative_to(APP).as_posix()
        for path in APP.rglob("*.py")
        if name in (text := path.read_text(encoding="utf-8"))
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
    }
    assert makers - IN_WORKERS == {"services/runtime/runtime.py"}
