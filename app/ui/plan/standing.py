"""How things stand with a plan: whether it may be made, and whether what was found still holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.ui.base.state import State


def unready(state: State) -> str | None:
    """Why the rows cannot be checked now; None: they can."""
    prompt = state.prompt
    if prompt.template is None or prompt.dataset != state.route.id or state.data.open is None:
        return "The prompt is being read."
    if any(one.severity == "error" for one in prompt.findings):
        return "The prompt has faults that have to be mended first."
    return None


def outdated(state: State) -> str | None:
    """Why what was found holds no more; None: it does."""
    checked, prompt, opened = state.plan.checked, state.prompt, state.data.open
    if checked is None or prompt.template is None or opened is None or opened.dataset.current is None:
        return None
    if prompt.template.content != checked.order.content:
        return "The prompt was changed since."
    if opened.dataset.current.number != checked.order.version:
        return "The table was imported anew since."
    if opened.dataset.planned != checked.order.only:
        return "Other rows were chosen since."
    if state.profile != checked.order.profile:
        return "Another provider, or another limit of it, is in use since."
    return None


def unaddable(state: State) -> str | None:
    """Why nothing can be added to the queue now."""
    checked = state.plan.checked
    if checked is None:
        return "Check the rows first."
    if (why := unready(state) or outdated(state)) is not None:
        return why
    return None if checked.report.requests else "No row can be sent as it is."
