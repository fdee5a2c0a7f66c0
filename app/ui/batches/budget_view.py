"""What batches of a provider may cost."""

from __future__ import annotations

from typing import Final, Literal

from simple_html import details, div, input_, p, summary

from app.core.model.providers import Budget, Profile
from app.ui.base.markup import Node, at, join
from app.ui.base.parts import field
from app.ui.base.state import State
from app.ui.provider.actions import SetBudget

_PARTS: Final[tuple[tuple[Literal["batch", "day", "month"], str], ...]] = (
    ("batch", "Per batch ($)"),
    ("day", "Per day ($)"),
    ("month", "Per month ($)"),
)


def budget(state: State, profile: Profile) -> Node:
    """Fields for a provider's card in the settings."""
    from app.core.prices.rates import dollars  # with the table of prices, which most pages never need

    limits = state.provider.limits.get(profile.id)
    known = limits.budget if limits is not None else Budget()
    amounts = {"batch": known.batch, "day": known.day, "month": known.month}
    said = join([f"{dollars(amount)} per {which}" for which, amount in amounts.items() if amount is not None] or ["not limited"])
    return details(
        at(open=known.limited or any(one[0] == profile.id for one in state.provider.budget_faults)),
        summary({}, "Budget · ", said),
        div(
            at("stack tight"),
            p(
                at("dim"),
                "Requests that would exceed it stay in the queue until you raise it, whoever added them. Costs are estimated before "
                "a batch is sent (answers as long as earlier ones, or 300 tokens where there are none) and counted from its "
                "answers afterwards, including batches deleted since. Days and months are in UTC.",
            ),
            div(at("row wrap"), [_field(state, profile, which, words, amounts[which]) for which, words in _PARTS]),
        ),
    )


def _field(state: State, profile: Profile, which: Literal["batch", "day", "month"], words: str, amount: int | None) -> Node:
    from app.core.prices.rates import PER_DOLLAR

    id = f"budget-{which}-{profile.id}"
    typed, fault = state.provider.budget_faults.get((profile.id, which), ("", ""))
    value = typed if fault else "" if amount is None else f"{amount / PER_DOLLAR:.4f}".rstrip("0").rstrip(".")
    return field(
        id,
        words,
        lambda **tied: input_(
            at(
                id=id,
                value=value,
                change=SetBudget(profile.id, which),
                inputmode="decimal",
                autocomplete="off",
                placeholder="not limited",
                **tied,
            )
        ),
        faults=[fault] if fault else [],
    )
