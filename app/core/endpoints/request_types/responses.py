"""Bodies of responses requests, made from the types of openai 3.54.0 by tools/request_types.py: change nothing here.

Looser than those types:

- ResponseCreateParamsNonStreaming.input[]: 3 objects with type 'message' are one
"""

from __future__ import annotations

from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

from app.core.endpoints.request_types.responses_1 import (
    ResponsesAccessPrograms,
    ResponsesBackgroundOptions,
    ResponsesComputerCallOutput,
    ResponsesComputerToolCall,
    ResponsesContextManagement,
    ResponsesConversation,
    ResponsesEasyInputMessageOrLike,
    ResponsesFileSearchToolCall,
    ResponsesFunctionCallOutput,
    ResponsesFunctionTool,
    ResponsesFunctionToolCall,
    ResponsesFunctionWebSearch,
    ResponsesImage,
    ResponsesInputFile,
    ResponsesInputImage,
    ResponsesInputText,
    ResponsesOutputRefusal,
    ResponsesOutputText,
    ResponsesToolSearchCall,
)
from app.core.endpoints.request_types.responses_2 import (
    ResponsesApplyPatchTool,
    ResponsesComputerTool,
    ResponsesComputerUsePreviewTool,
    ResponsesCustomTool,
    ResponsesFileSearchTool,
    ResponsesFunctionShellTool,
    ResponsesText,
    ResponsesToolCodeInterpreter,
    ResponsesToolImageGeneration,
    ResponsesToolLocalShell,
    ResponsesToolMcp,
    ResponsesToolProgrammaticToolCalling,
    ResponsesToolSearchOutputItem,
    ResponsesToolSearchOutputNamespaceTool,
    ResponsesToolSearchTool,
    ResponsesWebSearchPreviewTool,
    ResponsesWebSearchPreviewToolWebSearchPreview20250311,
    ResponsesWebSearchTool,
    ResponsesWebSearchToolWebSearch20250826,
)
from app.core.endpoints.request_types.responses_3 import (
    ResponsesAdditionalTools,
    ResponsesApplyPatchCall,
    ResponsesApplyPatchCallOutput,
    ResponsesCodeInterpreterToolCall,
    ResponsesCompactionItem,
    ResponsesCompactionTrigger,
    ResponsesConfigurationUpdateItem,
    ResponsesCustomToolCall,
    ResponsesCustomToolCallOutput,
    ResponsesFormatTextJSONSchemaConfig,
    ResponsesImageGenerationCall,
    ResponsesItemReference,
    ResponsesLocalShellCall,
    ResponsesLocalShellCallOutput,
    ResponsesMcpApprovalRequest,
    ResponsesMcpApprovalResponse,
    ResponsesMcpCall,
    ResponsesMcpListTools,
    ResponsesProgram,
    ResponsesProgramOutput,
    ResponsesReasoningItem,
    ResponsesShellCall,
    ResponsesShellCallOutput,
)


class ResponsesModerationPolicyInput(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    mode: Literal["score", "block"]


class ResponsesModerationPolicy(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    input: ResponsesModerationPolicyInput | UnsetType | None = UNSET
    output: ResponsesModerationPolicyInput | UnsetType | None = UNSET


class ResponsesModeration(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    model: str
    policy: ResponsesModerationPolicy | UnsetType | None = UNSET


class ResponsesPrompt(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    id: str
    variables: dict[str, str | ResponsesInputText | ResponsesInputImage | ResponsesInputFile] | UnsetType | None = UNSET
    version: str | UnsetType | None = UNSET


class ResponsesPromptCacheOptions(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    comparison_response_id: str | UnsetType | None = UNSET
    mode: Literal["implicit", "explicit"] | UnsetType = UNSET
    prewarm: bool | UnsetType = UNSET
    ttl: Literal["30m", "12h"] | UnsetType = UNSET


class ResponsesReasoning2(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    context: Literal["auto", "current_turn", "all_turns"] | UnsetType | None = UNSET
    effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"] | UnsetType | None = UNSET
    generate_summary: Literal["auto", "concise", "detailed"] | UnsetType | None = UNSET
    mode: str | UnsetType = UNSET
    summary: Literal["auto", "concise", "detailed"] | UnsetType | None = UNSET


class ResponsesStreamOptions(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    include_obfuscation: bool | UnsetType = UNSET


class ResponsesFormatJSONObject(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="json_object"):
    pass


class ResponsesTextConfig(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    format: ResponsesText | ResponsesFormatTextJSONSchemaConfig | ResponsesFormatJSONObject | UnsetType = UNSET
    verbosity: Literal["low", "medium", "high"] | UnsetType | None = UNSET


class ResponsesToolChoiceAllowed(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="allowed_tools"):
    mode: Literal["auto", "required"]
    tools: list[dict[str, Any]]


class ResponsesToolChoiceTypes(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="file_search"):
    pass


class ResponsesToolChoiceTypesWebSearchPreview(ResponsesToolChoiceTypes, tag="web_search_preview"):
    pass


class ResponsesToolChoiceTypesComputer(ResponsesToolChoiceTypes, tag="computer"):
    pass


class ResponsesToolChoiceTypesComputerUsePreview(ResponsesToolChoiceTypes, tag="computer_use_preview"):
    pass


class ResponsesToolChoiceTypesComputerUse(ResponsesToolChoiceTypes, tag="computer_use"):
    pass


class ResponsesToolChoiceTypesWebSearchPreview20250311(ResponsesToolChoiceTypes, tag="web_search_preview_2025_03_11"):
    pass


class ResponsesToolChoiceTypesImageGeneration(ResponsesToolChoiceTypes, tag="image_generation"):
    pass


class ResponsesToolChoiceTypesCodeInterpreter(ResponsesToolChoiceTypes, tag="code_interpreter"):
    pass


class ResponsesToolChoiceFunction(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="function"):
    name: str


class ResponsesToolChoiceMcp(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="mcp"):
    server_label: str
    name: str | UnsetType | None = UNSET


class ResponsesToolChoiceCustom(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="custom"):
    name: str


class ResponsesToolChoiceApplyPatch(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="apply_patch"):
    pass


class ResponsesToolChoiceShell(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="shell"):
    pass


class ResponsesBody(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    access_programs: ResponsesAccessPrograms | UnsetType = UNSET
    background: bool | UnsetType | None = UNSET
    background_options: ResponsesBackgroundOptions | UnsetType = UNSET
    context_management: list[ResponsesContextManagement] | UnsetType | None = UNSET
    conversation: str | ResponsesConversation | UnsetType | None = UNSET
    image: ResponsesImage | UnsetType = UNSET
    include: (
        list[
            Literal[
                "file_search_call.results",
                "web_search_call.results",
                "web_search_call.action.sources",
                "message.input_image.image_url",
                "computer_call_output.output.image_url",
                "code_interpreter_call.outputs",
                "reasoning.encrypted_content",
                "message.output_text.logprobs",
            ]
        ]
        | UnsetType
        | None
    ) = UNSET
    input: (
        str
        | list[
            ResponsesEasyInputMessageOrLike
            | ResponsesFileSearchToolCall
            | ResponsesComputerToolCall
            | ResponsesComputerCallOutput
            | ResponsesFunctionWebSearch
            | ResponsesFunctionToolCall
            | ResponsesFunctionCallOutput
            | ResponsesToolSearchCall
            | ResponsesToolSearchOutputItem
            | ResponsesAdditionalTools
            | ResponsesConfigurationUpdateItem
            | ResponsesReasoningItem
            | ResponsesCompactionItem
            | ResponsesImageGenerationCall
            | ResponsesCodeInterpreterToolCall
            | ResponsesLocalShellCall
            | ResponsesLocalShellCallOutput
            | ResponsesShellCall
            | ResponsesShellCallOutput
            | ResponsesApplyPatchCall
            | ResponsesApplyPatchCallOutput
            | ResponsesMcpListTools
            | ResponsesMcpApprovalRequest
            | ResponsesMcpApprovalResponse
            | ResponsesMcpCall
            | ResponsesCustomToolCallOutput
            | ResponsesCustomToolCall
            | ResponsesCompactionTrigger
            | ResponsesItemReference
            | ResponsesProgram
            | ResponsesProgramOutput
        ]
        | UnsetType
    ) = UNSET
    instructions: str | UnsetType | None = UNSET
    max_output_tokens: int | UnsetType | None = UNSET
    max_tool_calls: int | UnsetType | None = UNSET
    metadata: dict[str, str] | UnsetType | None = UNSET
    model: str | UnsetType = UNSET
    moderation: ResponsesModeration | UnsetType | None = UNSET
    parallel_tool_calls: bool | UnsetType | None = UNSET
    previous_response_id: str | UnsetType | None = UNSET
    prompt: ResponsesPrompt | UnsetType | None = UNSET
    prompt_cache_key: str | UnsetType | None = UNSET
    prompt_cache_options: ResponsesPromptCacheOptions | UnsetType = UNSET
    prompt_cache_retention: Literal["in_memory", "24h"] | UnsetType | None = UNSET
    reasoning: ResponsesReasoning2 | UnsetType | None = UNSET
    safety_identifier: str | UnsetType | None = UNSET
    service_tier: Literal["auto", "default", "flex", "scale", "priority", "fast", "ultrafast"] | UnsetType | None = UNSET
    store: bool | UnsetType | None = UNSET
    stream_options: ResponsesStreamOptions | UnsetType | None = UNSET
    temperature: float | UnsetType | None = UNSET
    text: ResponsesTextConfig | UnsetType = UNSET
    tool_choice: (
        Literal["none", "auto", "required"]
        | ResponsesToolChoiceAllowed
        | ResponsesToolChoiceTypes
        | ResponsesToolChoiceTypesWebSearchPreview
        | ResponsesToolChoiceTypesComputer
        | ResponsesToolChoiceTypesComputerUsePreview
        | ResponsesToolChoiceTypesComputerUse
        | ResponsesToolChoiceTypesWebSearchPreview20250311
        | ResponsesToolChoiceTypesImageGeneration
        | ResponsesToolChoiceTypesCodeInterpreter
        | ResponsesToolChoiceFunction
        | ResponsesToolChoiceMcp
        | ResponsesToolChoiceCustom
        | ResponsesToolProgrammaticToolCalling
        | ResponsesToolChoiceApplyPatch
        | ResponsesToolChoiceShell
        | UnsetType
    ) = UNSET
    tools: (
        list[
            ResponsesFunctionTool
            | ResponsesFileSearchTool
            | ResponsesComputerTool
            | ResponsesComputerUsePreviewTool
            | ResponsesWebSearchTool
            | ResponsesWebSearchToolWebSearch20250826
            | ResponsesToolMcp
            | ResponsesToolCodeInterpreter
            | ResponsesToolProgrammaticToolCalling
            | ResponsesToolImageGeneration
            | ResponsesToolLocalShell
            | ResponsesFunctionShellTool
            | ResponsesCustomTool
            | ResponsesToolSearchOutputNamespaceTool
            | ResponsesToolSearchTool
            | ResponsesWebSearchPreviewTool
            | ResponsesWebSearchPreviewToolWebSearchPreview20250311
            | ResponsesApplyPatchTool
        ]
        | UnsetType
    ) = UNSET
    top_logprobs: int | UnsetType | None = UNSET
    top_p: float | UnsetType | None = UNSET
    truncation: Literal["auto", "disabled"] | UnsetType | None = UNSET
    user: str | UnsetType = UNSET
    stream: bool | UnsetType | None = UNSET


class ResponsesEasyMessage(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    content: str | list[ResponsesInputText | ResponsesInputImage | ResponsesInputFile | ResponsesOutputText | ResponsesOutputRefusal]
    role: Literal["user", "assistant", "system", "developer"]
    phase: Literal["commentary", "final_answer"] | UnsetType | None = UNSET
    status: Literal["in_progress", "completed", "incomplete"] | UnsetType = UNSET
    id: str | UnsetType = UNSET
    type: Literal["message"] | UnsetType = UNSET


class ResponsesEasyBody(ResponsesBody, kw_only=True):
    """A body all of whose input are messages: they need no ``type``, which a tag must have."""

    input: str | list[ResponsesEasyMessage]  # type: ignore[assignment]
