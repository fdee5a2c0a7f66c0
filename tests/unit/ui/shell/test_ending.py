"""What is deleted permanently is named before, with the export that would keep it; what can be undone is undone."""

from __future__ import annotations

from app.core.programs.message import IntakeCounters, RejectedMessage
from app.core.threads import editing
from app.ports import StorageFull
from app.services.programs.intake import KEPT
from app.ui.base.actions_base import encode
from app.ui.base.provider_state import KeyState
from app.ui.programs.actions import ForgetTurned
from tests.kit.screen import Visit


async def test_what_goes_is_named_and_an_export_is_offered(visit: Visit) -> None:
    """The names of some, how many there are, and what stays; the focus is on the way back."""
    for n in range(7):
        await visit.write(f"Number {n}")
    await visit.go("#/threads")
    for _ in range(7):
        await visit.click("Delete prompt", 0)
    await visit.click("Delete permanently …")
    dialog = visit.dialog
    assert dialog is not None
    assert "Delete 7 prompts permanently?" in dialog.text
    assert [one.text for one in dialog.of("li")] == [editing.title(one) for one in visit.state.threads.all][:5]
    assert "and 2 more" in dialog.text
    assert visit.button("Keep").get("data-autofocus") is not None
    await visit.click("Export the workspace first")
    await visit.rest()
    assert visit.page.saved
    await visit.click("Keep")
    assert len([one for one in visit.state.threads.all if one.deleted]) == 7


async def test_what_another_tab_restored_is_not_asked_about(visit: Visit) -> None:
    """The question is about what is there when it is answered."""
    await visit.write("Here")
    await visit.go("#/threads")
    await visit.click("Delete prompt", 0)
    await visit.click("Delete permanently …")
    (one,) = [each for each in visit.state.threads.all if each.deleted]
    visit.state.threads.all = [each for each in visit.state.threads.all if each is not one]
    visit.app.draw()
    assert "Nothing is left to delete" in visit.text
    assert not visit.has("Delete permanently")


async def test_a_question_stays_until_its_answer_is_stored(visit: Visit) -> None:
    """Where that fails, the reason is in the dialog, in front of what it hides; pressed twice, it is done once."""
    await visit.write("Here")
    await visit.go("#/threads")
    await visit.click("Delete prompt", 0)
    await visit.click("Delete permanently …")
    visit.store.fail_next = StorageFull("no room")
    await visit.click("Delete permanently")
    assert visit.dialog is not None
    assert "The browser has no more space for this page." in visit.dialog.text
    await visit.click("Dismiss", 0)
    assert visit.dialog is not None
    assert "no more space" not in visit.dialog.text
    pressed = visit.button("Delete permanently")["data-click"]
    visit.page.emit(pressed, "")
    visit.page.emit(pressed, "")
    await visit.rest()
    assert visit.dialog is None
    assert len([one for one in visit.toasts if one.startswith("Deleted permanently")]) == 1


async def test_what_fails_beside_a_dialog_is_not_said_in_the_next(visit: Visit) -> None:
    """A failure is said in the dialog that was open when it came, and above the view when that is closed."""
    await visit.write("Here")
    await visit.go("#/threads")
    await visit.click("Delete prompt", 0)
    await visit.click("Delete permanently …")
    visit.store.fail_next = StorageFull("no room")
    await visit.click("Delete permanently")
    await visit.click("Keep")
    assert "no more space" in visit.text
    await visit.click("Delete permanently …")
    assert visit.dialog is not None
    assert "no more space" not in visit.dialog.text


async def test_refused_messages_that_were_forgotten_are_had_back(visit: Visit) -> None:
    """Before those that were refused since; as many as are kept at all."""
    turned = tuple(RejectedMessage(at=float(n + 1), source="http", code="not_json", detail="It is no JSON.") for n in range(KEPT))
    await visit.app.services.records.change(IntakeCounters(id="programs"), lambda _: IntakeCounters(id="programs", rejected=turned))
    visit.app.receive(f'{{"action":{encode(ForgetTurned())},"value":null,"extra":{{}}}}')
    await visit.rest()
    assert not (await visit.app.services.records.all(IntakeCounters))[0].value.rejected
    await visit.click("Undo")
    await visit.rest()
    assert (await visit.app.services.records.all(IntakeCounters))[0].value.rejected == turned


async def test_a_key_is_asked_about_before_it_goes(visit: Visit) -> None:
    """It may be shown nowhere else; one that another tab removed meanwhile is not asked about any more."""
    await visit.go("#/settings")
    visit.state.provider.keys = {"openai": KeyState(present=True, masked="sk-…cdef")}
    visit.app.draw()
    await visit.click("Remove the key …")
    assert "Remove the API key of OpenAI?" in visit.text
    assert visit.button("Keep").get("data-autofocus") is not None
    visit.state.provider.keys = {}
    visit.app.draw()
    assert "Nothing is left to remove" in visit.text
    assert not visit.has("Remove the key")
