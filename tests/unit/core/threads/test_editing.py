"""Edits of a thread, and undo."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.model.threads import Image, Role, Thread, ThreadMessage
from app.core.threads import editing
from tests.unit.core.strategies import threads as any_thread


def thread_of(*roles: Role, **fields) -> Thread:
    messages = tuple(ThreadMessage(id=f"m{i}", role=role, text=f"{role} {i}") for i, role in enumerate(roles))
    return Thread(id="t-1", messages=messages, **fields)


def order(thread: Thread) -> str:
    return " ".join(one.id for one in thread.messages)


@pytest.mark.parametrize(
    ("roles", "role"),
    [((), "user"), (("system",), "user"), (("user",), "assistant"), (("user", "assistant"), "user"), (("developer",), "user")],
)
def test_a_new_message_speaks_in_turn(roles, role):
    """After the user speaks the assistant, else the user."""
    assert editing.add_message(thread_of(*roles), "new").messages[-1].role == role


def test_a_message_added_in_the_middle_follows_the_one_before_it():
    """The role follows from the place, not from the end."""
    thread = editing.add_message(thread_of("user", "assistant"), "new", at=1)
    assert order(thread) == "m0 new m1"
    assert thread.messages[1].role == "assistant"


def test_messages_move_and_stay_within_the_thread():
    """Up, down and to an index; beyond the ends nothing changes."""
    thread = thread_of("system", "user", "assistant")
    assert order(editing.move_up(thread, "m2")) == "m0 m2 m1"
    assert order(editing.move_down(thread, "m0")) == "m1 m0 m2"
    assert order(editing.move_to(thread, "m0", 99)) == "m1 m2 m0"
    assert editing.move_up(thread, "m0") == thread
    assert editing.move_down(thread, "m2") == thread


def test_a_copy_stands_right_behind():
    """Duplicating keeps text and images under a new id."""
    thread = editing.duplicate_message(thread_of("user", "assistant"), "m0", "copy")
    assert order(thread) == "m0 copy m1"
    assert thread.messages[1].text == "user 0"


@pytest.mark.slow
@given(any_thread, st.data())
def test_undo_restores_exactly(thread, data):
    """What was deleted comes back as it was, and a second undo changes nothing."""
    if not thread.messages:
        return
    message = data.draw(st.sampled_from(thread.messages))
    shorter, undo = editing.delete_message(thread, message.id)
    assert len(shorter.messages) == len(thread.messages) - 1
    assert undo is not None
    assert editing.undo(shorter, undo) == thread
    assert editing.undo(thread, undo) == thread
    for index in range(len(message.images)):
        fewer, undo = editing.remove_image(thread, message.id, index)
        assert undo is not None
        assert editing.undo(fewer, undo) == thread


@pytest.mark.parametrize(
    "edit",
    [
        lambda t: editing.set_text(t, "gone", "x"),
        lambda t: editing.set_role(t, "gone", "user"),
        lambda t: editing.move_to(t, "gone", 0),
        lambda t: editing.move_up(t, "gone"),
        lambda t: editing.duplicate_message(t, "gone", "copy"),
        lambda t: editing.delete_message(t, "gone")[0],
        lambda t: editing.add_image(t, "gone", Image("https://x.test/a.png")),
        lambda t: editing.remove_image(t, "m0", 0)[0],
    ],
)
def test_an_edit_of_what_is_gone_changes_nothing(edit):
    """A double click, or an edit that another overtook, leaves the thread as it is."""
    thread = thread_of("user", "assistant")
    assert edit(thread) == thread


def test_a_body_given_up_comes_back():
    """Clearing the raw body can be undone, but doesn't overwrite a newer one."""
    thread = editing.set_raw(thread_of("user"), '{"model": 1')
    form, undo = editing.clear_raw(thread)
    assert form.raw is None
    assert undo is not None
    assert editing.undo(form, undo) == thread
    assert editing.undo(editing.set_raw(form, "new"), undo).raw == "new"
    assert editing.clear_raw(form) == (form, None)


def test_options_are_set_by_name_as_typed():
    """A half-typed number is kept; unknown names and wrong kinds are refused."""
    thread = thread_of("user")
    assert editing.set_option(thread, "temperature", "0.").options.temperature == "0."
    assert editing.set_option(thread, "schema_on", True).options.schema_on is True
    for name, value in (("nonsense", "x"), ("schema_on", "yes"), ("temperature", True), ("__class__", "x")):
        with pytest.raises(ValueError, match="no option"):
            editing.set_option(thread, name, value)


def test_a_title_comes_from_name_or_first_user_message():
    """The name wins; then the first user message; then any; then «Untitled»."""
    thread = thread_of("system", "user")
    assert editing.title(thread) == "user 1"
    assert editing.title(editing.rename(thread, "  Mine ")) == "Mine"
    assert editing.title(thread_of("system")) == "system 0"
    assert editing.title(thread_of()) == "Untitled"
    long = editing.set_text(thread, "m1", "Write\na   long " + "word " * 40)
    assert editing.title(long).startswith("Write a long word")
    assert editing.title(long).endswith("…")


def test_search_wants_every_word_in_any_case():
    """Words may stand anywhere in name, model, messages or raw body."""
    thread = editing.set_raw(editing.rename(thread_of("user"), "STRASSE nach Rom"), "{}")
    assert editing.matches(thread, "straße USER")
    assert editing.matches(thread, " ")
    assert not editing.matches(thread, "rom paris")


def test_a_clock_that_went_backwards_makes_nothing_older():
    """The time of the last change never falls."""
    thread = thread_of("user", updated=100.0)
    assert editing.touch(thread, 50).updated == 100.0
    assert editing.touch(thread, 150).updated == 150.0


def test_a_duplicated_thread_is_a_new_one():
    """A copy has its own id and says that it is a copy."""
    copy = editing.duplicate(thread_of("user"), "t-2", 5.0)
    assert (copy.id, copy.name, copy.created) == ("t-2", "user 0 (copy)", 5.0)


def test_a_role_that_no_endpoint_knows_is_refused():
    """Only the four roles of the editor are set."""
    with pytest.raises(ValueError, match="no role"):
        editing.set_role(thread_of("user"), "m0", "tool")  # type: ignore[arg-type]
