"""What a provider counts as a prompt."""

from __future__ import annotations

from app.core.bodies import tokens
from app.core.bodies.prompttexts import A_MESSAGE, AN_ANSWER, prompt_texts
from app.core.model.lanes import CHAT, EMBEDDINGS, RESPONSES


def test_texts_of_messages_with_what_stands_around_them() -> None:
    """Texts alone, in their order; roles and types are no text."""
    body = {
        "model": "gpt-4o",
        "messages": [{"role": "system", "content": "a"}, {"role": "user", "content": [{"type": "text", "text": "b"}]}],
    }
    assert prompt_texts(CHAT, body) == ("a\nb", 2 * A_MESSAGE + AN_ANSWER)
    asked = {"model": "gpt-4o", "instructions": "i", "input": "q"}
    assert prompt_texts(RESPONSES, asked) == ("q\ni", A_MESSAGE + AN_ANSWER)
    assert prompt_texts(EMBEDDINGS, {"model": "e", "input": ["x", "y"]}) == ("x\ny", 0)


def test_an_image_counts_the_most_that_it_may_be() -> None:
    """And its bytes are no text."""
    parts = [{"type": "text", "text": "see"}, {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}]
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": parts}]}
    assert prompt_texts(CHAT, body) == ("see", A_MESSAGE + AN_ANSWER + tokens.IMAGE)
    assert prompt_texts(CHAT, body | {"model": "gpt-4o-mini"}).extra == A_MESSAGE + AN_ANSWER + tokens.IMAGE_4O_MINI


def test_a_schema_and_tools_count_as_their_json() -> None:
    """Providers write them into the prompt."""
    body = {"model": "m", "messages": [], "response_format": {"type": "json_object"}, "tools": [{"type": "function"}]}
    assert prompt_texts(CHAT, body).text == '[{"type":"function"}]\n{"type":"json_object"}'


def test_whatever_a_body_is() -> None:
    """Nothing that is not there counts."""
    assert prompt_texts(CHAT, {"messages": 5, "tools": "no"}) == ("", A_MESSAGE + AN_ANSWER)
