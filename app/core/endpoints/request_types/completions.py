"""Bodies of completions requests, made from the types of openai 3.54.0 by tools/request_types.py: change nothing here."""

from __future__ import annotations

from msgspec import UNSET, Struct, UnsetType


class CompletionsStreamOptions(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    include_obfuscation: bool | UnsetType = UNSET
    include_usage: bool | UnsetType = UNSET


class CompletionsBody(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    model: str
    prompt: str | list[int | str | list[int]] | None
    best_of: int | UnsetType | None = UNSET
    echo: bool | UnsetType | None = UNSET
    frequency_penalty: float | UnsetType | None = UNSET
    logit_bias: dict[str, int] | UnsetType | None = UNSET
    logprobs: int | UnsetType | None = UNSET
    max_tokens: int | UnsetType | None = UNSET
    n: int | UnsetType | None = UNSET
    presence_penalty: float | UnsetType | None = UNSET
    seed: int | UnsetType | None = UNSET
    stop: str | list[str] | UnsetType | None = UNSET
    stream_options: CompletionsStreamOptions | UnsetType | None = UNSET
    suffix: str | UnsetType | None = UNSET
    temperature: float | UnsetType | None = UNSET
    top_p: float | UnsetType | None = UNSET
    user: str | UnsetType = UNSET
    stream: bool | UnsetType | None = UNSET
