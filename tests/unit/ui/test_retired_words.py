"""Sentences of the page use the words of the field: those that were private to Nightshift stay away."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

APP = Path(__file__).resolve().parents[3] / "app"
ROOMS = ("core", "services", "ui")
PLAIN = re.compile(r"[a-z-]+(?: [a-z-]+)*")
"""Classes of markup, keys and ids look like this; a sentence or a label has a capital, a point or a figure."""

RETIRED = {
    "+ Message": "Add message",
    "All but these": "Exclude these",
    "Answer as JSON by a schema": "Structured output",
    "Ask further": "Follow up",
    "Ask to keep it": "Enable persistent storage",
    "Back to the form": "Discard JSON edits",
    "Batches of this account": "Remote batches",
    "Begin anew": "Start over",
    "Bring it here": "Import batch",
    "Change when": "Auto-submit settings",
    "Delete for good": "Delete permanently",
    "Deliver all that fit": "Redeliver all matching",
    "Engine runs": "Active in this tab",
    "Fetch the answers again": "Download the answers again",
    "Forget these": "Clear these",
    "Go on in a copy": "Continue in a copy",
    "Goes out by itself": "Submits automatically",
    "Handed in": "Received",
    "Held against": "Compared with",
    "In state": "Status for",
    "Let it go": "Resume auto-submit",
    "List again": "Refresh",
    "Look at them there": "Review them there",
    "Mailbox": "API",
    "Make a thread": "Import prompt",
    "Mend": "Fix",
    "Model begins with": "Model prefix",
    "Most tokens of an answer": "Max output tokens",
    "Name of the schema": "Schema name",
    "Nothing waits": "Queue is empty",
    "On their way": "Active",
    "Paste a conversation": "Import from text",
    "Queue and submit": "Submit now",
    "Room for enqueued tokens": "Enqueued-token limits",
    "Save mine over it": "Overwrite with mine",
    "Strict: the answer": "Strict schema",
    "Take it out": "Remove it",
    "Take messages": "Consume messages",
    "Turn it round": "Invert",
    "Use this one": "Set as default",
    "View and edit": "Edit",
    "Waiting in this lane": "Queued",
    "What may go wrong": "Simulated failures",
    "What will be sent": "Request summary",
    "Who says so": "Source",
    "Write a conversation": "New prompt",
    "all the same.": "anyway",
    "anew": "again",
    "are the most": "the maximum is",
    "as ever": "as usual",
    "asked just now": "updated just now",
    "brought here": "imported",
    "by itself": "automatically",
    "by themselves": "automatically",
    "fault of its own": "internal error",
    "for ever": "forever",
    "gave back": "returned",
    "goes on asking": "keeps checking",
    "half of a character": "half a character",
    "here any more": "no longer here",
    "in the place of": "in place of",
    "made elsewhere": "created elsewhere",
    "nothing of it is": "none of it is",
    "nothing: simulated": "Free (simulated)",
    "own words": "message",
    "parted by": "separated by",
    "passed over": "skipped",
    "put back into the queue": "returned to the queue",
    "sent as it stands": "sent as it is",
    "stands beside": "is next to",
    "there is no way back": "can't be undone",
    "this lane": "this group",
    "thread": "prompt",
    "under Programs": "under Integrations",
    "was put aside": "was discarded",
    "what came back": "the raw response",
}
"""What the page once said, each with what it says now. A name of code (a class, a route, a stored word) is no sentence."""
ELSEWHERE = {
    "core/model/asides.py": {"was put aside"},  # a damaged record, which is kept
}
"""Where a retired word means something else, and rightly."""


def word(*retired: str) -> re.Pattern[str]:
    """Any of these, in the plural as well."""
    return re.compile(rf"(?<![\w/{{-])(?:{'|'.join(map(re.escape, retired))})(?:s|es)?(?![\w-])")


def sentences(path: Path) -> Iterator[tuple[int, str]]:
    """Texts of this module that may be shown, each with its line: no docstrings, classes of markup or names."""
    tree = ast.parse(path.read_text())
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs and not PLAIN.fullmatch(node.value):
            yield node.lineno, node.value


@pytest.mark.slow
def test_the_page_does_not_fall_back_into_its_old_words() -> None:
    """Whoever needs one of these finds the word that is used now beside it."""
    found = []
    each, some = {old: word(old) for old in RETIRED}, word(*RETIRED)
    for path in (path for room in ROOMS for path in sorted((APP / room).rglob("*.py")) if "request_types" not in path.parts):
        where = path.relative_to(APP).as_posix()
        for line, said in sentences(path):
            words = [old for old, known in each.items() if known.search(said)] if some.search(said) else []
            found += [f"{where}:{line}: “{old}” is “{RETIRED[old]}” now" for old in words if old not in ELSEWHERE.get(where, ())]
    assert found == []


def test_no_word_is_both_retired_and_in_its_place() -> None:
    """What stands in the place of a word is none that was retired."""
    retired = {old.lower() for old in RETIRED}
    assert not retired & {new.lower() for new in RETIRED.values()}
