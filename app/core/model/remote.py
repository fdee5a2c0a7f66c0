"""The provider's batch object as Nightshift keeps it."""

from __future__ import annotations

import msgspec


class RemoteError(msgspec.Struct, frozen=True, omit_defaults=True):
    """One entry of the provider's ``errors.data[]``. ``line`` counts from 1."""

    code: str = ""
    message: str = ""
    param: str = ""
    line: int = 0


class Remote(msgspec.Struct, frozen=True, omit_defaults=True):
    """The provider's batch object as last seen, read leniently: what is missing or null has its default."""

    id: str
    status: str = ""
    """The batch API's own word where the provider's is known (core.openai.shapes), else as it arrived."""
    input_file_id: str = ""
    output_file_id: str = ""
    error_file_id: str = ""
    endpoint: str = ""
    total: int = 0
    """Requests as the provider counts them; so are ``completed`` and ``failed``."""
    completed: int = 0
    failed: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    created_at: float = 0.0
    """Unix seconds."""
    expires_at: float = 0.0
    """Unix seconds."""
    errors: tuple[RemoteError, ...] = ()
    metadata: dict[str, str] = {}
    """As it came; ours carries our batch id (core.openai.recognition)."""
    progress: float = 0.0
    """Percent done; 0: the provider does not say."""
    remarks: tuple[str, ...] = ()
    """Sentences about what it says and Nightshift cannot use."""
    raw: str = ""
    """The object as it arrived, so that unknown fields are kept and can be shown."""
