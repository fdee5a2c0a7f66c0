"""Every owner of a segment and every id of a byte run, written and read in this module only.

They are plain texts, and databases and workspace files of every version hold them: none may ever change.

===========================  ===================================================================================================
``owner`` of a segment       where its requests are
===========================  ===================================================================================================
``queue:<lane key>``         in the queue of a lane; the lane's key is ``<profile>|<endpoint>|<model>``
``batch:<batch id>``         in a batch
===========================  ===================================================================================================

================================  ==============================================================================================
id of a byte run                  what it holds
================================  ==============================================================================================
``lines:<id>``                    the JSONL lines of a segment; given again with each change, so that bytes under an id never change
``image:<id>``                    an image of a thread, as its ``data:`` URL
``answer:<batch>:<which>:<n>``    the n-th piece of an answer file (``which``: output or error), cut at the end of a line
``answer:<batch>:<which>:mark``   how far the download of that file is (services.batches.fetch.Mark)
``ledger:<batch>``                what became of each request (core.batches.ledger)
``rows:<batch>``                  the ids of the batch's requests, in their order (core.batches.rows)
``again:<batch>``                 which rows were sent again (core.batches.resend)
``names:<batch>``                 which id of the files the person matched with which request (core.batches.matching)
``dataset:<dataset>:<v>:<n>``      the n-th run of the rows of version v of a dataset (core.datasets.storage)
``dataset:<dataset>:<v>:index``    where each row of that version stands (core.datasets.storage.RowIndex); likewise ``faults``: the rows of
                                  the file that were not taken
``sent:<id>``                     of which rows, or lines of a file, the requests are that were added to the queue in one go
                                  (core.model.sendings)
``dataset:<dataset>:try:<t>:asked`` the request of a try, as a line of an input file; likewise ``answer``: what came, as a line of an output
                                  file
``edited:<edit>:<n>``              the lines of the n-th segment that was changed with others, as they were; likewise ``before``: that
                                  segment (core.model.queue_edits)
``practice:<file>:<n>``           the n-th piece of a file of the practice provider in the page
``import:<import>:before``        the workspace before the last import, for undoing it (services.workspace.kept)
``import:<import>:written``       the ids of the runs that the import is writing
``import:<import>:lines:<run>``   lines that are not taken over as they are; likewise ``old`` and ``new``: what is displaced, what
                                  takes its place
================================  ==============================================================================================

Under which name a kind of record is stored, and the ids of their rows: core.model.stored_names.
"""

from __future__ import annotations

from typing import Final, Literal

from app.core.model import stored_names
from app.core.model.lanes import Lane

QUEUE: Final = "queue:"
"""Begins the owner of a segment in a queue."""
BATCH: Final = "batch:"
"""Begins the owner of a segment in a batch."""
PRACTICE: Final = "practice:"
"""Begins the ids of the byte runs of the practice provider."""
DATASET: Final = "dataset:"
"""Begins the ids of the byte runs of datasets."""
SENT: Final = "sent:"
"""Begins the ids of the byte runs that say which rows requests are of."""
IMPORT: Final = "import:"
"""Begins the ids of the byte runs that are kept for undoing an import."""

# --- owners of segments


def queue_owner(lane: Lane) -> str:
    """The owner of the requests that wait in a lane's queue."""
    return f"{QUEUE}{lane.key}"


def batch_owner(batch_id: str) -> str:
    """The owner of the requests of a batch."""
    return f"{BATCH}{batch_id}"


def in_queue(owner: str) -> bool:
    """Whether what has this owner is in a queue, which need not be one that there can be (:func:`names_lane`)."""
    return owner.startswith(QUEUE)


def in_batch(owner: str) -> bool:
    """Whether what has this owner is in a batch."""
    return owner.startswith(BATCH)


def batch_of(owner: str) -> str:
    """The id of the batch that this owner names; "" where it names none."""
    return owner.removeprefix(BATCH) if in_batch(owner) else ""


def names_lane(owner: str) -> bool:
    """Whether this owner names a lane. A model's name may hold any character, also ``|``."""
    return owner.startswith(QUEUE) and owner.count("|") >= 2


def lane_of(owner: str) -> Lane:
    """The lane that this owner names. Raises ValueError where it names none."""
    return lane_of_key(owner.removeprefix(QUEUE))


def lane_of_key(key: str) -> Lane:
    """The lane of this key (``Lane.key``). Raises ValueError where it is none."""
    profile, endpoint, model = key.split("|", 2)
    return Lane(profile, endpoint, model)


# --- rows of the settings


WATCHED: Final = stored_names.row_id(stored_names.WATCHED, "folder")
"""The row that says which folder is watched (core.programs.folder.Watched)."""
PROGRAMS: Final = stored_names.row_id(stored_names.PROGRAMS, "programs")
"""The row of what was chosen about programs (core.programs.message.Programs)."""

# --- byte runs


def lines_id(id: str) -> str:
    """The run of a segment's lines, by an id of its own."""
    return f"lines:{id}"


def image_id(id: str) -> str:
    """The run of an image that threads name by this id."""
    return f"image:{id}"


def answer_id(batch_id: str, which: str, n: int) -> str:
    """The n-th piece of an answer file, from 0."""
    return f"answer:{batch_id}:{which}:{n}"


def answers(batch_id: str) -> str:
    """Begins the ids of all pieces of a batch's answer files."""
    return f"answer:{batch_id}:"


def mark_id(batch_id: str, which: str) -> str:
    """How far the download of an answer file is."""
    return f"answer:{batch_id}:{which}:mark"


def ledger_id(batch_id: str) -> str:
    """The ledger of a batch."""
    return f"ledger:{batch_id}"


def rows_id(batch_id: str) -> str:
    """The ids of a batch's requests, in their order."""
    return f"rows:{batch_id}"


def again_id(batch_id: str) -> str:
    """Which rows of a batch were sent again."""
    return f"again:{batch_id}"


def hidden_id(batch_id: str) -> str:
    """Which rows of a batch were taken out of the tables of answers."""
    return f"hidden:{batch_id}"


def live_asked_id(batch_id: str, row: int) -> str:
    """That a request of a batch was sent by itself; while there is no answer, it may have been answered."""
    return f"asked:{batch_id}:{row}"


def live_answer_id(batch_id: str, row: int) -> str:
    """What came for it, as a line of an output file."""
    return f"live:{batch_id}:{row}"


def names_id(batch_id: str) -> str:
    """The ids that the person matched."""
    return f"names:{batch_id}"


def dataset_rows_id(dataset_id: str, version: int, n: int) -> str:
    """The n-th run of the rows of a version of a dataset; both from their first number on: versions from 1, runs from 0."""
    return f"{DATASET}{dataset_id}:{version}:{n}"


def dataset_index_id(dataset_id: str, version: int) -> str:
    """Where each row of a version stands."""
    return f"{DATASET}{dataset_id}:{version}:index"


def dataset_faults_id(dataset_id: str, version: int) -> str:
    """The rows of the file of a version that were not taken."""
    return f"{DATASET}{dataset_id}:{version}:faults"


def try_asked_id(dataset_id: str, try_id: str) -> str:
    """The request of a try of a dataset, as a line of a batch's input file."""
    return f"{DATASET}{dataset_id}:try:{try_id}:asked"


def try_answer_id(dataset_id: str, try_id: str) -> str:
    """What came of a try, as a line of an output file."""
    return f"{DATASET}{dataset_id}:try:{try_id}:answer"


def dataset_of(run_id: str) -> str:
    """The id of the dataset that a run belongs to; "" for other runs."""
    return run_id.removeprefix(DATASET).partition(":")[0] if run_id.startswith(DATASET) else ""


def of_another_dataset(run_id: str, dataset_id: str) -> str:
    """The id of the same run where the dataset has this id."""
    return DATASET + dataset_id + run_id.removeprefix(DATASET + dataset_of(run_id))


def sent_rows_id(run: str) -> str:
    """Which rows the requests are of that were added to the queue in one go, where their ids do not say so: [[row id, custom_id], …]. Of a
    file of requests the ids that are cut in those of its requests: [[n-th request of the file, custom_id as the file has it], …]. Of
    requests that follow answers (core.results.following.Followed): which they follow."""
    return f"{SENT}{run}"


def sent_of(run_id: str) -> str:
    """The id of the QueuedRows that such a run belongs to; "" for other runs."""
    return run_id.removeprefix(SENT) if run_id.startswith(SENT) else ""


def edited_lines_id(edit: str, n: int) -> str:
    """The lines of the n-th segment of an edit of the queue, from 0, as they were before it."""
    return f"edited:{edit}:{n}"


def edited_before_id(edit: str, n: int) -> str:
    """That segment itself, and what became of it."""
    return f"edited:{edit}:{n}:before"


def practice_id(file_id: str, n: int) -> str:
    """The n-th piece of a file of the practice provider, from 0."""
    return f"{PRACTICE}{file_id}:{n}"


def practice_file(run_id: str) -> str:
    """The id of the practice provider's file that a run is a piece of; "" for other runs."""
    return run_id.removeprefix(PRACTICE).rpartition(":")[0] if run_id.startswith(PRACTICE) else ""


def import_files(import_id: str) -> str:
    """Begins the ids of the byte runs of one import (``Import.files``)."""
    return f"{IMPORT}{import_id}:"


def import_run(files: str, what: Literal["before", "written"]) -> str:
    """Of the import whose runs begin with ``files``: the workspace before it, or which runs it is writing."""
    return f"{files}{what}"


def import_copy(files: str, what: Literal["lines", "old", "new"], run_id: str) -> str:
    """A run that stands apart during an import: lines of the file, a run that is displaced, or one that takes its place."""
    return f"{files}{what}:{run_id}"


def run_of_batch(run_id: str) -> str:
    """The id of the batch that a run of answers, a ledger or what is kept beside it belongs to; "" for other runs."""
    kind, _, rest = run_id.partition(":")
    return rest.partition(":")[0] if kind in _OF_BATCHES else ""


_OF_BATCHES: Final = frozenset({"answer", "ledger", "rows", "again", "names", "hidden", "asked", "live"})
