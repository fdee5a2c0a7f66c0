"""What is at the provider: looked at, chosen, deleted; and how long it keeps what it has."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from app.core.bodies import requests
from app.core.model.batches import Batch
from app.core.model.lanes import Lane
from app.core.openai.wire import BytesBlob
from app.practice.traps import Call, Rule, Scenario, Trap
from app.ui.account.actions import ChooseFile, ChooseFiles
from app.ui.base.actions_base import Event
from tests.kit.screen import Visit


async def finished(visit: Visit, *texts: str) -> None:
    """Batches at OpenAI that have ended, one for each text."""
    if visit.state.preferences.profile != "openai":
        await visit.use_openai()
    for text in texts or ("one",):
        await visit.queue(text)
        await visit.go("#/queue")
        await visit.click("Submit 1")
        await visit.wait(60)


def files(visit: Visit) -> list[str]:
    """What the files in sight are."""
    return [one.of("span", "pill")[0].text[1:] for one in visit.dom.classed("file-line") if one.get("id")]


@pytest.mark.slow
async def test_everything_is_listed_with_what_it_is(visit: Visit) -> None:
    """Inputs and answers of batches that ended here; nothing of them is chosen beforehand."""
    await finished(visit, "one", "two")
    await visit.go("#/batches/account")
    assert files(visit) == ["results saved"] * 4
    assert "4 files" in visit.text
    assert "2 batches" in visit.text
    assert not visit.has("Delete 4 files")


@pytest.mark.slow
async def test_deletion_asks_first_and_says_how_it_went(visit: Visit) -> None:
    """With number and size; keeping them is the way out; afterwards the list is without them and the answers are still here."""
    await finished(visit)
    await visit.go("#/batches/account")
    await visit.click("Choose 2 with results saved")
    (button,) = [one for one in visit.dom.of("button") if one.text.startswith("Delete 2 files (")]
    await visit.emit(button, "click")
    assert "can't be undone" in visit.reach.text
    await visit.click("Keep them")
    assert len(files(visit)) == 2
    await visit.emit(button, "click")
    await visit.click("Delete 2 files")
    assert visit.toasts == ["2 files deleted at the provider."]
    assert "No files" in visit.text
    await visit.go(f"#/batches/{visit.state.batches.all[0].id}")
    assert visit.state.batch.total == 1


@pytest.mark.slow
async def test_a_running_batch_cannot_be_hurt(visit: Visit) -> None:
    """Its file is listed as being in use, and its box does nothing."""
    visit.out.brain.set_scenario(Scenario(speed=1_000.0))
    await finished(visit)
    await visit.go("#/batches/account")
    assert files(visit) == ["in use"]
    (box,) = [one for one in visit.dom.of("input") if one.get("type") == "checkbox"]
    assert "disabled" in box.attributes
    visit.app.dispatch(Event(ChooseFile(visit.state.account.files[0].file.id), True))
    visit.app.dispatch(Event(ChooseFiles("needed")))
    assert visit.state.account.chosen == set()


async def test_what_is_left_over_is_chosen_beforehand(visit: Visit) -> None:
    """An upload whose batch was refused: its requests are in the queue again, the file is of no use."""
    await visit.use_openai()
    await visit.queue("one")
    await visit.go("#/queue")
    visit.out.brain.set_scenario(Scenario(speed=0, traps=(Rule(Trap.FORBIDDEN_403, Call.CREATE, 99),)))
    await visit.click("Submit 1")
    await visit.wait(60)
    await visit.go("#/batches/account")
    assert files(visit) == ["orphaned"]
    assert len(visit.state.account.chosen) == 1


@pytest.mark.slow
async def test_a_provider_that_refuses_is_said(visit: Visit) -> None:
    """Nothing is listed, nothing can be chosen, and it can be tried again."""
    await finished(visit)
    visit.out.fault = "broken"
    await visit.go("#/batches/account")
    assert visit.notes == ["broken"]
    visit.out.fault = None
    await visit.click("Try again")
    assert visit.notes == []
    assert len(files(visit)) == 2


@pytest.mark.slow
async def test_another_provider_can_be_looked_at(visit: Visit) -> None:
    """Practice has an account of its own."""
    await finished(visit)
    await visit.go("#/batches/account")
    await visit.choose("Provider", "practice")
    assert "No files" in visit.text


@pytest.mark.slow
async def test_the_batch_says_how_long_its_answers_are_kept_there(visit: Visit) -> None:
    """They are stored here, so that nothing depends on it."""
    await finished(visit)
    await visit.go(f"#/batches/{visit.state.batches.all[0].id}")
    assert "The provider keeps the answers until" in visit.text
    assert "they are stored here" in visit.text


@pytest.mark.slow
async def test_answers_that_are_not_here_have_a_deadline(visit: Visit) -> None:
    """Where the provider says none, that is not stated as a fact: how long others keep them."""
    visit.out.brain.set_scenario(Scenario(speed=0, traps=(Rule(Trap.SERVER_500, Call.DOWNLOAD, 10_000),)))
    await finished(visit)
    assert visit.state.batches.all[0].state == "downloading"
    await visit.go(f"#/batches/{visit.state.batches.all[0].id}")
    assert "it keeps the answers; OpenAI keeps them for 30 days. They should be downloaded before" in visit.text


@pytest.mark.slow
async def test_files_are_deleted_by_themselves_when_chosen(visit: Visit) -> None:
    """A setting of the provider, off at first; the batch then says that its files are gone there."""
    await visit.use_openai()
    await visit.go("#/settings")
    name = "Delete a batch's files there once its answers are stored here"
    await visit.check(name, True)
    await finished(visit)
    await visit.wait(120)
    await visit.go(f"#/batches/{visit.state.batches.all[0].id}")
    assert "were deleted at the provider" in visit.text
    assert len(visit.state.batches.all[0].remote_cleanup.gone) == 2
    await visit.go("#/settings")
    await visit.check(name, False)
    assert visit.state.provider.profiles["openai"].clear == 0.0


@pytest.mark.slow
async def test_a_batch_made_elsewhere_is_brought_here(visit: Visit) -> None:
    """It stands among the batches of the account, comes here with its requests, and then says that it is here."""
    await finished(visit)
    await made_elsewhere(visit)
    await visit.go("#/batches/account")
    await visit.click("Remote batches")
    rows = [one.text for one in visit.dom.classed("remote-line") if one.get("id")]
    assert len(rows) == 2
    assert [one.endswith("is here") for one in rows] == [False, True]
    await visit.click("Import batch Theirs")
    assert visit.page.route.startswith("#/batches/b-x")
    await visit.wait(120)
    assert "Created elsewhere" in visit.text
    batch = next(one for one in visit.state.batches.all if one.adopted)
    assert (batch.name, batch.state, batch.tally.answered) == ("Theirs", "done", 1)
    await visit.go("#/batches/account")
    await visit.click("Remote batches")
    assert not visit.has("Import batch Theirs")


async def made_elsewhere(visit: Visit) -> None:
    """A batch that somebody makes with the same key."""
    provider = await visit.app.services.profiles.provider("openai")
    batch = Batch(id="b-theirs", name="Theirs", lane=Lane("openai", "/v1/chat/completions", "gpt-4o-mini"))
    line = requests.line("theirs", batch.lane.endpoint, {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hello"}]})
    file = await provider.upload(batch, BytesBlob(line), lambda _sent, _total: None)
    await provider.create(replace(batch, input_file_id=file.id))
