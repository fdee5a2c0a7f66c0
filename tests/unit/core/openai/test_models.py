"""Which endpoint takes which model."""

import pytest
from hypothesis import given

from app.core.openai import models
from tests.unit.core.strategies import texts

CHAT, RESPONSES, EMBEDDINGS = "/v1/chat/completions", "/v1/responses", "/v1/embeddings"


TEXT = ["gpt-4o", "gpt-4o-mini-2024-07-18", "gpt-5", "gpt-5-mini", "o3", "o4-mini", "gpt-4.1-nano", "gpt-5-chat-latest", "gpt-6-luna",
        "chatgpt-4o-latest", "gpt-3.5-turbo", "gpt-3.5-turbo-16k", "ft:gpt-4o-mini:acme:x:1", "openai/gpt-5", "gpt-oss-120b"]  # fmt: skip
OTHER = ["llama-3.3-70b-versatile", "meta-llama/Llama-4-Scout", "Qwen/Qwen3-235B", "practice-1", "my-deployment", "llama-3-8b-instruct"]
RESPONSES_ONLY = ["o1-pro", "o3-pro-2025-06-10", "gpt-5-pro", "gpt-5.2-pro", "gpt-5-codex", "codex-mini-latest", "o3-deep-research",
                  "computer-use-preview"]  # fmt: skip
NEITHER = ["text-embedding-3-large", "whisper-1", "tts-1-hd", "gpt-4o-transcribe", "gpt-4o-mini-tts", "gpt-4o-realtime-preview",
           "gpt-realtime", "gpt-audio", "gpt-4o-audio-preview", "gpt-image-1", "dall-e-3", "sora-2", "omni-moderation-latest",
           "text-moderation-stable", "davinci-002", "babbage-002", "gpt-3.5-turbo-instruct", "ft:davinci-002:acme::1"]  # fmt: skip


@pytest.mark.parametrize("model", TEXT + OTHER)
def test_models_that_answer_text_fit_both_endpoints(model):
    """Text models and unknown names are offered."""
    assert models.fits(model, CHAT)
    assert models.fits(model, RESPONSES)


@pytest.mark.parametrize("model", RESPONSES_ONLY)
def test_models_of_responses_only_are_not_offered_for_chat(model):
    """Pro, codex, research and computer-use models answer only on /v1/responses."""
    assert not models.fits(model, CHAT)
    assert models.fits(model, RESPONSES)


@pytest.mark.parametrize("model", NEITHER)
def test_models_of_other_endpoints_are_not_offered(model):
    """Models for sound, images, vectors and old completions are left out."""
    assert not models.fits(model, CHAT)
    assert not models.fits(model, RESPONSES)


def test_other_endpoints_have_their_own_models():
    """Embeddings, moderations and completions are known by name too."""
    assert models.fits("text-embedding-3-small", EMBEDDINGS)
    assert not models.fits("gpt-4o", EMBEDDINGS)
    assert models.fits("omni-moderation-latest", "/v1/moderations")
    assert models.fits("gpt-3.5-turbo-instruct", "/v1/completions")
    assert models.fits("nomic-embed-text", EMBEDDINGS)
    assert not models.fits("nomic-embed-text", CHAT)


def test_a_name_of_a_megabyte_tells_nothing():
    """Nothing is searched in it, though it ends like a model for speech; a long name that is one still tells."""
    assert models.fits("x" * 1_000_000 + "-tts", CHAT)
    assert models.only_for("text-embedding-3-small" + "x" * 1_000_000) == ()
    assert not models.fits("x" * 200 + "/text-embedding-3-small", CHAT)


@given(texts)
def test_any_name_can_be_asked(name):
    """No name breaks the question."""
    assert isinstance(models.fits(name, CHAT), bool)
    assert isinstance(models.fits("ft:" + name, CHAT), bool)
