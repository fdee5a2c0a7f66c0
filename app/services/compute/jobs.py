"""The one table of jobs. Each is loaded where and when it is carried out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from app.services.compute.carrier import JobDefinition


def _export() -> JobDefinition[Any, Any]:
    from app.services.workspace.export_job import EXPORT, export

    return JobDefinition(EXPORT, export)


def _examine() -> JobDefinition[Any, Any]:
    from app.services.datasets.examine_job import EXAMINE, examine

    return JobDefinition(EXAMINE, examine)


def _import() -> JobDefinition[Any, Any]:
    from app.services.datasets.import_job import IMPORT, bring

    return JobDefinition(IMPORT, bring)


def _select() -> JobDefinition[Any, Any]:
    from app.services.datasets.select_job import SELECT, select

    return JobDefinition(SELECT, select)


def _keep() -> JobDefinition[Any, Any]:
    from app.services.datasets.keep_job import KEEP, keep

    return JobDefinition(KEEP, keep)


def _check() -> JobDefinition[Any, Any]:
    from app.services.planning.check_job import CHECK, check

    return JobDefinition(CHECK, check)


def _file() -> JobDefinition[Any, Any]:
    from app.services.planning.file_job import WRITE_FILE, write_file

    return JobDefinition(WRITE_FILE, write_file)


def _queue() -> JobDefinition[Any, Any]:
    from app.services.planning.queue_job import QUEUE, queue

    return JobDefinition(QUEUE, queue)


def _queue_look() -> JobDefinition[Any, Any]:
    from app.services.queue.bulk_jobs import LOOK, look

    return JobDefinition(LOOK, look)


def _queue_change() -> JobDefinition[Any, Any]:
    from app.services.queue.bulk_jobs import CHANGE, change

    return JobDefinition(CHANGE, change)


def _queue_undo() -> JobDefinition[Any, Any]:
    from app.services.queue.bulk_jobs import UNDO, undo

    return JobDefinition(UNDO, undo)


def _answers() -> JobDefinition[Any, Any]:
    from app.services.results.answers_job import WRITE_ANSWERS, write_answers

    return JobDefinition(WRITE_ANSWERS, write_answers)


def _file_columns() -> JobDefinition[Any, Any]:
    from app.services.results.answers_job import LIST_COLUMNS, list_columns

    return JobDefinition(LIST_COLUMNS, list_columns)


def _outcomes() -> JobDefinition[Any, Any]:
    from app.services.results.selection_jobs import OUTCOMES, outcomes

    return JobDefinition(OUTCOMES, outcomes)


def _selection() -> JobDefinition[Any, Any]:
    from app.services.results.selection_jobs import SELECTION, selection

    return JobDefinition(SELECTION, selection)


def _compared() -> JobDefinition[Any, Any]:
    from app.services.results.compare_jobs import COMPARED, compared

    return JobDefinition(COMPARED, compared)


def _item() -> JobDefinition[Any, Any]:
    from app.services.results.compare_jobs import ITEM, item

    return JobDefinition(ITEM, item)


def _take_requests() -> JobDefinition[Any, Any]:
    from app.services.planning.requestfile_job import TAKE_REQUESTS, take_requests

    return JobDefinition(TAKE_REQUESTS, take_requests)


def _texts() -> JobDefinition[Any, Any]:
    from app.services.planning.texts_job import TEXTS, texts

    return JobDefinition(TEXTS, texts)


def _file_answers() -> JobDefinition[Any, Any]:
    from app.services.results.requestfile_job import WRITE_FILE_ANSWERS, write_file_answers

    return JobDefinition(WRITE_FILE_ANSWERS, write_file_answers)


def _report() -> JobDefinition[Any, Any]:
    from app.services.results.report_job import WRITE_REPORT, write_report

    return JobDefinition(WRITE_REPORT, write_report)


def _rows() -> JobDefinition[Any, Any]:
    from app.services.results.first_rows import rows_in_sight
    from app.services.results.table_jobs import ROWS

    return JobDefinition(ROWS, rows_in_sight)


def _facet() -> JobDefinition[Any, Any]:
    from app.services.results.table_jobs import FACET, facet_of

    return JobDefinition(FACET, facet_of)


def _summaries() -> JobDefinition[Any, Any]:
    from app.services.results.table_jobs import SUMMARIES, summaries

    return JobDefinition(SUMMARIES, summaries)


def _step() -> JobDefinition[Any, Any]:
    from app.services.results.table_jobs import STEP, step

    return JobDefinition(STEP, step)


def _annotated() -> JobDefinition[Any, Any]:
    from app.services.results.table_jobs import ANNOTATED, annotated

    return JobDefinition(ANNOTATED, annotated)


def _agree() -> JobDefinition[Any, Any]:
    from app.services.results.agreement_job import AGREE, agree

    return JobDefinition(AGREE, agree)


def _charts() -> JobDefinition[Any, Any]:
    from app.services.results.charts_job import CHARTS, charts

    return JobDefinition(CHARTS, charts)


def _chosen() -> JobDefinition[Any, Any]:
    from app.services.results.table_jobs import CHOSEN, chosen

    return JobDefinition(CHOSEN, chosen)


def _markdown() -> JobDefinition[Any, Any]:
    from app.services.results.reading_jobs import READ_MARKDOWN, read_markdown

    return JobDefinition(READ_MARKDOWN, read_markdown)


def _repair() -> JobDefinition[Any, Any]:
    from app.services.results.reading_jobs import REPAIR_JSON, repair_json

    return JobDefinition(REPAIR_JSON, repair_json)


def _follow() -> JobDefinition[Any, Any]:
    from app.services.results.follow_job import FOLLOW, follow

    return JobDefinition(FOLLOW, follow)


def _rerun() -> JobDefinition[Any, Any]:
    from app.services.results.rerun_job import RERUN, rerun

    return JobDefinition(RERUN, rerun)


def _python_rows() -> JobDefinition[Any, Any]:
    from app.services.results.python_rows import PYTHON_ROWS, python_rows

    return JobDefinition(PYTHON_ROWS, python_rows)


def _python_put() -> JobDefinition[Any, Any]:
    from app.services.results.python_rows import PYTHON_PUT, python_put

    return JobDefinition(PYTHON_PUT, python_put)


def _python_cells() -> JobDefinition[Any, Any]:
    from app.services.results.python_rows import PYTHON_CELLS, python_cells

    return JobDefinition(PYTHON_CELLS, python_cells)


def _guide() -> JobDefinition[Any, Any]:
    from app.services.help.guide_job import READ_GUIDE, read_guide

    return JobDefinition(READ_GUIDE, read_guide)


JOBS: Final[Mapping[str, Callable[[], JobDefinition[Any, Any]]]] = {
    "workspace.export": _export,
    "datasets.examine": _examine,
    "datasets.import": _import,
    "datasets.select": _select,
    "datasets.keep": _keep,
    "planning.check": _check,
    "planning.file": _file,
    "planning.queue": _queue,
    "planning.requests": _take_requests,
    "planning.texts": _texts,
    "results.file": _answers,
    "results.filecolumns": _file_columns,
    "results.report": _report,
    "results.requests": _file_answers,
    "results.rows": _rows,
    "results.facet": _facet,
    "results.summaries": _summaries,
    "results.step": _step,
    "results.annotated": _annotated,
    "results.agreement": _agree,
    "results.charts": _charts,
    "results.chosen": _chosen,
    "results.outcomes": _outcomes,
    "results.selection": _selection,
    "results.pythonrows": _python_rows,
    "results.pythonput": _python_put,
    "results.pythoncells": _python_cells,
    "results.compared": _compared,
    "results.item": _item,
    "results.markdown": _markdown,
    "results.repair": _repair,
    "results.follow": _follow,
    "results.rerun": _rerun,
    "queue.look": _queue_look,
    "queue.change": _queue_change,
    "queue.undo": _queue_undo,
    "help.guide": _guide,
}
"""By the name of the kind."""
