"""The passphrase that keys are under: its card in the settings, and its field where something waits for it."""

from __future__ import annotations

from simple_html import b, div, h2, header, input_, p, section, span

from app.core.base import text
from app.core.batches import pipeline
from app.ui.base.markup import NOTHING, Node, at
from app.ui.base.parts import act, chosen, command, field, keys_of, pill
from app.ui.base.state import State
from app.ui.provider.lock_actions import (
    ChangePassphrase,
    DropPassphrase,
    ForgetPassphrase,
    LockKeys,
    SetLockAfter,
    SetPassphrase,
    TypeLock,
    Unlock,
)

AFTER = [("0", "not before the page is closed"), ("5", "5 minutes"), ("15", "15 minutes"), ("60", "1 hour"), ("240", "4 hours")]


def unlock(state: State, where: str) -> Node:
    """The field, wherever someone needs it. ``where``: part of its id, as there may be several in a view."""
    wanted = state.provider.wanted
    focus = str(wanted.n) if wanted is not None and where == "here" else None
    return div(
        at("stack tight"),
        field(
            f"unlock-{where}",
            "Passphrase of your keys",
            lambda **tied: input_(
                at(
                    id=f"unlock-{where}",
                    type="password",
                    data_own=True,
                    data_autofocus=focus,
                    input=TypeLock("unlock"),
                    autocomplete="off",
                    data_key=keys_of(Unlock()),
                    **tied,
                )
            ),
            faults=[state.lock.fault] if state.lock.fault and not state.lock.changing else [],
        ),
        div(at("row wrap"), command(state, Unlock(), "primary small")),
    )


def waiting(state: State) -> Node:
    """Above every view but the settings: that work waits for it, and the way on."""
    locked = [id for id, key in state.provider.keys.items() if key.locked]
    batches = sum(one.lane.profile in locked and one.state not in pipeline.FINAL for one in state.batches.all)
    requests = sum(one.requests for one in state.queue.lanes if one.lane.profile in locked)
    others = state.lock.others
    hooks, broker = any(one.startswith("webhook:") for one in others), any(one.startswith("broker:") for one in others)
    all_that = (
        text.count(batches, "batch") if batches else "",
        text.count(requests, "queued request") if requests else "",
        "results for signed webhooks" if hooks else "",
        "RabbitMQ" if broker else "",
    )
    waits = [one for one in all_that if one]
    if state.route.view == "settings" or not waits:
        return NOTHING
    what = " and ".join(filter(None, (", ".join(waits[:-1]), waits[-1])))
    verb = "waits" if not hooks and batches + requests + broker == 1 else "wait"
    return section(
        at("card pad stack tight", aria_label="Locked keys"),
        p({}, b({}, "Keys are locked. "), f"{what} {verb} for the passphrase. Nothing is lost: batches at the provider continue there."),
        unlock(state, "notice"),
    )


def card(state: State) -> Node:
    """In the settings."""
    guard = state.lock.guard
    return section(
        at("card", aria_label="Passphrase"),
        header({}, h2({}, "Passphrase"), {"none": NOTHING, "open": pill("good", "unlocked"), "locked": pill("warn", "locked")}[guard]),
        div(at("pad stack"), {"none": _none, "open": _open, "locked": _locked}[guard](state)),
    )


def _none(state: State) -> Node:
    return [
        p(
            at("dim"),
            "Anyone who uses this browser can use the keys on this machine. With a passphrase only you can: enter it after each start. "
            "It protects webhook secrets and RabbitMQ's password too.",
        ),
        _fields(state),
    ]


def _open(state: State) -> Node:
    minutes = str(state.preferences.lock_minutes)
    return [
        p(
            at("dim"),
            "Keys, secrets of webhooks and RabbitMQ's password open with your passphrase only. They are locked at each start.",
        ),
        field(
            "lock-after",
            "Lock after inactivity of",
            chosen("lock-after", minutes, AFTER, SetLockAfter()),
            hint="While keys are locked nothing is submitted, polled, downloaded or delivered: it waits.",
        ),
        div(
            at("row wrap"),
            command(state, LockKeys(), "small"),
            act("Keep this passphrase" if state.lock.changing else "Change the passphrase", ChangePassphrase(), "small"),
            command(state, DropPassphrase(), "small danger"),
        ),
        _fields(state) if state.lock.changing else NOTHING,
    ]


def _locked(state: State) -> Node:
    return [
        p(at("dim"), "Work that needs a key waits until the passphrase is entered."),
        unlock(state, "settings"),
        div(
            at("row wrap"),
            span(at("dim grow"), "Nobody can recover it. Without it the keys must be removed and entered again; nothing else is lost."),
            command(state, ForgetPassphrase(), "small danger"),
        ),
    ]


def _fields(state: State) -> Node:
    return [
        _field("new", "New passphrase", hint="At least 8 characters. It cannot be recovered."),
        _field("once", "New passphrase again", fault=state.lock.fault),
        div(at("row wrap"), command(state, SetPassphrase(), "primary small")),
    ]


def _field(which: str, title: str, *, hint: Node = NOTHING, fault: str = "") -> Node:
    id = f"lock-{which}"
    return field(
        id,
        title,
        lambda **tied: input_(
            at(id=id, type="password", data_own=True, input=TypeLock(which), autocomplete="new-password", **tied)  # type: ignore[arg-type]
        ),
        hint=hint,
        faults=[fault] if fault else [],
    )
