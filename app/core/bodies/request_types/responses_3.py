"""Bodies of responses requests, made from the types of openai 3.54.0 by tools/request_types.py: change nothing here."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType, field

from app.core.bodies.request_types.responses_2 import (
    ResponsesComputerTool,
    ResponsesComputerUsePreviewTool,
    ResponsesContainerAuto,
    ResponsesContainerNetworkPolicyAllowlist,
    ResponsesContainerNetworkPolicyDisabled,
    ResponsesContainerReference,
    ResponsesFileSearchTool,
    ResponsesFunctionTool,
    ResponsesLocalEnvironment,
    ResponsesToolCodeInterpreter,
    ResponsesToolImageGeneration,
    ResponsesToolLocalShell,
    ResponsesToolMcp,
    ResponsesToolProgrammaticToolCalling,
    ResponsesWebSearchTool,
    ResponsesWebSearchToolWebSearch20250826,
)


class ResponsesFunctionShellTool(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="shell"):
    allowed_callers: list[Literal["direct", "programmatic"]] | UnsetType | None = UNSET
    environment: ResponsesContainerAuto | ResponsesLocalEnvironment | ResponsesContainerReference | UnsetType | None = UNSET


class ResponsesText(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="text"):
    pass


class ResponsesGrammar(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="grammar"):
    definition: str
    syntax: Literal["lark", "regex"]


class ResponsesCustomTool(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="custom"):
    f_async: bool | UnsetType = field(name="async", default=UNSET)
    name: str
    allowed_callers: list[Literal["direct", "programmatic"]] | UnsetType | None = UNSET
    defer_loading: bool | UnsetType = UNSET
    description: str | UnsetType = UNSET
    format: ResponsesText | ResponsesGrammar | UnsetType = UNSET


class ResponsesToolFunction(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="function"):
    f_async: bool | UnsetType = field(name="async", default=UNSET)
    name: str
    allowed_callers: list[Literal["direct", "programmatic"]] | UnsetType | None = UNSET
    defer_loading: bool | UnsetType = UNSET
    description: str | UnsetType | None = UNSET
    output_schema: dict[str, Any] | UnsetType | None = UNSET
    parameters: Any | UnsetType = UNSET
    strict: bool | UnsetType | None = UNSET


class ResponsesToolSearchOutputNamespaceTool(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="namespace"):
    description: str
    name: str
    tools: list[ResponsesToolFunction | ResponsesCustomTool]


class ResponsesToolSearchTool(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="tool_search"):
    description: str | UnsetType | None = UNSET
    execution: Literal["server", "client"] | UnsetType = UNSET
    parameters: Any | UnsetType = UNSET


class ResponsesUserLocation2(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    type: Literal["approximate"]
    city: str | UnsetType | None = UNSET
    country: str | UnsetType | None = UNSET
    region: str | UnsetType | None = UNSET
    timezone: str | UnsetType | None = UNSET


class ResponsesWebSearchPreviewTool(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="web_search_preview"):
    search_content_types: list[Literal["text", "image"]] | UnsetType = UNSET
    search_context_size: Literal["low", "medium", "high"] | UnsetType = UNSET
    user_location: ResponsesUserLocation2 | UnsetType | None = UNSET


class ResponsesWebSearchPreviewToolWebSearchPreview20250311(ResponsesWebSearchPreviewTool, tag="web_search_preview_2025_03_11"):
    pass


class ResponsesApplyPatchTool(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="apply_patch"):
    allowed_callers: list[Literal["direct", "programmatic"]] | UnsetType | None = UNSET


class ResponsesToolSearchOutputItem(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="tool_search_output"):
    tools: list[
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
    id: str | UnsetType | None = UNSET
    call_id: str | UnsetType | None = UNSET
    execution: Literal["server", "client"] | UnsetType = UNSET
    status: Literal["in_progress", "completed", "incomplete"] | UnsetType | None = UNSET


class ResponsesMcpAllowedToolsMcpToolFilter(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    read_only: bool | UnsetType = UNSET
    tool_names: list[str] | UnsetType = UNSET


class ResponsesMcpRequireApprovalMcpToolApprovalFilterAlways(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    read_only: bool | UnsetType = UNSET
    tool_names: list[str] | UnsetType = UNSET


class ResponsesMcpRequireApprovalMcpToolApprovalFilterNever(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    read_only: bool | UnsetType = UNSET
    tool_names: list[str] | UnsetType = UNSET


class ResponsesMcpRequireApprovalMcpToolApprovalFilter(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    always: ResponsesMcpRequireApprovalMcpToolApprovalFilterAlways | UnsetType = UNSET
    never: ResponsesMcpRequireApprovalMcpToolApprovalFilterNever | UnsetType = UNSET


class ResponsesMcp(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="mcp"):
    server_label: str
    allowed_callers: list[Literal["direct", "programmatic"]] | UnsetType | None = UNSET
    allowed_tools: list[str] | ResponsesMcpAllowedToolsMcpToolFilter | UnsetType | None = UNSET
    authorization: str | UnsetType = UNSET
    connector_id: (
        Literal[
            "connector_dropbox",
            "connector_gmail",
            "connector_googlecalendar",
            "connector_googledrive",
            "connector_microsoftteams",
            "connector_outlookcalendar",
            "connector_outlookemail",
            "connector_sharepoint",
        ]
        | UnsetType
    ) = UNSET
    defer_loading: bool | UnsetType = UNSET
    headers: dict[str, str] | UnsetType | None = UNSET
    require_approval: Literal["always", "never"] | ResponsesMcpRequireApprovalMcpToolApprovalFilter | UnsetType | None = UNSET
    server_description: str | UnsetType = UNSET
    server_url: str | UnsetType = UNSET
    tunnel_id: str | UnsetType = UNSET


class ResponsesCodeInterpreterContainerCodeInterpreterToolAuto(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    type: Literal["auto"]
    file_ids: list[str] | UnsetType = UNSET
    memory_limit: Literal["1g", "4g", "16g", "64g"] | UnsetType | None = UNSET
    network_policy: ResponsesContainerNetworkPolicyDisabled | ResponsesContainerNetworkPolicyAllowlist | UnsetType = UNSET


class ResponsesCodeInterpreter(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="code_interpreter"):
    container: str | ResponsesCodeInterpreterContainerCodeInterpreterToolAuto
    allowed_callers: list[Literal["direct", "programmatic"]] | UnsetType | None = UNSET


class ResponsesProgrammaticToolCalling(
    Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="programmatic_tool_calling"
):
    pass


class ResponsesImageGenerationInputImageMask(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    file_id: str | UnsetType = UNSET
    image_url: str | UnsetType = UNSET


class ResponsesImageGenerationSvgReasoning(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"] | UnsetType = UNSET


class ResponsesImageGenerationSvg(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    model: str | UnsetType = UNSET
    reasoning: ResponsesImageGenerationSvgReasoning | UnsetType | None = UNSET


class ResponsesImageGeneration(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="image_generation"):
    action: Literal["generate", "edit", "auto"] | UnsetType = UNSET
    background: Literal["transparent", "opaque", "auto"] | UnsetType = UNSET
    complexity: Literal["low", "medium", "high"] | UnsetType = UNSET
    frame_count: int | UnsetType = UNSET
    frame_duration_ms: int | UnsetType = UNSET
    input_fidelity: Literal["high", "low"] | UnsetType | None = UNSET
    input_image_mask: ResponsesImageGenerationInputImageMask | UnsetType = UNSET
    model: str | UnsetType = UNSET
    moderation: Literal["auto", "low"] | UnsetType = UNSET
    output_compression: int | UnsetType = UNSET
    output_format: Literal["png", "webp", "jpeg", "gif", "svg"] | UnsetType = UNSET
    partial_images: int | UnsetType = UNSET
    quality: Literal["low", "medium", "high", "xhigh", "max", "auto"] | UnsetType = UNSET
    size: str | UnsetType = UNSET
    svg: ResponsesImageGenerationSvg | UnsetType = UNSET


class ResponsesLocalShell(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="local_shell"):
    pass


class ResponsesToolFunctionFunction(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="function"):
    f_async: bool | UnsetType = field(name="async", default=UNSET)
    name: str
    allowed_callers: list[Literal["direct", "programmatic"]] | UnsetType | None = UNSET
    defer_loading: bool | UnsetType = UNSET
    description: str | UnsetType | None = UNSET
    output_schema: dict[str, Any] | UnsetType | None = UNSET
    parameters: Any | UnsetType = UNSET
    strict: bool | UnsetType | None = UNSET


class ResponsesNamespaceTool(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="namespace"):
    description: str
    name: str
    tools: list[ResponsesToolFunctionFunction | ResponsesCustomTool]


class ResponsesAdditionalTools(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="additional_tools"):
    role: Literal["developer"]
    tools: list[
        ResponsesFunctionTool
        | ResponsesFileSearchTool
        | ResponsesComputerTool
        | ResponsesComputerUsePreviewTool
        | ResponsesWebSearchTool
        | ResponsesWebSearchToolWebSearch20250826
        | ResponsesMcp
        | ResponsesCodeInterpreter
        | ResponsesProgrammaticToolCalling
        | ResponsesImageGeneration
        | ResponsesLocalShell
        | ResponsesFunctionShellTool
        | ResponsesCustomTool
        | ResponsesNamespaceTool
        | ResponsesToolSearchTool
        | ResponsesWebSearchPreviewTool
        | ResponsesWebSearchPreviewToolWebSearchPreview20250311
        | ResponsesApplyPatchTool
    ]
    id: str | UnsetType | None = UNSET


class ResponsesReasoning(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"] | UnsetType | None = UNSET


class ResponsesFormatText(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="text"):
    pass


class ResponsesFormatTextJSONSchemaConfig(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="json_schema"):
    name: str
    schema: dict[str, Any]
    description: str | UnsetType = UNSET
    strict: bool | UnsetType | None = UNSET


class ResponsesText2(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    format: ResponsesFormatText | ResponsesFormatTextJSONSchemaConfig


class ResponsesConfigurationUpdateItem(
    Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="configuration_update"
):
    id: str | UnsetType | None = UNSET
    reasoning: ResponsesReasoning | UnsetType = UNSET
    text: ResponsesText2 | UnsetType = UNSET


class ResponsesSummary(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    text: str
    type: Literal["summary_text"]


class ResponsesContent(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    text: str
    type: Literal["reasoning_text"]


class ResponsesReasoningItem(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="reasoning"):
    id: str
    summary: list[ResponsesSummary]
    content: list[ResponsesContent] | UnsetType = UNSET
    encrypted_content: str | UnsetType | None = UNSET
    status: Literal["in_progress", "completed", "incomplete"] | UnsetType = UNSET


class ResponsesCompactionItem(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="compaction"):
    encrypted_content: str
    id: str | UnsetType | None = UNSET


class ResponsesImageGenerationCallErrorModerationDetails(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    categories: list[str]
    moderation_stage: Literal["input", "output", "unknown"]


class ResponsesImageGenerationCallError(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    code: str | None
    message: str
    param: str | None
    type: str
    moderation_details: ResponsesImageGenerationCallErrorModerationDetails | UnsetType = UNSET


class ResponsesImageGenerationCallSvgUsage(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    input_tokens: int
    model: str
    output_tokens: int
    reasoning_tokens: int
    total_tokens: int


class ResponsesImageGenerationCall(
    Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="image_generation_call"
):
    id: str
    result: str | None
    status: Literal["in_progress", "completed", "generating", "failed"]
    action: Literal["generate", "edit", "auto"] | UnsetType | None = UNSET
    background: Literal["transparent", "opaque", "auto"] | UnsetType | None = UNSET
    error: ResponsesImageGenerationCallError | UnsetType = UNSET
    output_format: Literal["png", "webp", "jpeg", "gif", "svg"] | UnsetType | None = UNSET
    quality: Literal["low", "medium", "high", "xhigh", "max", "auto"] | UnsetType | None = UNSET
    revised_prompt: str | UnsetType | None = UNSET
    size: str | UnsetType | None = UNSET
    svg_usage: ResponsesImageGenerationCallSvgUsage | UnsetType = UNSET


class ResponsesOutputLogs(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="logs"):
    logs: str
