"""What is shown of the prompt of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from app.core.bodies.schemabuilder import SchemaField
    from app.core.model.sendings import QueuedRows
    from app.core.model.templates import Template, TemplateVersion
    from app.core.templates.completion import Completing
    from app.core.templates.content import TypedCheck
    from app.core.templates.findings import TemplateFinding
    from app.core.templates.rendering import RenderedRow
    from app.core.templates.versions import ContentChange
    from app.services.datasets.rows import DatasetRows
    from app.services.threads.drafts import Saving


class PromptState(msgspec.Struct):
    """The prompt of the table that is open."""

    dataset: str = ""
    """Id of the table."""
    template: Template | None = None
    """As it is in the page; None before it was read."""
    saving: Saving | None = None
    saved_at: float = 0.0
    rev: int = 0
    """Changes when a text that is in a field is another one and was not typed there."""
    editor: Literal["form", "raw"] = "form"
    columns: tuple[str, ...] = ()
    """Names of the table's columns."""
    rows: int = 0
    """How many rows it has."""
    check: TypedCheck | None = None
    """Finds what is wrong, over these columns."""
    completing: Completing | None = None
    """Columns or filters that are offered while a placeholder is typed."""
    caret: tuple[str, int, int] = ("", 0, 0)
    """Id of a field, where the caret stands in it, and the ``rev`` with which it does."""
    focus: str = ""
    """Id of the field that takes the focus when it appears."""
    findings: tuple[TemplateFinding, ...] = ()
    reader: DatasetRows | None = None
    at: int = 0
    """Position of the row that is beside the prompt."""
    row: ChosenRow | None = None
    """That row; None before it was read, and for a table without rows."""
    lost: str = ""
    """Why it cannot be shown: a sentence."""
    rendered: RenderedRow | None = None
    """What the prompt makes of it."""
    schema: tuple[SchemaField, ...] = ()
    """The fields of the answer, as far as the builder holds the schema."""
    schema_source: str = ""
    """The JSON that they are of."""
    unheld: str = ""
    """Why the builder does not hold it: a sentence."""
    versions: tuple[TemplateVersion, ...] = ()
    """Those that were sent or kept, newest first."""
    sent: tuple[QueuedRows, ...] = ()
    """What was added to the queue of this table's rows, newest first."""
    compared: str = ""
    """Id of the version whose difference to what is here is shown."""
    changes: tuple[ContentChange, ...] = ()
    """That difference."""
    examples: Examples | None = None
    """Rows being chosen as examples; None: they are not."""


class ChosenRow(msgspec.Struct, frozen=True):
    """A row in full."""

    at: int
    id: int
    number: int
    """In the file, the header counted."""
    cells: tuple[str, ...]


class Examples(msgspec.Struct):
    """Rows that become example messages: numbers as typed, and what is asked and answered in them."""

    rows: str = ""
    question: str = ""
    answer: str = ""
    fault: str = ""
