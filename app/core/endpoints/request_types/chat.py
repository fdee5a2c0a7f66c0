"""Bodies of chat requests, made from the types of openai 3.54.0 by tools/request_types.py: change nothing here."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType


class ChatPromptCacheBreakpoint(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    mode: Literal["explicit"]
    ttl: Literal["30m", "12h"] | UnsetType = UNSET


class ChatContentPartText(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    text: str
    type: Literal["text"]
    prompt_cache_breakpoint: ChatPromptCacheBreakpoint | UnsetType = UNSET


class ChatDeveloperMessage(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="role", tag="developer"):
    content: str | list[ChatContentPartText]
    name: str | UnsetType = UNSET


class ChatSystemMessage(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="role", tag="system"):
    content: str | list[ChatContentPartText]
    name: str | UnsetType = UNSET


class ChatContentPartTextText(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="text"):
    text: str
    prompt_cache_breakpoint: ChatPromptCacheBreakpoint | UnsetType = UNSET


class ChatImageURL(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    url: str
    detail: Literal["auto", "low", "high", "original"] | UnsetType = UNSET


class ChatContentPartImage(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="image_url"):
    image_url: ChatImageURL
    prompt_cache_breakpoint: ChatPromptCacheBreakpoint | UnsetType = UNSET


class ChatInputAudio(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    data: str
    format: Literal["wav", "mp3"]


class ChatContentPartInputAudio(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="input_audio"):
    input_audio: ChatInputAudio
    prompt_cache_breakpoint: ChatPromptCacheBreakpoint | UnsetType = UNSET


class ChatFileFile(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    file_data: str | UnsetType = UNSET
    file_id: str | UnsetType = UNSET
    filename: str | UnsetType = UNSET


class ChatFile(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="file"):
    file: ChatFileFile
    prompt_cache_breakpoint: ChatPromptCacheBreakpoint | UnsetType = UNSET


class ChatUserMessage(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="role", tag="user"):
    content: str | list[ChatContentPartTextText | ChatContentPartImage | ChatContentPartInputAudio | ChatFile]
    name: str | UnsetType = UNSET


class ChatAudio(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    id: str


class ChatContentPartRefusal(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="refusal"):
    refusal: str


class ChatFunctionCall(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    arguments: str
    name: str


class ChatMessageFunctionToolCall(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="function"):
    id: str
    function: ChatFunctionCall


class ChatCustom(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    input: str
    name: str


class ChatMessageCustomToolCall(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="custom"):
    id: str
    custom: ChatCustom


class ChatAssistantMessage(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="role", tag="assistant"):
    audio: ChatAudio | UnsetType | None = UNSET
    content: str | list[ChatContentPartTextText | ChatContentPartRefusal] | UnsetType | None = UNSET
    function_call: ChatFunctionCall | UnsetType | None = UNSET
    name: str | UnsetType = UNSET
    refusal: str | UnsetType | None = UNSET
    tool_calls: list[ChatMessageFunctionToolCall | ChatMessageCustomToolCall] | UnsetType = UNSET


class ChatToolMessage(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="role", tag="tool"):
    content: str | list[ChatContentPartText]
    tool_call_id: str


class ChatFunctionMessage(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="role", tag="function"):
    content: str | None
    name: str


class ChatAudio2(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    format: Literal["wav", "aac", "mp3", "flac", "opus", "pcm16"]
    voice: str | ChatAudio


class ChatFunctionCallOption(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    name: str


class ChatFunction(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    name: str
    description: str | UnsetType = UNSET
    parameters: dict[str, Any] | UnsetType = UNSET


class ChatModerationPolicyInput(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    mode: Literal["score", "block"]


class ChatModerationPolicy(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    input: ChatModerationPolicyInput | UnsetType | None = UNSET
    output: ChatModerationPolicyInput | UnsetType | None = UNSET


class ChatModeration(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    model: str
    policy: ChatModerationPolicy | UnsetType | None = UNSET


class ChatPredictionContent(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    content: str | list[ChatContentPartText]
    type: Literal["content"]


class ChatPromptCacheOptions(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    mode: Literal["implicit", "explicit"] | UnsetType = UNSET
    ttl: Literal["30m"] | UnsetType = UNSET


class ChatFormatText(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="text"):
    pass


class ChatJSONSchema(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    name: str
    description: str | UnsetType = UNSET
    schema: dict[str, Any] | UnsetType = UNSET
    strict: bool | UnsetType | None = UNSET


class ChatFormatJSONSchema(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="json_schema"):
    json_schema: ChatJSONSchema


class ChatFormatJSONObject(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="json_object"):
    pass


class ChatStreamOptions(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    include_obfuscation: bool | UnsetType = UNSET
    include_usage: bool | UnsetType = UNSET


class ChatAllowedTools(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    mode: Literal["auto", "required"]
    tools: list[dict[str, Any]]


class ChatAllowedToolChoice(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="allowed_tools"):
    allowed_tools: ChatAllowedTools


class ChatNamedToolChoice(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="function"):
    function: ChatFunctionCallOption


class ChatNamedToolChoiceCustom(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="custom"):
    custom: ChatFunctionCallOption


class ChatFunctionDefinition(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    name: str
    description: str | UnsetType = UNSET
    parameters: dict[str, Any] | UnsetType = UNSET
    strict: bool | UnsetType | None = UNSET


class ChatFunctionTool(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="function"):
    function: ChatFunctionDefinition


class ChatCustomFormatGrammarGrammar(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    definition: str
    syntax: Literal["lark", "regex"]


class ChatCustomFormatGrammar(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="grammar"):
    grammar: ChatCustomFormatGrammarGrammar


class ChatCustom2(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    name: str
    description: str | UnsetType = UNSET
    format: ChatFormatText | ChatCustomFormatGrammar | UnsetType = UNSET


class ChatCustomTool(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="custom"):
    custom: ChatCustom2


class ChatWebSearchOptionsUserLocationApproximate(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    city: str | UnsetType = UNSET
    country: str | UnsetType = UNSET
    region: str | UnsetType = UNSET
    timezone: str | UnsetType = UNSET


class ChatWebSearchOptionsUserLocation(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    approximate: ChatWebSearchOptionsUserLocationApproximate
    type: Literal["approximate"]


class ChatWebSearchOptions(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    search_context_size: Literal["low", "medium", "high"] | UnsetType = UNSET
    user_location: ChatWebSearchOptionsUserLocation | UnsetType | None = UNSET


class ChatBody(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    messages: list[
        ChatDeveloperMessage | ChatSystemMessage | ChatUserMessage | ChatAssistantMessage | ChatToolMessage | ChatFunctionMessage
    ]
    model: str
    audio: ChatAudio2 | UnsetType | None = UNSET
    frequency_penalty: float | UnsetType | None = UNSET
    function_call: Literal["none", "auto"] | ChatFunctionCallOption | UnsetType = UNSET
    functions: list[ChatFunction] | UnsetType = UNSET
    logit_bias: dict[str, int] | UnsetType | None = UNSET
    logprobs: bool | UnsetType | None = UNSET
    max_completion_tokens: int | UnsetType | None = UNSET
    max_tokens: int | UnsetType | None = UNSET
    metadata: dict[str, str] | UnsetType | None = UNSET
    modalities: list[Literal["text", "audio"]] | UnsetType | None = UNSET
    moderation: ChatModeration | UnsetType | None = UNSET
    n: int | UnsetType | None = UNSET
    parallel_tool_calls: bool | UnsetType = UNSET
    prediction: ChatPredictionContent | UnsetType | None = UNSET
    presence_penalty: float | UnsetType | None = UNSET
    prompt_cache_key: str | UnsetType | None = UNSET
    prompt_cache_options: ChatPromptCacheOptions | UnsetType = UNSET
    prompt_cache_retention: Literal["in_memory", "24h"] | UnsetType | None = UNSET
    reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"] | UnsetType | None = UNSET
    response_format: ChatFormatText | ChatFormatJSONSchema | ChatFormatJSONObject | UnsetType = UNSET
    safety_identifier: str | UnsetType | None = UNSET
    seed: int | UnsetType | None = UNSET
    service_tier: Literal["auto", "default", "flex", "scale", "priority", "fast"] | UnsetType | None = UNSET
    stop: str | list[str] | UnsetType | None = UNSET
    store: bool | UnsetType | None = UNSET
    stream_options: ChatStreamOptions | UnsetType | None = UNSET
    temperature: float | UnsetType | None = UNSET
    tool_choice: (
        Literal["none", "auto", "required"] | ChatAllowedToolChoice | ChatNamedToolChoice | ChatNamedToolChoiceCustom | UnsetType
    ) = UNSET
    tools: list[ChatFunctionTool | ChatCustomTool] | UnsetType = UNSET
    top_logprobs: int | UnsetType | None = UNSET
    top_p: float | UnsetType | None = UNSET
    user: str | UnsetType = UNSET
    verbosity: Literal["low", "medium", "high"] | UnsetType | None = UNSET
    web_search_options: ChatWebSearchOptions | UnsetType = UNSET
    stream: bool | UnsetType | None = UNSET
