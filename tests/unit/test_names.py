"""Names say what a thing is, wherever they are read."""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path

import pytest

APP = Path(__file__).resolve().parents[2] / "app"


@cache
def defined(room: str) -> list[tuple[str, ast.ClassDef]]:
    """Every class of a room, wherever it stands, with the module that defines it."""
    return [
        (path.relative_to(APP).as_posix(), node)
        for path in sorted((APP / room).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef)
    ]


def classes(*rooms: str) -> dict[str, list[str]]:
    """Public classes of these rooms by name, each with the modules that define one."""
    found: dict[str, list[str]] = defaultdict(list)
    for room in rooms:
        for where, node in defined(room):
            if not node.name.startswith("_"):
                found[node.name].append(where)
    return found


@pytest.mark.slow
def test_a_class_of_core_or_services_has_its_name_alone() -> None:
    """Who reads ``Plan`` or ``Verdict`` knows which is meant. A private class is seen in its module only, so its name may occur again."""
    found = classes("core", "services")
    assert len(found) > 200
    assert {name: places for name, places in found.items() if len(places) > 1} == {}


def test_an_action_has_its_name_alone() -> None:
    """The page hands an action back by its name: two of one name would break every event, once both their modules are imported."""
    sources = [path for path in (APP / "ui").rglob("*.py") if "actions" in path.stem]
    names = Counter(node.name for path in sources for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ClassDef))
    assert len(names) > 200
    assert [name for name, count in names.items() if count > 1] == []


RETIRED_CLASSES = {
    "Again": "Resender",
    "Around": "LaneContext",
    "Brought": "ImportResult",
    "CancelAsked": "CancelRequested",
    "Cleaner": "RemoteCleaner",
    "Clearing": "RemoteCleanup",
    "Closed": "AutoSubmitted",
    "Closer": "AutoSubmitter",
    "Deliverer": "Dispatcher",
    "Door": "ServerIdentity",
    "Elsewhere": "LimitChanged",
    "Filed": "FileWriteResult",
    "Filer": "ResultFileWriter",
    "Given": "RawMessage",
    "Gone": "RequestNotFound",
    "Handed": "ProgramMessage",
    "Letter": "InboxMessage",
    "Light": "ConnectionStatus",
    "NoRoom": "CapacityUnavailable",
    "News": "StatusUpdate",
    "Occupied": "ImportInProgress",
    "Past": "Provenance",
    "Post": "ProgramsSupervisor",
    "Poster": "DeliveryScheduler",
    "Postman": "MailboxClient",
    "Removed": "RetentionNotice",
    "Restless": "ExportContended",
    "Room": "Allocator",
    "RoomTaken": "CapacityReserved",
    "Shelved": "BlobManifest",
    "Sift": "FilterIncoming",
    "Standing": "MembershipIndex",
    "StoreShelf": "BlobStore",
    "Story": "RequestHistory",
    "Taken": "Accepted",
    "TakeRoom": "ReserveCapacity",
    "Taker": "Intake",
    "Thin": "RemoveLocal",
    "Told": "AutoSubmitNotice",
    "Turned": "RejectedMessage",
    "Unfit": "InvalidArchive",
    "Untold": "OutboxEntry",
    "Unwritten": "UnsavedDraft",
    "Void": "SupersededBatch",
    "Went": "ResentRows",
}
"""Private words that classes had, each with the field's word that took its place. None comes back."""

RETIRED_MEMBERS = {
    "anyway": "ignore_capacity",
    "asked_at": "create_began_at",
    "at_once": "submit_immediately",
    "beside": "companions, extra_origins",
    "blind": "input_missing",
    "cancel_asked": "cancel_requested",
    "clearing": "remote_cleanup",
    "closer": "auto_submitter",
    "doubt": "outcome_unknown",
    "drawer": "secret_name",
    "former": "previous_batches",
    "found_nothing": "empty_lookups",
    "give": "allocate",
    "handed": "from_program",
    "hinders": "blocker",
    "lit": "connection_changed",
    "looking": "lookup_problem",
    "posted": "delivery_cursor",
    "posted_for": "delivery_timeline_length",
    "sift": "incoming_filters",
    "spent": "resend_exhausted",
    "strange": "unknown_status_since",
    "thin": "local_removals",
    "told": "notify (a callback), stated (a limit), notices",
    "turned": "rejected",
    "void": "superseded",
    "went": "resent",
    "wish": "command",
}
"""Likewise of fields and methods. Stored under their old names (``msgspec.field(name=…)``), where they were stored at all."""


def members(room: str) -> dict[str, list[str]]:
    """Fields and methods of classes and what they set on ``self``, by name, each with the modules that define one."""
    found: dict[str, list[str]] = defaultdict(list)
    for where, kind in defined(room):
        for node in ast.walk(kind):
            match node:
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.AnnAssign(target=ast.Name(id=name)):
                    found[name.lstrip("_")].append(where)
                case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Store()):
                    found[name.lstrip("_")].append(where)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("room", ["core", "services"])
def test_retired_names_stay_away(room: str) -> None:
    """Whoever needs one of these finds the word that is used now beside it."""
    assert {name: places for name, places in classes(room).items() if name in RETIRED_CLASSES} == {}
    held = members(room)
    assert len(held) > 300
    assert {name: places for name, places in held.items() if name in RETIRED_MEMBERS} == {}


@pytest.mark.slow
def test_no_name_is_both_retired_and_in_its_place() -> None:
    """Each word in the place of another is in use, so the lists do not lead nowhere."""
    known = classes("core", "services")
    assert {new for new in RETIRED_CLASSES.values() if new not in known} == set()
    assert not RETIRED_CLASSES.keys() & set(RETIRED_CLASSES.values())
