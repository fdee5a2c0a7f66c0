"""Bodies of responses requests, made from the types of openai 3.54.0 by tools/request_types.py: change nothing here."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType, field

from app.core.endpoints.request_types.responses_1 import (
    ResponsesCallerDirect,
    ResponsesCallerProgram,
    ResponsesFunctionTool,
    ResponsesInputFile,
    ResponsesInputImage,
    ResponsesInputText,
)
from app.core.endpoints.request_types.responses_2 import (
    ResponsesApplyPatchTool,
    ResponsesComputerTool,
    ResponsesComputerUsePreviewTool,
    ResponsesContainerReference,
    ResponsesCustomTool,
    ResponsesFileSearchTool,
    ResponsesFunctionShellTool,
    ResponsesLocalEnvironment,
    ResponsesText,
    ResponsesToolCodeInterpreter,
    ResponsesToolImageGeneration,
    ResponsesToolLocalShell,
    ResponsesToolMcp,
    ResponsesToolProgrammaticToolCalling,
    ResponsesToolSearchOutputNamespaceTool,
    ResponsesToolSearchTool,
    ResponsesWebSearchPreviewTool,
    ResponsesWebSearchPreviewToolWebSearchPreview20250311,
    ResponsesWebSearchTool,
    ResponsesWebSearchToolWebSearch20250826,
)


class ResponsesAdditionalTools(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="additional_tools"):
    role: Literal["developer"]
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


class ResponsesReasoning(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"] | UnsetType | None = UNSET


class ResponsesFormatTextJSONSchemaConfig(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="json_schema"):
    name: str
    schema: dict[str, Any]
    description: str | UnsetType = UNSET
    strict: bool | UnsetType | None = UNSET


class ResponsesText2(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    format: ResponsesText | ResponsesFormatTextJSONSchemaConfig


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


class ResponsesOutputImage(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="image"):
    url: str


class ResponsesCodeInterpreterToolCall(
    Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="code_interpreter_call"
):
    id: str
    code: str | None
    container_id: str
    outputs: list[ResponsesOutputLogs | ResponsesOutputImage] | None
    status: Literal["in_progress", "completed", "incomplete", "interpreting", "failed"]


class ResponsesLocalShellCallAction(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    command: list[str]
    env: dict[str, str]
    type: Literal["exec"]
    timeout_ms: int | UnsetType | None = UNSET
    user: str | UnsetType | None = UNSET
    working_directory: str | UnsetType | None = UNSET


class ResponsesLocalShellCall(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="local_shell_call"):
    id: str
    action: ResponsesLocalShellCallAction
    call_id: str
    status: Literal["in_progress", "completed", "incomplete"]


class ResponsesLocalShellCallOutput(
    Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="local_shell_call_output"
):
    id: str
    output: str
    status: Literal["in_progress", "completed", "incomplete"] | UnsetType | None = UNSET


class ResponsesShellCallAction(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    commands: list[str]
    max_output_length: int | UnsetType | None = UNSET
    timeout_ms: int | UnsetType | None = UNSET


class ResponsesShellCall(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="shell_call"):
    action: ResponsesShellCallAction
    call_id: str
    id: str | UnsetType | None = UNSET
    caller: ResponsesCallerDirect | ResponsesCallerProgram | UnsetType | None = UNSET
    environment: ResponsesLocalEnvironment | ResponsesContainerReference | UnsetType | None = UNSET
    status: Literal["in_progress", "completed", "incomplete"] | UnsetType | None = UNSET


class ResponsesOutcomeTimeout(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="timeout"):
    pass


class ResponsesOutcomeExit(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="exit"):
    exit_code: int


class ResponsesFunctionShellCallOutputContent(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    outcome: ResponsesOutcomeTimeout | ResponsesOutcomeExit
    stderr: str
    stdout: str


class ResponsesShellCallOutput(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="shell_call_output"):
    call_id: str
    output: list[ResponsesFunctionShellCallOutputContent]
    id: str | UnsetType | None = UNSET
    caller: ResponsesCallerDirect | ResponsesCallerProgram | UnsetType | None = UNSET
    max_output_length: int | UnsetType | None = UNSET
    status: Literal["in_progress", "completed", "incomplete"] | UnsetType | None = UNSET


class ResponsesApplyPatchCallOperationCreateFile(
    Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="create_file"
):
    diff: str
    path: str


class ResponsesApplyPatchCallOperationDeleteFile(
    Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="delete_file"
):
    path: str


class ResponsesApplyPatchCallOperationUpdateFile(
    Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="update_file"
):
    diff: str
    path: str


class ResponsesApplyPatchCall(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="apply_patch_call"):
    call_id: str
    operation: (
        ResponsesApplyPatchCallOperationCreateFile | ResponsesApplyPatchCallOperationDeleteFile | ResponsesApplyPatchCallOperationUpdateFile
    )
    status: Literal["in_progress", "completed"]
    id: str | UnsetType | None = UNSET
    caller: ResponsesCallerDirect | ResponsesCallerProgram | UnsetType | None = UNSET


class ResponsesApplyPatchCallOutput(
    Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="apply_patch_call_output"
):
    call_id: str
    status: Literal["completed", "failed"]
    id: str | UnsetType | None = UNSET
    caller: ResponsesCallerDirect | ResponsesCallerProgram | UnsetType | None = UNSET
    output: str | UnsetType | None = UNSET


class ResponsesMcpListToolsTool(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    input_schema: Any
    name: str
    annotations: Any | UnsetType = UNSET
    description: str | UnsetType | None = UNSET


class ResponsesMcpListTools(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="mcp_list_tools"):
    id: str
    server_label: str
    tools: list[ResponsesMcpListToolsTool]
    error: str | UnsetType | None = UNSET


class ResponsesMcpApprovalRequest(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="mcp_approval_request"):
    id: str
    arguments: str
    name: str
    server_label: str


class ResponsesMcpApprovalResponse(
    Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="mcp_approval_response"
):
    approval_request_id: str
    approve: bool
    id: str | UnsetType | None = UNSET
    reason: str | UnsetType | None = UNSET


class ResponsesMcpProtocolError(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="mcp_protocol_error"):
    code: int
    message: str


class ResponsesMcpToolExecutionError(
    Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="mcp_tool_execution_error"
):
    content: Any


class ResponsesHTTPError(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="http_error"):
    code: int
    message: str


class ResponsesMcpCall(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="mcp_call"):
    id: str
    arguments: str
    name: str
    server_label: str
    approval_request_id: str | UnsetType | None = UNSET
    error: ResponsesMcpProtocolError | ResponsesMcpToolExecutionError | ResponsesHTTPError | UnsetType | None = UNSET
    output: str | UnsetType | None = UNSET
    status: Literal["in_progress", "completed", "incomplete", "calling", "failed"] | UnsetType = UNSET


class ResponsesCustomToolCallOutput(
    Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="custom_tool_call_output"
):
    call_id: str
    output: str | list[ResponsesInputText | ResponsesInputImage | ResponsesInputFile]
    id: str | UnsetType = UNSET
    caller: ResponsesCallerDirect | ResponsesCallerProgram | UnsetType | None = UNSET


class ResponsesCustomToolCall(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="custom_tool_call"):
    f_async: bool | UnsetType = field(name="async", default=UNSET)
    call_id: str
    input: str
    name: str
    id: str | UnsetType = UNSET
    caller: ResponsesCallerDirect | ResponsesCallerProgram | UnsetType | None = UNSET
    namespace: str | UnsetType = UNSET


class ResponsesCompactionTrigger(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="compaction_trigger"):
    id: str | UnsetType | None = UNSET


class ResponsesItemReference(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="item_reference"):
    id: str


class ResponsesProgram(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="program"):
    id: str
    call_id: str
    code: str
    fingerprint: str


class ResponsesProgramOutput(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="program_output"):
    id: str
    call_id: str
    result: str
    status: Literal["completed", "incomplete"]
