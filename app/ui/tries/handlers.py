"""Rows are tried, as a person asks."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from app.core.base import text
from app.core.model.templates import Template
from app.core.openai.problems import Refused
from app.core.templates.compiling import UnknownColumn
from app.core.templates.skeleton import TemplateUnusable
from app.core.templates.variants import TaggedPrompt
from app.core.templates.ways import WrongWays, prompts_of
from app.core.tries import tried
from app.services.datasets.rows import RowsMissing
from app.services.tries.tries import TryOrder
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler
from app.ui.base.try_state import TryChoice
from app.ui.tries.actions import (
    ChooseTryCount,
    ChooseTryWhich,
    ClearTries,
    CompareWith,
    DismissTryFault,
    DragTry,
    RestoreTries,
    StopTries,
    TryAgain,
    TryRows,
    TypeTry,
    answering,
)
from app.ui.tries.showing import read


def choose_count(context: Context, action: ChooseTryCount, _event: Event) -> None:
    here = context.state.tries
    here.choice = replace(here.choice, count=action.count)


def choose_which(context: Context, action: ChooseTryWhich, _event: Event) -> None:
    here = context.state.tries
    here.choice = replace(here.choice, which=action.which)


def drag(context: Context, _action: DragTry, event: Event) -> None:
    """What is under the handle is what the button would ask; nothing is asked by letting it go."""
    here = context.state.tries
    further = text.whole_number(event.text, 0, tried.MAX_ROWS) or 0
    here.choice = replace(here.choice, which="next" if further else "first", further=further)


def type_try(context: Context, action: TypeTry, event: Event) -> None:
    here = context.state.tries
    here.choice = replace(here.choice, **{action.field: event.text[:2_000]})


def compare_with(context: Context, action: CompareWith, _event: Event) -> None:
    here = context.state.tries
    chosen = here.choice.versions
    others = tuple(one for one in chosen if one != action.version)
    here.choice = replace(here.choice, versions=others if action.version in chosen else (*chosen, action.version))


async def try_rows(context: Context, _action: TryRows, _event: Event) -> None:
    """What the button said, and nothing else: where that is another thing by now, nothing is asked."""
    here, template = context.state.tries, context.state.prompt.template
    offer, asked = here.offer, here.asked
    if template is None or offer is None or asked is None or offer.fault or here.left or here.asking or template.content != asked.content:
        return
    here.turn += 1
    prompts = prompts_of(template.content, asked.choice, asked.versions, tried.MAX_ROWS)
    if here.choice.which == "next":
        here.choice = replace(here.choice, which="first", further=0)  # the handle is below these rows now
    await _ask(context, template, prompts, offer.positions, asked.profile)


async def try_again(context: Context, action: TryAgain, _event: Event) -> None:
    """The same row in the same way, by the prompt as it is now."""
    here, template, opened = context.state.tries, context.state.prompt.template, context.state.data.open
    row = next((one for one in here.rows if one.id == action.id), None)
    if template is None or opened is None or row is None or here.left or here.asking:
        return
    current = opened.dataset.current
    if current is None or row.table != current.number:
        context.toast("The table was imported again since. Choose the row by its number.")
        return
    try:
        compared = [one for one in context.state.prompt.versions if one.id in here.choice.versions]
        found = prompts_of(template.content, here.choice, compared, tried.MAX_ROWS)
    except WrongWays:
        found = prompts_of(template.content, TryChoice(), (), tried.MAX_ROWS)
    same = tuple(one for one in found if (one.tag, one.sample) == (row.tag, row.sample)) or found[:1]
    await _ask(context, template, same, (row.position,), answering(context.state))


async def _ask(context: Context, template: Template, prompts: tuple[TaggedPrompt, ...], positions: Sequence[int], profile: str) -> None:
    here, opened = context.state.tries, context.state.data.open
    if opened is None:
        return
    here.fault, here.left, here.asking = None, len(prompts) * len(positions), True  # a second press does nothing
    tries = context.services.tries()
    try:
        version = await context.services.templates().sent(template)
        await tries.ask(TryOrder(opened.dataset, profile, prompts, tuple(positions), version.id))
    except Refused as refused:
        here.fault = refused.problem
    except (TemplateUnusable, RowsMissing) as error:
        here.fault = tried.not_sendable(str(error), "Correct it, then try again.", "unusable")
    except UnknownColumn as error:
        here.fault = tried.not_sendable(f"The table has no column “{error.args[0]}”.", "Correct the prompt.", "unknown_column")
    finally:
        here.left, here.asking = tries.left(here.dataset), False
        here.asked = None  # what was learnt of the output counts for the next estimate
    await read(context)


def stop(context: Context, _action: StopTries, _event: Event) -> None:
    context.services.tries().stop(context.state.tries.dataset)


async def clear(context: Context, action: ClearTries, _event: Event) -> None:
    here = context.state.tries
    ids = [action.id] if action.id else [one.id for one in here.rows if not one.cleared]
    await context.services.tries().clear(here.dataset, ids)
    await read(context)


async def restore(context: Context, _action: RestoreTries, _event: Event) -> None:
    await context.services.tries().restore(context.state.tries.dataset)
    await read(context)


def dismiss(context: Context, _action: DismissTryFault, _event: Event) -> None:
    context.state.tries.fault = None


HANDLERS: dict[type[Action], Handler] = {
    ChooseTryCount: choose_count,
    ChooseTryWhich: choose_which,
    DragTry: drag,
    TypeTry: type_try,
    CompareWith: compare_with,
    TryRows: try_rows,
    TryAgain: try_again,
    StopTries: stop,
    ClearTries: clear,
    RestoreTries: restore,
    DismissTryFault: dismiss,
}
