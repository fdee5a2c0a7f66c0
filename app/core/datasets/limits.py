"""What a table may have at most. Each limit is known before what it bounds is decoded or unpacked."""

from __future__ import annotations

from typing import Final

PIECE: Final = 1 << 20
"""Bytes of a file that a reader is best given at a time."""
HEAD: Final = 1 << 18
"""Bytes of a file's beginning that its dialect is guessed from."""
MAX_COLUMNS: Final = 16_384
"""Columns of a table: as many as a sheet of Excel has."""
MAX_CELL: Final = 32_000_000
"""Characters of a cell: half of what a provider takes as one request would be more than any model reads."""
MAX_RECORD: Final = 64_000_000
"""Characters of a row, or bytes of a line of JSON: what is longer is at fault, and is not held in memory."""
MAX_NAME: Final = 200
"""Characters of a column's name."""
KEPT_FAULTS: Final = 1_000
"""Rows at fault that are kept with their sentence; all are counted."""
EXCERPT: Final = 200
"""Characters that are shown of a row at fault."""
MAX_SHEET_BYTES: Final = 1_000_000_000
"""Bytes of a workbook when it is unpacked: WebAssembly has 4 GB, and a workbook takes some four times as much as its XML."""
MAX_PARTS: Final = 10_000
"""Files that a workbook may consist of; one has a dozen and one more for each sheet and picture."""
MAX_FILES: Final = 50_000
"""Files of a folder that become rows: as many as a batch has requests."""
MAX_FILE: Final = 20_000_000
"""Bytes of a file that becomes a row: as a ``data:`` URL, a third longer, it is a cell."""
