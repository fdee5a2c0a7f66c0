"""What must hold of Parquet files in the page: CPython has no reader of them."""

from app.core.datasets.parquet import ParquetTable
from app.core.datasets.table import UnreadableTable, cell_text
from app.core.openai.wire import Blob, BytesBlob
from app.ports import Parquet


async def case_a_file(parquet: Parquet, file: Blob) -> None:
    """Its rows come in portions, exact, over a worker; what is damaged is told in a sentence."""
    found = await parquet.open(file)
    assert (found.columns[:4], found.rows) == (("id", "unsigned", "price", "small"), 3)
    table = ParquetTable(found.columns, found.rows, file.size)
    rows = [row for start in (0, 2) for row in table.take(await found.read(start, start + 2)).cells]
    assert [[cell_text(cell) for cell in row[:3]] for row in rows] == [
        ["1", "0", "12345678901234567890.10"],
        ["9007199254740993", "18446744073709551615", "-0.05"],
        ["-9223372036854775808", "", ""],
    ]
    assert table.done == file.size
    found.close()
    whole = await file.read()
    for damaged in (b"", whole[:200], b"PAR1" + whole[300:]):
        try:
            await (await parquet.open(BytesBlob(damaged))).read(0, 3)
        except UnreadableTable as error:
            assert str(error).startswith("This Parquet file can't be read: "), error  # noqa: PT017  # pytest is not in the page
        else:
            raise AssertionError("a damaged file was read")
