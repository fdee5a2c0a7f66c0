"""How things stand: which batches run, and what needs the person. For the navigation, the document's title, the tab's icon and Home.

The batches are gone through once for each list of them, not with each drawing; nothing is read from the store.
"""

from __future__ import annotations

from heapq import nlargest
from typing import Final, NamedTuple

from app.core.base import text
from app.core.batches import capacity, pipeline
from app.core.model.batches import Batch
from app.ports import TabMark
from app.services.batches.resend import can_risk, can_send_again
from app.ui.base.last import Last
from app.ui.base.parts import Tone, batch_title, shown_problem
from app.ui.base.state import State

LISTED: Final = 5
"""Batches of a kind that Home lists."""
LOOKED_AT: Final = 500
"""Batches under way that are looked at for what holds them up: more than one ever has."""
RECENT: Final = 14 * 86_400.0
"""Seconds after its end for which a batch with requests that were not answered says that it needs a decision. The list of batches has it
for as long as it is here."""
_WORDS: Final = 200


class Standing(NamedTuple):
    """The batches by how they stand, the newest of each kind first. ``running`` are all that have not ended; ``open`` and ``recent`` the
    newest of them and of all; ``answered`` those whose answers came last; ``unsettled`` ended with requests that were not answered and that
    nobody sent again."""

    running: int
    open: tuple[Batch, ...]
    recent: tuple[Batch, ...]
    answered: tuple[Batch, ...]
    unsettled: tuple[Batch, ...]
    billed: bool
    """Whether the answers of any state tokens for which someone pays."""


class Need(NamedTuple):
    """Something that does not go on without the person, and where it is settled."""

    tone: Tone
    word: str
    """What kind of thing it is."""
    title: str
    said: str
    href: str


def ended_at(batch: Batch) -> float:
    """When a batch that has ended came into the state that it is in."""
    return batch.timeline[-1].at if batch.timeline else batch.updated or batch.created


_last: Last[Standing] = Last()


def standing(batches: list[Batch]) -> Standing:
    """That of these batches."""
    return _last.of((batches,), lambda: _standing(batches))


def _standing(batches: list[Batch]) -> Standing:
    under_way = [one for one in batches if one.state not in pipeline.FINAL]
    ended = [one for one in batches if one.state in pipeline.FETCHED]
    unsettled = (one for one in ended if one.tally.answered < one.requests and can_send_again(one) + can_risk(one))
    return Standing(
        len(under_way),
        tuple(nlargest(LOOKED_AT, under_way, key=lambda one: one.created)),
        tuple(nlargest(LISTED, batches, key=lambda one: one.created)),
        tuple(nlargest(LISTED, (one for one in ended if one.tally.answered), key=ended_at)),
        tuple(nlargest(4 * LISTED, unsettled, key=ended_at)),
        any(not one.practice and (one.tally.input_tokens or one.tally.output_tokens) for one in ended),
    )


def has_key(state: State, profile: str) -> bool:
    """Whether requests for this provider can be sent: it has a key here, or is the practice provider."""
    known = state.provider.profiles.get(profile)
    key = state.provider.keys.get(profile)
    return known is None or known.practice or (key is not None and key.present)


def needs(state: State) -> list[Need]:
    """Everything that waits for a decision, a key or a repair; what waits in the queue has its own place."""
    here = standing(state.batches.all)
    return [*_damage(state), *_keys(state, here), *_held_up(state, here), *_unsettled(state, here)]


def mark(state: State) -> TabMark:
    """What the tab's icon shows."""
    return "needs" if needs(state) else "runs" if standing(state.batches.all).running else ""


def _damage(state: State) -> list[Need]:
    count = len(state.damage.found)
    if not count:
        return []
    said = "Everything else works. Export it, or set it aside."
    return [Need("bad", "Damaged", f"{text.count(count, 'record')} cannot be read", said, "#/settings")]


def _keys(state: State, here: Standing) -> list[Need]:
    """Providers that something is meant for, and that have no key."""
    wanted = dict.fromkeys(
        [
            state.profile.id,
            *(one.lane.profile for one in state.queue.lanes if one.requests),
            *(one.lane.profile for one in here.open if not one.practice),
        ]
    )
    found = []
    for id in wanted:
        if has_key(state, id):
            continue
        name, key = state.provider.profiles[id].name, state.provider.keys.get(id)
        if key is not None and key.locked:
            what = f"The API key of {name} is locked", "Work that needs it waits until you enter the passphrase."
        else:
            what = f"{name} has no API key yet", "Nothing is sent to it, or requested from it, before you enter one."
        found.append(Need("warn", "Key", *what, "#/settings"))
    return found


def _held_up(state: State, here: Standing) -> list[Need]:
    """Batches under way that do not go on by themselves."""
    wanting = any(one.state in capacity.WANTS for one in here.open)
    verdicts = capacity.decide(here.open, state.provider.limits, state.now) if wanting else {}
    found = []
    for one in here.open:
        verdict = verdicts.get(one.id)
        problem = one.lookup_problem or shown_problem(one)
        stuck = problem is not None and not problem.retry and problem.blame == "person"
        if verdict is not None and verdict.why == "too_large":
            said = "It is larger than what the provider takes at once."
        elif verdict is not None and verdict.why == "asks":
            said = "The provider refused it repeatedly."
        elif stuck or {*pipeline.ways(one, state.now)} - {"cancel", "delete"}:
            said = problem.what if problem is not None else "It will not end on its own."
        else:
            continue
        word = "Doubt" if one.outcome_unknown else "Decide"
        found.append(Need("warn", word, batch_title(one, state.zone), text.shorten(said, _WORDS), f"#/batches/{one.id}"))
    return found


def _unsettled(state: State, here: Standing) -> list[Need]:
    """Batches that ended a while ago without all of their answers."""
    found = []
    for one in here.unsettled:
        if state.now - ended_at(one) > RECENT:
            continue
        doubtful, again = can_risk(one), can_send_again(one)
        said = [f"{text.count(again, 'request')} not answered"] if again else []
        unfound = min(one.tally.unfound, doubtful)
        flawed = doubtful - unfound
        said += [f"{text.count(flawed, 'request')} answered without a good answer"] if flawed else []
        said += [f"{text.count(unfound, 'answer')} not found, though perhaps billed"] if unfound else []
        tone: Tone = "bad" if one.state == "failed" else "warn"
        word = "Doubt" if one.tally.unfound else "Failed" if one.state == "failed" else "Decide"
        found.append(Need(tone, word, batch_title(one, state.zone), "; ".join(said) + ".", f"#/batches/{one.id}"))
    return found
