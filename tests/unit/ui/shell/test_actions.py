"""What the page may say: typed actions as JSON."""

from __future__ import annotations

import importlib
import json
import re
from types import UnionType
from typing import Any, Union, get_args, get_origin

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.core.queue.auto_submit import ORIGINS, Origin
from app.ui.base.actions_base import Action, decode, encode, kinds
from app.ui.shell.composition import LATER, registry
from tests.unit.ui.conftest import Open

texts = st.text(st.characters() | st.characters(categories=["Cs"]) | st.sampled_from('\\"u{}<>&'), max_size=30)


def message(action: str, value: object = None) -> str:
    """What static/js/events.mjs hands over: the action as it stood in the attribute, the value as ``JSON.stringify`` writes it."""
    return f'{{"action":{action},"value":{json.dumps(value)},"extra":{{}}}}'


PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    int: st.integers(-(2**53), 2**53),
    float: st.floats(allow_nan=False, allow_infinity=False),
    str: st.text(max_size=20),
    bool: st.booleans(),
    type(None): st.none(),
    Origin: st.sampled_from(ORIGINS),
}


def of(kind: Any) -> st.SearchStrategy[Any]:
    """Values of a field: of a plain type, a union, or a Literal."""
    if kind in PLAIN:
        return PLAIN[kind]
    return (
        st.one_of([of(one) for one in get_args(kind)])
        if isinstance(kind, UnionType) or get_origin(kind) is Union
        else st.sampled_from(get_args(kind))
    )


@st.composite
def made(draw: st.DrawFn) -> Action:
    kind = draw(st.sampled_from(kinds()))
    return kind(*(draw(of(field.type)) for field in msgspec.structs.fields(kind)))


def test_every_action_has_a_handler() -> None:
    """Nothing that a view can offer leads nowhere, and no handler is out of reach."""
    assert set(kinds()) == set(registry().actions)


@pytest.mark.parametrize("path", LATER)
def test_handlers_that_are_imported_later_are_there(path: str) -> None:
    """The module has a handler for each action that it is registered for, and for no other."""
    assert set(importlib.import_module(path).HANDLERS) == set(LATER[path])


@pytest.mark.slow
@given(made())
def test_round_trip(action: Action) -> None:
    """An action comes back from the page's attribute as it was."""
    assert decode(message(encode(action))).action == action


@pytest.mark.slow
@given(texts)
@example("\ud83d")
@example("\\ud83d and \ud83d")
@example("\ud83d\\ude00")
@example("\ude00\ud83d")
@example("😀\ude00😀")
def test_values_survive(text: str) -> None:
    """A typed text arrives as typed; only halves of a character become U+FFFD."""
    whole = re.sub("[\ud800-\udfff]", "\ufffd", json.loads(json.dumps(text)))
    assert decode(message('{"type":"EditRaw"}', text)).text == whole


@given(st.sampled_from([True, False, None, 3, 2.5, ["a"], {"a": 1}]))
def test_other_values_are_no_text(value: object) -> None:
    """A value of another kind is handed on, and reads as no text."""
    event = decode(message('{"type":"EditRaw"}', value))
    assert event.value == value
    assert event.text == ""


MALFORMED = [
    "",
    "null",
    "{}",
    "[]",
    "nonsense",
    '{"action":null}',
    '{"action":{}}',
    '{"action":{"type":"Nothing"}}',
    '{"action":{"type":"Undo"}}',
    '{"action":{"type":"Undo","toast":"1"}}',
    '{"action":{"type":"EditMessage","id":null}}',
    '{"action":{"type":"MoveMessage","id":"m","by":"x"}}',
    '{"action":{"type":"Enqueue"},"extra":3}',
    '{"action":"\\ud800"}',
    '{"action":{"type":"Enqueue"},"value":',
    '{"action":{"type":"Enqueue"},"value":"\ud800"}',
    '{"notice"',
    '{"notice":3}',
    '{"notice":"route","value":',
]


@pytest.mark.slow
@pytest.mark.parametrize("text", MALFORMED)
async def test_malformed_messages(tabs: Open, text: str) -> None:
    """What is no action of ours is refused with a problem in the page, and changes nothing."""
    visit = await tabs()
    await visit.queue("Hello")
    before = visit.store.snapshot()
    await visit.send(text)
    assert visit.notes == ["internal:event"]
    assert visit.store.snapshot() == before
    await visit.click("Dismiss", 0)
    assert visit.notes == []


async def test_unknown_notices_are_ignored(tabs: Open) -> None:
    """A notice that this version does not know does nothing."""
    visit = await tabs()
    html = visit.page.html
    await visit.send('{"notice":"news","value":1}')
    assert visit.page.html == html


ODD: list[tuple[str, object]] = [
    ('{"type":"UseProfile","id":"nobody"}', None),
    ('{"type":"OpenProfile","id":"nobody"}', None),
    ('{"type":"RemoveProfile","id":"nobody"}', None),
    ('{"type":"RemoveProfile","id":"practice"}', None),
    ('{"type":"ChooseProfile"}', "nobody"),
    ('{"type":"TestKey","profile":"nobody"}', None),
    ('{"type":"SaveKey","profile":"nobody"}', None),
    ('{"type":"ToggleTrap","trap":"nobody"}', True),
    ('{"type":"SetSpeed"}', "fast"),
    ('{"type":"SetTheme","theme":"pink"}', None),
    ('{"type":"SetRole","id":"nobody"}', "user"),
    ('{"type":"SetOption","name":"nobody"}', "x"),
    ('{"type":"SetOption","name":"model"}', True),
    ('{"type":"MoveMessage","id":"nobody","by":1}', None),
    ('{"type":"DeleteMessage","id":"nobody"}', None),
    ('{"type":"DeleteThread","id":"nobody"}', None),
    ('{"type":"DuplicateThread","id":"nobody"}', None),
    ('{"type":"RestoreThread","id":"nobody"}', None),
    ('{"type":"RemoveImage","id":"nobody","index":3}', None),
    ('{"type":"AddImageFile","id":"nobody"}', {"name": 3}),
    ('{"type":"AddImageFile","id":"nobody"}', [3]),
    ('{"type":"OpenRequest","lane":"practice|/v1/chat/completions|m","id":"nobody"}', None),
    ('{"type":"OpenRequest","lane":"nonsense","id":"nobody"}', None),
    ('{"type":"DeleteRequest","lane":"practice|/v1/chat/completions|m","id":"nobody"}', None),
    ('{"type":"ScrollLane","lane":"nobody"}', None),
    ('{"type":"SelectLane","lane":"nobody"}', True),
    ('{"type":"Submit","lane":"nobody|/v1/chat/completions|m"}', None),
    ('{"type":"CancelBatch","id":"nobody"}', None),
    ('{"type":"AskCancel","id":"nobody"}', None),
    ('{"type":"TryNow","id":"nobody"}', None),
    ('{"type":"Requeue","id":"nobody"}', None),
    ('{"type":"Download","id":"nobody","which":"input"}', None),
    ('{"type":"OpenAnswer","row":7}', None),
    ('{"type":"StepAnswer","by":1}', None),
    ('{"type":"ShowOutcomes","which":"nobody"}', None),
    ('{"type":"SaveRequest"}', None),
    ('{"type":"SaveProfile"}', None),
    ('{"type":"ApplyPaste"}', None),
    ('{"type":"Tidy","where":"nobody"}', None),
    ('{"type":"CopyText","what":"nobody"}', None),
    ('{"type":"Undo","toast":99}', None),
    ('{"type":"DismissNotice","code":"nobody"}', None),
]


@pytest.mark.slow
@pytest.mark.parametrize(("action", "value"), ODD)
async def test_stale_actions(tabs: Open, action: str, value: object) -> None:
    """A well-formed action about something that is not there leaves the page usable and what is stored as it was."""
    visit = await tabs()
    await visit.queue("Hello")
    before = visit.store.snapshot()
    visit.page.emit(action, value)
    await visit.rest()
    assert visit.store.snapshot() == before
    if visit.dialog is not None:
        await visit.escape()
    await visit.go("#/threads")
    assert "1 conversation" in visit.text
