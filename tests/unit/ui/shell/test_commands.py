"""What is known of actions in one place, and what is made of it: buttons, keys, the sheet of shortcuts, the palette."""

from __future__ import annotations

import json

import pytest

from app.core.model.threads import Thread
from app.core.model.views import SavedView
from app.ui.base.actions_base import Action, command_of, kinds
from app.ui.base.commands import SCOPES, Command, Shortcut
from app.ui.base.context import TwoShortcuts
from app.ui.base.drawing import render
from app.ui.base.parts import command, keys_of
from app.ui.base.state import Route, State
from app.ui.batches.dialogs import LabelDialog
from app.ui.queue.actions import Submit, SubmitAll
from app.ui.shell.actions import ADDRESSES
from app.ui.shell.composition import registry
from app.ui.shell.dialogs import PaletteDialog, ShortcutsDialog
from app.ui.shell.palette_handlers import ready
from app.ui.shell.palette_here import HERE
from app.ui.shell.palette_search import LISTED, LOOKED_THROUGH, named
from app.ui.threads.actions import MoveMessage, NewThread, OpenPaste
from tests.kit.screen import Element, Visit, check, parse
from tests.states.drawn import everything, nothing

KNOWN = [kind for kind in kinds() if kind.command is not None]


async def opened(visit: Visit, keys: str = "Ctrl+k") -> None:
    await visit.press(visit.dom.by_id("main"), keys)


def options(visit: Visit) -> list[str]:
    return [one.of("span")[0].text for one in visit.dom.by_id("palette-list").of("li")]


def found(visit: Visit) -> list[tuple[str, str]]:
    """What is listed that is no command: its name and its kind."""
    listed = [[each.text for each in one.of("span")] for one in visit.dom.by_id("palette-list").of("li")]
    return [(one[0], one[1]) for one in listed if len(one) == 2]


def marked(visit: Visit) -> str:
    """What the combobox says is marked, which is what the list says too."""
    (one,) = [each for each in visit.dom.by_id("palette-list").of("li") if each["aria-selected"] == "true"]
    assert visit.dom.by_id("palette-words")["aria-activedescendant"] == one["id"]
    assert "data-in-sight" in one.attributes
    return one.of("span")[0].text


# --- the registry


def test_two_actions_with_one_shortcut_in_one_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """The program does not start; in another place the same keys are nobody else's."""
    monkeypatch.setattr(NewThread, "command", Command("New prompt", shortcuts=(Shortcut("?", "message"),)))
    registry()
    monkeypatch.setattr(NewThread, "command", Command("New prompt", shortcuts=(Shortcut("?", "page"),)))
    with pytest.raises(TwoShortcuts, match=r"\? \(page\): OpenShortcuts, NewThread"):
        registry()


def test_the_registry_knows_every_command() -> None:
    """Each action that says something of itself is there, and each place of a shortcut has words."""
    made = registry()
    assert made.commands == {kind: kind.command for kind in KNOWN}
    assert {scope for scope, _ in made.shortcuts} == set(SCOPES)


def test_an_action_without_a_command_has_no_button() -> None:
    """A view that would draw one is told so at once."""

    class_of = next(kind for kind in kinds() if kind.command is None and not kind.__struct_fields__)
    with pytest.raises(LookupError, match=class_of.__name__):
        command(nothing(), class_of())


def test_what_the_palette_offers_can_be_made_and_named() -> None:
    """Every offer is a whole action whose name says what it does without a view around it, and no two have the same name."""
    offered = ready(registry())
    state = everything("word", "queue")
    names = [command_of(one).name(state, one) for one in offered]
    assert len(names) == len(set(names)) > 20
    assert all(names)
    assert {type(one) for one in offered} <= set(KNOWN)


@pytest.mark.parametrize("view", [*ADDRESSES])
def test_may_it_run_is_pure(view: str) -> None:
    """Asking changes nothing, and the same state gives the same answer."""
    state = everything("word")
    state.route = Route(view)  # type: ignore[arg-type]  # one of the views
    for one in ready(registry()):
        first = command_of(one).refusal(state, one)
        assert first == command_of(one).refusal(state, one)
        assert first is None or first.endswith(".")


# --- buttons and keys


def _button(state: State, action: Action) -> Element:
    (one,) = parse(render(command(state, action))).of("button")
    return one


def test_a_button_says_why_it_cannot_be_pressed() -> None:
    """Disabled with the reason; under way it turns."""
    state = nothing()
    state.route = Route("queue")
    one = _button(state, SubmitAll())
    assert (one.text, one["title"], one.get("disabled")) == ("Submit all", "The queue is empty.", "")
    state = everything("word", "queue")
    lane = state.queue.lanes[0].lane.key
    assert (_button(state, SubmitAll()).text, _button(state, SubmitAll()).get("disabled")) == ("Submit all 2", None)
    assert _button(state, Submit(lane)).text == "Submit 2"
    assert _button(state, Submit(lane, selected=True)).text == "Submit 1 selected"
    state.busy.add("submit")
    assert (_button(state, SubmitAll())["aria-busy"], _button(state, SubmitAll()).get("disabled")) == ("true", "")


def test_keys_come_from_the_command() -> None:
    """The keys of an element are those that the commands of its actions name, for these very actions."""
    assert json.loads(keys_of(MoveMessage("m", -1), MoveMessage("m", 1))) == {
        "Alt+ArrowUp": {"type": "MoveMessage", "id": "m", "by": -1},
        "Alt+ArrowDown": {"type": "MoveMessage", "id": "m", "by": 1},
    }
    assert keys_of(OpenPaste()) == "{}"


def test_a_button_says_its_keys() -> None:
    """To who points at it and to who hears it; where it may not be pressed it says why instead."""
    state = everything("word", "queue")
    state.busy.clear()
    one = _button(state, SubmitAll())
    assert (one["title"], one["aria-keyshortcuts"]) == ("Ctrl/⌘+Enter", "Control+Enter")
    assert _button(nothing(), NewThread())["aria-keyshortcuts"] == "P"
    state.queue.lanes = []
    one = _button(state, SubmitAll())
    assert (one["title"], one.get("aria-keyshortcuts")) == ("The queue is empty.", None)


# --- the sheet


async def test_the_sheet_lists_every_shortcut(visit: Visit) -> None:
    """By where it counts; it opens over every view, and not over a dialog."""
    await opened(visit, "?")
    assert isinstance(visit.state.dialog, ShortcutsDialog)
    check(visit.page.html)
    assert visit.dialog is not None
    for words in ("Everywhere", "Move the message up", "Alt+↑", "Ctrl/⌘+K", "Save the limit", "Esc", "Previous request"):
        assert words in visit.dialog.text, words
    shortcuts = [one for kind in KNOWN if kind.command for one in kind.command.shortcuts]
    assert len(visit.dialog.of("kbd")) == len(shortcuts)
    with pytest.raises(AssertionError, match="does nothing"):
        await opened(visit, "Ctrl+k")
    await visit.send('{"action":{"type":"OpenPalette"},"value":null,"extra":{}}')
    assert isinstance(visit.state.dialog, ShortcutsDialog)
    await visit.escape()
    assert visit.dialog is None


# --- keys that count wherever the focus is


def page_keys(visit: Visit) -> dict[str, dict[str, object]]:
    """What they do now."""
    found: dict[str, dict[str, object]] = json.loads(visit.dom.by_id("main")["data-page-key"])
    return found


async def test_a_key_of_the_page_counts_where_it_does_something(visit: Visit) -> None:
    """One combination is another action in another view, and nothing where that action may not run."""
    assert page_keys(visit)["Ctrl+Enter"] == {"type": "Enqueue"}
    assert page_keys(visit)["Shift+q"] == {"type": "GoTo", "view": "queue"}
    assert not {"Shift+c", "d", "r"} & page_keys(visit).keys()  # the composer is open, and no answers
    await visit.press(visit.dom.by_id("main"), "Shift+q")
    assert visit.state.route.view == "queue"
    assert "Ctrl+Enter" not in page_keys(visit)  # nothing waits
    await visit.queue("Hello")
    await visit.go("#/queue")
    assert page_keys(visit)["Ctrl+Enter"] == {"type": "SubmitAll"}


async def test_single_keys_can_be_turned_off(visit: Visit) -> None:
    """For who speaks to the computer, or lends the keys a cat: those with Ctrl stay, and the sheet has the way back."""
    await opened(visit, "?")
    await visit.click("Turn single-key shortcuts off")
    await visit.escape()
    assert page_keys(visit).keys() == {"Ctrl+k", "Ctrl+Enter", "Ctrl+Shift+Enter"}
    assert not (await visit.app.services.profiles.preferences()).letter_keys
    await opened(visit)
    await visit.type("Command", "single-key")
    assert options(visit) == ["Turn single-key shortcuts on"]
    await visit.press(visit.dom.by_id("palette-words"), "Enter")
    assert {"?", "p", "Shift+q"} <= page_keys(visit).keys()


async def test_a_fault_has_the_focus(visit: Visit) -> None:
    """What cannot be queued says where: the first field at fault is gone to. Whoever adds by the keys then has the text before them."""
    main = visit.dom.by_id("main")
    assert main.get("data-focus") is None
    await visit.press(main, "p")
    text = visit.field("Text of message 1")
    assert visit.dom.by_id("main")["data-focus"] == f"{text['id']} 1"
    await visit.type("Text of message 1", "Why?")
    await visit.type("Model", "")
    await visit.press(text, "Ctrl+Enter")
    assert visit.dom.by_id("main")["data-focus"] == "o-model 2"
    await visit.type("Model", "gpt-4o-mini")
    await visit.press(visit.field("Model"), "Ctrl+Enter")
    assert visit.dom.by_id("main")["data-focus"] == f"{text['id']} 3"
    await visit.click("Add to queue")
    assert visit.dom.by_id("main")["data-focus"] == f"{text['id']} 3", "who presses the button stays there"


# --- the palette


async def test_the_palette_finds_and_runs(visit: Visit) -> None:
    """Typed words leave the commands whose names have all of them; Enter runs the marked one and closes the palette."""
    await opened(visit)
    check(visit.page.html)
    field = visit.dom.by_id("palette-words")
    assert (field["role"], field["aria-controls"]) == ("combobox", visit.dom.by_id("palette-list")["id"])
    assert marked(visit) == options(visit)[0] == "Go to Home"  # the composer is open already
    await visit.type("Command", "to QUEUE")
    assert options(visit)[0] == marked(visit) == "Go to Queue"
    await visit.press(visit.dom.by_id("palette-words"), "Enter")
    assert visit.dialog is None
    assert visit.state.route.view == "queue"


async def test_only_what_may_run_is_listed(visit: Visit) -> None:
    """Nothing waits, so nothing is submitted; with a request in the queue it is offered there, and only there."""
    await visit.go("#/queue")
    await opened(visit)
    assert not any(one.startswith("Submit") for one in options(visit))
    await visit.escape()
    await visit.queue("Hello")
    await opened(visit)
    assert "Add the open prompt to the queue" in options(visit)
    assert not any(one.startswith("Submit all") for one in options(visit))
    await visit.escape()
    await visit.go("#/queue")
    await opened(visit)
    assert "Submit all 1" in options(visit)


async def test_arrows_mark_another_command(visit: Visit) -> None:
    """Down and up, from the last to the first and back."""
    await opened(visit)
    field = visit.dom.by_id("palette-words")
    names = options(visit)
    await visit.press(field, "ArrowDown")
    assert marked(visit) == names[1]
    await visit.press(field, "ArrowUp")
    await visit.press(field, "ArrowUp")
    assert marked(visit) == names[-1]
    await visit.press(field, "ArrowDown")
    assert marked(visit) == names[0]


async def test_nothing_fits(visit: Visit) -> None:
    """It is said, Enter does nothing, and the palette stays for other words."""
    await opened(visit)
    await visit.type("Command", "no such thing")
    assert options(visit) == []
    assert "No command that can be run now" in visit.text
    await visit.press(visit.dom.by_id("palette-words"), "ArrowDown")
    await visit.press(visit.dom.by_id("palette-words"), "Enter")
    assert isinstance(visit.state.dialog, PaletteDialog)
    await visit.press(visit.dom.by_id("palette-words"), "Ctrl+k")
    assert visit.dialog is None


async def test_the_palette_opens_what_has_a_name(visit: Visit) -> None:
    """Prompts, batches and kept views by their names, a batch by its id, and the search of all answers; commands come first."""
    await visit.app.services.records.save(SavedView(id="v-1", name="Invoices, worst first", address="s=-cost", at=1.0))
    await visit.write("Say hello")
    await visit.type("Prompt name", "Invoices of May")
    await opened(visit)
    await visit.type("Command", "invoices")
    assert found(visit) == [("Invoices of May", "Prompt"), ("Invoices, worst first", "View of answers")]
    await visit.escape()
    await visit.click("Submit now")
    (batch,) = visit.state.batches.all
    await visit.go("#/threads")
    await opened(visit)
    await visit.type("Command", "MAY invoices")
    check(visit.page.html)
    assert marked(visit) == "Invoices of May"
    assert found(visit) == [
        ("Invoices of May", "Prompt"),
        ("Invoices of May", "Batch"),
        ("Search prompts and answers for “MAY invoices”", "Search"),
    ]
    await visit.press(visit.dom.by_id("palette-words"), "ArrowDown")
    await visit.press(visit.dom.by_id("palette-words"), "Enter")
    assert (visit.dialog, visit.state.route) == (None, Route("batch", batch.id))
    await opened(visit)
    await visit.type("Command", batch.id)
    assert [kind for _, kind in found(visit)] == ["Batch", "Request", "Search"]
    await visit.press(visit.dom.by_id("palette-words"), "ArrowDown")
    await visit.press(visit.dom.by_id("palette-words"), "Enter")
    assert visit.state.route == Route("results", query=f"f=id.in.={batch.id}")


async def test_the_buttons_of_the_view_are_commands(visit: Visit) -> None:
    """Under the words that stand there, while they may be pressed; what stands there once for each row needs the row."""
    await visit.queue("one", "two")
    await visit.go("#/queue")
    await opened(visit)
    here = [name for name, kind in found(visit) if kind == HERE]
    assert "Submit 2" in here
    assert not {"Delete request", "Edit", "Submit all 2"} & {*here}
    await visit.escape()
    await visit.check("Select request 1", on=True)
    await opened(visit)
    await visit.type("Command", "delete 1")
    assert found(visit)[0] == ("Delete 1", HERE)
    await visit.press(visit.dom.by_id("palette-words"), "Enter")
    assert visit.toasts[-1] == "Deleted 1 request from the queue."
    await visit.click("Submit 1")
    await visit.wait(300)
    await opened(visit)
    await visit.type("Command", "name and")
    assert found(visit)[0] == ("Name and tags", HERE)
    await visit.press(visit.dom.by_id("palette-words"), "Enter")
    assert isinstance(visit.state.dialog, LabelDialog)


async def test_a_button_that_may_no_longer_be_pressed(visit: Visit) -> None:
    """It was there when the list was opened; now it says why it does nothing."""
    await visit.queue("one")
    await visit.go("#/queue")
    await opened(visit)
    await visit.type("Command", "submit 1")
    (place,) = [one for one in visit.dom.by_id("palette-list").of("li") if one.of("span")[0].text == "Submit 1"]
    visit.state.queue.lanes = []
    await visit.emit(place, "click")
    assert visit.state.batches.all == []
    assert visit.toasts[-1] == "Submit 1: Nothing is queued here."


def test_the_search_of_names_is_bounded() -> None:
    """Whatever is stored: of each kind the newest are looked through, and few are listed."""
    state = everything("word")
    state.threads.all = [Thread(id=f"t-{n}", name=f"Prompt {n}") for n in range(LOOKED_THROUGH + 10)]
    assert len([one for one in named(state, "prompt", (), ()) if one.kind == "Prompt"]) == LISTED
    assert not [one for one in named(state, f"prompt {LOOKED_THROUGH + 5}", (), ()) if one.kind == "Prompt"]
    assert named(state, " ", (), ()) == ()


async def test_a_command_that_may_no_longer_run(visit: Visit) -> None:
    """What is marked stays marked while things change: no other command is run in its place, and why it is not is said."""
    await visit.queue("Hello")
    await visit.go("#/queue")
    await opened(visit)
    await visit.type("Command", "submit all")
    assert marked(visit) == "Submit all 1"
    visit.state.queue.lanes = []
    await visit.press(visit.dom.by_id("palette-words"), "Enter")
    assert visit.state.batches.all == []
    assert visit.toasts[-1] == "Submit all: The queue is empty."


async def test_a_click_runs_too(visit: Visit) -> None:
    """Each command of the list, by its place; one that is out of the list does nothing."""
    await opened(visit)
    (dark,) = [one for one in visit.dom.by_id("palette-list").of("li") if one.text == "Colours: dark"]
    await visit.emit(dark, "click")
    assert visit.state.preferences.theme == "dark"
    await opened(visit)
    assert "Colours: dark" not in options(visit)
    await visit.send(json.dumps({"action": {"type": "RunCommand", "place": 999}, "value": None, "extra": {}}))
    assert isinstance(visit.state.dialog, PaletteDialog)


async def test_closed_and_opened_again_before_anything_was_drawn(visit: Visit) -> None:
    """The browser has closed the dialog by itself: what is drawn is another one, or it would stay closed."""
    await opened(visit)
    html = visit.page.html
    await visit.wait(0.25)
    for action in ("CloseDialog", "OpenPalette"):
        visit.page.emit(f'{{"type":"{action}"}}')
    await visit.rest()
    assert isinstance(visit.state.dialog, PaletteDialog)
    assert visit.page.html != html


async def test_stale_palette_events(visit: Visit) -> None:
    """Without a palette its events do nothing."""
    for action in ("TypePalette", "RunCommand", "ClosePalette"):
        await visit.send(f'{{"action":{{"type":"{action}"}},"value":"x","extra":{{}}}}')
    await visit.send('{"action":{"type":"StepPalette","by":1},"value":"x","extra":{}}')
    await visit.send('{"action":{"type":"GoTo","view":"nowhere"},"value":"","extra":{}}')
    assert (visit.dialog, visit.notes, visit.state.route.view) == (None, [], "compose")
