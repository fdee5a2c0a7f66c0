"""Rows of a table made into the requests that are tried."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from app.core.json import jsonread
from app.core.model import keys
from app.core.model.datasets import Dataset
from app.core.model.problem import Problem
from app.core.model.templates import PromptContent
from app.core.model.threads import STORED
from app.core.openai.streaming import ASKABLE
from app.core.templates import content as contents
from app.core.templates.compiling import CellFault, cells
from app.core.templates.lines import RequestMaker
from app.core.templates.variants import TaggedPrompt
from app.core.tries import tried
from app.ports import Store
from app.services.datasets.rows import DatasetRows, TableRow

_NO_BODY: Final = b""


class TryRequest(msgspec.Struct, frozen=True):
    """One request of one row. ``problem``: why none can be made of it; then ``body`` and ``line`` are empty."""

    row: TableRow
    prompt: TaggedPrompt
    model: str = ""
    body: bytes = _NO_BODY
    line: bytes = b""
    problem: Problem | None = None


class _Body(msgspec.Struct, frozen=True):
    model: Any = None


async def prepared(
    store: Store, dataset: Dataset, prompts: Sequence[TaggedPrompt], positions: Sequence[int], reader: DatasetRows | None = None
) -> list[TryRequest]:
    """The requests of these rows, row by row; ``reader``: one that has read some of the dataset's version already. Raises
    TemplateUnusable, UnknownColumn, RowsMissing; ValueError for an endpoint that does not answer at once."""
    if any(one.content.endpoint not in ASKABLE for one in prompts):
        raise ValueError("this endpoint does not answer at once")
    columns = [column.name for column in dataset.current.columns] if dataset.current is not None else []
    images = await _images(store, [one.content for one in prompts])
    makers = [RequestMaker(one.content, columns, resolve=lambda source: images.get(source, source)) for one in prompts]
    reader = reader or DatasetRows(store, dataset)
    found: list[TryRequest] = []
    for position in positions:
        for row in await reader.window(position, position + 1, 0, 1):
            texts = cells(await reader.cells(position), len(columns))
            found += [_made(maker, prompt, row, texts) for maker, prompt in zip(makers, prompts, strict=True)]
    return found


def _made(maker: RequestMaker, prompt: TaggedPrompt, row: TableRow, texts: Sequence[str]) -> TryRequest:
    try:
        made = maker.make(texts, f"row-{row.id}{prompt.suffix}")
        model = jsonread.typed(made.body, _Body).model
    except CellFault as fault:
        return TryRequest(row, prompt, problem=tried.not_sendable(str(fault), fault.remedy, fault.kind))
    except jsonread.Unreadable as error:
        return TryRequest(row, prompt, problem=tried.not_sendable(error.sentence, "Correct the body that was typed by hand.", error.kind))
    return TryRequest(row, prompt, model if isinstance(model, str) else "", made.body, made.line)


async def _images(store: Store, prompts: Sequence[PromptContent]) -> dict[str, str]:
    """The images that the prompts name and that are kept apart, by what stands for them. One that is gone leaves its name, which the
    provider refuses."""
    named = {one.text for prompt in prompts for one in contents.texts(prompt) if one.field == "images" and one.text.startswith(STORED)}
    order = sorted(named)
    data = await store.load([keys.image_id(name.removeprefix(STORED)) for name in order]) if order else []
    return {name: one.decode() for name, one in zip(order, data, strict=True) if one is not None}
