"""Home: what needs the person, what runs, what it cost, and what was used last. Every line leads to the place where it is settled."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING, Final

from simple_html import a, b, dd, div, dl, dt, h1, h2, h3, header, li, p, section, span, ul

from app.core.base import text
from app.core.batches import durations
from app.core.model.batches import Batch
from app.core.threads import editing
from app.ui.base.last import Last
from app.ui.base.markup import NOTHING, Node, at, join
from app.ui.base.parts import batch_pill, batch_title, command, pill, progress_meter
from app.ui.base.standing import LISTED, Need, Standing, ended_at, needs, standing
from app.ui.base.state import State
from app.ui.base.times import ago
from app.ui.batches import capacity_view
from app.ui.batches.view import progress_words
from app.ui.home.arriving import STARRED
from app.ui.home.waiting import waiting
from app.ui.results import addresses
from app.ui.threads.actions import NewThread
from app.ui.threads.doors_view import is_new, ways_in

if TYPE_CHECKING:
    from app.ui.home.money import Money, MoneySums

_NEEDS: Final = 12
_RUNNING: Final = 8
_NAME: Final = 120
DAY: Final = 86_400


def home(state: State) -> Node:
    here, wanted = standing(state.batches.all), [*needs(state), *waiting(state)]
    counted = [f"{text.count(here.running, 'batch')} running", f"{text.number(len(wanted))} to settle" if wanted else NOTHING]
    head = header(
        {},
        div({}, h1({}, "Home"), p({}, join(counted))),
        div(at("actions"), command(state, NewThread(), "primary")),
    )
    if is_new(state):
        return [head, _needs(state, wanted) if wanted else NOTHING, ways_in(state)]
    return [
        head,
        div(
            at("home"),
            div(at("stack"), _needs(state, wanted), _running(state, here)),
            div(at("stack"), _favourites(state), _recent(state, here), _money(state, here)),
        ),
    ]


def _card(title: str, *inside: Node, note: Node = NOTHING) -> Node:
    return section(at("card", aria_label=title), header({}, h2({}, title), note), list(inside))


def _none(words: str) -> Node:
    return p(at("pad dim"), words)


def _rest(count: int, href: str, words: str) -> Node:
    """The way to those that are not listed."""
    return p(at("pad"), a(at(href=href), f"{text.number(count)} more {words}")) if count > 0 else NOTHING


# --- what needs the person


def _needs(state: State, wanted: Sequence[Need]) -> Node:
    if not wanted:
        return _card("Needs you", _none("Nothing. Running batches continue automatically."))
    shown = wanted[:_NEEDS]
    return _card(
        "Needs you",
        ul(at("home-lines"), [_need(one) for one in shown]),
        _rest(len(wanted) - len(shown), wanted[-1].href, "to settle"),
    )


def _need(one: Need) -> Node:
    return li(
        {},
        a(
            at("home-line", href=one.href),
            pill(one.tone, one.word),
            " ",
            span(at("grow"), b({}, text.shorten(one.title, _NAME)), " ", span(at("dim"), one.said)),
        ),
    )


# --- what runs


def _running(state: State, here: Standing) -> Node:
    if not here.open:
        return _card("Running", _none("No batch is running."))
    shown = here.open[:_RUNNING]
    return _card(
        "Running",
        ul(at("home-lines"), [_batch(state, one) for one in shown]),
        _rest(here.running - len(shown), "#/batches", "running"),
    )


def _batch(state: State, one: Batch) -> Node:
    return li(
        {},
        a(
            at("home-line", href=f"#/batches/{one.id}"),
            span(at("grow stack tight"), b(at("clip"), batch_title(one, state.zone)), " ", progress_meter(one)),
            " ",
            span(at("home-state"), batch_pill(one), " ", span(at("dim"), _left(state, one))),
        ),
    )


def _left(state: State, one: Batch) -> str:
    """How long it takes still, by what is known best: what is being moved, its own pace, its lane's history, the provider's word."""
    if (moving := state.batches.progress.get(one.id)) is not None:
        return progress_words(*moving)
    if one.state == "waiting":
        return capacity_view.brief(state, one)
    if left := durations.at_this_pace(one, state.now):
        return f"about {text.span(left)} left"
    found = durations.estimate(one, state.batches.histories.get(one.lane.key), state.now)
    if found is not None:
        least = max(0.0, found.early - state.now)
        return f"usually done in {text.span(least)} to {text.span(least + found.most - found.fewest)}"
    if one.remote is not None and one.remote.expires_at:
        return f"ends by {text.clock(one.remote.expires_at, offset=state.zone, now=state.now)}"
    return ""


# --- what it cost

_counted: Last[Money] = Last()


def _money(state: State, here: Standing) -> Node:
    if not here.billed and not any(state.home.deleted.values()):
        return _card("Spent and saved", _none("No billed batch has ended yet. Practice costs nothing."))
    from app.ui.home.money import money  # with the table of prices, which most pages never need

    of = (state.batches.all, state.provider.profiles, state.provider.limits, state.home.deleted)
    return _sums(_counted.of((*of, int(state.now // DAY)), lambda: money(*of, state.now)))


def _sums(found: Money) -> Node:
    from app.core.prices.rates import dollars

    def row(title: str, amount: int) -> Node:
        return [dt({}, title), dd(at("num"), dollars(amount) if amount >= 0 else f"-{dollars(-amount)}")]

    month, every = found
    return _card(
        "Spent and saved",
        div(
            at("pad stack tight"),
            dl(
                at("facts"),
                row("Spent this month (UTC)", month.spent + month.deleted),
                row("Saved this month", month.saved),
                row("Spent in total", every.spent + every.deleted),
                row("Saved in total", every.saved),
            ),
            p(at("dim"), _of_what(every)),
            p({}, a(at(href="#/results"), "Charts of Results show it by day and model")),
        ),
    )


def _of_what(sums: MoneySums) -> str:
    from app.core.prices.rates import dollars

    said = []
    if sums.batches:
        said.append(f"From the token usage of {text.count(sums.batches, 'batch')}, against the standard price.")
    if sums.deleted:
        said.append(f"{dollars(sums.deleted)} of it was for batches that were deleted here; how much those saved is not known.")
    if sums.unpriced:
        said.append(f"No price is known of {text.count(sums.unpriced, 'batch')}: nothing is counted for {_them(sums.unpriced)}.")
    return " ".join(said)


def _them(count: int) -> str:
    return "it" if count == 1 else "them"


# --- favourites, and what was used last


def _favourites(state: State) -> Node:
    """Those that are still there, the last one that got a star first."""
    if not state.preferences.starred:
        return NOTHING
    prompts = {one.id: one for one in state.threads.all if not one.deleted}
    batches = {one.id: one for one in state.batches.all}
    lines: list[tuple[str, str, Node]] = []
    for kind, _, id in (name.partition(":") for name in state.preferences.starred):
        if kind == "prompt" and id in prompts:
            lines.append((f"#/compose/{id}", editing.title(prompts[id]), "Prompt"))
        elif kind == "batch" and id in batches:
            lines.append((f"#/batches/{id}", batch_title(batches[id], state.zone), ["Batch ", batch_pill(batches[id])]))
        elif kind == "table" and id in state.home.starred:
            table = state.home.starred[id]
            lines.append((f"#/data/{id}", table.name, f"Table · {text.count(table.rows, 'row')}"))
    return _card("Favourites", _lines(lines[:STARRED])) if lines else NOTHING


def _recent(state: State, here: Standing) -> Node:
    tables = [
        (f"#/data/{one.id}", one.name, [f"{text.count(one.rows, 'row')} · ", ago(state, one.updated)]) for one in state.home.tables or ()
    ]
    prompts = [
        (f"#/compose/{one.id}", editing.title(one), ago(state, one.updated))
        for one in islice((each for each in state.threads.all if not each.deleted), LISTED)
    ]
    batches = [(f"#/batches/{one.id}", batch_title(one, state.zone), ago(state, one.created)) for one in here.recent]
    results = [
        (
            addresses.of_batch(one.id),
            batch_title(one, state.zone),
            [f"{text.count(one.tally.answered, 'answer')} · ", ago(state, ended_at(one))],
        )
        for one in here.answered
    ]
    groups = [("Tables", tables), ("Prompts", prompts), ("Batches", batches), ("Results", results)]
    return _card("Recent", div(at("home-recent"), [_group(title, lines) for title, lines in groups if lines]))


def _group(title: str, lines: Sequence[tuple[str, str, Node]]) -> Node:
    return div(
        {},
        h3(at("pad"), title),
        _lines(lines),
    )


def _lines(lines: Sequence[tuple[str, str, Node]]) -> Node:
    return ul(
        at("home-lines"),
        [
            li({}, a(at("home-line", href=href), span(at("grow clip", title=name), text.shorten(name, _NAME)), " ", span(at("dim"), facts)))
            for href, name, facts in lines
        ],
    )
