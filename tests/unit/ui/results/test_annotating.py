"""Answers that are marked, rated, tagged, noted on and corrected: by a key each, beside the open one and on chosen rows."""

from __future__ import annotations

import pytest

from app.core.model.annotations import Annotation
from app.services.results.annotating import AnnotationChange
from app.ui.results.annotate_handlers import ROWS_UNDONE, undoable
from tests.kit.screen import Visit
from tests.unit.ui.results.test_table import cells, opened, press, settled, sort_by
from tests.unit.ui.submitting import only


async def peek(visit: Visit, *keys: str) -> None:
    """Press keys in the open request."""
    for key in keys:
        await visit.press(visit.dom.classed("peek")[0], key)
        await settled(visit)


async def at(visit: Visit, row: int, query: str = "") -> None:
    """Open a request of the batch."""
    batch = only(visit)
    await visit.go(f"#/results/batch/{batch.id}/at/{batch.id}/{row}{query}")
    await settled(visit)


def pressed(visit: Visit) -> list[str]:
    """What is chosen of the groups beside the open request."""
    (group,) = visit.dom.classed("annotate")
    return [one.text for one in group.of("button") if one.get("aria-pressed") == "true"]


@pytest.mark.slow
async def test_an_open_answer_is_judged_by_keys(visit: Visit) -> None:
    """A mark and a rating by a key each, again takes them away; columns for them come by themselves, sort, and are kept."""
    await opened(visit)
    await at(visit, 0)
    await peek(visit, "g", "4", "Alt+ArrowDown", "b", "2", "Alt+ArrowDown", "5", "5", "g", "g")
    assert pressed(visit) == []
    await peek(visit, "Escape")
    assert cells(visit, "Mark") == ["✓good", "✕bad", "", "", "", ""]
    assert cells(visit, "Rating") == ["4", "2", "", "", "", ""]
    await sort_by(visit, "rating")
    assert cells(visit, "Prompt")[:2] == ["two", "one"]
    await at(visit, 1)
    assert pressed(visit) == ["✕ Bad", "2"]


@pytest.mark.slow
async def test_unmarked_answers_are_gone_through_one_after_another(visit: Visit) -> None:
    """A marked one leaves the filter and stays open; the way on goes to the one that has taken its place."""
    await opened(visit)
    await at(visit, 0, "?f=mark.in.%21blank")
    await peek(visit, "g")
    assert "5 of 6 rows" in visit.text
    await peek(visit, "Alt+ArrowDown", "b", "Alt+ArrowDown")
    assert visit.page.route.split("?")[0].endswith("/2")
    assert "4 of 6 rows" in visit.text
    await peek(visit, "u")
    assert "5 of 6 rows" in visit.text
    await peek(visit, "Alt+ArrowUp")
    assert visit.page.route.split("?")[0].endswith("/1")


@pytest.mark.slow
async def test_tags_a_note_and_a_correction_are_typed(visit: Visit) -> None:
    """Each field is a key away and is left by Escape; the note and the correction are stored as they are typed."""
    await opened(visit)
    await at(visit, 1)
    await peek(visit, "t")
    await visit.type("Tags, separated by commas", "too long, formal")
    await visit.press(visit.field("Tags, separated by commas"), "Enter")
    assert visit.field("Tags, separated by commas").value == ""
    await visit.press(visit.field("Tags, separated by commas"), "Escape")
    await peek(visit, "n")
    await visit.type("Note", "beside the")
    await visit.type("Note", "beside the point")
    await visit.press(visit.field("Note"), "Escape")
    await peek(visit, "c")
    correction = visit.field("Correction: what the answer should have been")
    assert correction.value == visit.state.results.beside.request.answer.text  # type: ignore[union-attr]
    await visit.type("Correction: what the answer should have been", "2")
    await settled(visit)
    said = await visit.app.services.annotations().of(only(visit).id, 1)
    assert (said.tags, said.note, said.correction) == (("too long", "formal"), "beside the point", "2")
    await visit.click("Remove the tag formal")
    await visit.click("Remove the correction")
    await settled(visit)
    said = await visit.app.services.annotations().of(only(visit).id, 1)
    assert (said.tags, said.correction) == (("too long",), None)
    await peek(visit, "u", "u", "u", "u")
    said = await visit.app.services.annotations().of(only(visit).id, 1)
    assert (said.tags, said.note, said.correction) == (("too long", "formal"), "", None)


@pytest.mark.slow
async def test_chosen_rows_are_judged_together_and_it_is_taken_back(visit: Visit) -> None:
    """Marks, tags and a note go on all of them; what was done to many can be undone where it is said."""
    await opened(visit)
    await visit.check("Select row 1", True)
    await visit.check("Select row 3", True)
    await press(visit, "✕ Bad")
    await press(visit, "Tag")
    await visit.type("Tags, separated by commas", "spam")
    await visit.press(visit.field("Tags, separated by commas"), "Enter")
    await settled(visit)
    await press(visit, "Note")
    await visit.type("Note on all selected answers", "the same")
    await visit.press(visit.field("Note on all selected answers"), "Enter")
    await settled(visit)
    assert cells(visit, "Mark") == ["✕bad", "", "✕bad", "", "", ""]
    assert cells(visit, "Tags") == ["spam", "", "spam", "", "", ""]
    assert [(await visit.app.services.annotations().of(only(visit).id, row)).note for row in range(3)] == ["the same", "", "the same"]
    assert "2 answers annotated." in visit.toasts[-1]
    await press(visit, "Values of Tags")
    assert [one.text for one in visit.dom.of("button", "value")] == ["(blank)4", "spam2"]
    await visit.click("Undo", -1)  # of the last word that is said
    await settled(visit)
    assert (await visit.app.services.annotations().of(only(visit).id, 0)).note == ""
    assert cells(visit, "Mark") == ["✕bad", "", "✕bad", "", "", ""]


@pytest.mark.slow
async def test_the_row_that_the_keys_are_at_is_judged(visit: Visit) -> None:
    """Without opening it. Where there is none, it is said what to do."""
    await opened(visit)
    (window,) = visit.dom.of("div", "window")
    await visit.press(window, "g")
    assert "Open an answer" in visit.toasts[-1]
    for key in ("ArrowDown", "ArrowDown", "5"):
        await visit.press(visit.dom.of("div", "window")[0], key)
        await settled(visit)
    assert cells(visit, "Rating") == ["", "5", "", "", "", ""]


@pytest.mark.slow
async def test_another_tab_shows_what_was_said_here(visit: Visit) -> None:
    """In its table and beside its open request; both tabs' words on one answer stay."""
    await opened(visit)
    other = await visit.other_tab()
    await at(visit, 0)
    await at(other, 0)
    await peek(visit, "g")
    await other.until(lambda: pressed(other) == ["✓ Good"])
    await peek(other, "3")
    await visit.until(lambda: pressed(visit) == ["✓ Good", "3"])
    await settled(visit)
    assert cells(visit, "Rating")[0] == "3"


def test_what_can_be_taken_back_takes_no_memory_without_end() -> None:
    """Of each answer what was said before is kept: of many large changes only the newest ones, and the last one in any case."""

    def change(count: int) -> AnnotationChange:
        return AnnotationChange({"b-1:0": dict.fromkeys(range(count), (None, Annotation(mark="good")))})

    small, large, larger = change(1), change(ROWS_UNDONE), change(ROWS_UNDONE + 1)
    assert undoable([small] * 70) == [small] * 50
    assert undoable([small, large, small]) == [large, small]
    assert undoable([small, larger]) == [small, larger]
    assert undoable([larger, small]) == [small]
