"""Limits of batches, edited where their effect is seen. They are the provider's in this browser, the same as in the settings."""

from __future__ import annotations

from app.core.model.providers import Profile
from app.core.planning import typedlimits
from app.core.planning.rowrequests import PlanOrder, limits_of
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler
from app.ui.plan import standing
from app.ui.plan.actions import SetPlanLimit
from app.ui.provider.handlers import refresh_profiles

_USUAL = Profile(id="", name="")


async def set_limit(context: Context, action: SetPlanLimit, event: Event) -> None:
    """What cannot be is said, and the limit stays as it was; nothing typed: what is usual holds again."""
    here, profile, key = context.state.plan, context.state.profile, (action.part, action.model)
    known = context.state.provider.limits.get(profile.id)
    found = typedlimits.read(action.part, event.text, profile, known, action.model)
    here.limit_faults = {one: said for one, said in here.limit_faults.items() if one != key}
    if found.fault:
        here.limit_faults[key] = (event.text[:40], found.fault)
        return
    if action.part == "tokens":
        if found.amount is None:
            await context.services.limits.drop_own(profile.id, action.model)
        else:
            await context.services.limits.set_own(profile.id, action.model, found.amount)
        await context.refresh_limits()
        context.services.engine.nudge()  # what waits may fit now
    elif not profile.practice:
        name = "max_requests" if action.part == "requests" else "max_bytes"
        await context.services.profiles.amend(profile.id, **{name: found.amount or getattr(_USUAL, name)})
        await refresh_profiles(context)
        await context.refresh_queue()  # its batches are cut otherwise now
    await cut_again(context)


async def cut_again(context: Context) -> None:
    """Cut the plan by the limits that hold now, where they are others: again where they, or the plan, changed while it was cut."""
    state, here = context.state, context.state.plan
    while (checked := here.checked) is not None and state.plan is here and standing.cut_otherwise(state):
        profile = state.profile
        cut = await context.services.planning().cut(checked, profile, state.provider.limits.get(profile.id))
        if here.checked is not checked:
            continue  # it was counted meanwhile, or cut by other limits
        here.checked = cut
        large = standing.too_large(cut.report)
        here.may_fit = here.may_fit or (large and any(_grew(checked.order, cut.order, one) for one in standing.models(cut)))
        context.changed()


def _grew(before: PlanOrder, after: PlanOrder, model: str) -> bool:
    """Whether a batch may hold larger requests now."""
    old, new = limits_of(before, model), limits_of(after, model)
    return new.size > old.size or (old.tokens > 0 and (new.tokens == 0 or new.tokens > old.tokens))


HANDLERS: dict[type[Action], Handler] = {SetPlanLimit: set_limit}
