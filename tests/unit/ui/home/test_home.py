"""Home: what needs the person, what runs, what it cost and what was used last, each with the way to it."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from app.core.base.text import count
from app.core.batches.durations import BatchTiming, History
from app.core.model.batches import Batch, Moment, Sample, Tally
from app.core.model.damage import DamagedRecord
from app.core.model.datasets import Dataset, DatasetVersion
from app.core.model.lanes import CHAT, Lane
from app.core.model.problem import Problem
from app.core.model.providers import OPENAI, Profile
from app.core.model.remote import Remote
from app.core.prices.rates import PER_DOLLAR
from app.services.runtime.records import put
from app.ui.base.drawing import render
from app.ui.base.home_state import RecentTable
from app.ui.base.provider_state import KeyState
from app.ui.base.standing import RECENT, mark, needs, standing
from app.ui.base.state import State
from app.ui.home import view as home_view
from app.ui.home.money import Money, MoneySums, money
from tests.kit.screen import Element, Visit, check
from tests.states.drawn import NOW, nothing
from tests.unit.ui.conftest import Open

LANE = Lane("openai", CHAT, "gpt-4o-mini")


def batch(id: str, state: str = "in_progress", **more: object) -> Batch:
    given: dict[str, Any] = {
        "name": f"Batch {id}",
        "lane": LANE,
        "requests": 10,
        "created": NOW - 600,
        "timeline": (Moment(NOW - 60, state),),
        **more,
    }
    return Batch(id=id, state=state, **given)  # type: ignore[arg-type]  # one of the states


def ended(id: str, answered: int = 10, **more: object) -> Batch:
    return batch(id, "done", tally=Tally(answered=answered, failed=10 - answered), **more)


def having(*batches: Batch) -> State:
    """A page with these batches, and a key for OpenAI."""
    state = nothing()
    state.batches.all = list(batches)
    state.provider.keys = {"openai": KeyState(present=True)}
    return state


def drawn(state: State) -> Element:
    return check(render(home_view.home(state)))


def lines(dom: Element, title: str) -> dict[str, str]:
    """The lines of a card: where they lead, and what they say."""
    card = next(one for one in dom.of("section") if one.get("aria-label") == title)
    return {one["href"]: " ".join(one.text.split()) for one in card.of("a")}


# --- needs you


async def test_an_empty_app_has_its_ways_in_here(visit: Visit) -> None:
    """A table, a prompt, a program, each a link; they go when there is something."""
    await visit.go("#/home")
    doors = [(one["href"], one.of("b")[0].text) for one in visit.dom.of("a", "door")]
    assert doors == [("#/data", "Open a table"), ("#/compose", "Write a prompt"), ("#/programs", "Connect a program")]
    await visit.write("Hello")
    await visit.go("#/home")
    assert visit.dom.classed("door") == []
    assert "Nothing. Running batches continue automatically." in visit.text


async def test_from_the_queue_to_the_answers(visit: Visit) -> None:
    """What waits for a submit leads to the queue, what runs to its batch, and what was answered to its answers."""
    await visit.queue("Hello", "World")
    await visit.go("#/home")
    assert lines(visit.dom, "Needs you")["#/queue"].startswith("◔Submit 2 requests not submitted yet chat/completions")
    await visit.go("#/queue")
    await visit.click("Submit 2")
    (one,) = visit.state.batches.all
    await visit.go("#/home")
    assert "0 of 2 answered" in lines(visit.dom, "Running")[f"#/batches/{one.id}"]
    assert visit.page.title == "1 batch running · Home — Nightshift"
    await visit.wait(60)
    assert visit.page.title == "Home — Nightshift"
    assert "No batch is running." in visit.text
    assert "Nothing. Running batches continue automatically." in visit.text
    recent = lines(visit.dom, "Recent")
    assert f"#/batches/{one.id}" in recent
    assert recent[f"#/results/batch/{one.id}"].endswith("2 answers · 1 min ago")
    assert any(href.startswith("#/compose/") for href in recent)


async def test_a_key_that_is_missing(visit: Visit) -> None:
    """Of the provider in use; the line leads to where it is entered, and goes when it is."""
    await visit.choose_provider("openai")
    await visit.go("#/home")
    assert lines(visit.dom, "Needs you")["#/settings"].startswith("⚠Key OpenAI has no API key yet")
    home = next(one for one in visit.dom.of("a") if one.get("href") == "#/home")
    assert home.text == "Home1 to settle"
    visit.state.provider.keys["openai"] = KeyState(locked=True)
    assert needs(visit.state)[0].title == "The API key of OpenAI is locked"
    visit.state.provider.keys["openai"] = KeyState(present=True)
    assert needs(visit.state) == []


@pytest.mark.parametrize(
    ("one", "word", "said"),
    [
        (ended("b-1", 7), "Decide", "3 requests not answered."),
        (batch("b-1", "failed", tally=Tally(missing=10)), "Failed", "10 requests not answered."),
        (batch("b-1", "done", tally=Tally(answered=7, flawed=3)), "Decide", "3 requests answered without a good answer."),
        (
            batch("b-1", "done", tally=Tally(answered=9, unfound=1)),
            "Doubt",
            "1 answer not found, though perhaps billed.",
        ),
        (
            batch("b-1", "uploading", problem=Problem(code="wrong_key", what="The key is wrong.", blame="person")),
            "Decide",
            "The key is wrong.",
        ),
        (
            batch(
                "b-1",
                "creating",
                tries=9,
                outcome_unknown=True,
                lookup_problem=Problem(code="x", what="Nobody answers.", retry=True),
            ),
            "Doubt",
            "Nobody answers.",
        ),
        (batch("b-1", "waiting", tokens=10**9), "Decide", "It is larger than what the provider takes at once."),
    ],
)
def test_batches_that_need_a_decision(one: Batch, word: str, said: str) -> None:
    """Each leads to its page, which has the ways on; the tab's icon says it as well."""
    state = having(one)
    assert lines(drawn(state), "Needs you") == {"#/batches/b-1": f"{_sign(state)}{word} Batch b-1 {said}"}
    assert mark(state) == "needs"


def _sign(state: State) -> str:
    return {"bad": "✕", "warn": "⚠"}[needs(state)[0].tone]


@pytest.mark.parametrize(
    "one",
    [
        ended("b-1"),
        ended("b-1", 7, resent=3),
        ended("b-1", 7, timeline=(Moment(NOW - RECENT - 1, "done"),)),
        batch("b-1", "withdrawn"),
        batch("b-1", problem=Problem(code="rate_limited", what="Later.", retry=True)),
    ],
)
def test_what_is_settled_needs_nobody(one: Batch) -> None:
    """All answered, sent again, long ago, back in the queue, or tried again by itself."""
    assert needs(having(one)) == []


def test_damaged_records() -> None:
    """They lead to the settings, which have them all."""
    state = having()
    state.damage.found = (DamagedRecord("threads", "t", "thread", "t", "why", "means"),)
    state.batches.all = [ended("b-1")]
    assert lines(drawn(state), "Needs you")["#/settings"].startswith("✕Damaged 1 record cannot be read")


def test_many_are_counted() -> None:
    """A list of everything would be no overview: the others are counted, and the way to them is there."""
    state = having(*(batch(f"b-{n}") for n in range(30)), *(ended(f"d-{n}", 3) for n in range(40)))
    dom = drawn(state)
    assert "22 more running" in lines(dom, "Running").values()
    assert len(dom.classed("home-line")) < 60
    assert mark(having(batch("b-1"))) == "runs"
    assert mark(having(ended("b-1"))) == ""


# --- what runs


def left(state: State) -> str:
    (line,) = drawn(state).classed("home-state")
    return line.of("span")[-1].text


def test_time_left() -> None:
    """By what is known best: what is being moved, its pace, its history, the provider's word. Where nothing is, nothing is said."""
    slow = batch("b-1", timeline=(Moment(NOW - 60, "validating"),), samples=(Sample(NOW - 60, 0), Sample(NOW - 30, 4)))
    assert left(having(batch("b-1"))) == ""
    assert left(having(replace(slow, samples=(), remote=Remote(id="r", expires_at=NOW + 60)))) == "ends by 22:14"
    state = having(replace(slow, samples=()))
    runs = tuple(BatchTiming(f"h-{n}", NOW, 10, "completed", 360.0 + 60 * n) for n in range(3))
    state.batches.histories = {LANE.key: History(id=LANE.key, runs=runs)}
    assert left(state) == "usually done in 5 min to 7 min"
    state.batches.all = [slow]
    assert left(state) == "about 1 min 30 s left"
    state.batches.progress["b-1"] = ("uploaded", 5_000_000, 10_000_000)
    assert left(state) == "uploaded 5.0 MB of 10 MB"


# --- spent and saved

USED = Tally(answered=10, input_tokens=2_000_000, output_tokens=1_000_000)
"""$0.15 and $0.30 with gpt-4o-mini in a batch; twice that at once."""


def counted(*batches: Batch, deleted: dict[str, dict[str, int]] | None = None) -> Money:
    other = Profile(id="p-1", name="Mine", base_url="https://example.org/v1")
    return money(list(batches), {"openai": OPENAI, "p-1": other}, {}, deleted or {}, NOW)


def test_what_was_spent_and_saved() -> None:
    """By the tokens of answers: this month's and all; what is practice, under way, of no known price or deleted is not guessed at."""
    spent = 45 * PER_DOLLAR // 100
    paid = batch("b-1", "done", tally=USED)
    found = counted(
        paid,
        replace(paid, id="b-2", created=NOW - 40 * 86_400),
        replace(paid, id="b-3", practice=True),
        replace(paid, id="b-4", lane=Lane("p-1", CHAT, "my-own")),
        replace(paid, id="b-5", state="in_progress"),
        replace(paid, id="b-6", live="standard"),
        deleted={"openai": {"2023-11-02": 7, "2022-01-01": 5}},
    )
    assert found.month == MoneySums(3 * spent, spent, 2, 7, 1)
    assert found.every == MoneySums(4 * spent, 2 * spent, 3, 12, 1)


def test_money_in_words() -> None:
    """The figures, of how many batches they are, and what is not in them."""
    state = having(batch("b-1", "done", tally=USED), batch("b-2", "done", lane=Lane("openai", CHAT, "my-own"), tally=USED))
    state.home.deleted = {"openai": {"2023-11-02": PER_DOLLAR}}
    said = drawn(state).text
    assert "Spent this month (UTC)$1.45" in said
    assert "Saved in total$0.4500" in said
    assert "the token usage of 1 batch" in said
    assert "$1.00 of it was for batches that were deleted here" in said
    assert "No price is known of 1 batch: nothing is counted for it." in said
    assert "Practice costs nothing." in drawn(having(ended("b-1"))).text


# --- what was used last, and what it costs to open Home


async def stored(visit: Visit, *ids: str) -> None:
    """Tables of which nothing but the record is needed here."""
    made = [Dataset(id=id, name=f"Table {id}", versions=(DatasetVersion(1, NOW, rows=12),)) for id in ids]
    await visit.app.services.records.commit([put(one, 0) for one in made])


async def test_tables_that_were_opened_last(tabs: Open) -> None:
    """The last one first, by the name that they have now; one that is deleted is none. They are known after a reload."""
    visit = await tabs()
    await stored(visit, "d-1", "d-2", "d-3")
    for id in ("d-1", "d-2", "d-3", "d-1"):
        await visit.go(f"#/data/{id}")
    await visit.app.services.datasets().rename("d-2", "Orders")
    await visit.app.services.datasets().delete("d-3")
    again = await tabs(beside=visit, route="#/home")
    recent = lines(again.dom, "Recent")
    assert list(recent) == ["#/data/d-1", "#/data/d-2"]
    assert recent["#/data/d-2"].startswith("Orders")
    assert "12 rows" in recent["#/data/d-1"]


async def test_a_full_disk_does_not_keep_a_table_from_being_opened(visit: Visit) -> None:
    """That it was opened is a convenience: nothing is said where it cannot be remembered."""
    await stored(visit, "d-1")
    visit.store.quota = visit.store.disk.used
    await visit.go("#/data/d-1")
    assert visit.notes == []
    assert visit.state.preferences.recent_tables == ("d-1",)


async def test_opening_costs_the_same_however_much_is_stored(tabs: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """No table of the store is gone through: a few records are read by their ids, and each list of batches is gone through once."""
    visit = await tabs()
    await stored(visit, *(f"d-{n}" for n in range(40)))
    await visit.app.services.profiles.prefer(recent_tables=tuple(f"d-{n}" for n in range(5)))
    visit = await tabs(beside=visit)
    visit.state.batches.all = [ended(f"b-{n}", 3) for n in range(400)]
    asked: list[str] = []
    for name in ("get", "scan", "owners", "revisions", "get_many", "page", "strays", "counts", "dump", "load"):
        monkeypatch.setattr(visit.store, name, _told(asked, name, getattr(visit.store, name)))
    await visit.go("#/home")
    assert asked == ["get"] * 6, "five tables, and what deleted batches of the one provider cost"
    assert standing(visit.state.batches.all) is standing(visit.state.batches.all)
    assert len(visit.dom.classed("home-line")) < 40


def _told(asked: list[str], name: str, method: Any) -> Any:
    def told(*given: Any, **more: Any) -> Any:
        asked.append(name)
        return method(*given, **more)

    return told


def test_a_table_that_was_read_is_a_line() -> None:
    """Home is drawn of the state alone."""
    state = having(ended("b-1"))
    state.home.tables = (RecentTable("d-1", "Orders", 12, NOW - 90),)
    assert lines(drawn(state), "Recent")["#/data/d-1"] == f"Orders {count(12, 'row')} · 2 min ago"
