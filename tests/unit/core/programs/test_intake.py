"""Messages that programs hand in: what is taken, and in which words the rest is refused."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.bodies import requests
from app.core.endpoints.table import FOR_PROGRAMS
from app.core.json import jsonread
from app.core.programs import intake
from app.core.programs.intake import Message, MessageRefusal
from app.core.programs.targets import RabbitQueue, Webhook, address_fault
from tests.unit.core.strategies import objects, texts, values

GIVEN = {"custom_id": "a", "url": "/v1/responses", "method": "POST", "body": {"model": "gpt-4o-mini", "input": "Hi"}}
HOOK = {"type": "webhook", "webhook_url": "https://example.com/hook?x=1"}


def read(**changes) -> Message | MessageRefusal:
    return intake.decode(json.dumps({**GIVEN, **changes}).encode())


def taken(**changes) -> Message:
    found = read(**changes)
    assert isinstance(found, Message)
    return found


def refused(**changes) -> MessageRefusal:
    found = read(**changes)
    assert isinstance(found, MessageRefusal)
    return found


@pytest.mark.parametrize("url", FOR_PROGRAMS)
def test_a_message_of_the_batch_manager_is_taken_as_it_is(url):
    """Every endpoint, both ways of delivery, exactly as peers.md has them."""
    assert taken(url=url, delivery_config=HOOK).delivery_config == Webhook("https://example.com/hook?x=1")
    queue = {"type": "rabbitmq", "rabbitmq_queue": "batch_results"}
    assert taken(url=url, delivery_config=queue).delivery_config == RabbitQueue("batch_results")


def test_a_message_may_name_no_place():
    """As an addition, the result can be asked for instead."""
    assert taken().delivery_config is None
    assert taken(delivery_config=None).delivery_config is None


@pytest.mark.slow
@given(texts.filter(str.strip), objects, st.sampled_from([None, HOOK]), st.sampled_from([None, 2, "\r\n  "]))
def test_a_line_holds_the_message_and_not_where_its_result_goes(id, body, config, indent):
    """However the message was written, one line comes of it, which says the same; ``delivery_config`` never leaves for the provider."""
    body = {**body, "model": "m"}
    data = json.dumps({**GIVEN, "custom_id": id, "body": body, "delivery_config": config}, indent=indent).encode()
    message = intake.decode(data)
    assert isinstance(message, Message)
    assert message.model == "m"
    line = message.line()
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert json.loads(line) == {"custom_id": id, "method": "POST", "url": "/v1/responses", "body": body}
    assert requests.decode(line).custom_id == id


@given(st.binary(max_size=200) | values.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_a_message_or_refused(data):
    """Whatever comes, there is an answer: bad messages of strangers must not stop the others."""
    assert isinstance(intake.decode(data), Message | MessageRefusal)
    assert isinstance(intake.custom_id_of(data), str)


@pytest.mark.slow
@given(st.dictionaries(st.sampled_from([*GIVEN, "delivery_config", "extra"]), values, max_size=6))
def test_any_value_in_any_place_is_a_message_or_refused(changes):
    """A refusal can be told to the sender as JSON, with a pointer that begins with a slash."""
    found = read(**changes)
    if isinstance(found, MessageRefusal):
        told = json.loads(msgspec.json.encode({"errors": [found.error()]}))["errors"][0]
        assert told["code"] in ("invalid_json", "invalid_request")
        assert told["title"]
        assert told["detail"].endswith(".")
        assert told.get("source", {"pointer": "/"})["pointer"].startswith("/")


@pytest.mark.parametrize(
    ("changes", "pointer", "word"),
    [
        ({"custom_id": 3}, "/custom_id", "text"),
        ({"custom_id": " "}, "/custom_id", "empty"),
        ({"custom_id": "x" * 513}, "/custom_id", "512"),
        ({"url": "/v1/images/edits"}, "/url", "/v1/images/edits"),
        ({"method": "GET"}, "/method", "GET"),
        ({"body": []}, "/body", "list"),
        ({"body": "{}"}, "/body", "text"),
        ({"body": {}}, "/body/model", "model"),
        ({"body": {"model": 3}}, "/body/model", "number"),
        ({"body": {"model": ""}}, "/body/model", "model"),
        ({"extra/~": 1}, "/extra~1~0", "a field"),
        ({"delivery_config": {}}, "/delivery_config/type", "has no"),
        ({"delivery_config": {"type": "mail"}}, "/delivery_config/type", "mail"),
        ({"delivery_config": {"type": "webhook"}}, "/delivery_config/webhook_url", "has no"),
        ({"delivery_config": {**HOOK, "more": 1}}, "/delivery_config/more", "a field"),
        ({"delivery_config": {"type": "rabbitmq", "rabbitmq_queue": ""}}, "/delivery_config/rabbitmq_queue", "1 to 255"),
        ({"delivery_config": {"type": "rabbitmq", "rabbitmq_queue": "é" * 128}}, "/delivery_config/rabbitmq_queue", "256"),
    ],
)
def test_a_wrong_shape_is_told_with_its_place(changes, pointer, word):
    """The sender reads which field is wrong and why."""
    found = refused(**changes)
    assert (found.code, found.pointer) == ("invalid_request", pointer)
    assert word in found.detail
    assert found.custom_id == ("a" if changes.get("custom_id", "a") == "a" else found.custom_id)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.com/x",
        "ftp://example.com",
        "https://",
        "https:///x",
        "https://user:word@example.com/",
        "https://key@example.com/",
        "https://example.com:0/",
        "https://example.com:99999/",
        "https://[::1/",
        "https://example.com/a b",
        "https://example.com/\n",
        "https://example.com\\@evil.test/",
        "javascript:alert(1)",
        "https://example.com/" + "x" * 2048,
    ],
)
def test_an_address_that_nobody_could_call_is_refused(url):
    """Before it is stored, and a password in it is never kept."""
    assert refused(delivery_config={"type": "webhook", "webhook_url": url}).pointer == "/delivery_config/webhook_url"


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9000/hook", "https://example.com", "https://[::1]:8443/a?b=c#d", "https://xn--bcher-kva.example/"]
)
def test_an_address_that_could_be_called_is_taken(url):
    """Whether a private address may be called is the settings' to say."""
    assert address_fault(url) == ""


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"\xef\xbb\xbf{}",
        b'{"custom_id": "\xff"}',
        b'{"body": ' + b"[" * 100_000,
        b'{"custom_id": NaN}',
    ],
)
def test_bad_json_is_refused_in_words(data):
    """No bytes from outside raise."""
    found = intake.decode(data)
    assert isinstance(found, MessageRefusal)
    assert found.code == "invalid_json"


@pytest.mark.parametrize("text", [r"\ud83d", r"\ud83dabc", r"\udc00 and more text", r"{\ud83d}"])
def test_half_a_character_is_refused_before_it_reaches_a_batch(text):
    """A provider would fail the whole batch for it."""
    found = intake.decode(json.dumps({**GIVEN, "body": {"model": "m", "input": "TEXT"}}).replace("TEXT", text).encode())
    assert isinstance(found, MessageRefusal)
    assert "half a character" in found.detail


def test_whole_characters_beyond_the_first_plane_are_taken():
    """Escaped or not, an emoji is no half of anything."""
    assert isinstance(read(body={"model": "m", "input": "😀"}), Message)
    assert isinstance(intake.decode(json.dumps({**GIVEN, "body": {"model": "m", "input": "😀"}}, ensure_ascii=False).encode()), Message)


def test_numbers_are_kept_as_they_were_written():
    """No digit is lost on the way to the provider."""
    data = b'{"custom_id":"a","url":"/v1/responses","method":"POST","body":{"model":"m",\n"n":12345678901234567890123.50}}'
    found = intake.decode(data)
    assert isinstance(found, Message)
    assert b"12345678901234567890123.50" in found.line()


def test_a_message_survives_its_way_to_the_page():
    """Encoded and read again it is the same."""
    found = taken(delivery_config=HOOK)
    again = intake.decode(msgspec.json.encode(found))
    assert isinstance(again, Message)
    assert (again.line(), again.delivery_config) == (found.line(), found.delivery_config)


def data(**changes: object) -> bytes:
    return json.dumps({**GIVEN, **changes}).encode()


parts = st.sampled_from([*"\\\\uUdD89eE+.-0a", "12", "1" * 299, "2" * 301])


@given(st.lists(parts, max_size=12).map("".join))
def test_what_no_reader_takes_is_found_in_any_body(text: str) -> None:
    """Whatever stands in a body is refused if and only if a full reading refuses it, as a text and as a number."""
    for value in (text, f'"{text}"'):
        body = f'{{"model":"m","x":{value}}}'.encode()
        found = intake.decode(b'{"custom_id":"a","url":"/v1/responses","method":"POST","body":%b}' % body)
        try:
            jsonread.value(body)
        except jsonread.Unreadable:
            assert isinstance(found, MessageRefusal)
        else:
            assert isinstance(found, Message)


def test_a_body_that_is_looked_into_is_judged_the_same() -> None:
    """Whoever takes the body with the message is told what everybody is told."""
    messages = [
        data(),
        data(custom_id=" "),
        data(body={"model": ""}),
        data(body={"model": 3}),
        data(body={}),
        data(body=[1]),
        data(body="x"),
        data(url="/v1/none"),
        b"{",
        b"\xff",
        data(body={"model": "m", "x": "LATER"}).replace(b"LATER", b"\\ud800"),
        data(body={"model": "m", "x": "LATER"}).replace(b'"LATER"', b"1e400"),
        data(body={"model": "m", "x": "LATER"}).replace(b'"LATER"', b"1" * 5_000),
        data(body={"model": "m", "x": "LATER"}).replace(b"LATER", b"\xff"),
        data(body={"model": "m", "x": "LATER"}).replace(b'"LATER"', b"[" * 300 + b"]" * 300),
    ]
    for one in messages:
        alone, both = intake.decode(one), intake.decode_with_body(one)
        if isinstance(alone, MessageRefusal):
            assert both == alone, one
        else:
            assert isinstance(both, tuple)
            assert both == (alone, msgspec.json.decode(alone.body)), one
