"""Reports the progress of the start to the page (static/js/watch.js)."""

import traceback

import js


def mark(name: str) -> None:
    """Set the performance mark ``nightshift:<name>``."""
    js.nightshift.mark(name)


def ready() -> None:
    """The first view is drawn: ``<html data-nightshift="ready">``."""
    js.nightshift.ready()


def failed(error: BaseException) -> None:
    """The start has failed: shown as text. A storage that cannot be used says itself what to do; all else comes with its traceback."""
    from app.ports import StorageFull, StorageLost  # the mark «python» comes before the first import

    known = isinstance(error, StorageFull | StorageLost)
    js.nightshift.fail(str(error) if known else "".join(traceback.format_exception(error)))
