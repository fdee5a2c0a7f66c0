"""What is shown of the prompt of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from app.core.model.templates import Template
    from app.core.templates.content import TypedCheck
    from app.core.templates.findings import TemplateFinding
    from app.services.threads.drafts import Saving


class PromptState(msgspec.Struct):
    """The prompt of the table that is open."""

    dataset: str = ""
    """Id of the table."""
    template: Template | None = None
    """As it stands in the page; None before it was read."""
    saving: Saving | None = None
    saved_at: float = 0.0
    rev: int = 0
    """Changes when a text that stands in a field is another one and was not typed there."""
    editor: Literal["form", "raw"] = "form"
    check: TypedCheck | None = None
    """Finds what is wrong, over the columns of the table's version ``checks``."""
    checks: int = 0
    focus: str = ""
    """Id of the field that takes the focus when it appears."""
    findings: tuple[TemplateFinding, ...] = ()
