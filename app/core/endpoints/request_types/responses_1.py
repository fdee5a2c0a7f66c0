"""Bodies of responses requests, made from the types of openai 3.54.0 by tools/request_types.py: change nothing here."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType, field


class ResponsesAccessPrograms(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    cyber: Literal["standard", "daybreak_blue", "daybreak_red"] | UnsetType = UNSET


class ResponsesBackgroundOptions(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    completion_window: Literal["soonest", "2h", "8h"] | UnsetType = UNSET
    continuation_id: str | UnsetType = UNSET


class ResponsesContextManagement(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    type: str
    compact_threshold: int | UnsetType | None = UNSET


class ResponsesConversation(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    id: str


class ResponsesImage(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    context_compression: Literal["auto", "enabled", "disabled"] | UnsetType = UNSET


class ResponsesPromptCacheBreakpoint(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    mode: Literal["explicit"]
    ttl: Literal["30m", "12h"] | UnsetType = UNSET


class ResponsesInputText(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="input_text"):
    text: str
    prompt_cache_breakpoint: ResponsesPromptCacheBreakpoint | UnsetType = UNSET


class ResponsesInputImage(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="input_image"):
    detail: Literal["low", "high", "auto", "original"]
    file_id: str | UnsetType | None = UNSET
    image_url: str | UnsetType | None = UNSET
    prompt_cache_breakpoint: ResponsesPromptCacheBreakpoint | UnsetType = UNSET


class ResponsesInputFile(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="input_file"):
    detail: Literal["auto", "low", "high"] | UnsetType = UNSET
    file_data: str | UnsetType = UNSET
    file_id: str | UnsetType | None = UNSET
    file_url: str | UnsetType = UNSET
    filename: str | UnsetType = UNSET
    prompt_cache_breakpoint: ResponsesPromptCacheBreakpoint | UnsetType = UNSET


class ResponsesAnnotationFileCitation(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="file_citation"):
    file_id: str
    filename: str
    index: int


class ResponsesAnnotationURLCitation(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="url_citation"):
    end_index: int
    start_index: int
    title: str
    url: str


class ResponsesAnnotationContainerFileCitation(
    Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="container_file_citation"
):
    container_id: str
    end_index: int
    file_id: str
    filename: str
    start_index: int


class ResponsesAnnotationFilePath(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="file_path"):
    file_id: str
    index: int


class ResponsesLogprobTopLogprob(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    token: str
    bytes: list[int]
    logprob: float


class ResponsesLogprob(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    token: str
    bytes: list[int]
    logprob: float
    top_logprobs: list[ResponsesLogprobTopLogprob]


class ResponsesOutputText(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="output_text"):
    annotations: (
        list[
            ResponsesAnnotationFileCitation
            | ResponsesAnnotationURLCitation
            | ResponsesAnnotationContainerFileCitation
            | ResponsesAnnotationFilePath
        ]
        | UnsetType
    ) = UNSET
    text: str
    logprobs: list[ResponsesLogprob] | UnsetType = UNSET


class ResponsesOutputRefusal(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="refusal"):
    refusal: str


class ResponsesEasyInputMessageOrLike(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="message"):
    content: str | list[ResponsesInputText | ResponsesInputImage | ResponsesInputFile | ResponsesOutputText | ResponsesOutputRefusal]
    role: Literal["user", "assistant", "system", "developer"]
    phase: Literal["commentary", "final_answer"] | UnsetType | None = UNSET
    status: Literal["in_progress", "completed", "incomplete"] | UnsetType = UNSET
    id: str | UnsetType = UNSET


class ResponsesResult(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    attributes: dict[str, bool | float | str] | UnsetType | None = UNSET
    file_id: str | UnsetType = UNSET
    filename: str | UnsetType = UNSET
    score: float | UnsetType = UNSET
    text: str | UnsetType = UNSET


class ResponsesFileSearchToolCall(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="file_search_call"):
    id: str
    queries: list[str]
    status: Literal["in_progress", "searching", "completed", "incomplete", "failed"]
    results: list[ResponsesResult] | UnsetType | None = UNSET


class ResponsesPendingSafetyCheck(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    id: str
    code: str | UnsetType | None = UNSET
    message: str | UnsetType | None = UNSET


class ResponsesActionClick(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="click"):
    button: Literal["left", "right", "wheel", "back", "forward"]
    x: int
    y: int
    keys: list[str] | UnsetType | None = UNSET


class ResponsesActionDoubleClick(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="double_click"):
    keys: list[str] | None
    x: int
    y: int


class ResponsesActionDragPath(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    x: int
    y: int


class ResponsesActionDrag(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="drag"):
    path: list[ResponsesActionDragPath]
    keys: list[str] | UnsetType | None = UNSET


class ResponsesActionKeypress(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="keypress"):
    keys: list[str]


class ResponsesActionMove(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="move"):
    x: int
    y: int
    keys: list[str] | UnsetType | None = UNSET


class ResponsesActionScreenshot(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="screenshot"):
    pass


class ResponsesActionScroll(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="scroll"):
    scroll_x: int
    scroll_y: int
    x: int
    y: int
    keys: list[str] | UnsetType | None = UNSET


class ResponsesActionType(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="type"):
    text: str


class ResponsesActionWait(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="wait"):
    pass


class ResponsesComputerToolCall(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="computer_call"):
    id: str
    call_id: str
    pending_safety_checks: list[ResponsesPendingSafetyCheck]
    status: Literal["in_progress", "completed", "incomplete"]
    action: (
        ResponsesActionClick
        | ResponsesActionDoubleClick
        | ResponsesActionDrag
        | ResponsesActionKeypress
        | ResponsesActionMove
        | ResponsesActionScreenshot
        | ResponsesActionScroll
        | ResponsesActionType
        | ResponsesActionWait
        | UnsetType
    ) = UNSET
    actions: (
        list[
            ResponsesActionClick
            | ResponsesActionDoubleClick
            | ResponsesActionDrag
            | ResponsesActionKeypress
            | ResponsesActionMove
            | ResponsesActionScreenshot
            | ResponsesActionScroll
            | ResponsesActionType
            | ResponsesActionWait
        ]
        | UnsetType
    ) = UNSET


class ResponsesComputerToolCallOutputScreenshot(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    type: Literal["computer_screenshot"]
    file_id: str | UnsetType = UNSET
    image_url: str | UnsetType = UNSET


class ResponsesComputerCallOutput(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="computer_call_output"):
    call_id: str
    output: ResponsesComputerToolCallOutputScreenshot
    id: str | UnsetType | None = UNSET
    acknowledged_safety_checks: list[ResponsesPendingSafetyCheck] | UnsetType | None = UNSET
    status: Literal["in_progress", "completed", "incomplete"] | UnsetType | None = UNSET


class ResponsesActionSearchSource(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    type: Literal["url"]
    url: str


class ResponsesActionSearch(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="search"):
    queries: list[str] | UnsetType = UNSET
    query: str | UnsetType = UNSET
    sources: list[ResponsesActionSearchSource] | UnsetType = UNSET


class ResponsesActionOpenPage(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="open_page"):
    url: str | UnsetType | None = UNSET


class ResponsesActionFind(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="find_in_page"):
    pattern: str
    url: str


class ResponsesFunctionWebSearch(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="web_search_call"):
    id: str
    action: ResponsesActionSearch | ResponsesActionOpenPage | ResponsesActionFind
    status: Literal["in_progress", "searching", "completed", "incomplete", "failed"]


class ResponsesCallerDirect(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="direct"):
    pass


class ResponsesCallerProgram(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="program"):
    caller_id: str


class ResponsesFunctionToolCall(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="function_call"):
    f_async: bool | UnsetType = field(name="async", default=UNSET)
    arguments: str
    call_id: str
    name: str
    id: str | UnsetType = UNSET
    caller: ResponsesCallerDirect | ResponsesCallerProgram | UnsetType | None = UNSET
    namespace: str | UnsetType = UNSET
    status: Literal["in_progress", "completed", "incomplete"] | UnsetType = UNSET


class ResponsesInputTextContent(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="input_text"):
    text: str
    prompt_cache_breakpoint: ResponsesPromptCacheBreakpoint | UnsetType | None = UNSET


class ResponsesInputImageContent(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="input_image"):
    detail: Literal["low", "high", "auto", "original"] | UnsetType | None = UNSET
    file_id: str | UnsetType | None = UNSET
    image_url: str | UnsetType | None = UNSET
    prompt_cache_breakpoint: ResponsesPromptCacheBreakpoint | UnsetType | None = UNSET


class ResponsesInputFileContent(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="input_file"):
    detail: Literal["auto", "low", "high"] | UnsetType = UNSET
    file_data: str | UnsetType | None = UNSET
    file_id: str | UnsetType | None = UNSET
    file_url: str | UnsetType | None = UNSET
    filename: str | UnsetType | None = UNSET
    prompt_cache_breakpoint: ResponsesPromptCacheBreakpoint | UnsetType | None = UNSET


class ResponsesFunctionCallOutput(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="function_call_output"):
    output: str | list[ResponsesInputTextContent | ResponsesInputImageContent | ResponsesInputFileContent]
    id: str | UnsetType | None = UNSET
    call_id: str | UnsetType | None = UNSET
    caller: ResponsesCallerDirect | ResponsesCallerProgram | UnsetType | None = UNSET
    name: str | UnsetType | None = UNSET
    namespace: str | UnsetType | None = UNSET
    status: Literal["in_progress", "completed", "incomplete"] | UnsetType | None = UNSET


class ResponsesToolSearchCall(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="tool_search_call"):
    arguments: Any
    id: str | UnsetType | None = UNSET
    call_id: str | UnsetType | None = UNSET
    execution: Literal["server", "client"] | UnsetType = UNSET
    status: Literal["in_progress", "completed", "incomplete"] | UnsetType | None = UNSET


class ResponsesFunctionTool(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="function"):
    f_async: bool | UnsetType = field(name="async", default=UNSET)
    name: str
    parameters: dict[str, Any] | UnsetType | None = UNSET
    strict: bool | UnsetType | None = UNSET
    allowed_callers: list[Literal["direct", "programmatic"]] | UnsetType | None = UNSET
    defer_loading: bool | UnsetType = UNSET
    description: str | UnsetType | None = UNSET
    output_schema: dict[str, Any] | UnsetType | None = UNSET


class ResponsesComparisonFilter(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="eq"):
    key: str
    value: bool | float | str | list[float | str]


class ResponsesComparisonFilterNe(ResponsesComparisonFilter, tag="ne"):
    pass


class ResponsesComparisonFilterGt(ResponsesComparisonFilter, tag="gt"):
    pass


class ResponsesComparisonFilterGte(ResponsesComparisonFilter, tag="gte"):
    pass


class ResponsesComparisonFilterLt(ResponsesComparisonFilter, tag="lt"):
    pass


class ResponsesComparisonFilterLte(ResponsesComparisonFilter, tag="lte"):
    pass


class ResponsesComparisonFilterIn(ResponsesComparisonFilter, tag="in"):
    pass


class ResponsesComparisonFilterNin(ResponsesComparisonFilter, tag="nin"):
    pass


class ResponsesCompoundFilter(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="and"):
    filters: list[Any]
