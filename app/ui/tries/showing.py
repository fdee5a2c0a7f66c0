"""What of the tries is in sight, and what the button would ask and cost: read and worked out when something of it is another one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from app.core.base import text
from app.core.bodies import tokens
from app.core.model.datasets import Dataset
from app.core.model.tries import TriedRow
from app.core.prices.estimates import expected_output
from app.core.prices.rates import TokenRates
from app.core.results.answer_parts import parts_of
from app.core.results.answers import answer_of
from app.core.templates import versions
from app.core.templates.compiling import UnknownColumn
from app.core.templates.skeleton import TemplateUnusable
from app.core.templates.ways import WrongWays, prompts_of
from app.core.tries import choosing, tried
from app.core.tries.choosing import WrongNumbers
from app.services.datasets.rows import DatasetRows, RowsMissing
from app.services.tries.preparing import TryRequest, prepared
from app.ui.base.context import Context
from app.ui.base.try_state import TryAsked, TryChoice, TryOffer

SHOWN: Final = 60
"""Tries whose answers are read and drawn."""
_CELLS: Final = 3
_FIRST_CELLS: Final = 120


async def read(context: Context) -> None:
    """The tries, the answers of the newest, and the beginnings of their rows."""
    here = context.state.tries
    id, tries = here.dataset, context.services.tries()
    newest = context.reading("tries")
    rows = await tries.of(id)
    shown = [one for one in rows if not one.cleared][-SHOWN:]
    missing = [one for one in shown if one.answer and one.id not in here.answers]
    lines = await tries.answers(id, [one.id for one in missing])
    fresh = {one.id: answer_of(one.endpoint, line) for one, line in zip(missing, lines, strict=True) if line is not None}
    parts = {one.id: parts_of(line) for one, line in zip(missing, lines, strict=True) if line is not None}
    cells = await _cells(context, shown)
    if not newest() or context.state.tries is not here:
        return
    here.rows, here.left = rows, tries.left(id)
    here.answers = {one.id: found for one in shown if (found := fresh.get(one.id) or here.answers.get(one.id)) is not None}
    here.parts = {id: parts.get(id) or here.parts.get(id, ()) for id in here.answers}
    here.cells = {**here.cells, **cells}
    here.mine = frozenset(one.id for one in rows if tries.mine(one.id))
    here.texts = {one: tries.text(one) for one in here.mine}
    context.changed()


async def _cells(context: Context, shown: Sequence[TriedRow]) -> dict[int, str]:
    """The first cells of rows that are not known yet and still stand where they stood."""
    here, dataset = context.state.tries, await context.services.datasets().get(context.state.tries.dataset)
    current = dataset.current if dataset is not None else None
    if dataset is None or current is None:
        return {}
    reader, found = _reader(context, dataset), dict[int, str]()
    for one in shown:
        if one.row not in here.cells and one.row not in found and one.table == current.number:
            try:
                for row in await reader.window(one.position, one.position + 1, 0, _CELLS):
                    found[one.row] = " · ".join(cell for cell in row.cells if cell)[:_FIRST_CELLS]
            except RowsMissing:
                return found
    return found


def _reader(context: Context, dataset: Dataset) -> DatasetRows:
    """Reads the table's rows: the one that has its index already, where the table is open. An index of a million rows takes its time."""
    opened, number = context.state.data.open, dataset.current.number if dataset.current is not None else 0
    if opened is not None and opened.reader is not None and opened.reader.of == (dataset.id, number):
        return opened.reader
    return DatasetRows(context.services.store, dataset)


# --- what would be asked


async def offer(context: Context) -> None:
    """What the button would ask, and about what that costs."""
    here = context.state.tries
    asked = here.asked
    dataset = await context.services.datasets().get(here.dataset)
    if asked is None or dataset is None:
        return
    try:
        found = await _offer(context, dataset, asked)
    except (WrongNumbers, WrongWays, TemplateUnusable, RowsMissing) as error:
        found = TryOffer(fault=str(error))
    except UnknownColumn as error:
        found = TryOffer(fault=f"The table has no column “{error.args[0]}”.")
    if context.state.tries is here and here.asked is asked:
        here.offer = found
        context.changed()


async def _offer(context: Context, dataset: Dataset, asked: TryAsked) -> TryOffer:
    prompts = prompts_of(asked.content, asked.choice, asked.versions, tried.MAX_ROWS)
    if not any(one.text for one in (*asked.content.messages,)) and not any(asked.content.inputs) and asked.content.raw is None:
        return TryOffer(fault="The prompt is empty.")
    positions = await _positions(context, dataset, asked.choice, tried.MAX_ROWS // len(prompts))
    requests = await prepared(context.services.store, dataset, prompts, positions, _reader(context, dataset))
    if not any(one.problem is None for one in requests):
        problem = requests[0].problem if requests else None
        return TryOffer(fault=f"{problem.what} {problem.do}" if problem is not None else "The table has no rows.")
    if any(one.problem is None and not one.model for one in requests):
        return TryOffer(fault="Choose a model.")
    return TryOffer(positions, len(requests), await _cost(context, asked, requests))


async def _positions(context: Context, dataset: Dataset, choice: TryChoice, most: int) -> tuple[int, ...]:
    """The positions of the rows that are meant. Raises WrongNumbers, RowsMissing."""
    total = dataset.current.rows if dataset.current is not None else 0
    most = max(1, most)
    if choice.which == "chosen":
        reader = _reader(context, dataset)
        found = [await _position(reader, total, number) for number in choosing.row_numbers(choice.rows, most)]
        return tuple(found)
    if choice.which == "next":
        first = tried.below(context.state.tries.rows, dataset.current.number if dataset.current is not None else 0)
        return tuple(range(first, min(first + min(choice.further, most), total)))
    count = min(choosing.counted(choice.typed if choice.count == "n" else choice.count, most), total)
    if choice.which == "first":
        return tuple(range(count))
    drawn: dict[int, None] = {}
    while len(drawn) < count:
        drawn[min(int(context.services.random.unit() * total), total - 1)] = None
    return tuple(sorted(drawn))


async def _position(reader: DatasetRows, total: int, number: int) -> int:
    """Where the row with this number in its file stands: numbers only grow. Raises WrongNumbers, RowsMissing."""
    low, high = 0, total
    while low < high:
        middle = (low + high) // 2
        (row,) = await reader.window(middle, middle + 1, 0, 0)
        if row.number == number:
            return middle
        low, high = (middle + 1, high) if row.number < number else (low, middle)
    raise WrongNumbers(f"The table has no row {text.number(number)}.")


async def _cost(context: Context, asked: TryAsked, requests: Sequence[TryRequest]) -> int | None:
    """About: a token for four bytes, and of the output what tries of this prompt had."""
    profile = context.services.profiles.known.get(asked.profile)
    if profile is None:
        return None
    rows, limits = await context.services.tries().of(asked.dataset), context.state.provider.limits.get(profile.id)
    total = 0
    for one in requests:
        if one.problem is not None:
            continue
        price: TokenRates | None = tried.price(profile, one.model, own=limits.prices if limits is not None else ())
        most = one.prompt.asked.fields.get("max_output_tokens", "").strip()
        answered = tried.outputs(rows, versions.digest(one.prompt.asked), profile.id, one.model)
        output = expected_output(answered, int(most) if most.isascii() and most.isdecimal() and len(most) < 9 else None)
        cost = tried.about([tokens.of_line(one.line)], output.tokens, price)
        if cost is None:
            return None
        total += cost
    return total
