"""In which ways the rows of a plan are asked, as it is in the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.core.model.templates import PromptContent
    from app.core.templates.variants import TaggedPrompt
    from app.ui.base.state import State

MOST_ASKED = 100
"""Requests of one row at most: what is compared by hundreds nobody reads, and each is paid."""
MOST_REQUESTS = 5_000_000
"""Requests of one plan: their places take a page's memory."""


def prompts(state: State) -> tuple[TaggedPrompt, ...]:
    """What each row is asked; nothing before the prompt was read. Raises WrongWays."""
    template = state.prompt.template
    return prompts_of(state, template.content) if template is not None else ()


def prompts_of(state: State, content: PromptContent) -> tuple[TaggedPrompt, ...]:
    """What each row would be asked if the prompt said this. Raises WrongWays."""
    from app.core.templates import ways

    here = state.plan.ways
    return ways.prompts_of(content, here, [one for one in state.prompt.versions if one.id in here.versions], MOST_ASKED)


def rows(state: State) -> int:
    """How many rows are asked, at most."""
    dataset = state.data.open.dataset if state.data.open is not None else None
    if dataset is None or dataset.current is None:
        return 0
    return dataset.planned.rows if dataset.planned is not None else dataset.current.rows


def fault(state: State) -> str | None:
    """Why rows cannot be asked in the ways that were typed."""
    from app.core.base.text import number
    from app.core.templates.ways import WrongWays

    try:
        asked = prompts(state)
    except WrongWays as error:
        return str(error)
    count = len(asked) * rows(state)
    if len(asked) > 1 and count > MOST_REQUESTS:
        return f"These are {number(count)} requests; the maximum is {number(MOST_REQUESTS)} in one go."
    return None
