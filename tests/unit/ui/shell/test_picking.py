"""Several prompts, tables or batches at once: selected in their list, and one way back for all that is done with them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from app.core.model.batches import Batch
from app.ports import Change, Conflict, Put, StorageFull, Table
from app.services.batches.delete_batch import Tidy
from tests.kit.screen import Visit
from tests.unit.ui.datasets.test_data import seen

TABLE = "id,text\n1,a\n2,b\n"


@pytest.fixture
async def prompts(visit: Visit) -> Visit:
    """Three prompts, and their list."""
    for words in ("one", "two", "three"):
        await visit.write(words)
    await visit.go("#/threads")
    await visit.wait(1)
    return visit


def starred(visit: Visit) -> int:
    return len(visit.state.preferences.starred)


async def batches(visit: Visit) -> None:
    """Two batches that ended."""
    for words in ("one", "two"):
        await visit.write(words)
        await visit.click("Submit now")
    await visit.wait(300)
    assert [one.state for one in visit.state.batches.all] == ["done", "done"]
    await visit.go("#/batches")


async def test_prompts_are_deleted_together_and_had_back(prompts: Visit) -> None:
    """Boxes stand in the list while it is asked for; the search narrows what All means, and Undo brings every one back."""
    await prompts.press(prompts.dom.by_id("main"), "x")
    await prompts.type("Search prompts", "three")
    await prompts.check("All", True)
    assert "1 prompt selected" in prompts.text
    await prompts.type("Search prompts", "")
    assert "checked" not in prompts.field("All").attributes
    await prompts.check("Select two", True)
    await prompts.click("Delete 2")
    assert prompts.toasts[-1] == "Deleted 2 prompts."
    assert not prompts.has("Done")
    assert len([one for one in prompts.state.threads.all if one.deleted]) == 2
    await prompts.click("Undo")
    assert not [one for one in prompts.state.threads.all if one.deleted]


async def test_favourites_together(prompts: Visit) -> None:
    """Those that are favourites already stay so when it is undone."""
    await prompts.click("Favourite: one")
    await prompts.click("Select")
    assert "disabled" in prompts.button("Add star").attributes
    await prompts.check("Select one", True)
    await prompts.check("Select two", True)
    await prompts.click("Add star")
    assert starred(prompts) == 2
    assert prompts.toasts[-1] == "1 prompt: favourites now."
    await prompts.click("Add star")
    assert prompts.toasts[-1] == "They are favourites already."
    await prompts.click("Undo")
    assert starred(prompts) == 1
    await prompts.click("Remove star")
    assert starred(prompts) == 0
    await prompts.go("#/data")
    await prompts.go("#/threads")
    assert prompts.has("Select")


async def test_tags_of_several_batches(visit: Visit) -> None:
    """Added to each and taken out of each; Undo gives each its own again."""
    await batches(visit)
    first, second = visit.state.batches.all
    await visit.click("Select")
    await visit.check("All", True)
    await visit.click("Tags …")
    await visit.type("Add", "blue, done")
    await visit.click("Save")
    assert [one.tags for one in visit.state.batches.all] == [("blue", "done")] * 2
    await visit.click("Tags …")
    assert visit.dialog is not None
    assert "They have: blue, done." in visit.dialog.text
    await visit.type("Add", "green")
    await visit.type("Remove", "blue, green")
    await visit.click("Save")
    assert [one.tags for one in visit.state.batches.all] == [("done", "green")] * 2
    await visit.click("Undo", -1)
    assert [one.tags for one in visit.state.batches.all] == [("blue", "done")] * 2
    assert {first.id, second.id} == {one.id for one in visit.state.batches.all}


async def test_a_batch_that_another_tab_keeps_writing_holds_up_no_other(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others have their tags, and Undo gives theirs back; how many have not is said."""
    await batches(visit)
    first, _second = visit.state.batches.all
    commit = visit.store.commit

    async def lost(changes: Sequence[Change]) -> None:
        if any(isinstance(one, Put) and one.id == first.id for one in changes):
            raise Conflict(Table.BATCHES, first.id, 1, 2)
        await commit(changes)

    monkeypatch.setattr(visit.store, "commit", lost)
    await visit.click("Select")
    await visit.check("All", True)
    await visit.click("Tags …")
    await visit.type("Add", "blue")
    await visit.click("Save")
    await visit.wait(2)
    assert sorted(one.tags for one in visit.state.batches.all) == [(), ("blue",)]
    assert visit.toasts[-1] == "Tags of 1 batch were changed."
    assert visit.dialog is not None
    assert "1 batch kept the old tags, because another tab was changing it. Save again." in visit.dialog.text
    await visit.click("Undo", -1)
    assert [one.tags for one in visit.state.batches.all] == [(), ()]
    monkeypatch.undo()
    await visit.click("Save")
    assert [one.tags for one in visit.state.batches.all] == [("blue",)] * 2
    assert visit.dialog is None


async def test_tags_that_cannot_be_stored_stay_in_their_dialog(visit: Visit) -> None:
    """It says why, and closes once they are stored; what was typed is there all the time."""
    await batches(visit)
    await visit.click("Select")
    await visit.check("All", True)
    await visit.click("Tags …")
    await visit.type("Add", "blue")
    visit.store.fail_next = StorageFull("no room")
    await visit.click("Save")
    assert visit.dialog is not None
    assert "The browser has no more space for this page." in visit.dialog.text
    assert visit.field("Add")["value"] == "blue"
    await visit.click("Save")
    assert visit.dialog is None
    assert [one.tags for one in visit.state.batches.all] == [("blue",)] * 2


async def test_what_became_of_tags_is_said_without_their_dialog(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    """Closed while they are being stored, it can no longer say that some were not."""
    await batches(visit)
    commit = visit.store.commit

    async def lost(changes: Sequence[Change]) -> None:
        if any(isinstance(one, Put) and one.table == Table.BATCHES for one in changes):
            raise Conflict(Table.BATCHES, "b", 1, 2)
        await commit(changes)

    monkeypatch.setattr(visit.store, "commit", lost)
    await visit.click("Select")
    await visit.check("All", True)
    await visit.click("Tags …")
    await visit.type("Add", "blue")
    visit.page.emit(visit.button("Save")["data-click"], "")
    visit.page.emit(visit.button("Cancel")["data-click"], "")
    await visit.wait(2)
    assert visit.dialog is None
    assert visit.toasts[-1] == "2 batches kept the old tags, because another tab was changing them."


async def test_several_batches_are_deleted_after_a_question(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    """It names how many go; one that another tab changed meanwhile stays and keeps no other."""
    await batches(visit)
    await visit.click("Select")
    await visit.check("All", True)
    await visit.click("Delete 2")
    assert visit.dialog is not None
    assert "Delete 2 batches from this browser?" in visit.dialog.text
    assert len(await visit.app.services.records.all(Batch)) == 2
    real, once = Tidy.forget, [1]

    async def forget(self: Tidy, *given: object) -> bool:
        if once:
            once.clear()
            raise Conflict("batches", "b", 1, 2)
        return await real(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(Tidy, "forget", forget)
    await visit.click("Delete 2 batches")
    assert len(await visit.app.services.records.all(Batch)) == 1
    assert visit.toasts[-1] == "1 batch was deleted from this browser. 1 changed meanwhile and stays."


async def test_several_batches_whose_deletion_breaks_off(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    """The question stays, says why, and is about those that are left; the list shows what is gone."""
    await batches(visit)
    await visit.click("Select")
    await visit.check("All", True)
    await visit.click("Delete 2")
    real, calls = Tidy.forget, [0]

    async def forget(self: Tidy, *given: object) -> bool:
        calls[0] += 1
        if calls[0] == 2:
            raise StorageFull("no room")
        return await real(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(Tidy, "forget", forget)
    await visit.click("Delete 2 batches")
    assert len(visit.state.batches.all) == 1
    assert visit.dialog is not None
    assert "Delete 1 batch from this browser?" in visit.dialog.text
    assert "not ended" not in visit.dialog.text
    assert "The browser has no more space for this page." in visit.dialog.text
    await visit.click("Delete 1 batch")
    assert visit.dialog is None
    assert visit.toasts[-1] == "1 batch was deleted from this browser."


async def test_tables_are_deleted_together_and_had_back(visit: Visit) -> None:
    """As prompts are."""
    for name in ("first", "second"):
        await visit.go("#/data")
        await visit.click("Paste rows")
        await visit.type("Rows", TABLE)
        await visit.click("Continue")
        await seen(visit)
        await visit.type("Name", name)
        await visit.click("Import")
        await seen(visit)
    await visit.go("#/data")
    await visit.click("Select")
    await visit.check("All", True)
    await visit.click("Delete 2")
    assert visit.toasts[-1] == "Deleted 2 tables."
    await visit.click("Undo")
    assert not [one for one in visit.state.data.all or () if one.deleted]


async def test_one_alone_is_not_selected(visit: Visit) -> None:
    """Where there are not several, nothing offers it."""
    await visit.write("one")
    await visit.go("#/threads")
    assert not visit.has("Select")
