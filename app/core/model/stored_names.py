"""Under which name each kind of record is stored: the one table of them. Records name their line here (``Record.stored``), so classes are
renamed freely while every database, workspace file and export that exists stays readable.

A name, once published, never changes, and none is used again for something else. ``tests/unit/core/model/test_stored_names.py`` holds the
names, fields, tags and words that are on people's disks.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class StoredAs(NamedTuple):
    """``table`` is the record table. In ``settings``, which holds many kinds, ``name`` is the head of the id (``name:id``) and the
    owner that the index finds it by; elsewhere it names the kind, and is the owner where the record says no other."""

    name: str
    table: str


SETTINGS: Final = "settings"

THREAD: Final = StoredAs("thread", "threads")
SEGMENT: Final = StoredAs("segment", "segments")
BATCH: Final = StoredAs("batch", "batches")
LOG_PAGE: Final = StoredAs("logpage", "events")
HANDED: Final = StoredAs("handed", "handed")
UNTOLD: Final = StoredAs("untold", "news")

ANNOTATIONS: Final = StoredAs("annotations", SETTINGS)
AUTOMATIC: Final = StoredAs("automatic", SETTINGS)
BLIND_VOTES: Final = StoredAs("blindvotes", SETTINGS)
BOUND: Final = StoredAs("bound", SETTINGS)
BROKER_SETTINGS: Final = StoredAs("brokersettings", SETTINGS)
CODE_ACCEPTED: Final = StoredAs("codeaccepted", SETTINGS)
DATASET: Final = StoredAs("dataset", SETTINGS)
DATASET_IMPORT: Final = StoredAs("datasetimport", SETTINGS)
DOOR: Final = StoredAs("door", SETTINGS)
DROPPED: Final = StoredAs("dropped", SETTINGS)
EDITING: Final = StoredAs("editing", SETTINGS)
EVALUATION: Final = StoredAs("evaluation", SETTINGS)
EXPECTATION: Final = StoredAs("expectation", SETTINGS)
HISTORY: Final = StoredAs("history", SETTINGS)
HOLD: Final = StoredAs("hold", SETTINGS)
IMPORT: Final = StoredAs("import", SETTINGS)
INTAKE: Final = StoredAs("intake", SETTINGS)
KEY_SALT: Final = StoredAs("keysalt", SETTINGS)
KNOWN_KEY: Final = StoredAs("knownkey", SETTINGS)
LIMITS: Final = StoredAs("limits", SETTINGS)
MARKS: Final = StoredAs("marks", SETTINGS)
MODEL_LIST: Final = StoredAs("modellist", SETTINGS)
NEXT_STEP: Final = StoredAs("nextstep", SETTINGS)
PREFERENCES: Final = StoredAs("preferences", SETTINGS)
PROFILE: Final = StoredAs("profile", SETTINGS)
PROGRAMS: Final = StoredAs("programs", SETTINGS)
PYTHON_CODE: Final = StoredAs("pythoncode", SETTINGS)
QUARANTINED: Final = StoredAs("quarantined", SETTINGS)
QUEUE_EDIT: Final = StoredAs("queueedit", SETTINGS)
QUEUE_SUMMARIES: Final = StoredAs("queuesummaries", SETTINGS)
QUEUED_ROWS: Final = StoredAs("queuedrows", SETTINGS)
QUEUEING_ROWS: Final = StoredAs("queueingrows", SETTINGS)
REMOVED: Final = StoredAs("removed", SETTINGS)
RESCUE: Final = StoredAs("rescue", SETTINGS)
SAVED_VIEW: Final = StoredAs("resultsview", SETTINGS)
SPENT: Final = StoredAs("spent", SETTINGS)
TEMPLATE: Final = StoredAs("template", SETTINGS)
TEMPLATE_VERSION: Final = StoredAs("templateversion", SETTINGS)
TOLD: Final = StoredAs("told", SETTINGS)
TRIES: Final = StoredAs("tries", SETTINGS)
WATCHED: Final = StoredAs("watched", SETTINGS)


def row_id(stored: StoredAs, id: str) -> str:
    """The id under which a record lies in its table."""
    return f"{stored.name}:{id}" if stored.table == SETTINGS else id
