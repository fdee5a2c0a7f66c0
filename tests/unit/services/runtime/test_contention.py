"""What several write at the same time is decided anew, until it is written or others keep winning."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from msgspec.structs import replace

from app.core.model.settings import Preferences
from app.ports import Change, Conflict, Put, Table
from app.services.runtime.contention import ATTEMPTS, contended
from app.services.runtime.records import put
from tests.kit.world import World

SERVICES = Path(__file__).resolve().parents[4] / "app" / "services"
MINE = Preferences(id="preferences", theme="dark")


@pytest.mark.parametrize("faster", [0, 1, ATTEMPTS - 1])
async def test_it_decides_anew_on_what_stands_there_now(world: World, faster: int) -> None:
    """Another tab that writes between the reading and the commit loses nothing, and neither does this one."""
    records = (await world.tab(engine=False)).records
    other = (await world.tab(engine=False)).records
    await records.save(MINE, 0)
    rounds: list[str] = []

    async def decide() -> tuple[list[Change], int]:
        stored = await records.get(Preferences, "preferences")
        assert stored is not None
        if len(rounds) < faster:
            await other.save(replace(stored.value, keep_days=stored.value.keep_days + 1), stored.rev)
        rounds.append("decided")
        return [put(replace(stored.value, thread="t"), stored.rev)], stored.value.keep_days

    async def between() -> None:
        rounds.append("between")

    assert await records.transact(decide, between=between if faster == 1 else None) == faster
    stored = await records.get(Preferences, "preferences")
    assert stored is not None
    assert (stored.value.thread, stored.value.keep_days) == ("t", faster)
    assert rounds == (["decided", "between", "decided"] if faster == 1 else ["decided"] * (faster + 1))


@pytest.mark.parametrize("most", [1, 3, ATTEMPTS])
async def test_it_gives_up_when_others_keep_winning(most: int) -> None:
    """Who asked is told by the last Conflict; any other fault comes through at once."""
    tries = 0

    async def attempt() -> None:
        nonlocal tries
        tries += 1
        raise Conflict("settings", "preferences", tries, tries + 1)

    async def broken() -> None:
        nonlocal tries
        tries += 1
        raise ValueError

    with pytest.raises(Conflict):
        await contended(attempt, most=most)
    assert tries == most
    with pytest.raises(ValueError):  # noqa: PT011  # raised above
        await contended(broken)
    assert tries == most + 1


async def test_a_record_that_is_not_there_is_not_amended(world: World) -> None:
    """Nothing is made where there was nothing, and one that is there is changed."""
    records = (await world.tab(engine=False)).records
    assert await records.amend(Preferences, "preferences", lambda one: replace(one, theme="light")) is None
    await records.save(MINE, 0)
    assert await records.amend(Preferences, "preferences", lambda one: replace(one, theme="light")) == replace(MINE, theme="light")
    stored = await records.get(Preferences, "preferences")
    assert stored is not None
    assert (stored.value.theme, stored.rev) == ("light", 2)


async def test_the_first_who_makes_a_record_wins(world: World) -> None:
    """All tabs get the one that was stored first; one that cannot be read gives way."""
    tab = await world.tab(engine=False)
    records, other = tab.records, (await world.tab(engine=False)).records

    def later() -> Preferences:
        return Preferences(id="preferences", theme="light")

    assert await records.first(Preferences, "preferences", lambda: MINE) == MINE
    assert await other.first(Preferences, "preferences", later) == MINE
    await tab.inner.commit([Put(Table.SETTINGS, "preferences:preferences", -1, "not JSON", owner="preferences")])
    assert await other.first(Preferences, "preferences", later) == later()
    stored = await records.get(Preferences, "preferences")
    assert stored is not None
    assert stored.value == later()


def catches(loop: ast.AST) -> bool:
    """Whether a loop handles or suppresses Conflict in its body."""
    handlers = [one.type for one in ast.walk(loop) if isinstance(one, ast.ExceptHandler) and one.type]
    suppressed = [one.items[0].context_expr for one in ast.walk(loop) if isinstance(one, ast.With)]
    return any("Conflict" in ast.unparse(one) for one in [*handlers, *suppressed])


@pytest.mark.slow
def test_no_service_has_a_loop_of_its_own_for_it() -> None:
    """Rounds that go on after a Conflict are made in one module. Who writes what is typed tells its person of one, and goes no further."""
    found: set[str] = set()
    for path in sorted(SERVICES.rglob("*.py")):
        for loop in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            rounds = isinstance(loop, ast.While) or (isinstance(loop, ast.For) and "range(" in ast.unparse(loop.iter))
            if rounds and catches(loop):
                found.add(path.relative_to(SERVICES).as_posix())
    assert found == {"runtime/contention.py", "threads/drafts.py", "templates/templates.py"}
