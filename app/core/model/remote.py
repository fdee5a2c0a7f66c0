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
    """The provider's batch object as last seen, read leniently: what is missing or null has its default.

    ``status`` is the batch API's own where the provider's word for it is known (core.openai.shapes), else as it was said. ``progress``
    is how much
    is done in percent, where the provider says that (0: it does not). ``remarks`` are sentences about what it says and Nightshift cannot
    use. ``raw`` is the object as it came, so that unknown fields are kept and can be shown.
    """

    id: str
    status: str = ""
    input_file_id: str = ""
    output_file_id: str = ""
    error_file_id: str = ""
    endpoint: str = ""
    total: int = 0
    completed: int = 0
    failed: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    created_at: float = 0.0
    expires_at: float = 0.0
    errors: tuple[RemoteError, ...] = ()
    metadata: dict[str, str] = {}
    progress: float = 0.0
    remarks: tuple[str, ...] = ()
    raw: str = ""
