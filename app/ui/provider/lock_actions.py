"""The passphrase that keys are under: set, entered, changed, removed; and when they are locked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from app.ui.base.actions_base import Action
from app.ui.base.commands import PLAIN, Command, Shortcut, while_busy

if TYPE_CHECKING:
    from app.ui.base.state import State

SHORTEST: Final = 8
"""Characters of a passphrase, at least."""


def typed(state: State, which: str) -> str:
    """What is in a field of the passphrase."""
    return state.provider.typed_keys.get(f"passphrase:{which}", "")


class TypeLock(Action, frozen=True):
    """A passphrase is typed: to ``unlock``, a ``new`` one, or that one ``once`` more."""

    which: Literal["unlock", "new", "once"]


def _too_short(state: State, _action: SetPassphrase) -> str | None:
    if state.lock.guard == "locked":
        return "Unlock the keys first."
    if len(typed(state, "new")) < SHORTEST:
        return f"Enter at least {SHORTEST} characters."
    return None if typed(state, "new") == typed(state, "once") else "Enter the same passphrase twice."


class SetPassphrase(Action, frozen=True):
    """Have the keys on this machine open with it only."""

    command = Command("Set the passphrase", "", _too_short, while_busy("passphrase"))


class ChangePassphrase(Action, frozen=True):
    """Show the fields for another one, or put them away."""


class DropPassphrase(Action, frozen=True):
    """Keep the keys on this machine without one."""

    command = Command("Remove the passphrase", busy=while_busy("passphrase"))


class ForgetPassphrase(Action, frozen=True):
    """It is not known any more: remove it, and the keys that only it opens."""

    command = Command("Remove passphrase and keys", busy=while_busy("passphrase"))


def _none_typed(state: State, _action: Unlock) -> str | None:
    return None if typed(state, "unlock") else "Enter the passphrase first."


class Unlock(Action, frozen=True):
    command = Command("Unlock", "Unlock the keys", _none_typed, while_busy("passphrase"), shortcuts=(Shortcut("Enter", "passphrase"),))


def _not_open(state: State, _action: LockKeys) -> str | None:
    return None if state.lock.guard == "open" else "They are locked." if state.lock.guard == "locked" else "There is no passphrase."


class LockKeys(Action, frozen=True):
    """Lock the keys now, in all tabs."""

    command = Command("Lock now", "Lock the keys", _not_open, ready=PLAIN)


class SetLockAfter(Action, frozen=True):
    """After how many minutes without anybody keys are locked."""


LOCKING = (TypeLock, SetPassphrase, ChangePassphrase, DropPassphrase, ForgetPassphrase, Unlock, LockKeys, SetLockAfter)
"""Their handlers come with the first of them."""
