"""Every loop of the services and the server that does something for each item puts a bad one aside, or says here why it need not.

What is looked at: ``for`` and ``async for`` whose body waits for something (a store, a file, a call), but for pauses. A loop isolates its
item when a handler of ``Exception`` stands in its body, or when the item goes through ``services.runtime.isolation``. Loops that only
compute are not looked at: what they call is bounded where it is read (core.json.jsonread), and they stand inside of what isolates.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4] / "app"
FOLDERS = ("services", "gateway")
PAUSES = ("rest", "sleep")

PIECES = "pieces of one thing: what is wrong with one is wrong with the whole, which is refused or fetched anew"
TRIES = "no items: tries of one thing"
COMMIT = "one commit, all or nothing; whoever calls it halves what was given, down to the bad one"
LOOKS = "reads records, and a damaged one is passed over where it is read (services.runtime.records)"
WHOLE = "must be known whole: from a part of it something wrong would be deleted, or paid twice"
STORED_ROWS = "rows of runs that were made here; a run that is missing is named (RowsMissing)"
ROWS = "rows at fault are put aside where their requests are made (core.planning.rowrequests)"
PREVIEWS = "each line's preview says what is wrong with it (services.runtime.passed_over)"
JOINED = "each line is read by itself (services.runtime.passed_over); what is missing is told as a fault of the job"
SOME_ROWS = "some thousand rows by one commit; where one cannot be stored the action ends and says so"
FOLLOWED = "each request is made by itself, and one that cannot be is counted among those that stay (follow_job._Made.take)"
FIGURES = "slices of arrays of numbers: nothing in them is read, and none can be at fault by itself"
REASONS = {
    "services/results/compare_arms._ordered: (first, last)": FIGURES,
    "services/results/compare_arms.items_of: (first, last)": FIGURES,
    "services/results/compare_figures._add_answers: (first, last)": FIGURES,
    "services/results/compare_figures._chosen: (first, last)": FIGURES,
    "services/results/compare_figures._deltas: (first, last)": FIGURES,
    "services/results/compare_figures._figures: (first, last)": FIGURES,
    "services/results/compare_figures._told: (first, last)": FIGURES,
    "services/results/compare_figures.counted: (first, last)": FIGURES,
    "services/batches/live.LiveCaller._counted: (_row, _id, _line, asked, came)": "looks at bytes that are there or not",
    "services/batches/live.LiveCaller._gather: (row, id, _line, asked, came)": "joins bytes; each line is read by itself, in the ledger",
    "services/batches/live.LiveCaller.rows: stored": LOOKS,
    "services/batches/resubmitting.scope_of: summary": LOOKS,
    "services/queue/submit.Submitter._table: addition": LOOKS,
    "services/results/annotating.Annotations.edit: some": SOME_ROWS,
    "services/runtime/loading.loaded: at": "bytes that are there or not; what the store raises concerns them all",
    "services/results/current_column._changed: (n, run)": STORED_ROWS,
    "services/results/current_column._hashes: (n, run)": STORED_ROWS,
    "services/results/follow_job.follow: one": FOLLOWED,
    "services/results/follow_job.follow: row": FOLLOWED,
    "services/results/follow_job._Made._take: run_": COMMIT,
    "services/results/follow_job._Made.last: (lane, known)": COMMIT,
    "services/results/following.FollowLinks._where: batch": LOOKS,
    "services/results/following.FollowLinks.before: addition": LOOKS,
    "services/results/following.FollowLinks.behind: addition": LOOKS,
    "services/results/steps.AnswerSteps._submit: (lane, segments)": "one step, whose turn isolates it (turn)",
    "services/results/judge_answers._read: row": JOINED,
    "services/results/report_job._listed: start": JOINED,
    "services/results/report_job._prompts: id": LOOKS,
    "services/results/report_job._prompts: version": LOOKS,
    "services/results/report_job._write: piece": PIECES,
    "services/results/python_rows._cell_lines: (n, places)": "a run that is not whole is passed over, and no line is read",
    "services/results/python_rows.python_cells: position": "what code has filled is bounded where it came in (python_put)",
    "services/results/python_rows.python_put: file": PIECES,
    "services/results/spend_sums.spends: (part, mark)": LOOKS,
    "services/results/judge_answers.evaluations_in: one": LOOKS,
    "services/results/judge_columns.have_judges: (name, evaluation)": "each judge is read by itself (judge_answers)",
    "services/results/answers_job._judges: (name, evaluation)": "each judge is read by itself (judge_answers)",
    "services/results/annotating.Annotations.restore: n": SOME_ROWS,
    "services/provider/account.Account.look: batch_page": WHOLE,
    "services/provider/account.Account.look: page": PIECES,
    "services/provider/account.Account._fresh: page": WHOLE,
    "services/batches/resend.Resender._standing: owner": LOOKS,
    "services/batches/resend.Resender._standing: later": LOOKS,
    "services/batches/resend.Resender._take: (start, segment)": LOOKS,
    "services/batches/attempts.Attempts._later: one": LOOKS,
    "services/queue/auto_submit.AutoSubmitter._bad: one": "each request of a segment is judged by itself (_judge)",
    "services/runtime/damage.Damage.spared: one": COMMIT,
    "services/runtime/damage.inspect: table": "finds what is damaged and reads none of it",
    "services/runtime/damage.inspect: owner": "finds what is damaged and reads none of it",
    "services/programs/outbox.Dispatcher._send: after": LOOKS,
    "services/programs/outbox.Dispatcher._send: (file, some)": "each result of a file is put aside by itself (_file)",
    "services/programs/outbox.Dispatcher._recorded: end": COMMIT,
    "services/batches/fetch.Fetcher._stream: piece": PIECES,
    "services/batches/fetch._Arriving.take: data": PIECES,
    "services/batches/conformance.Forms.follow: (start, segment)": "each request of a segment is put aside by itself (_gather)",
    "services/threads/images.Images._kept_text: found": "images of one text, which is stored whole or not at all",
    "services/programs/intake.Intake._store: ((lane, past), pairs)": COMMIT,
    "services/batches/ledgers.Ledgers.make: file": "each line is entered as damaged where it throws (core.batches.ledger)",
    "services/batches/ledgers.Ledgers.make: n": "each line is entered as damaged where it throws (core.batches.ledger)",
    "services/batches/ledgers.Ledgers._whole: n": "asks only whether it is here",
    "services/programs/mailbox.MailboxClient._drop: lane": COMMIT,
    "services/programs/mailbox.MailboxClient._told_in_vain: one": "one message, or the portion is halved",
    "services/programs/mailbox.MailboxClient._heard: one": "removes one mark each, and one that changed is told anew",
    "services/provider/profiles.Profiles.use: owner": WHOLE,
    "services/provider/client.Provider._find: _": WHOLE,
    "services/provider/client.Provider.file_pages: page": PIECES,
    "services/provider/client.Provider.batch_pages: page": PIECES,
    "services/provider/client.Provider._pages: _": PIECES,
    "services/provider/client.Provider.content: piece": PIECES,
    "services/provider/client.FileDownload.pieces: piece": PIECES,
    "services/queue/queue.Queue._each: some": "a few segments by one commit; where one cannot be stored the action ends and says so",
    "services/queue/queue.Queue._each.decided: stored": COMMIT,
    "services/queue/bulk_edit.BulkEditor._lines_back: piece": "two at most, and one whose bytes are missing is passed over",
    "services/queue/bulk_edit.BulkEditor.change.decided: stored": COMMIT,
    "services/queue/bulk_edit.BulkEditor.change: (n, some)": "what cannot be stored ends it, and it is taken back; lines are judged singly",
    "services/queue/bulk_edit.BulkEditor.forget: at": "what cannot be stored ends it, and it is begun again",
    "services/queue/bulk_edit.BulkEditor.look: (n, id)": "each line is judged by itself (_made)",
    "services/queue/bulk_edit.BulkEditor.look: stored": "each line is judged by itself (_made)",
    "services/queue/bulk_edit.BulkEditor.undo: n": "what cannot be stored ends it, and it is begun again where it stopped",
    "services/queue/index.QueueIndex._compare: owner": LOOKS,
    "services/queue/index.QueueIndex._read: (n, some)": LOOKS,
    "services/queue/reading.QueueReader._find: place": LOOKS,
    "services/queue/reading.QueueReader.forecast: one": LOOKS,
    "services/queue/reading.QueueReader.places: (n, some)": LOOKS,
    "services/queue/reading.QueueReader.places: some": LOOKS,
    "services/queue/reading.QueueReader.present: (id, pick)": LOOKS,
    "services/queue/reading.QueueReader.rows: (one, start, stop)": PREVIEWS,
    "services/queue/search.rows: (one, lines, stop)": PREVIEWS,
    "services/queue/search.search: (n, one)": "a byte run that is missing holds no words",
    "services/queue/submit.Submitter._plan: alike": "one batch; a lane that cannot be closed keeps no other (auto_submit)",
    "services/queue/submit.Submitter._plan: one": "one batch; a lane that cannot be closed keeps no other (auto_submit)",
    "services/batches/conformance.Forms._other: place": "the answers of one request",
    "services/datasets/datasets.Datasets._clear: at": COMMIT,
    "services/datasets/datasets.Datasets.forget: id": "each is a commit of its own; one that cannot be stored ends the action, and is said",
    "services/datasets/examine_job._first: group": PIECES,
    "services/datasets/import_job._know: (n, run)": WHOLE,
    "services/datasets/import_job.bring: group": "rows at fault are counted and put aside where they are read (core.datasets)",
    "services/datasets/import_job.bring: run": PIECES,
    "services/datasets/keep_job.keep: (n, data)": STORED_ROWS,
    "services/datasets/keep_job.keep: group": STORED_ROWS,
    "services/datasets/keep_job.keep: part": PIECES,
    "services/datasets/rows.DatasetRows.at: position": STORED_ROWS,
    "services/datasets/run_reading.each_run: (at, some)": STORED_ROWS,
    "services/datasets/select_job.taken_rows: (n, data)": STORED_ROWS,
    "services/datasets/reading.row_groups: group": "files at fault are put aside where they are read (_file_rows)",
    "services/datasets/reading.row_groups: start": PIECES,
    "services/planning/answered.answered_bodies: batch": LOOKS,
    "services/planning/answered._look_into: (start, segment)": LOOKS,
    "services/planning/check_job.check: part": PIECES,
    "services/planning/check_job.check: run": ROWS,
    "services/planning/check_job.check: shape": PIECES,
    "services/planning/counting.all_counted: (n, encoding)": "the figure of all requests, or none",
    "services/planning/file_job.write_file: one": ROWS,
    "services/planning/adding.Additions._clear: at": COMMIT,
    "services/planning/queue_job.queue: (model, gatherer)": COMMIT,
    "services/planning/planning.Planning.origins: id": LOOKS,
    "services/planning/queue_job.queue: one": ROWS,
    "services/planning/queue_job.queue: run": COMMIT,
    "services/planning/row_source._used: owner": LOOKS,
    "services/planning/row_source.each_request: rows": STORED_ROWS,
    "services/planning/row_source.each_rows: (n, data)": STORED_ROWS,
    "services/planning/requestfile_job._Kept.last: (lane, gatherer)": COMMIT,
    "services/planning/requestfile_job._Kept.take: run": COMMIT,
    "services/planning/requestfile_job.take_requests: one": "lines at fault are put aside where they are judged (core.programs.judging)",
    "services/results/answer_portions.AnswerPortions._of_table: rows": JOINED,
    "services/results/answer_portions.AnswerPortions._windows: some": JOINED,
    "services/results/answer_portions.AnswerPortions.cells: some": JOINED,
    "services/results/answer_portions.AnswerPortions.each: window": JOINED,
    "services/results/answer_portions.AnswerWindow.read: (id, data, places)": JOINED,
    "services/results/answer_portions.AnswerWindow.read_asked: (_, data, places)": JOINED,
    "services/results/answer_portions._loaded: (id, data)": "loads bytes and reads none of them",
    "services/results/answers_job._look: cells": JOINED,
    "services/results/answers_job._look: portion": JOINED,
    "services/results/requestfile_job.write_file_answers: batch": LOOKS,
    "services/results/requestfile_job.write_file_answers: one": "bytes that are missing are told and passed over",
    "services/results/conversations.tuning: one": JOINED,
    "services/results/conversations.tuning: row": JOINED,
    "services/results/pairs_job._judged: row": JOINED,
    "services/results/pairs_job.write_pairs: answers": JOINED,
    "services/results/pairs_job.write_pairs: pair": JOINED,
    "services/results/answers_job.write_answers: portion": JOINED,
    "services/results/join.Join._bare: rows": JOINED,
    "services/results/join.Join._load: (id, data)": JOINED,
    "services/results/join.Join.each: rows": JOINED,
    "services/results/join.Join.portions: rows": JOINED,
    "services/results/join_sources.StoredTable.each: (n, run)": JOINED,
    "services/results/join._of_batches: (n, batch)": LOOKS,
    "services/results/join._of_table: (n, run)": LOOKS,
    "services/results/join._of_table: batch": LOOKS,
    "services/results/join._queued: owner": LOOKS,
    "services/planning/texts_job.texts: run": ROWS,
    "services/tries/answering.Answering._events: piece": PIECES,
    "services/tries/answering.Answering._whole: piece": PIECES,
    "services/tries/answering._refusal: piece": PIECES,
    "services/tries/preparing.prepared: position": "what keeps a row from being sent is how its try ends (_made)",
    "services/tries/preparing.prepared: row": "what keeps a row from being sent is how its try ends (_made)",
    "services/batches/rebuild.Rebuilder._read.keep: run": "runs of lines that were read; a line that is none is told and kept (adopting)",
    "services/batches/rebuild.Rebuilder._read: piece": PIECES,
    "services/batches/rebuild.Rebuilder._read: data": PIECES,
    "services/batches/rebuild.Rebuilder.from_answers: run": "runs of lines that were made here",
    "services/programs/redelivery.ByHand.again: n": COMMIT,
    "services/results/answer_reading.have_columns: name": "columns of one table, which are there together or not",
    "services/results/table_index.KeptIndex.look_for_hidden: one": "loads bytes and reads none of them",
    "services/results/rewriting.Rewriting._came: n": "loads bytes and reads none of them",
    "services/results/selection_jobs._gone: one": LOOKS,
    "services/results/selection_jobs._pricing: one": LOOKS,
    "services/results/table_index.KeptIndex.cell_column: (n, run)": STORED_ROWS,
    "services/results/table_index.KeptIndex.lines: n": "loads bytes and reads none of them",
    "services/results/table_index.KeptIndex.row_cells: position": STORED_ROWS,
    "services/results/review.Review._fetch: n": "loads bytes and reads none of them",
    "services/practice/blobs.BlobStore.put: chunk": PIECES,
    "services/practice/blobs.BlobStore.read: n": PIECES,
    "services/practice/blobs.BlobStore.sweep: row": "the practice provider's contents that nobody knows: the next start goes on",
    "services/queue/submit.Submitter._move: stored": "one batch, in one commit; a lane that cannot be closed keeps no other (auto_submit)",
    "services/batches/delete_batch.Tidy.forget: which": "the files of one batch, in one commit",
    "gateway/relay/amqp.relay: task": "the two directions of one connection",
    "gateway/http/bodies.whole: chunk": PIECES,
    "gateway/http/bodies.lines: chunk": PIECES,
    "gateway/practice/disk.FolderDisk.put: chunk": PIECES,
    "gateway/http/forms.read_form: event": PIECES,
    "gateway/http/forms._events: chunk": PIECES,
    "gateway/http/forms._content: event": PIECES,
    "gateway/mailbox/intake.take_all: (index, (start, stop))": "each message is taken or refused by itself (_Taker)",
    "gateway/mailbox/intake.take_all: (index, one)": "each message is taken or refused by itself (_Taker)",
    "gateway/mailbox/intake.take_lines: group": "each message is taken or refused by itself (_Taker)",
    "gateway/mailbox/intake.take_lines: (number, line)": "each message is taken or refused by itself (_Taker)",
    "gateway/mailbox/pages.Pages.piece: page": "asks one page after another until one has it",
    "gateway/mailbox/pages.Pages.close: page": "what a page that is gone raises is suppressed",
    "gateway/mailbox/pages.Pages._join: old": "what a page that is gone raises is suppressed",
    "gateway/mailbox/pages.Pages._write: order": "orders are checked where they are read (messages); a line that is gone ends all of them",
    "gateway/practice/practice.Practice._then_break: chunk": PIECES,
    "gateway/practice/practice._body: chunk": PIECES,
    "gateway/sdk/provider._file_routes.delete_file: id": WHOLE,
    "gateway/mailbox/requests.request_routes.download.all_pieces: piece": PIECES,
    "gateway/relay/webhooks.Checked.connect_tcp: address": TRIES,
    "gateway/relay/webhooks._post: chunk": PIECES,
}
"""Loops that isolate nothing, with why."""
Loop = ast.For | ast.AsyncFor
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def _inside(nodes: list[ast.stmt]) -> Iterator[ast.AST]:
    """Everything in these statements but what stands in a function of its own."""
    for node in nodes:
        yield node
        if not isinstance(node, _SCOPES):
            yield from _inside(list(ast.iter_child_nodes(node)))  # type: ignore[arg-type]


def _called(node: ast.AST) -> tuple[str, str]:
    """What is called, and of what."""
    if not isinstance(node, ast.Call):
        return "", ""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr, ast.unparse(node.func.value)
    return ast.unparse(node.func), ""


def waits(loop: Loop) -> bool:
    """Whether something is waited for, for each item."""
    awaited = (node for node in _inside(loop.body) if isinstance(node, ast.Await))
    return isinstance(loop, ast.AsyncFor) or any(_called(node.value)[0] not in PAUSES for node in awaited)


def isolates(loop: Loop, isolations: set[str]) -> bool:
    """Whether a bad item is put aside."""
    for node in _inside(loop.body):
        if isinstance(node, ast.ExceptHandler) and node.type is not None and ast.unparse(node.type) == "Exception":
            return True
        name, of = _called(node)
        if name == "bisected" or (name in ("run", "item") and of.removeprefix("self.") in isolations):
            return True
    return False


def _isolations(tree: ast.Module) -> set[str]:
    """The names under which a module holds an Isolation."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.arg) and node.annotation is not None and ast.unparse(node.annotation) == "Isolation":
            found |= {node.arg, f"_{node.arg}"}  # given, and kept under that name
        if isinstance(node, ast.Assign):
            pairs = zip(node.targets, [node.value], strict=False)
            if isinstance(node.value, ast.Tuple) and isinstance(node.targets[0], ast.Tuple):
                pairs = zip(node.targets[0].elts, node.value.elts, strict=True)
            found |= {ast.unparse(name).removeprefix("self.") for name, value in pairs if _called(value)[0] == "Isolation"}
    return found


def unisolated(source: str) -> list[str]:
    """The loops of a module that wait for something and put no item aside: where, and over what."""
    tree = ast.parse(source)
    known = _isolations(tree)

    def visit(node: ast.AST, where: tuple[str, ...]) -> Iterator[str]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, Loop) and waits(child) and not isolates(child, known):
                yield f"{'.'.join(where)}: {ast.unparse(child.target)}"
            yield from visit(child, (*where, child.name) if isinstance(child, _SCOPES) else where)

    return list(visit(tree, ()))


@pytest.mark.slow
def test_every_loop_that_puts_no_item_aside_says_why() -> None:
    """A new one isolates its item, or stands in the list above; what is not there any more leaves the list."""
    found = {
        f"{path.relative_to(ROOT).with_suffix('').as_posix()}.{one}"
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*.py"))
        if path.parent.name != "workspace"  # a file is checked whole before anything of it is stored, and then stored whole
        for one in unisolated(path.read_text())
    }
    assert sorted(found - REASONS.keys()) == [], "these loops put no item aside (services/runtime/isolation.py)"
    assert sorted(REASONS.keys() - found) == [], "these are no such loops any more"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("for one in some:\n  await self.work(one)", True),
        ("for one in some:\n  await self._isolation.run(one, self.work(one))", False),
        ("for one in some:\n  with mine.item(one):\n   await self.work(one)", False),
        ("for one in some:\n  await other.run(one)", True),
        ("for one in some:\n  try:\n   await self.work(one)\n  except ValueError:\n   pass", True),
        ("for one in some:\n  try:\n   await self.work(one)\n  except Exception:\n   pass", False),
        ("for one in some:\n  await bisected(one, self.work, put)", False),
        ("for one in some:\n  await slicer.rest()", False),
        ("for one in some:\n  total += one", False),
        ("async for one in some:\n  total += one", True),
    ],
)
def test_the_look_finds_what_it_is_for(body: str, told: bool) -> None:
    """A loop without isolation is found, one with it is not."""
    source = f"def f():\n self._isolation = Isolation(tasks, 'x')\n mine = Isolation(None, 'y')\nasync def g():\n {body}\n"
    assert bool(unisolated(source)) == told
