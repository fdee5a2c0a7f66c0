"""Templates: prompts with ``{{column}}``, made into one request for each row of a table.

Nothing here is imported by the first view; a module is imported where it is needed. The records are in ``core/model/templates.py``:
``Template`` (being written), its ``PromptContent``, and ``TemplateVersion`` (sent).

While someone types:

- :mod:`.content`: ``checked(content, columns, empties, rows) -> list[TemplateFinding]``, everything that can be said before a row is
  rendered, each with the text it stands in (``field``, ``item``) and what to mark there (``start``, ``length``); ``columns_of``;
  ``of_thread``. ``empties`` are made of the dataset's columns or by :func:`.findings.emptiness` of some rows.
- :mod:`.syntax`: ``parse(text, raw=False)``, with ``tags`` to colour; :mod:`.filters`: ``FILTERS`` with help and example, for completion.
- :mod:`.editing`: ``placeholder(column)``, ``rename_column``, ``cut_cells``, ``with_examples`` (few-shot messages from chosen rows).
- ``core/bodies/forms.py``: ``FORMS``, the fields of each endpoint; ``core/bodies/schemabuilder.py``: fields of structured output, to and
  from a schema, and the columns that will come of them.

Rows to requests:

- :mod:`.lines`: ``RequestMaker(content, columns, url=…, resolve=…).make(compiling.cells(row, width), fallback_id)`` gives the id, the body
  and the line; ``CellFault`` is a row that cannot be sent, in words. Embeddings and moderations: ``make(rows, id, several=True)`` with
  ``rows_per_request`` rows. A batch takes 50,000 embedding inputs (``core/queue/lanes.py`` counts them by segment).
- :mod:`.alike`: the same lines for many rows at once, where rows differ in texts only (``RequestMaker.alike``).
- The body then goes through ``core/bodies/bodychecker.py``. :mod:`.sensitive`: ``SensitiveScan`` for secrets and personal data.

When they are sent:

- :mod:`.versions`: ``sent(template, versions, id, now)`` is the version to name, kept before anything is sent; ``restored``, ``unsent``,
  ``compared`` and ``diff``. What is sent names ``TemplateVersion.id``.

Rows are sequences of texts, one cell for each column.
"""
