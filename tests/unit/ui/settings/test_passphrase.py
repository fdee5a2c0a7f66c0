"""Keys under a passphrase: set, locked, entered once; and work that needs a key waits and goes on."""

from __future__ import annotations

import pytest

from tests.kit.screen import RIGHT_KEY, Visit
from tests.unit.ui.conftest import Open
from tests.unit.ui.submitting import behave, only

SECRET = "correct horse"


async def guarded(visit: Visit) -> None:
    """A key for OpenAI, under a passphrase."""
    await visit.use_openai()
    await visit.type("New passphrase", SECRET)
    await visit.type("New passphrase again", SECRET)
    await visit.click("Set the passphrase")


async def entered(visit: Visit, passphrase: str = SECRET) -> None:
    await visit.type("Passphrase of your keys", passphrase)
    await visit.click("Unlock")


def guard(visit: Visit) -> str:
    """Whether keys are under a passphrase, and whether it was entered, as this tab knows it."""
    return visit.state.lock.guard


async def test_a_passphrase_is_set_and_asked_for_once(tabs: Open) -> None:
    """It is long enough and typed twice; the next start asks for it; a wrong one opens nothing; nothing of it stays in the page."""
    visit = await tabs(route="#/settings")
    await visit.use_openai()
    await visit.type("New passphrase", "short")
    assert visit.button("Set the passphrase")["title"] == "Enter at least 8 characters."
    await visit.type("New passphrase", SECRET)
    assert visit.button("Set the passphrase")["title"] == "Enter the same passphrase twice."
    await visit.type("New passphrase again", SECRET)
    await visit.click("Set the passphrase")
    assert "under your passphrase" in visit.text
    assert SECRET not in repr(visit.state)
    again = await tabs(beside=visit, route="#/settings")
    assert guard(again) == "locked"
    assert "OpenAI: key locked" in again.text
    assert not again.has("API key")
    await entered(again, "correct hors")
    assert "This is not the right passphrase." in again.text
    assert await again.keys.get("openai") is None
    await entered(again)
    assert await again.keys.get("openai") == RIGHT_KEY
    assert "sk-…CRET" in again.text
    assert SECRET not in repr(again.state)


@pytest.mark.slow
async def test_it_is_locked_by_hand_and_when_nobody_is_here(tabs: Open) -> None:
    """After the time that was chosen; whoever does something, here or in another tab, puts it off."""
    visit = await tabs(route="#/settings")
    await guarded(visit)
    await visit.click("Lock now")
    assert guard(visit) == "locked"
    await entered(visit)
    await visit.choose("Lock after inactivity of", "5")
    await visit.wait(200)
    assert visit.keys.stirred, "other tabs hear that somebody is here"
    for heard in visit.keys.heard:
        heard("stir")
    await visit.wait(200)
    assert guard(visit) == "open"
    await visit.wait(120)
    assert guard(visit) == "locked"
    await entered(visit)
    await visit.choose("Lock after inactivity of", "0")
    await visit.wait(1_000)
    assert guard(visit) == "open"


async def test_a_batch_waits_for_it_and_goes_on(tabs: Open) -> None:
    """Nothing is called, nothing fails, nothing goes back to the queue; the page says what waits, with the field there."""
    visit = await tabs(route="#/settings")
    await guarded(visit)
    await visit.queue("one", "two")
    behave(visit, speed=6.0)
    await visit.go("#/queue")
    await visit.click("Submit 2")
    await visit.until(lambda: only(visit).remote is not None)
    await visit.send('{"action":{"type":"LockKeys"},"value":null,"extra":{}}')
    asked = len(visit.out.asked)
    await visit.wait(600)
    batch = only(visit)
    assert len(visit.out.asked) == asked
    assert (batch.problem, batch.tries) == (None, 0)
    await visit.go("#/batches")
    assert "Keys are locked. 1 batch waits for the passphrase." in visit.text
    await entered(visit)
    await visit.wait(120)
    assert only(visit).state == "done"
    assert "Keys are locked." not in visit.text


async def test_what_was_wanted_goes_on_after_unlocking(tabs: Open) -> None:
    """A submission with a locked key asks where it stands, and is made once."""
    visit = await tabs(route="#/settings")
    await guarded(visit)
    await visit.click("Lock now")
    await visit.queue("one")
    assert "The key for OpenAI is locked." in visit.text
    await visit.go("#/queue")
    await visit.click("Submit 1")
    assert "Then this continues: Submit 1." in visit.text
    await visit.type("Passphrase of your keys", SECRET, 0)
    await visit.click("Unlock", 0)
    assert only(visit).lane.profile == "openai"
    assert visit.notes == []


@pytest.mark.slow
async def test_it_is_changed_removed_and_forgotten(tabs: Open) -> None:
    """A new one takes its place; without one the keys stay; forgotten, the keys go with it."""
    visit = await tabs(route="#/settings")
    await guarded(visit)
    await visit.click("Change the passphrase")
    await visit.type("New passphrase", "battery staple")
    await visit.type("New passphrase again", "battery staple")
    await visit.click("Set the passphrase")
    again = await tabs(beside=visit, route="#/settings")
    await entered(again)
    assert "This is not the right passphrase." in again.text
    await entered(again, "battery staple")
    await again.click("Remove the passphrase")
    assert again.keys.sealed == {"openai": RIGHT_KEY}
    third = await tabs(beside=again, route="#/settings")
    assert await third.keys.get("openai") == RIGHT_KEY
    await third.type("New passphrase", SECRET)
    await third.type("New passphrase again", SECRET)
    await third.click("Set the passphrase")
    await third.click("Lock now")
    await third.click("Remove passphrase and keys")
    assert third.keys.sealed == {}
    assert third.has("API key")


async def test_a_key_that_is_entered_while_they_are_locked(tabs: Open) -> None:
    """It cannot be kept beside them unopened: that is said, and memory is offered. Removing a locked key needs no passphrase."""
    visit = await tabs(route="#/settings")
    await guarded(visit)
    await visit.click("Lock now")
    await visit.click("Remove the key …")
    await visit.click("Remove the key")
    await visit.type("API key", RIGHT_KEY)
    await visit.click("Save the key")
    assert "Enter it first, or keep this key in memory only." in visit.text
    await visit.check("Remember on this machine", False)
    await visit.click("Save the key")
    assert visit.keys.unsealed == {"openai": RIGHT_KEY}


@pytest.mark.slow
async def test_another_address_parts_a_locked_key(tabs: Open) -> None:
    """A key goes only where it was entered for, whether it can be read at the moment or not."""
    visit = await tabs(route="#/settings")
    await guarded(visit)
    await visit.click("Lock now")
    await visit.click("Edit", 0)
    await visit.type("Base URL", "https://elsewhere.example/v1")
    await visit.click("Save")
    assert "openai" not in visit.keys.sealed


async def test_a_workspace_is_not_exported_without_its_locked_keys(tabs: Open) -> None:
    """Who wants the keys in the file is told that they are locked."""
    visit = await tabs(route="#/settings")
    await guarded(visit)
    await visit.click("Lock now")
    await visit.check("With the API keys, encrypted", True)
    await visit.type("Passphrase", "a long passphrase")
    await visit.type("Passphrase again", "a long passphrase")
    await visit.click("Export")
    assert "Keys are locked" in visit.text
    assert not visit.page.saved


async def test_secrets_of_webhooks_are_under_it_too(tabs: Open) -> None:
    """The page says that one is locked and what waits for it; none can be saved meanwhile; forgotten, what that means is said."""
    visit = await tabs(route="#/programs")
    for host in ("https://a.example.org", "https://b.example.org"):
        await visit.type("Host", host)
        await visit.click("Allow this host")
    await visit.click("Make a secret", 0)
    await visit.go("#/settings")
    await guarded(visit)
    again = await tabs(beside=visit, route="#/programs")
    assert "secret locked" in again.text
    assert "results for signed webhooks wait for the passphrase" in again.text
    await again.click("Make a secret")
    assert any("Nothing was saved for https://b.example.org" in one for one in again.toasts)
    assert "This secret is shown once" not in again.text
    await entered(again)
    assert "secret locked" not in again.text
    await again.go("#/settings")
    await again.click("Lock now")
    await again.click("Remove passphrase and keys")
    assert any("results for webhooks are sent unsigned" in one for one in again.toasts)
    assert again.keys.sealed == {}


async def test_a_damaged_passphrase_says_so_and_has_a_way_on(tabs: Open) -> None:
    """Nothing but the keys goes."""
    visit = await tabs(route="#/settings")
    await guarded(visit)
    await visit.click("Lock now")
    visit.keys.unreadable = "What this browser keeps of the passphrase is damaged."
    await entered(visit)
    assert "What this browser keeps of the passphrase is damaged." in visit.text
    await visit.click("Remove passphrase and keys")
    assert visit.has("API key")
    assert guard(visit) == "none"
