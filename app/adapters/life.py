"""Liveness signals for the page (static/js/life.mjs), and its records of earlier crashes."""

from __future__ import annotations

import asyncio

import pyodide_js
from pyodide.ffi import create_proxy

from app.adapters.script import js_life
from app.core.model import trail


def watch() -> tuple[trail.Stop, ...]:
    """Have the page notice from now on when Python dies; what stopped it before. Call it once."""
    loop = asyncio.get_running_loop()

    def answer(n: int) -> None:
        loop.call_soon(js_life.beat, n)

    js_life.watch(pyodide_js, create_proxy(answer), create_proxy(trail.buffer))  # for the page's life
    found = trail.stops(str(js_life.stops()))
    trail.avoid(found)
    return found
