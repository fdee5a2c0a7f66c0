"""The one reader of JSON: what is too deep is known before a decoder sees it, and nothing in the program reads JSON past it."""

import ast
import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.core.json import jsonread
from app.core.json.jsonread import Unreadable, WrongShape

APP = Path(jsonread.__file__).parents[2]
READER = APP / "core/json/jsonread.py"
DECODES = {
    "msgspec.json.decode",
    "msgspec.json.Decoder",
    "msgspec.json.format",
    "msgspec.msgpack.decode",
    "msgspec.msgpack.Decoder",
    "json.loads",
    "json.load",
    "json.JSONDecoder",
}
KNOWN = {("app/core/batches/ledger.py", "msgspec.msgpack.decode")}
"""Strictly typed: it skips nothing (test_ledger.py holds that)."""


class Small(msgspec.Struct):
    """A struct that knows one of its fields and keeps another as it came."""

    x: int = 0
    raw: msgspec.Raw = msgspec.Raw(b"null")


def naive(text: str) -> int:
    """The depth of a JSON text, counted by hand a character at a time."""
    level = deepest = 0
    inside = escaped = False
    for char in text:
        if inside:
            if escaped:
                escaped = False
            elif char == "\\":
                escaped = True
            elif char == '"':
                inside = False
        elif char == '"':
            inside = True
        elif char in "[{":
            level += 1
            deepest = max(deepest, level)
        elif char in "]}":
            level -= 1
    return deepest


def nested(depth: int) -> st.SearchStrategy[object]:
    """Values up to about this deep, whose texts are full of brackets, quotes and backslashes."""
    names = st.text('[{"\\', max_size=3)
    leaves = st.none() | st.integers() | st.text(alphabet='[]{}"\\,:a😀', max_size=12)
    return st.recursive(leaves, lambda one: st.lists(one, max_size=3) | st.dictionaries(names, one, max_size=3), max_leaves=depth)


@given(nested(12), st.integers(0, 8), st.sampled_from([7, 64, 1 << 18]))
@example(["\\", ["\\\\\\", [['"']]]], 3, 7)
def test_the_depth_is_exact(value, limit, window):
    """Brackets within strings do not count, wherever the text is cut into windows, and all others do."""
    text = json.dumps(value, ensure_ascii=False)
    before, jsonread._WINDOW = jsonread._WINDOW, window
    try:
        assert jsonread.deeper_than(text.encode(), limit) is (naive(text) > limit)
        assert jsonread.deeper_than(text, limit) is (naive(text) > limit)
    finally:
        jsonread._WINDOW = before


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}"), ('{"a":[', "]}")])
@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize("times", [3_000, 100_000])
def test_what_is_too_deep_is_refused_before_it_is_decoded(opening, closing, closed, times):
    """Whole or cut off, with a type or without, as text or bytes: one error with a sentence, at a depth that no decoder survives."""
    text = opening * times + ("1" + closing * times) * closed
    for read in (
        jsonread.value,
        jsonread.lenient,
        jsonread.one_line,
        lambda data: jsonread.typed(data, Small),
        lambda data: jsonread.typed(b'{"unknown": ' + data, Small),
        lambda data: jsonread.typed(b'{"raw": ' + data, Small),
        lambda data: jsonread.loads(data.decode()),
        lambda data: jsonread.value(data.decode()),
        lambda data: jsonread.value(msgspec.Raw(data)),
        lambda data: jsonread.value(memoryview(data)),
    ):
        with pytest.raises(Unreadable) as caught:
            read(text.encode())
        assert caught.value.kind == "too_deep"
        assert caught.value.sentence == "This JSON cannot be read: it is nested more than 200 levels deep."


def test_what_is_deep_enough_is_read():
    """200 levels are read, 201 are not; what Nightshift laid around a value has room of its own."""
    assert jsonread.value(b"[" * 200 + b"]" * 200)
    with pytest.raises(Unreadable):
        jsonread.value(b"[" * 201 + b"]" * 201)
    assert jsonread.value(b"[" * 201 + b"]" * 201, depth=jsonread.OWN_DEPTH)


def test_brackets_in_texts_and_beside_each_other_are_no_depth():
    """A looping model's answer is a string however many brackets it holds, and a long list is not deep."""
    assert jsonread.value(json.dumps({"text": "[" * 100_000})) == {"text": "[" * 100_000}
    assert len(jsonread.value(b"[" + b"{}," * 9_999 + b"{}]")) == 10_000


@pytest.mark.parametrize(
    ("data", "kind", "words"),
    [
        (b"", "not_json", "This is not JSON: "),
        (b"<html>", "not_json", "This is not JSON: "),
        (b'{"a": 1', "not_json", "This is not JSON: "),
        (b"[NaN]", "not_json", "This is not JSON: "),
        (b'"\\ud800"', "not_json", "This is not JSON: "),
        (b'"\xff"', "not_utf8", "This is not UTF-8 text: "),
        (b"[1e400]", "number", "A number in this JSON is out of range: "),
        (b"[" + b"1" * 4_301 + b"]", "number", "A number in this JSON is out of range: "),
        ('"\ud800"', "not_utf8", "This is not UTF-8 text: "),
    ],
)
def test_every_refusal_is_one_error_with_its_kind(data, kind, words):
    """No JSON, no UTF-8, numbers beyond a double: told apart, and said."""
    with pytest.raises(Unreadable) as caught:
        jsonread.value(data)
    assert caught.value.kind == kind
    assert caught.value.sentence.startswith(words)


def test_a_wrong_shape_keeps_the_path():
    """Who asks for a type hears from msgspec where the shape is wrong, and may catch either error."""
    with pytest.raises(msgspec.ValidationError, match=r"Expected `int`, got `str` - at `\$\.x`") as caught:
        jsonread.typed(b'{"x": "1"}', Small)
    assert isinstance(caught.value, WrongShape)
    assert caught.value.kind == "shape"


def test_what_is_too_large_is_not_decoded():
    """A text above the limit is refused by its size alone."""
    with pytest.raises(Unreadable) as caught:
        jsonread.value(b"[" + b"1," * 1_000_000 + b"1]", limit=1_000_000)
    assert caught.value.kind == "too_large"
    assert "more than 1 MB" in caught.value.sentence


def test_other_writers_json_is_read_leniently():
    """A BOM, half characters, NaN and numbers beyond a double are read where leniency was asked for; digits beyond counting are not."""
    assert jsonread.lenient(b'\xef\xbb\xbf{"a": 1e400, "b": "\\ud800"}') == {"a": float("inf"), "b": "\ud800"}
    assert jsonread.lenient(b'"\xff"') == "\ufffd"
    with pytest.raises(Unreadable) as caught:
        jsonread.lenient(b"1" * 4_301)
    assert caught.value.kind == "number"


@pytest.mark.slow
def test_many_brackets_are_counted_to_the_last():
    """Sixteen megabytes of lists beside each other are not deep, until one more opens in each of them at the very end."""
    data = b"[" * 199 + b"[]," * 5_000_000
    assert not jsonread.deeper_than(data, 200)
    assert jsonread.deeper_than(data + b"[[", 200)


def decodes(path: Path) -> set[str]:
    """The decoders of JSON and msgpack that a module names, whatever it imports them as."""
    text = path.read_text()
    if not any(library in text for library in ("json", "msgspec", "msgpack")):
        return set()
    tree = ast.parse(text)
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {one.asname or one.name.split(".")[0]: one.name if one.asname else one.name.split(".")[0] for one in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name):
            head, dot, rest = ast.unparse(node).partition(".")
            found.add(names.get(head, head) + dot + rest)
    return found & DECODES


@pytest.mark.slow
def test_nothing_else_in_the_program_decodes_json():
    """Every decoder is behind the reader: a decode that does not know the depth kills the page for good."""
    found = {(path.relative_to(APP.parent).as_posix(), name) for path in APP.rglob("*.py") if path != READER for name in decodes(path)}
    assert found == KNOWN
    assert decodes(READER) == {"msgspec.json.decode", "msgspec.json.Decoder", "msgspec.json.format", "json.loads"}


def test_a_decoder_is_seen_by_any_name(tmp_path):
    """The look at the tree is not fooled by how a module imports what it uses."""
    module = tmp_path / "module.py"
    module.write_text("import json as j\nfrom msgspec import json\nfrom json import loads as read\njson.decode(j.load(read('')))\n")
    assert decodes(module) == {"json.load", "json.loads", "msgspec.json.decode"}
