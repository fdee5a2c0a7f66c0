"""What differs between kinds of providers."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from app.core.model.batches import Batch
from app.core.model.lanes import Lane
from app.core.model.providers import Profile
from app.core.openai import api, base_urls, kinds
from app.core.openai.wire import BytesBlob

OPENAI = Profile(id="o", name="OpenAI", base_url="https://api.openai.com/v1")
AZURE = Profile(id="a", name="Azure", base_url="https://res.openai.azure.com/openai/v1")


@pytest.mark.parametrize(
    "pasted",
    [
        "https://res.openai.azure.com",
        "https://res.openai.azure.com/",
        " https://res.openai.azure.com/openai/v1/ ",
        "https://res.openai.azure.com/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21",
        "https://res.openai.azure.com/openai/batches?api-version=2025-01-01-preview",
    ],
)
def test_any_address_of_an_azure_resource_becomes_its_base_address(pasted):
    """As people copy it from the portal or from code."""
    assert kinds.tidy(pasted) == "https://res.openai.azure.com/openai/v1"
    assert base_urls.check_base_url(kinds.tidy(pasted)) is None
    assert kinds.is_azure(pasted)


@given(st.text() | st.builds("https://{}.openai.azure.com{}".format, st.text(max_size=8), st.text(max_size=8)))
def test_no_text_breaks_the_tidying_of_an_address(pasted):
    """And what it gives stays as it is the second time."""
    assert kinds.tidy(kinds.tidy(pasted)) == kinds.tidy(pasted)


@pytest.mark.parametrize("other", ["https://api.openai.com/v1", "https://openai.azure.com.evil.example/v1", "", "https://[::1"])
def test_other_addresses_are_left_as_they_are(other):
    """A host that only looks like Azure's is none of it."""
    assert not kinds.is_azure(other)
    assert kinds.tidy(other) == other


def test_azure_says_chat_completions_without_the_version():
    """In lines; a batch of responses is made for the endpoint of chat completions, too."""
    assert kinds.line_url(AZURE, "/v1/chat/completions") == "/chat/completions"
    assert kinds.line_url(OPENAI, "/chat/completions") == "/v1/chat/completions"
    assert kinds.line_url(AZURE, "/v1/responses") == "/v1/responses"
    assert kinds.batch_endpoint(AZURE, "/v1/responses") == "/chat/completions"
    assert kinds.batch_endpoint(AZURE, "/v1/embeddings") == "/v1/embeddings"
    assert kinds.batch_endpoint(OPENAI, "/v1/responses") == "/v1/responses"
    assert kinds.short("/chat/completions") == kinds.short("/v1/chat/completions") == "chat/completions"


def test_the_kind_can_be_chosen_for_a_gateway():
    """Whatever its address."""
    gateway = replace(OPENAI, base_url="https://gateway.example/v1", kind="azure")
    assert kinds.kind_of(gateway) == "azure"
    assert kinds.kind_of(replace(AZURE, kind="openai")) == "openai"


def test_a_create_names_the_endpoint_as_the_provider_spells_it():
    """And only where files expire says until when its answers are kept."""
    batch = Batch(id="b", lane=Lane("a", "/v1/responses", "dep"), input_file_id="f")
    body = msgspec.json.decode(api.create_batch(AZURE, "k", batch).body or b"")
    assert body["endpoint"] == "/chat/completions"
    assert "output_expires_after" not in body
    body = msgspec.json.decode(api.create_batch(replace(AZURE, expires_after=kinds.REMEDY), "k", batch).body or b"")
    assert body["output_expires_after"] == {"anchor": "created_at", "seconds": 2_592_000}


def test_uploads_say_when_they_expire_if_the_profile_does():
    """As form fields; otherwise nothing is said."""

    def fields(profile: Profile) -> dict[str, str]:
        return dict(api.upload_file(profile, "k", "x.jsonl", BytesBlob(b"")).fields)

    assert fields(AZURE) == {"purpose": "batch"}
    said = fields(replace(AZURE, expires_after=kinds.REMEDY))
    assert said == {"purpose": "batch", "expires_after[anchor]": "created_at", "expires_after[seconds]": "1209600"}
    assert all(least <= kinds.REMEDY <= most for least, most in kinds.EXPIRES.values())
