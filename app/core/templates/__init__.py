"""Templates: prompts with ``{{column}}``, made into one request for each row of a table.

Nothing here is imported by the first view; a module is imported where it is needed.

- :mod:`.syntax`: ``parse(text, raw=False) -> ParsedTemplate`` (nodes, faults with places, columns). Never raises.
- :mod:`.filters`: ``FILTERS``, the table of filters with help and example, for completion.
- :mod:`.compiling`: ``text_of(parsed, places) -> (row) -> str`` and ``raw_of(…) -> (row) -> bytes``; ``CellFault`` is what a row brings.
- :mod:`.findings`: ``of_syntax``, ``of_columns``, ``of_emptiness``, ``of_json``: findings as somebody types, each with what to mark.

Rows are sequences of texts, one cell for each column.
"""
