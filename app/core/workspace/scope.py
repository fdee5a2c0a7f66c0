"""What belongs to a workspace: which records, and which byte runs they need."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from app.core.model import keys, stored_names
from app.core.model.entries import RecordEntry, decoded
from app.core.model.segments import Segment
from app.core.model.threads import STORED

LOCAL: Final = frozenset(
    {
        *(
            "bound",
            "codeaccepted",
            "datasetimport",
            "door",
            "dropped",
            "editing",
            "hold",
            "import",
            "keysalt",
            "knownkey",
            "marks",
            "nextstep",
            "quarantined",
            "queueedit",
            "queueingrows",
            "queuesummaries",
        ),
        *("removed", "rescue", "spent", "told", "watched"),
    }
)
"""Owners of settings that belong to this browser and not to the workspace: they are neither exported nor replaced."""


def is_local(entry: RecordEntry) -> bool:
    """Whether a record belongs to this browser only."""
    return entry.table == "settings" and entry.owner in LOCAL


class NeededRuns:
    """Which byte runs these records need."""

    def __init__(self, entries: Iterable[RecordEntry]) -> None:
        self._batches: set[str] = set()
        self._lines: set[str] = set()
        self._images: set[str] = set()
        self._files: set[str] = set()
        self._datasets: set[str] = set()
        self._sent: set[str] = set()
        for one in entries:
            if one.table == "batches":
                if one.state != "withdrawn":  # its requests are in the queue again: nothing of its own is left
                    self._batches.add(one.id)
            elif one.table == "segments" and (segment := decoded(Segment, one)) is not None:
                self._lines.add(segment.bytes_id)
            elif has_images(one):
                self._images.update(images_of(one))
            elif one.table == "practice":
                self._files.add(one.id)
            elif one.table == "settings" and one.owner == stored_names.DATASET.name:
                self._datasets.add(one.id.removeprefix(stored_names.row_id(stored_names.DATASET, "")))
            elif one.table == "settings" and one.owner == stored_names.QUEUED_ROWS.name:
                self._sent.add(one.id.removeprefix(stored_names.row_id(stored_names.QUEUED_ROWS, "")))

    def __contains__(self, run_id: str) -> bool:
        if run_id.startswith(keys.PRACTICE):
            return keys.practice_file(run_id) in self._files
        if run_id.startswith(keys.DATASET):
            return keys.dataset_of(run_id) in self._datasets
        if run_id.startswith(keys.SENT):
            return keys.sent_of(run_id) in self._sent
        return run_id in self._lines or run_id in self._images or (keys.run_of_batch(run_id) or None) in self._batches


_WITH_IMAGES: Final = (stored_names.TEMPLATE.name, stored_names.TEMPLATE_VERSION.name)


def has_images(entry: RecordEntry) -> bool:
    """Whether a record is of a kind that may name images: threads, templates and their versions."""
    return entry.table == "threads" or (entry.table == "settings" and entry.owner in _WITH_IMAGES)


def images_of(thread: RecordEntry) -> set[str]:
    """The runs of the images that a thread or template names."""
    return {keys.image_id(name.removeprefix(STORED)) for name in _STORED.findall(thread.doc)}


_STORED = re.compile(re.escape(STORED) + r"i-[0-9a-z-]+")
