"""Estimated tokens, and inputs of embeddings."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.bodies import requests, tokens
from app.core.bodies.requests import LineRun

CHAT, RESPONSES, EMBEDDINGS = "/v1/chat/completions", "/v1/responses", "/v1/embeddings"
PNG = "data:image/png;base64," + base64.b64encode(bytes(30_000)).decode()


def chat(*parts, model="gpt-4.1"):
    return requests.line("r1", CHAT, {"model": model, "messages": [{"role": "user", "content": list(parts)}]})


def shown(url):
    return {"type": "image_url", "image_url": {"url": url}}


def said(text):
    return {"type": "text", "text": text}


def run_of(*lines):
    return next(requests.make_segments((f"r{n}", line) for n, line in enumerate(lines)))


def test_a_plain_line_has_a_token_for_four_bytes():
    """OpenAI's rule of thumb, on bytes."""
    line = chat(said("x" * 4_000))
    assert tokens.of_line(line) == len(line) // 4
    assert tokens.by_line([len(line)], line) == ()


def test_an_image_counts_a_flat_amount_instead_of_its_bytes():
    """Its base64 text is no prompt: 40 kB of it would count as 10,000 tokens."""
    plain, pictured = chat(said("What is it?"), shown("")), chat(said("What is it?"), shown(PNG))
    assert tokens.of_line(pictured) == (len(plain) - 2) // 4 + tokens.IMAGE
    two = chat(shown(PNG), shown(PNG))
    assert 2 * tokens.IMAGE < tokens.of_line(two) < 2 * tokens.IMAGE + 100


def test_an_image_by_its_address_counts_as_well():
    """The provider fetches it; the line holds its address only."""
    line = chat(shown("https://example.org/large.png"))
    assert tokens.of_line(line) == len(line) // 4 + tokens.IMAGE


def test_the_other_endpoint_names_images_in_the_same_way():
    """``input_image`` has its address under ``image_url``."""
    content = [{"type": "input_image", "image_url": PNG}]
    line = requests.line("r1", RESPONSES, {"model": "gpt-5", "input": [{"role": "user", "content": content}]})
    assert tokens.IMAGE < tokens.of_line(line) < tokens.IMAGE + 100


def test_gpt_4o_mini_counts_far_more_for_an_image():
    """2,833 tokens and 5,667 for each of 8 tiles at most."""
    assert tokens.of_line(chat(shown(PNG), model="gpt-4o-mini-2024-07-18")) > 48_169
    assert tokens.of_line(chat(shown(PNG), said('"model":"gpt-4o-mini"'))) < 5_000, "what a text says is no model"


def test_lines_written_elsewhere_are_read_too():
    """Spaces behind colons, and slashes written with a backslash."""
    loose = json.dumps(json.loads(chat(shown(PNG)))).replace("/", "\\/").encode() + b"\n"
    assert tokens.IMAGE < tokens.of_line(loose) < tokens.IMAGE + 100


def test_a_text_that_speaks_of_images_is_text():
    """Quotes inside a text are escaped, so it cannot be taken for a key."""
    line = chat(said('{"image_url":{"url":"data:image/png;base64,AAAA"}}'))
    assert tokens.of_line(line) == len(line) // 4


def test_figures_are_kept_only_where_a_line_has_an_image():
    """One such line, and every line of its segment has its figure."""
    plain, pictured = chat(said("a")), chat(shown(PNG))
    assert tokens.index(run_of(plain, plain))["tokens"] == ()
    assert tokens.index(run_of(plain, pictured))["tokens"] == (tokens.of_line(plain), tokens.of_line(pictured))


@given(st.binary(max_size=200))
def test_any_bytes_have_an_estimate(data):
    """Lines of other programs, damaged ones: a figure comes back."""
    assert tokens.of_line(data) >= 0
    assert tokens.inputs_of(data) >= 1


@pytest.mark.parametrize(
    ("given_input", "count"),
    [("one", 1), (["a", "b", "c"], 3), ([1, 2, 3], 1), ([[1, 2], [3]], 2), ([], 1), (None, 1), (7, 1)],
)
def test_inputs_of_an_embeddings_request(given_input, count):
    """A text or a list of tokens is one input, a list of those several (OpenAI's API reference)."""
    line = requests.line("r1", EMBEDDINGS, {"model": "text-embedding-3-small", "input": given_input})
    assert tokens.inputs_of(line) == count
    assert tokens.index(run_of(line, line))["inputs"] == ((count, count) if count > 1 else ())


def test_only_embeddings_have_inputs():
    """The responses endpoint calls its messages by the same name."""
    line = requests.line("r1", RESPONSES, {"model": "gpt-5", "input": ["a", "b"]})
    assert tokens.index(run_of(line))["inputs"] == ()
    assert tokens.index(LineRun((), (), b"")) == {"ids": (), "ends": (), "tokens": (), "inputs": (), "asks": False}


def test_a_run_says_whether_a_line_may_ask_for_a_form():
    """So that the segments of which none does are not loaded when their answers come."""
    plain = requests.line("r1", RESPONSES, {"model": "gpt-5", "input": "a"})
    asking = requests.line("r2", RESPONSES, {"model": "gpt-5", "input": "a", "text": {"format": {"type": "json_schema", "schema": {}}}})
    assert [tokens.index(run_of(*lines))["asks"] for lines in ((plain,), (plain, asking))] == [False, True]
