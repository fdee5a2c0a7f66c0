"""The row beside a prompt, remedies for what was found in it, and rows as examples."""

from __future__ import annotations

from typing import Final

from app.core.base import ids
from app.core.base.text import number
from app.core.templates import compiling, editing
from app.core.templates.compiling import CellFault, UnknownColumn
from app.services.datasets.rows import RowsMissing
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler
from app.ui.base.prompt_state import Examples
from app.ui.templates.actions import AddExamples, GiveDefault, GoToRow, OpenExamples, ShowRow, TypeExamples, UseColumn
from app.ui.templates.showing import read_row, take_away

DEFAULT: Final = 'default("n/a")'
"""What the remedy for empty cells writes; the person changes the word."""
MAX_EXAMPLES: Final = 20


async def show_row(context: Context, action: ShowRow, _event: Event) -> None:
    await read_row(context, action.at)


async def go_to_row(context: Context, _action: GoToRow, event: Event) -> None:
    if event.text.isdecimal() and len(event.text) < 10:
        await read_row(context, int(event.text) - 1)


def use_column(context: Context, action: UseColumn, _event: Event) -> None:
    template = context.state.prompt.template
    if template is not None:
        take_away(context, editing.rename_column(template.content, action.column, action.to), f"{action.to} is used now.")


def give_default(context: Context, action: GiveDefault, _event: Event) -> None:
    template = context.state.prompt.template
    if template is not None:
        take_away(context, editing.filter_column(template.content, action.column, DEFAULT), "Empty cells are now sent as n/a.")


# --- examples


def open_examples(context: Context, _action: OpenExamples, _event: Event) -> None:
    """Begin with the row in sight, and with what is asked last."""
    here = context.state.prompt
    if here.examples is not None or here.template is None:
        here.examples = None
        return
    asked = [one.text for one in here.template.content.messages if one.role == "user"]
    here.examples = Examples(str(here.at + 1), asked[-1] if asked else "")


def type_examples(context: Context, action: TypeExamples, event: Event) -> None:
    one = context.state.prompt.examples
    if one is not None:
        setattr(one, action.field, event.text)
        one.fault = ""


class NoSuchRows(ValueError):
    """The rows that were typed are not there. The text is a sentence."""


def positions_of(text: str, rows: int) -> list[int]:
    """The positions of rows whose numbers were typed, from 1, with spaces or commas between. Raises NoSuchRows."""
    found: list[int] = []
    for word in text.replace(",", " ").split():
        if not word.isdecimal() or len(word) > 9 or not 1 <= int(word) <= rows:
            raise NoSuchRows(f"“{word[:20]}” is not a row; there are rows 1 to {number(rows)}.")
        if int(word) - 1 not in found:
            found.append(int(word) - 1)
    if not 1 <= len(found) <= MAX_EXAMPLES:
        raise NoSuchRows(f"Choose 1 to {MAX_EXAMPLES} rows.")
    return found


async def add_examples(context: Context, _action: AddExamples, _event: Event) -> None:
    here = context.state.prompt
    one, reader, columns = here.examples, here.reader, here.columns
    if one is None or reader is None:
        return
    question, answer = one.question, one.answer
    try:
        rows = [compiling.cells(await reader.cells(at), len(columns)) for at in positions_of(one.rows, here.rows)]
        if context.state.prompt is not here or here.template is None:
            return
        made = ids.series("m", context.services.clock.now(), context.services.random.token(8), 2 * len(rows))
        content = editing.with_examples(here.template.content, columns, rows, question, answer, made)
    except UnknownColumn as error:
        one.fault = f"The table has no column “{str(error.args[0])[:60]}”."
    except CellFault as fault:
        one.fault = f"{fault} {fault.remedy}"
    except RowsMissing as error:
        one.fault = str(error)
    except ValueError as error:
        one.fault = str(error) if str(error)[:1].isupper() or str(error)[:1] == "“" else "The question or the answer is not valid yet."
    else:
        here.examples = None
        take_away(context, content, "Examples added before the last user message.")


HANDLERS: dict[type[Action], Handler] = {
    ShowRow: show_row,
    GoToRow: go_to_row,
    UseColumn: use_column,
    GiveDefault: give_default,
    OpenExamples: open_examples,
    TypeExamples: type_examples,
    AddExamples: add_examples,
}
