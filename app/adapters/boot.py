"""How far the start has come, told to the page (static/js/watch.js)."""

import traceback

import js


def mark(name: str) -> None:
    """Set the performance mark ``nightshift:<name>``."""
    js.nightshift.mark(name)


def ready() -> None:
    """The first view is drawn: ``<html data-nightshift="ready">``."""
    js.nightshift.ready()


def failed(error: BaseException) -> None:
    """The start has failed: shown to the person as text, with the traceback."""
    js.nightshift.fail("".join(traceback.format_exception(error)))
