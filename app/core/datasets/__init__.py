"""Tables that people bring: what a file is, its rows, what is in its columns, and how all of it is kept. Pure: any worker can run it.

How an import goes (services decide where it runs and when it may pause):

1. :func:`examine.examine` is given the first ``limits.HEAD`` bytes and the name, and says how the file is to be read: a ``Dialect``
   (core.model.datasets) that the person sees and corrects; ``candidates`` with previews where the encoding has to be asked; and whether the
   lines are requests already (``content == "requests"``: core.programs.requestlines reads them). ``decode(bytes, name) -> str`` is
   the browser's ``TextDecoder`` with ``fatal``: ValueError for bytes that are not of the encoding.
2. A reader is made of the dialect. All of them have ``columns``, ``faults`` (rows that were not taken, by number, each with a sentence),
   ``remarks``, ``blank``, ``done`` and ``size`` (:class:`table.Table`), and give :class:`table.RowGroup`: numbers of rows in the file, and
   their cells.

   - CSV, TSV, JSONL, JSON: :func:`examine.reader`; ``feed(piece)`` with pieces of ``limits.PIECE`` bytes in their order, and at the end
     ``feed(b"", last=True)``; or :func:`table.read_all` over them.
   - workbooks: :class:`sheets.Workbook` of all bytes, when ``app.ports.Libraries`` has loaded ``python_calamine``; its ``sheets``, and
     ``table(dialect).groups()``.
   - Parquet: ``app.ports.Parquet`` opens the file; what it reads, :data:`parquet.STEP` rows at a time, goes to
     :meth:`parquet.ParquetTable.take`.
   - files of a folder: :class:`filerows.FilesTable` is given one after another.

3. What goes wrong is :class:`table.UnreadableTable`, a sentence; :class:`encodings.EncodingAsked` is the one that is a question: a byte
   that is no UTF-8 can come after a gigabyte of them. With ``Dialect.chosen`` it is answered, and rows with such bytes are at fault.
4. When the columns are known, that is with the first group of rows, an :class:`importing.TableImport` is made of the ``Dataset``
   (core.model.datasets), which may be new, and the reader. If the dataset has a version, its runs are given to ``know`` one after another.
   Then ``take(group)`` gives what is to be stored, about 1 MB at a time, and ``finish()`` the rest: the index of the rows, those that were
   not taken, and the record with its new version. Before the record is stored the runs belong to nobody.
   In it :class:`statistics.ColumnStatistics` counts, :class:`identity.RowIdentity` gives each row its id, and rows that have none (an empty
   key, one that an earlier row has) are faults.
5. Rows are found by :func:`storage.place_of`, cut out by :func:`storage.lines_of` and read by :func:`storage.decode_row`.

Cells are the texts of the file, unchanged: 00123 stays 00123, and a column's kind is only said. JSON and sheets have numbers, booleans and
null as well; what Python would write otherwise stays the JSON that it is (``msgspec.Raw``). :func:`table.cell_text` is a cell in a text.
"""
