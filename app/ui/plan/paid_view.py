"""What rows that were added to the queue were expected to cost, and what their batches cost since."""

from __future__ import annotations

from app.core.base import text
from app.core.batches import pipeline
from app.core.model.sendings import QueuedRows
from app.ui.base.state import State


def paid(state: State, run: QueuedRows) -> str:
    """In a sentence or two; nothing where nothing was said and nothing came."""
    expected = run.foreseen
    made = [one for one in state.batches.all if run.id in one.additions and one.state != "withdrawn" and not one.practice]
    ended = [one for one in made if one.state in pipeline.FINAL]
    if expected is None and not ended:
        return ""
    from app.core.batches.spending import cost_of  # with the table of prices, which most pages never need
    from app.core.prices.rates import about, dollars, rates_for

    said: list[str] = []
    if expected is not None and expected.cost is not None:
        words = about(expected.cost)
        said.append(f"{words[0].upper()}{words[1:]} were expected.")
    if ended:
        total, known = 0, True
        for one in ended:
            profile = state.provider.profiles.get(one.lane.profile)
            limits = state.provider.limits.get(one.lane.profile)
            own = limits.prices if limits is not None else ()
            if profile is None or rates_for(profile.base_url, one.lane.model, one.tier, own) is None:
                known = False
            else:
                total += cost_of(one, profile, own)
        cost = dollars(total) if known else "an unknown sum, because a price is missing,"
        used = sum(one.tally.input_tokens for one in ended), sum(one.tally.output_tokens for one in ended)
        with_others = " (other requests are among them)" if any(len(one.additions) > 1 for one in ended) else ""
        said.append(
            f"{text.number(len(ended))} of {text.count(len(made), 'batch')} ended: {cost} by the usage of their answers"
            f"{with_others}, {text.count(used[0], 'token')} in and {text.number(used[1])} out."
        )
    return " ".join(said)
