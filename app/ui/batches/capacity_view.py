"""Why a batch waits for room at the provider and until when; and the limits that say how much room there is."""

from __future__ import annotations

from simple_html import a, div, p, span, summary, table, tbody, td, th, thead, tr
from simple_html import details as details_

from app.core.base import text
from app.core.batches import capacity
from app.core.batches.capacity import CapacityVerdict, Limit
from app.core.model.batches import Batch
from app.core.model.providers import Profile
from app.ui.base.markup import NOTHING, Node, at, join
from app.ui.base.parts import act, command, field, keys_of, note, typed, unseen
from app.ui.base.state import State
from app.ui.batches.actions import CancelBatch, TryNow
from app.ui.provider.actions import RemoveLimit, SaveLimit, TypeLimit


def verdict(state: State, batch: Batch) -> CapacityVerdict | None:
    """What is decided about a batch that wants room, by what this page knows; None for any other."""
    if batch.state not in capacity.WANTS:
        return None
    return capacity.decide(state.batches.all, state.provider.limits, state.now).get(batch.id)


def source(state: State, limit: Limit) -> str:
    """Where a limit is from, as it follows the figure in brackets."""
    match limit.source:
        case "own":
            return "your limit"
        case "told":
            return f"as the provider said on {text.clock(limit.at, offset=state.zone)}"
        case "table":
            return capacity.SOURCE
        case _:
            return "assumed: no table names this model"


def brief(state: State, batch: Batch) -> str:
    """Why it waits, as a list says it."""
    found = verdict(state, batch)
    match found.why if found else "goes":
        case "goes":
            return "goes now"
        case "full":
            return "not enough quota yet"
        case "behind":
            return "behind another"
        case "refused":
            return f"again in {text.span(found.until - state.now)}" if found else ""
        case _:
            return "needs you"


def short(state: State, batch: Batch) -> str:
    """Why it waits, in a few words."""
    found = verdict(state, batch)
    if found is None:
        return ""
    match found.why:
        case "goes":
            return "quota is free: submitting"
        case "full":
            taken = f"{text.number(found.taken)} of {text.number(found.limit.tokens)} tokens in use"
            return f"{taken}; it needs about {text.number(found.need)}"
        case "behind":
            return "an older batch of this model goes first"
        case "refused":
            return f"the provider has no capacity; retries in {text.span(found.until - state.now)}"
        case "too_large":
            return "larger than the limit: open it and decide"
        case _:
            return "refused repeatedly: open it and decide"


def waits(state: State, batch: Batch) -> Node:
    """Why it waits, until when, and the ways on. Of one that the provider refused, its problem says it."""
    found = verdict(state, batch) if batch.state == "waiting" else None
    if found is None or found.why in ("asks", "goes"):
        return NOTHING
    limit = found.limit
    model = capacity.family(batch.lane.model)
    takes = f"{model} takes {text.number(limit.tokens)} enqueued tokens ({source(state, limit)})"
    needs = f"this batch needs about {text.number(found.need)}"
    until = f", at the latest by {text.clock(found.until, offset=state.zone, now=state.now)}" if found.until else ""
    match found.why:
        case "full":
            others = text.count(found.takers, "batch")
            title = "Waiting for quota."
            said = (
                f"{takes}; {text.number(found.taken)} are in use by {others}; {needs}. "
                "It is submitted automatically as soon as enough of them have finished"
                f"{until}. “Try now” sends it anyway: if the provider has no capacity, it refuses it, and nothing is billed."
            )
        case "behind":
            title = "Waiting for its turn."
            said = (
                "An older batch of this model goes first: it has waited for more than an hour, or the provider refused it a while ago and "
                "would refuse one as large as this. “Try now” sends it anyway."
            )
        case "refused":
            if not limit.tokens:
                return NOTHING
            title = "Quota usage."
            said = f"{takes}; {text.number(found.taken)} are in use by {text.count(found.takers, 'batch')}; {needs}."
            return note("info", title, said)
        case _:
            title = "Larger than the limit: waiting doesn't help."
            said = (
                f"{takes}; {needs}. If the account allows more, raise the limit in the settings. Or return the requests to the queue: "
                "submitted again, they are split into batches that fit. “Try now” sends it anyway: a refusal costs nothing."
            )
    return note(
        "" if found.why == "too_large" else "info",
        title,
        said,
        act("Try now", TryNow(batch.id), "small"),
        act("Back to the queue", CancelBatch(batch.id), "small"),
        a(at("btn small", href="#/settings"), "Limits"),
    )


# --- settings --------------------------------------------------------------------------------------------------------------------


def limits(state: State, profile: Profile) -> Node:
    """What may be enqueued at a provider: own limits, what it said, and what counts otherwise."""
    known = state.provider.limits.get(profile.id)
    own = sorted(known.own.items()) if known else []
    stated = sorted(known.stated.items()) if known else []
    rows = [(name, tokens, "yours", RemoveLimit(profile.id, name)) for name, tokens in own]
    rows += [
        (name, one.tokens, f"the provider, {text.clock(one.at, offset=state.zone)}", RemoveLimit(profile.id, name, stated=True))
        for name, one in stated
    ]
    return details_(
        at(open=bool(rows) or profile.id in state.provider.typed_limits),
        summary({}, join(["Enqueued-token limits", text.count(len(rows), "limit") if rows else NOTHING])),
        div(
            at("stack tight"),
            p(
                at("dim"),
                "A provider accepts only so many prompt tokens of a model at once, over all batches that have not ended: the enqueued "
                "tokens. A batch for which there is no capacity waits.",
            ),
            _rows(rows) if rows else NOTHING,
            _form(state, profile),
            _otherwise(profile),
        ),
    )


def _rows(rows: list[tuple[str, int, str, RemoveLimit]]) -> Node:
    return table(
        at("table"),
        thead({}, tr({}, th({}, "Model"), th(at("num"), "Tokens"), th(at("hide-s"), "Source"), th({}, unseen("Actions")))),
        tbody(
            {},
            [
                tr(
                    {},
                    td(at("mono"), name if action.stated else f"{name}…"),
                    td(at("num"), text.number(tokens)),
                    td(at("hide-s"), who),
                    td(at("num"), act("Remove", action, "quiet small", aria_label=f"Remove the limit of {name}")),
                )
                for name, tokens, who, action in rows
            ],
        ),
    )


def _form(state: State, profile: Profile) -> Node:
    name, tokens = state.provider.typed_limits.get(profile.id, ("", ""))
    fault = state.provider.limit_faults.get(profile.id, "")
    ids = f"limit-name-{profile.id}", f"limit-tokens-{profile.id}"
    keys = {"data_key": keys_of(SaveLimit(profile.id))}
    return div(
        at("row wrap"),
        field(ids[0], "Model prefix", typed(ids[0], name, TypeLimit(profile.id, "name"), placeholder="gpt-5", **keys)),
        field(
            ids[1],
            "Enqueued tokens",
            typed(ids[1], tokens, TypeLimit(profile.id, "tokens"), inputmode="numeric", placeholder="1,500,000", **keys),
            faults=[fault] if fault else [],
        ),
        command(state, SaveLimit(profile.id), "small"),
    )


def _otherwise(profile: Profile) -> Node:
    if profile.practice:
        return p(at("dim"), "For every other model the practice provider accepts any amount.")
    known = ", ".join(f"{name} {text.number(tokens)}" for name, tokens in sorted(capacity.TABLE.items()))
    return p(
        at("dim"),
        f"Otherwise, by the longest matching model prefix: {known}; any other model {text.number(capacity.DEFAULT)}. These are ",
        span({}, f"{capacity.SOURCE}; an account of a higher tier may have far more: see the limits on the provider's page."),
    )
