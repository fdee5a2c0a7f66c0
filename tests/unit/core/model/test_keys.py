"""Ids and owners under which something is stored."""

import ast
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.model import keys
from app.core.model.lanes import Lane

APP = Path(__file__).resolve().parents[4] / "app"
STORED = re.compile(r"(?:queue|batch|lines|image|answer|ledger|rows|again|names|hidden|practice|import):(?!//)")
PARTS = st.text(st.characters(exclude_characters="|", exclude_categories=["Cs"]))


def test_what_databases_hold_never_changes() -> None:
    """Databases and workspace files of every version hold exactly these texts."""
    lane = Lane("p", "/v1/responses", "a|b")
    assert keys.queue_owner(lane) == "queue:p|/v1/responses|a|b"
    assert keys.batch_owner("b-1") == "batch:b-1"
    assert keys.lines_id("s-1") == "lines:s-1"
    assert keys.image_id("i-1") == "image:i-1"
    assert keys.answer_id("b-1", "output", 3) == "answer:b-1:output:3"
    assert keys.mark_id("b-1", "error") == "answer:b-1:error:mark"
    assert [of("b-1") for of in (keys.ledger_id, keys.rows_id, keys.again_id, keys.names_id, keys.hidden_id)] == [
        "ledger:b-1",
        "rows:b-1",
        "again:b-1",
        "names:b-1",
        "hidden:b-1",
    ]
    assert keys.practice_id("file-1", 0) == "practice:file-1:0"
    files = keys.import_files("i-1")
    assert (keys.import_run(files, "before"), keys.import_copy(files, "old", "lines:s-1")) == (
        "import:i-1:before",
        "import:i-1:old:lines:s-1",
    )
    assert (keys.WATCHED, keys.PROGRAMS) == ("watched:folder", "programs:programs")


@given(profile=PARTS, endpoint=PARTS, model=st.text())
def test_an_owner_leads_back_to_its_lane(profile: str, endpoint: str, model: str) -> None:
    """Whatever the model is called, also with the mark that parts a key."""
    lane = Lane(profile, endpoint, model)
    owner = keys.queue_owner(lane)
    assert keys.in_queue(owner)
    assert keys.names_lane(owner)
    assert keys.lane_of(owner) == lane == keys.lane_of_key(lane.key)
    assert not keys.in_batch(owner)
    assert keys.batch_of(owner) == ""


@pytest.mark.parametrize("owner", ["queue:p|e", "queue:", "batch:b", "", "p|e|m"])
def test_an_owner_that_names_no_lane_is_told_apart(owner: str) -> None:
    """A damaged record can be found under any owner."""
    assert not keys.names_lane(owner)


def test_a_run_leads_back_to_what_it_belongs_to() -> None:
    """To its batch, or to the practice provider's file, which may have colons in its id; other runs to neither."""
    runs = [keys.answer_id("b", "output", 1), keys.mark_id("b", "error"), keys.ledger_id("b"), keys.rows_id("b"), keys.again_id("b")]
    assert {keys.run_of_batch(one) for one in [*runs, keys.names_id("b"), keys.hidden_id("b")]} == {"b"}
    assert all(one.startswith(keys.answers("b")) for one in runs[:2])
    assert keys.practice_file(keys.practice_id("file:1", 12)) == "file:1"
    assert keys.run_of_batch(keys.lines_id("s")) == keys.practice_file(keys.lines_id("s")) == ""
    assert keys.batch_of(keys.batch_owner("b")) == "b"


@pytest.mark.slow
def test_no_other_module_spells_such_a_text() -> None:
    """What is stored under which text is said in one place: no other string of the program begins like one."""
    offenders: list[str] = []
    rooms = [
        *(APP / "core").rglob("*.py"),
        *(APP / "services").rglob("*.py"),
        *(APP / "ui").rglob("*.py"),
        *(APP / "wiring").rglob("*.py"),
        APP / "program.py",
    ]
    for path in sorted(set(rooms) - {APP / "core" / "model" / "keys.py"}):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        offenders += [
            f"{path.relative_to(APP)}:{node.lineno} {node.value[:40]!r}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose and STORED.match(node.value)
        ]
    assert offenders == []
