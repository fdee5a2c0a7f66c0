"""The workflows under .github: what GitHub would only say when it is too late."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PIN = re.compile(r"[\w-]+/[\w./-]+@[0-9a-f]{40}")
RIGHTS = {"ci.yml": {"contents": "read"}, "pages.yml": {"pages": "write", "id-token": "write"}, "release.yml": {"contents": "write"}}
"""The widest rights that a job of each workflow may have, beside reading."""


def read(path: Path) -> dict[str, Any]:
    """A workflow; YAML 1.1 takes its key ``on`` for a truth value."""
    found = yaml.safe_load(path.read_text())
    return {("on" if key is True else key): value for key, value in found.items()}


def steps(workflow: dict[str, Any]) -> list[dict[str, Any]]:
    return [step for job in workflow["jobs"].values() for step in job.get("steps", [])]


def test_the_three_are_there() -> None:
    """Tests for pull requests, Pages for main, a release for a tag."""
    assert {path.name for path in WORKFLOWS} == set(RIGHTS)
    events = {path.name: read(path)["on"] for path in WORKFLOWS}
    assert set(events["ci.yml"]) == {"pull_request", "workflow_call"}
    assert events["pages.yml"]["push"] == {"branches": ["main"]}
    assert events["release.yml"]["push"] == {"tags": ["v*"]}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_job_is_whole(path: Path) -> None:
    """It runs on a named system within a time, or calls a workflow that is there; it waits only for jobs that are there."""
    workflow = read(path)
    for job in workflow["jobs"].values():
        assert ("runs-on" in job and "timeout-minutes" in job and job["steps"]) or (ROOT / job["uses"]).is_file()
        needs = job.get("needs", [])
        assert {needs} if isinstance(needs, str) else set(needs) <= set(workflow["jobs"])
    for step in steps(workflow):
        assert ("run" in step) != ("uses" in step), step


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned(path: Path) -> None:
    """By a full commit, with the version beside it for people."""
    used = [step["uses"] for step in steps(read(path)) if "uses" in step]
    assert not [one for one in used if not PIN.fullmatch(one)]
    for line in path.read_text().splitlines():
        if "uses: actions/" in line:
            assert re.search(r"# v\d+\.\d+\.\d+$", line), line


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_rights_are_the_least(path: Path) -> None:
    """Reading for everybody; more only in the one job that needs it, and no credentials left in the checkout."""
    workflow = read(path)
    assert workflow["permissions"] == {"contents": "read"}
    for job in workflow["jobs"].values():
        assert set(job.get("permissions", {}).items()) <= {*RIGHTS[path.name].items(), ("contents", "read")}
    for step in steps(workflow):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_commands_can_run(path: Path) -> None:
    """Every script and ``make`` target that is named exists, and nothing from outside is pasted into a command."""
    targets = set(re.findall(r"^([a-z]+)(?: [a-z ]+)?:", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for command in [step["run"] for step in steps(read(path)) if "run" in step]:
        assert "${{" not in command
        scripts = [ROOT / name for name in re.findall(r"(?<!\S)\.ci/\w+", command)]
        assert [script for script in scripts if not os.access(script, os.X_OK)] == []
        for text in (command, *(script.read_text() for script in scripts)):
            assert set(re.findall(r"^(?:.* )?make ([a-z]+)", text, re.MULTILINE)) <= targets, text
