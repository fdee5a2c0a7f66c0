"""What the page's JavaScript declares of its talk with Python (static/js/types/protocol.ts) is what Python says and understands."""

import ast
import re
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from app import ports
from app.core.model import trail
from app.core.model.settings import BrokerSettings
from app.core.openai.wire import NetworkKind
from app.core.programs import rabbit
from app.ports import compute as compute_port
from app.ports import store

ROOT = Path(__file__).resolve().parents[3]
DECLARED = (ROOT / "static/js/types/protocol.ts").read_text()
ADAPTERS = "\n".join(path.read_text() for path in sorted((ROOT / "app/adapters").glob("*.py")))


def declared(name: str) -> str:
    """The text of one type, up to its end."""
    found = re.search(rf"^(?:export )?type {name}(?:<\w+>)? =(.*?);\n(?=\n|/\*\*|export|type|$)", DECLARED, re.DOTALL | re.MULTILINE)
    assert found is not None, f"protocol.ts declares no {name}"
    return found[1]


def words(name: str) -> set[str]:
    """The strings that a type consists of."""
    return set(re.findall(r"'([^']*)'", declared(name)))


def fields(name: str) -> set[str]:
    """The names of an object's fields, not of those within its fields."""
    flat = re.sub(r"\{[^{}]*\}", "", declared(name).strip()[1:-1])
    return set(re.findall(r"(\w+)\??:", flat))


def cases(path: str) -> set[str]:
    """Every text that a ``match`` of this module knows."""
    tree = ast.parse((ROOT / path).read_text())
    values = [node.value for node in ast.walk(tree) if isinstance(node, ast.MatchValue)]
    return {value.value for value in values if isinstance(value, ast.Constant) and isinstance(value.value, str)}


def struct_fields(struct: type[Any]) -> set[str]:
    """The fields of a msgspec struct, as JSON has them."""
    return {field.encode_name for field in msgspec.structs.fields(struct)}


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("NetworkKind", set(get_args(NetworkKind))),
        ("Outcome", set(get_args(rabbit.Outcome))),
        ("ConnectionState", set(get_args(rabbit.ConnectionState)) - {"off"}),
    ],
)
def test_the_same_words(name: str, known: set[str]) -> None:
    """A literal of Python's and its union in JavaScript."""
    assert words(name) == known


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("StoredRecord", struct_fields(store.Row)),
        ("Written", struct_fields(store.Put) - {"quiet"}),
        ("Remove", struct_fields(store.Remove) | {"type"}),
        ("PutBytes", struct_fields(store.PutBytes) - {"data"} | {"type"}),
        ("DropBytes", struct_fields(store.DropBytes) | {"type"}),
        ("MoveBytes", struct_fields(store.MoveBytes) | {"type"}),
        ("Access", {field for field in struct_fields(BrokerSettings) if field in fields("Access")} | {"password"}),
        ("ConnectionStatus", struct_fields(rabbit.ConnectionStatus) - {"host"}),
        ("Stop", struct_fields(trail.Stop)),
    ],
)
def test_the_same_fields(name: str, known: set[str]) -> None:
    """A struct of Python's and its object in JavaScript."""
    assert fields(name) == known


def test_every_change_has_its_name() -> None:
    """The tags of the store's changes are those that a commit in JavaScript tells apart."""
    tags = {change.__struct_config__.tag for change in get_args(store.Change)}
    names = re.findall(r"\w+", declared("Change"))
    assert {word for name in names for word in words(name)} == tags


def test_every_error_of_the_store_is_understood() -> None:
    """The adapter has a case for each name, and no case for a name that nobody throws."""
    assert cases("app/adapters/store.py") == words("StoreErrorName")


def test_every_error_of_a_file_is_understood() -> None:
    """The adapter raises the error of the ports that has the same name; damaged is what it takes anything else for."""
    named = set(re.findall(r'"(File\w+)"', ADAPTERS))
    assert words("FileErrorName") == named | {ports.FileDamaged.__name__}


def test_every_error_of_a_job_is_understood() -> None:
    """The adapter raises the exception of the ports that has the same name: JobDied for whatever is not NoWorker."""
    assert words("ComputeErrorName") == cases("app/adapters/compute.py") | {compute_port.JobDied.__name__}
    assert cases("app/adapters/compute.py") == {compute_port.NoWorker.__name__}


def test_a_worker_of_jobs_is_spoken_to_by_its_names() -> None:
    """What compute-worker.mjs offers to Python is what the adapter asks for, and it tells what compute-pool.mjs hears."""
    worker, pool = ((ROOT / f"static/js/{name}.mjs").read_text() for name in ("compute-worker", "compute-pool"))
    asked = set(re.findall(r"js_worker\.(\w+)\(", ADAPTERS))
    offered = re.search(r"const worker = \{(.*?)\n  \};", worker, re.DOTALL)
    assert offered is not None
    assert asked == set(re.findall(r"^    (\w+): ", offered[1], re.MULTILINE))
    tells = set(re.findall(r"type: '(\w+)'", declared("FromWorker")))
    assert set(re.findall(r"type: '(\w+)'", worker + (ROOT / "static/js/compute.mjs").read_text())) == tells | {"module"}
    assert set(re.findall(r"said\.type === '(\w+)'", pool)) == tells - {"refused", "died"}


def test_every_notice_is_heard() -> None:
    """The loop of the views has a case for each notice, and none for one that nobody gives."""
    assert fields("Notices") <= cases("app/ui/shell/loop.py")
