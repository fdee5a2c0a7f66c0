"""When the tries of a table are in sight, or are other ones: what does the reading is loaded then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.ui.base.context import Context
from app.ui.base.state import Route
from app.ui.base.try_state import TriesState, TryAsked
from app.ui.tries.actions import answering

if TYPE_CHECKING:
    from app.core.model.templates import TemplateVersion


def on_route(context: Context, _before: Route) -> None:
    """The prompt of a table is open."""
    if not _open(context):
        return
    if context.state.tries.dataset != context.state.route.id:
        context.state.tries = TriesState(dataset=context.state.route.id)
    _read_soon(context)


def on_table(context: Context) -> None:
    """Another tab wrote settings, among which the tries are."""
    if _open(context):
        _read_soon(context)


def on_change(context: Context, dataset: str, stored: bool) -> None:
    """A try was stored, or more of its answer came: that is shown once for each drawing, whatever number of pieces comes."""
    if context.state.tries.dataset != dataset:
        return
    if stored:
        _read_soon(context)
    context.catch_up("try texts", lambda: _show_texts(context))


async def _show_texts(context: Context) -> None:
    await context.services.clock.sleep(0)  # the page draws what came before
    here, tries = context.state.tries, context.services.tries()
    here.left = tries.left(here.dataset)
    here.mine = frozenset(one.id for one in here.rows if tries.mine(one.id))
    here.texts = {id: tries.text(id) for id in here.mine}
    context.changed()


def look(context: Context) -> None:
    """After each drawing: where the prompt or the choice of rows is another one, what the button would ask is worked out again."""
    state = context.state
    here, opened, template = state.tries, state.data.open, state.prompt.template
    if not _open(context) or here.dataset != state.route.id or opened is None or opened.dataset.id != here.dataset:
        return
    if template is None or state.prompt.dataset != here.dataset or opened.dataset.current is None:
        return
    profile = answering(state)
    limits = state.provider.limits.get(profile)
    prices = limits.prices if limits is not None else ()
    asked = TryAsked(
        here.dataset, opened.dataset.current.number, template.content, _compared(context), profile, here.choice, here.turn, prices
    )
    if asked == here.asked:
        return
    here.asked = asked
    if here.offer is not None and here.offer.fault:
        here.offer = None

    async def offer_now() -> None:
        from app.ui.tries.showing import offer

        await offer(context)

    context.catch_up("try offer", offer_now)


def _compared(context: Context) -> tuple[TemplateVersion, ...]:
    """The versions that are asked beside what is in the prompt."""
    return tuple(one for one in context.state.prompt.versions if one.id in context.state.tries.choice.versions)


def _open(context: Context) -> bool:
    route = context.state.route
    return route.view == "data" and route.part == "prompt" and route.id != ""


def _read_soon(context: Context) -> None:
    async def read_now() -> None:
        from app.ui.tries.showing import read

        await read(context)

    context.catch_up("tries", read_now)
