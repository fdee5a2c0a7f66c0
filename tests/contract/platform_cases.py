"""What every Clock, Random, Locks and Keys does. ``make_keys()`` called again is the time after a reload."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable

from app.ports import Clock, Keys, KeysLocked, Locks, Random

MakeKeys = Callable[[], Awaitable[Keys]]

# --- keys ------------------------------------------------------------------------------------------------------------------------


async def case_no_key_at_first(make_keys: MakeKeys) -> None:
    """Nobody has a key until one is put; removing what is not there is fine."""
    keys = await make_keys()
    assert await keys.get("p") is None
    assert not await keys.remembered("p")
    await keys.remove("p")


async def case_remembered_key_outlives_a_reload(make_keys: MakeKeys) -> None:
    """A key that shall be remembered is there after a reload, unchanged, whatever its length and characters."""
    keys = await make_keys()
    secrets = {"p": "sk-abc", "q": "é😀\u2028\n\x00", "empty": "", "long": "x" * 100_000, "bom": "\ufeffsk", "profile:é|/": " kept "}
    for profile, secret in secrets.items():
        await keys.put(profile, secret, remember=True)
    again = await make_keys()
    for profile, secret in secrets.items():
        assert await again.get(profile) == secret
        assert await again.remembered(profile)


async def case_unremembered_key_ends_with_the_tab(make_keys: MakeKeys) -> None:
    """A key that shall not be remembered serves until the reload and leaves nothing behind."""
    keys = await make_keys()
    await keys.put("p", "sk-abc", remember=False)
    assert await keys.get("p") == "sk-abc"
    assert not await keys.remembered("p")
    again = await make_keys()
    assert await again.get("p") is None
    assert not await again.remembered("p")


async def case_a_new_key_replaces_the_old_one(make_keys: MakeKeys) -> None:
    """Only the last key put counts, in whichever way each was kept."""
    for first in (True, False):
        for second in (True, False):
            keys = await make_keys()
            await keys.put("p", "old", remember=first)
            await keys.put("p", "new", remember=second)
            assert await keys.get("p") == "new"
            assert await keys.remembered("p") is second
            assert await (await make_keys()).get("p") == ("new" if second else None)


async def case_a_key_that_came_meanwhile_is_not_written_over(make_keys: MakeKeys) -> None:
    """Two tabs save, or remove, at the same moment: the later one is refused, whichever way it would keep its key, and changes nothing."""
    mine, others = await make_keys(), await make_keys()
    empty = await mine.mark("p")
    assert empty == ""
    assert await others.put("p", "theirs", remember=True, over="")
    for remember in (True, False):
        assert not await mine.put("p", "mine", remember=remember, over=empty)
    assert not await mine.remove("p", empty)
    assert (await mine.get("p"), await others.get("p")) == ("theirs", "theirs")
    seen = await mine.mark("p")
    assert seen not in ("", "theirs")
    assert await others.mark("p") == seen
    assert await mine.put("p", "mine", remember=True, over=seen)
    assert not await others.put("p", "theirs again", remember=True, over=seen)
    assert await others.get("p") == "mine"
    assert await others.remove("p", await others.mark("p"))
    assert (await mine.get("p"), await mine.mark("p")) == (None, "")


async def case_what_can_be_opened_is_not_named_as_lost(make_keys: MakeKeys) -> None:
    """Neither a sealed key nor one in memory, before and after a reload."""
    keys = await make_keys()
    await keys.put("p", "sk-abc", remember=True)
    await keys.put("webhook:https://a.example", "whsec_x", remember=True)
    await keys.put("other", "sk-other", remember=False)
    assert await keys.unopened() == []
    assert await (await make_keys()).unopened() == []


async def case_removed_key_is_gone(make_keys: MakeKeys) -> None:
    """Removing forgets the key here and after a reload, and leaves other profiles' keys alone."""
    keys = await make_keys()
    for remember in (True, False):
        await keys.put("p", "sk-abc", remember=remember)
        await keys.put("other", "sk-other", remember=True)
        await keys.remove("p")
        assert await keys.get("p") is None
        assert not await keys.remembered("p")
        again = await make_keys()
        assert await again.get("p") is None
        assert await again.get("other") == "sk-other"


async def case_keys_show_nothing_of_themselves(make_keys: MakeKeys) -> None:
    """The text form of the keeper does not show a key."""
    keys = await make_keys()
    await keys.put("p", "sk-secret", remember=False)
    assert "sk-secret" not in repr(keys)


async def case_keys_under_a_passphrase_open_after_it_was_entered(make_keys: MakeKeys) -> None:
    """Until then they are there and cannot be had; other secrets stay as they were. Without it again, all is as before."""
    keys = await make_keys()
    await keys.put("p", "sk-abc", remember=True)
    await keys.put("webhook:https://a.example", "whsec_x", remember=True)
    assert await keys.guard() == "none"
    assert await keys.set_guard("Grüße 😀")
    assert (await keys.guard(), await keys.get("p"), await keys.locked()) == ("open", "sk-abc", [])
    again = await make_keys()
    assert (await again.guard(), await again.get("p"), await again.locked()) == ("locked", None, ["p", "webhook:https://a.example"])
    assert await again.remembered("p")
    assert await again.unopened() == []
    assert await again.get("webhook:https://a.example") is None
    assert not await again.set_guard("another one")
    assert not await again.drop_guard()
    try:
        await again.put("p", "sk-new", remember=True)
    except KeysLocked:
        pass
    else:
        raise AssertionError("a key was put beside those that are locked")
    assert not await again.unlock("Grüße")
    assert await again.unlock("Grüße 😀")
    assert (await again.guard(), await again.get("p"), await again.locked()) == ("open", "sk-abc", [])
    assert await again.put("p", "sk-new", remember=True, over=await again.mark("p"))
    assert await keys.get("p") == "sk-new"
    again.lock()
    assert (await again.guard(), await again.get("p")) == ("locked", None)
    assert await keys.drop_guard()
    assert (await again.guard(), await again.get("p")) == ("none", "sk-new")
    assert await again.set_guard("one more")
    await keys.forget_guard()
    assert (await keys.guard(), await keys.get("p"), await keys.remembered("p")) == ("none", None, False)
    assert await keys.get("webhook:https://a.example") is None


async def case_a_sealed_text_opens_with_its_passphrase(make_keys: MakeKeys) -> None:
    """A text sealed under a passphrase comes back with it, elsewhere too, whatever characters either holds; the seal shows nothing of it
    and says how it was made."""
    keys, elsewhere = await make_keys(), await make_keys()
    for passphrase, text in (("a long passphrase", "sk-secret-0123456789"), ("é😀 \n", ""), ("x", "é😀\u2028" * 20_000)):
        sealed = await keys.seal(passphrase, text)
        assert not text or text[:20] not in sealed
        assert isinstance(json.loads(sealed), dict)
        assert await elsewhere.unseal(passphrase, sealed) == text


async def case_another_passphrase_opens_nothing(make_keys: MakeKeys) -> None:
    """Another passphrase, a damaged seal and something else altogether give nothing, and raise nothing."""
    keys = await make_keys()
    sealed = await keys.seal("a long passphrase", "sk-secret")
    assert await keys.unseal("a long passphras", sealed) is None
    assert await keys.unseal("", sealed) is None
    for damaged in ("", "{}", "[]", "null", sealed[:-9], '{"rounds":1e99,"salt":"","iv":"","data":""}'):
        assert await keys.unseal("a long passphrase", damaged) is None


# --- clock, random ---------------------------------------------------------------------------------------------------------------


async def case_sleep_passes_time(clock: Clock) -> None:
    """After a sleep at least so many seconds have passed; a sleep of 0 or less comes back."""
    before = clock.now()
    await clock.sleep(0.02)
    assert clock.now() - before >= 0.0199
    await clock.sleep(0)
    await clock.sleep(-1)


async def case_sleeping_gives_way(clock: Clock) -> None:
    """Other tasks go on while one sleeps, also for 0 seconds."""
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await clock.sleep(0)

    task = asyncio.create_task(other())
    while turns < 3:
        await clock.sleep(0)
    task.cancel()


async def case_sleep_can_be_cancelled(clock: Clock) -> None:
    """A cancelled sleeper ends at once."""
    task = asyncio.create_task(clock.sleep(10_000_000))
    await asyncio.sleep(0)
    task.cancel()
    result = await asyncio.gather(task, return_exceptions=True)
    assert isinstance(result[0], asyncio.CancelledError)


async def case_tokens_are_of_the_alphabet(random: Random) -> None:
    """A token has the length asked and only digits and small letters; every one of them occurs, and tokens differ."""
    assert random.token(0) == ""
    assert [len(random.token(length)) for length in (1, 7, 64)] == [1, 7, 64]
    assert set(random.token(5000)) == set("0123456789abcdefghijklmnopqrstuvwxyz")
    assert len({random.token(16) for _ in range(100)}) == 100


async def case_units_lie_between_nought_and_one(random: Random) -> None:
    """Numbers for jitter are in [0, 1) and spread."""
    units = [random.unit() for _ in range(1000)]
    assert all(0 <= unit < 1 for unit in units)
    assert 0.4 < sum(units) / len(units) < 0.6


# --- locks -----------------------------------------------------------------------------------------------------------------------


async def case_one_holds_a_lock(locks: Locks) -> None:
    """Of many that want one lock, one works at a time; each gets its turn."""
    inside = most = ended = 0

    async def work() -> None:
        nonlocal inside, most, ended
        inside += 1
        most = max(most, inside)
        await asyncio.sleep(0)
        inside -= 1
        ended += 1

    await asyncio.gather(*(locks.hold("one", work) for _ in range(5)))
    assert (most, ended) == (1, 5)


async def case_locks_of_other_names_are_free(locks: Locks) -> None:
    """Holding one lock keeps nobody from another."""
    done: list[str] = []

    async def inner() -> None:
        done.append("inner")

    async def outer() -> None:
        await locks.hold("b", inner)
        done.append("outer")

    await locks.hold("a", outer)
    assert done == ["inner", "outer"]


async def case_lock_is_let_go_after_an_error(locks: Locks) -> None:
    """What the work raises comes out, and the lock is free again."""

    async def fails() -> None:
        raise ValueError("out")

    async def works() -> None:
        done.append(True)

    done: list[bool] = []
    for _ in range(2):
        (result,) = await asyncio.gather(locks.hold("x", fails), return_exceptions=True)
        assert isinstance(result, ValueError)
    await locks.hold("x", works)
    assert done == [True]


async def case_cancelling_gives_up_the_place(locks: Locks) -> None:
    """Who is cancelled while waiting never works; who is cancelled while holding lets go."""
    holding, asked = asyncio.Event(), asyncio.Event()
    worked: list[str] = []

    async def hold_on() -> None:
        holding.set()
        await asked.wait()

    async def work(name: str = "waiter") -> None:
        worked.append(name)

    holder = asyncio.create_task(locks.hold("x", hold_on))
    await holding.wait()
    waiter = asyncio.create_task(locks.hold("x", work))
    third = asyncio.create_task(locks.hold("x", lambda: work("third")))
    await asyncio.sleep(0)
    waiter.cancel()
    await asyncio.gather(waiter, return_exceptions=True)
    assert waiter.cancelled()
    holder.cancel()
    await third
    assert holder.cancelled()
    assert worked == ["third"]
