"""What differs between providers of the batch API, by the kind of a profile: how endpoints are spelled, which address is meant, how long
files are kept.

Azure OpenAI's request lines say ``/chat/completions`` where OpenAI's say ``/v1/chat/completions``, and a batch of chat completions or of
responses is made for the endpoint ``/chat/completions``: each line's own ``url`` says which it is (Azure OpenAI, «Getting started with
batch deployments», and public reports).
"""

from __future__ import annotations

from typing import Final, Literal
from urllib.parse import urlsplit

from app.core.model.lanes import CHAT, RESPONSES, Endpoint
from app.core.model.providers import Profile

Kind = Literal["openai", "azure"]

AZURE_HOSTS: Final = (".openai.azure.com", ".openai.azure.us", ".cognitiveservices.azure.com", ".services.ai.azure.com")
"""Ends of the hosts of Azure OpenAI resources."""
_AZURE_PATH: Final = "/openai/v1"
_SPELLED: Final[dict[str, Endpoint]] = {CHAT.removeprefix("/v1"): CHAT}
DAY: Final = 86_400
EXPIRES: Final[dict[Kind, tuple[int, int]]] = {"openai": (DAY, 30 * DAY), "azure": (14 * DAY, 30 * DAY)}
"""The least and the most seconds after which an uploaded file may expire. OpenAI takes an hour and more; here it is whole days."""
REMEDY: Final = 14 * DAY
"""What is offered where files without an expiry have a quota: every kind takes it."""


def kind_of(profile: Profile) -> Kind:
    """The kind that a profile names, else the one that its address tells."""
    return profile.kind or ("azure" if is_azure(profile.base_url) else "openai")


def is_azure(base_url: str) -> bool:
    """Whether an address is one of Azure OpenAI."""
    try:
        host = urlsplit(base_url.strip()).hostname or ""
    except ValueError:
        return False
    return host.endswith(AZURE_HOSTS)


def tidy(base_url: str) -> str:
    """The base address that is meant. Of Azure any address of a resource may be pasted (the resource's, a deployment's, one with
    ``api-version``): its batches are under ``/openai/v1``. Anything else is left as it is."""
    text = base_url.strip().rstrip("/")
    if not is_azure(text):
        return text
    parts = urlsplit(text)
    return text if parts.scheme not in ("http", "https") or "@" in parts.netloc else f"{parts.scheme}://{parts.netloc}{_AZURE_PATH}"


def is_strict(profile: Profile) -> bool:
    """Whether requests go to OpenAI itself, or to practice, which takes no more than it: other providers have roles and kinds of content
    of their own."""
    return profile.practice or (kind_of(profile) == "openai" and "api.openai.com" in profile.base_url)


def line_url(profile: Profile, endpoint: Endpoint) -> Endpoint:
    """The endpoint as a request line for this provider spells it."""
    whole = canonical(endpoint)
    return whole.removeprefix("/v1") if whole == CHAT and kind_of(profile) == "azure" else whole


def batch_endpoint(profile: Profile, endpoint: Endpoint) -> Endpoint:
    """The endpoint that a batch of such lines is made for."""
    if kind_of(profile) == "azure" and canonical(endpoint) in (CHAT, RESPONSES):
        return CHAT.removeprefix("/v1")
    return endpoint


def canonical(endpoint: Endpoint) -> Endpoint:
    """The endpoint as OpenAI's reference spells it, whichever way it is written."""
    return _SPELLED.get(endpoint, endpoint)


def short(endpoint: Endpoint) -> str:
    """The endpoint for people: without the version."""
    return canonical(endpoint).removeprefix("/v1/")
