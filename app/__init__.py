"""Nightshift: OpenAI batches as a workflow, written in Python and run in the browser.

Rooms, and the one direction in which they may import each other (kept by import-linter, see ``pyproject.toml``)::

    core  <-  services  <-  ui  <-  bootstrap
    adapters know core and ports;  practice and gateway know core
"""
