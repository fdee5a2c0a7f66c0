"""Bodies of responses requests, made from the types of openai 3.54.0 by tools/request_types.py: change nothing here."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType, field

from app.core.bodies.request_types.responses_1 import ResponsesInputFile, ResponsesInputImage, ResponsesInputText
from app.core.bodies.request_types.responses_2 import ResponsesContainerReference, ResponsesLocalEnvironment
from app.core.bodies.request_types.responses_3 import ResponsesFormatText, ResponsesFormatTextJSONSchemaConfig, ResponsesOutputLogs


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


class ResponsesShellCallCallerDirect(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="direct"):
    pass


class ResponsesShellCallCallerProgram(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="program"):
    caller_id: str


class ResponsesShellCall(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="shell_call"):
    action: ResponsesShellCallAction
    call_id: str
    id: str | UnsetType | None = UNSET
    caller: ResponsesShellCallCallerDirect | ResponsesShellCallCallerProgram | UnsetType | None = UNSET
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


class ResponsesShellCallOutputCallerDirect(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="direct"):
    pass


class ResponsesShellCallOutputCallerProgram(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="program"):
    caller_id: str


class ResponsesShellCallOutput(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="shell_call_output"):
    call_id: str
    output: list[ResponsesFunctionShellCallOutputContent]
    id: str | UnsetType | None = UNSET
    caller: ResponsesShellCallOutputCallerDirect | ResponsesShellCallOutputCallerProgram | UnsetType | None = UNSET
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


class ResponsesApplyPatchCallCallerDirect(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="direct"):
    pass


class ResponsesApplyPatchCallCallerProgram(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="program"):
    caller_id: str


class ResponsesApplyPatchCall(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="apply_patch_call"):
    call_id: str
    operation: (
        ResponsesApplyPatchCallOperationCreateFile | ResponsesApplyPatchCallOperationDeleteFile | ResponsesApplyPatchCallOperationUpdateFile
    )
    status: Literal["in_progress", "completed"]
    id: str | UnsetType | None = UNSET
    caller: ResponsesApplyPatchCallCallerDirect | ResponsesApplyPatchCallCallerProgram | UnsetType | None = UNSET


class ResponsesApplyPatchCallOutputCallerDirect(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="direct"):
    pass


class ResponsesApplyPatchCallOutputCallerProgram(
    Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="program"
):
    caller_id: str


class ResponsesApplyPatchCallOutput(
    Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="apply_patch_call_output"
):
    call_id: str
    status: Literal["completed", "failed"]
    id: str | UnsetType | None = UNSET
    caller: ResponsesApplyPatchCallOutputCallerDirect | ResponsesApplyPatchCallOutputCallerProgram | UnsetType | None = UNSET
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


class ResponsesCallerDirectDirect(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="direct"):
    pass


class ResponsesCallerProgramProgram(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="program"):
    caller_id: str


class ResponsesCustomToolCallOutput(
    Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="custom_tool_call_output"
):
    call_id: str
    output: str | list[ResponsesInputText | ResponsesInputImage | ResponsesInputFile]
    id: str | UnsetType = UNSET
    caller: ResponsesCallerDirectDirect | ResponsesCallerProgramProgram | UnsetType | None = UNSET


class ResponsesCallerDirectDirect2(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="direct"):
    pass


class ResponsesCallerProgramProgram2(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="program"):
    caller_id: str


class ResponsesCustomToolCall(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="custom_tool_call"):
    f_async: bool | UnsetType = field(name="async", default=UNSET)
    call_id: str
    input: str
    name: str
    id: str | UnsetType = UNSET
    caller: ResponsesCallerDirectDirect2 | ResponsesCallerProgramProgram2 | UnsetType | None = UNSET
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


class ResponsesModerationPolicyInput(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    mode: Literal["score", "block"]


class ResponsesModerationPolicyOutput(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    mode: Literal["score", "block"]


class ResponsesModerationPolicy(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    input: ResponsesModerationPolicyInput | UnsetType | None = UNSET
    output: ResponsesModerationPolicyOutput | UnsetType | None = UNSET


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
    format: ResponsesFormatText | ResponsesFormatTextJSONSchemaConfig | ResponsesFormatJSONObject | UnsetType = UNSET
    verbosity: Literal["low", "medium", "high"] | UnsetType | None = UNSET
