"""When keys that are under a passphrase are to be locked, or were in another tab: what does it is loaded then."""

from __future__ import annotations

from typing import Literal

from app.ui.base.context import Context


def lock_when_idle(context: Context, beats: int) -> None:
    """A second went by: where keys are open, nobody may be here any more."""
    if context.state.lock.guard == "open":
        from app.ui.provider.lock_handlers import idle  # few have a passphrase

        idle(context, beats)


def other_tab_locks(context: Context, what: Literal["guard", "stir"]) -> None:
    """What another tab says of the passphrase (the Keys port)."""
    if what == "stir":
        context.state.lock.acted = context.services.clock.now()
        return
    from app.ui.provider.lock_handlers import heard

    context.catch_up("guard", lambda: heard(context))
