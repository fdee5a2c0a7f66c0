"""A template over a table makes one request for a row: what the official SDK's types take, whatever the cells hold."""

from __future__ import annotations

import json
import time
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.bodies import bodybuild, requests
from app.core.bodies.bodychecker import BodyChecker
from app.core.datasets.table import Cell
from app.core.model.lanes import CHAT, COMPLETIONS, EMBEDDINGS, IMAGES, MODERATIONS, RESPONSES
from app.core.model.templates import PromptContent, PromptFile, PromptMessage, PromptPair
from app.core.model.threads import Image, Options, Thread, ThreadMessage
from app.core.templates import compiling, content
from app.core.templates.compiling import CellFault, UnknownColumn
from app.core.templates.lines import RequestMaker
from app.core.templates.skeleton import TemplateUnusable

COLUMNS = ("id", "text", "temp", "picture", "file")
ROW = ("r-1", 'He said "hé"\n', "0.5", "https://a.example/b.png", "file-1")
EMPTY = ("r-2", "", "", "", "")
MODELS = {
    CHAT: "gpt-4o-mini",
    RESPONSES: "gpt-4o-mini",
    EMBEDDINGS: "text-embedding-3-small",
    MODERATIONS: "omni-moderation-latest",
    COMPLETIONS: "gpt-3.5-turbo-instruct",
    IMAGES: "gpt-image-1",
}


def message(text: str = "Rate {{text}}", **more: Any) -> PromptMessage:
    return PromptMessage("m1", "user", text, **more)


def prompt(endpoint: str = CHAT, *messages: PromptMessage, **more: Any) -> PromptContent:
    fields = {"model": MODELS[endpoint]} | more.pop("fields", {})
    return PromptContent(endpoint, fields, messages or (message(),), **more)


def body(given: PromptContent, row: tuple[str, ...] = ROW, **more: Any) -> dict[str, Any]:
    made = RequestMaker(given, COLUMNS, **more).make(row, "d-1")
    found: dict[str, Any] = json.loads(made.body)
    return found


def test_a_line_is_a_request_of_a_batch_file():
    """Id, method, endpoint and body; the id of the row where the template has none."""
    made = RequestMaker(prompt(custom_id="x-{{id}}"), COLUMNS).make(ROW, "d-1")
    line = requests.decode(made.line)
    assert (line.custom_id, line.method, line.url, bytes(line.body)) == ("x-r-1", "POST", CHAT, made.body)
    assert made.line.endswith(b"}\n")
    assert made.line.count(b"\n") == 1
    assert RequestMaker(prompt(), COLUMNS, url="/chat/completions").make(ROW, 'd-"1"').custom_id == 'd-"1"'
    assert requests.decode(RequestMaker(prompt(), COLUMNS, url="/chat/completions").make(ROW, 'd-"1"').line).url == "/chat/completions"


@pytest.mark.parametrize("endpoint", [CHAT, RESPONSES])
def test_a_template_without_placeholders_is_the_thread_that_it_was_made_of(endpoint):
    """The same body as the thread's own form makes, roles, images and structured output included."""
    schema = '{"type": "object", "properties": {}, "required": [], "additionalProperties": false}'
    messages = (
        ThreadMessage("1", "system", "Be short."),
        ThreadMessage("2", "user", "What is this?", (Image("https://a.example/b.png", detail="low"), Image("https://a.example/c.png"))),
        ThreadMessage("3", "assistant", "A cat."),
        ThreadMessage("4", "user", "", (Image("https://a.example/b.png"),)),
        ThreadMessage("5", "user", "And {now}?"),
    )
    options = Options(endpoint, "gpt-5-mini", "400", "1", "low", "high", True, "answer", schema)
    thread = Thread(id="t", messages=messages, options=options)
    assert body(content.of_thread(thread)) == bodybuild.build(thread)


def test_cells_stand_in_messages_parameters_metadata_images_and_files():
    """Of chat completions; what a row does not have is left out."""
    given = prompt(
        CHAT,
        message(
            images=(Image("{{picture}}", detail="low"),),
            files=(PromptFile("{{file}}"), PromptFile("data:application/pdf;base64,QQ==", "{{id}}.pdf")),
        ),
        fields={"temperature": "{{temp}}", "max_output_tokens": "100", "stop": "{{text}}"},
        metadata=(PromptPair("row", "{{id}}"), PromptPair("temp", "{{temp}}"), PromptPair("kind", "test")),
    )
    parts: list[dict[str, Any]] = [
        {"type": "text", "text": 'Rate He said "hé"\n'},
        {"type": "image_url", "image_url": {"url": "https://a.example/b.png", "detail": "low"}},
        {"type": "file", "file": {"file_id": "file-1"}},
        {"type": "file", "file": {"filename": "r-1.pdf", "file_data": "data:application/pdf;base64,QQ=="}},
    ]
    full = body(given)
    assert full == {
        "model": "gpt-4o-mini",
        "messages": [{"role": "user", "content": parts}],
        "temperature": 0.5,
        "max_completion_tokens": 100,
        "stop": ['He said "hé"'],
        "metadata": {"row": "r-1", "temp": "0.5", "kind": "test"},
    }
    empty = body(given, EMPTY)
    assert empty["messages"][0]["content"] == [
        {"type": "text", "text": "Rate "},
        parts[3] | {"file": parts[3]["file"] | {"filename": "r-2.pdf"}},
    ]
    assert empty.keys() == {"model", "messages", "max_completion_tokens", "metadata"}
    assert empty["metadata"] == {"row": "r-2", "kind": "test"}
    assert BodyChecker(CHAT).check_value(full) == ()


def test_responses_have_nested_parameters_and_items():
    """A nested object all of whose parameters a row does not have is left out with them."""
    given = prompt(
        RESPONSES,
        message("{{text}}", images=(Image("{{picture}}"),), files=(PromptFile("https://a.example/{{id}}.pdf"),)),
        fields={"reasoning_effort": "{{temp | default('low')}}", "verbosity": "{{temp}}", "instructions": "{{id}}"},
        schema_on=True,
        schema_text='{"type": "object"}',
    )
    made = body(given)
    assert made["input"][0]["content"] == [
        {"type": "input_text", "text": 'He said "hé"\n'},
        {"type": "input_image", "image_url": "https://a.example/b.png", "detail": "auto"},
        {"type": "input_file", "file_url": "https://a.example/r-1.pdf"},
    ]
    assert made["reasoning"] == {"effort": "0.5"}
    assert made["text"]["verbosity"] == "0.5"
    assert made["text"]["format"]["name"] == "answer"
    assert body(given, EMPTY)["reasoning"] == {"effort": "low"}
    bare = prompt(RESPONSES, fields={"reasoning_effort": "{{temp}}"})
    assert "reasoning" not in body(bare, EMPTY)


@pytest.mark.parametrize(
    ("endpoint", "more", "expected"),
    [
        (EMBEDDINGS, {"inputs": ("{{text}}",), "fields": {"dimensions": "256"}}, {"dimensions": 256, "input": ROW[1]}),
        (EMBEDDINGS, {"inputs": ("{{text}}", "{{id}}")}, {"input": [ROW[1], "r-1"]}),
        (EMBEDDINGS, {"inputs": ("{{text}}",), "rows_per_request": 3}, {"input": [ROW[1]]}),
        (MODERATIONS, {"inputs": ("{{text}}",)}, {"input": ROW[1]}),
        (
            COMPLETIONS,
            {"inputs": ("{{id}} is",), "fields": {"max_tokens": "5", "echo": "Yes"}},
            {"max_tokens": 5, "echo": True, "prompt": "r-1 is"},
        ),
        (IMAGES, {"inputs": ("A {{id}}",), "fields": {"size": "auto", "n": "2"}}, {"size": "auto", "n": 2, "prompt": "A r-1"}),
    ],
)
def test_endpoints_without_messages(endpoint, more, expected):
    """Inputs and prompts, and parameters by each endpoint's form; all of it passes the check."""
    made = body(prompt(endpoint, **more))
    assert made == {"model": MODELS[endpoint]} | expected
    assert BodyChecker(endpoint).check_value(made) == ()


def test_rows_share_a_request_for_embeddings():
    """Each row gives every input; the id and the parameters are the first row's."""
    given = prompt(EMBEDDINGS, inputs=("{{id}}", "{{text}}"), rows_per_request=2, custom_id="g-{{id}}")
    maker = RequestMaker(given, COLUMNS)
    made = maker.make((ROW, ("r-3", "x", "", "", "")), "d-1", several=True)
    assert maker.rows_per_request == 2
    assert (made.custom_id, json.loads(made.body)["input"]) == ("g-r-1", ["r-1", ROW[1], "r-3", "x"])
    assert RequestMaker(prompt(CHAT, rows_per_request=5), COLUMNS).rows_per_request == 1


def test_files_of_a_dataset_are_put_in_by_whoever_has_them():
    """In images and files alike; their names stay."""
    given = prompt(CHAT, message("", images=(Image("{{picture}}"),), files=(PromptFile("{{file}}", "a.pdf"),)))
    row = ("r", "", "", "dataset:d:file:1", "dataset:d:file:2")
    made = body(given, row, resolve=lambda source: f"data:x;base64,{source[-1]}")
    image, file = made["messages"][0]["content"]
    assert image["image_url"]["url"] == "data:x;base64,1"
    assert file["file"] == {"filename": "a.pdf", "file_data": "data:x;base64,2"}


def test_a_body_typed_by_hand():
    """Its own model and endpoint; the form is not looked at."""
    given = prompt(CHAT, message("{{nowhere}}"), raw='{"model": "m", "messages": [{"role": "user", "content": "{{text}}"}], "n": {{temp}}}')
    assert body(given) == {"model": "m", "messages": [{"role": "user", "content": ROW[1]}], "n": 0.5}


@pytest.mark.parametrize(
    ("changes", "row", "kind", "words"),
    [
        ({"fields": {"temperature": "{{text}}"}}, ROW, "not_a_value", "Temperature takes a number, not “He said"),
        ({"fields": {"n": "{{temp}}"}}, ROW, "not_a_value", "takes a whole number, not “0.5”"),
        ({"fields": {"logprobs": "{{temp}}"}}, ROW, "not_a_value", "true or false"),
        ({"fields": {"tools": "{{text}}"}}, ROW, "not_a_value", "Tools isn't JSON"),
        ({"custom_id": "{{temp}}"}, EMPTY, "no_id", "The custom_id of this row is empty"),
        ({"custom_id": "{{id}}"}, ("x" * 513, "", "", "", ""), "no_id", "has 513 characters; at most 512"),
        ({}, ("r", "\ud800", "", "", ""), "surrogate", "half a character"),
        ({"fields": {"stop": "{{text}}"}, "custom_id": "a"}, ("r", "\ud800", "", "", ""), "surrogate", "half a character"),
        ({}, ("r",), "ragged", "fewer cells"),
    ],
)
def test_what_a_row_brings_is_a_fault_of_that_row(changes, row, kind, words):
    """With a sentence; other rows are made all the same."""
    maker = RequestMaker(prompt(CHAT, **changes), COLUMNS)
    with pytest.raises(CellFault, match=words) as fault:
        maker.make(row, "d-1")
    assert fault.value.kind == kind
    assert fault.value.remedy
    good = ("r", "1" if "temperature" in str(changes) else "[]", "" if kind == "not_a_value" else "x", "", "")
    assert maker.make(good, "d-2").line


def test_a_body_that_is_too_large_is_refused():
    """Also one that is made of several cells, each of which has room."""
    with pytest.raises(CellFault, match="body of"):
        RequestMaker(prompt(CHAT, message("{{text}}"), message("{{text}}")), COLUMNS, most=1_000).make(("r", "x" * 600, "", "", ""), "d")


def test_a_template_with_faults_makes_nothing():
    """Whoever makes requests asks for the findings first."""
    for wrong in (prompt(CHAT, message("{{")), prompt(CHAT, fields={"temperature": "warm"}), prompt(CHAT, schema_on=True)):
        with pytest.raises(TemplateUnusable):
            RequestMaker(wrong, COLUMNS)
    with pytest.raises(UnknownColumn):
        RequestMaker(prompt(CHAT, message("{{nowhere}}")), COLUMNS)
    with pytest.raises(TemplateUnusable):
        RequestMaker(PromptContent("/v1/videos"), COLUMNS)


@pytest.mark.slow
@given(st.lists(st.text(max_size=30).filter(lambda text: text.isprintable()), min_size=5, max_size=5), st.sampled_from([CHAT, RESPONSES]))
def test_no_cell_can_change_the_shape_of_a_body(cells, endpoint):
    """Every text of the body is made of literals and cells, and it has no more and no fewer of them."""
    given = prompt(endpoint, PromptMessage("s", "system", "{{id}}"), message("{{text}}|{{temp}}"), metadata=(PromptPair("a", "x{{file}}"),))
    made = body(given, tuple(cells))
    messages = made["messages" if endpoint == CHAT else "input"]
    assert [one["content"] for one in messages] == [cells[0], f"{cells[1]}|{cells[2]}"]
    assert made["metadata"] == {"a": "x" + cells[4]}
    assert made.keys() == {"model", "messages" if endpoint == CHAT else "input", "metadata"}


def test_rows_of_datasets_become_texts():
    """Numbers, truth values, null and JSON as they were written; what a row lacks is empty."""
    row: list[Cell] = ["00123", 7, 1.5, True, None, msgspec.Raw(b'{"a":1.10}')]
    assert compiling.cells(row, 7) == ["00123", "7", "1.5", "true", "", '{"a":1.10}', ""]
    plain = ("a", "b")
    assert compiling.cells(plain, 2) is plain


@pytest.mark.slow
def test_fifty_thousand_requests_are_made_in_less_than_a_second_of_work():
    """0.2 s of the processor's time; here with room for a busy machine."""
    given = prompt(
        CHAT,
        PromptMessage("s", "system", "You classify reviews. Answer in JSON."),
        message("Title: {{id}}\nReview: {{text}}\nRating {{temp}} from {{picture}}"),
        fields={"max_output_tokens": "200"},
        metadata=(PromptPair("row", "{{id}}"),),
    )
    rows = [(f"r{n}", "review " * 150, "4", "DE", "") for n in range(50_000)]
    maker = RequestMaker(given, COLUMNS)
    began = time.process_time()
    size = sum(len(maker.make(row, "").line) for row in rows)
    assert time.process_time() - began < 1.5
    assert size > 60_000_000
