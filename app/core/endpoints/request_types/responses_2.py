"""Bodies of responses requests, made from the types of openai 3.54.0 by tools/request_types.py: change nothing here."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType, field

from app.core.endpoints.request_types.responses_1 import (
    ResponsesComparisonFilter,
    ResponsesComparisonFilterGt,
    ResponsesComparisonFilterGte,
    ResponsesComparisonFilterIn,
    ResponsesComparisonFilterLt,
    ResponsesComparisonFilterLte,
    ResponsesComparisonFilterNe,
    ResponsesComparisonFilterNin,
    ResponsesCompoundFilter,
    ResponsesFunctionTool,
)


class ResponsesCompoundFilterOr(ResponsesCompoundFilter, tag="or"):
    pass


class ResponsesRankingOptionsHybridSearch(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    embedding_weight: float
    text_weight: float


class ResponsesRankingOptions(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    hybrid_search: ResponsesRankingOptionsHybridSearch | UnsetType = UNSET
    ranker: Literal["auto", "default-2024-11-15"] | UnsetType = UNSET
    score_threshold: float | UnsetType = UNSET


class ResponsesFileSearchTool(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="file_search"):
    vector_store_ids: list[str]
    filters: (
        ResponsesComparisonFilter
        | ResponsesComparisonFilterNe
        | ResponsesComparisonFilterGt
        | ResponsesComparisonFilterGte
        | ResponsesComparisonFilterLt
        | ResponsesComparisonFilterLte
        | ResponsesComparisonFilterIn
        | ResponsesComparisonFilterNin
        | ResponsesCompoundFilter
        | ResponsesCompoundFilterOr
        | UnsetType
        | None
    ) = UNSET
    max_num_results: int | UnsetType = UNSET
    ranking_options: ResponsesRankingOptions | UnsetType = UNSET


class ResponsesComputerTool(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="computer"):
    pass


class ResponsesComputerUsePreviewTool(
    Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="computer_use_preview"
):
    display_height: int
    display_width: int
    environment: Literal["windows", "mac", "linux", "ubuntu", "browser"]


class ResponsesFilters(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    allowed_domains: list[str] | UnsetType | None = UNSET


class ResponsesUserLocation(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    city: str | UnsetType | None = UNSET
    country: str | UnsetType | None = UNSET
    region: str | UnsetType | None = UNSET
    timezone: str | UnsetType | None = UNSET
    type: Literal["approximate"] | UnsetType = UNSET


class ResponsesWebSearchTool(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="web_search"):
    external_web_access: bool | UnsetType = UNSET
    filters: ResponsesFilters | UnsetType | None = UNSET
    search_context_size: Literal["low", "medium", "high"] | UnsetType = UNSET
    user_location: ResponsesUserLocation | UnsetType | None = UNSET


class ResponsesWebSearchToolWebSearch20250826(ResponsesWebSearchTool, tag="web_search_2025_08_26"):
    pass


class ResponsesToolMcpAllowedToolsMcpToolFilter(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    read_only: bool | UnsetType = UNSET
    tool_names: list[str] | UnsetType = UNSET


class ResponsesToolMcpRequireApprovalMcpToolApprovalFilter(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    always: ResponsesToolMcpAllowedToolsMcpToolFilter | UnsetType = UNSET
    never: ResponsesToolMcpAllowedToolsMcpToolFilter | UnsetType = UNSET


class ResponsesToolMcp(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="mcp"):
    server_label: str
    allowed_callers: list[Literal["direct", "programmatic"]] | UnsetType | None = UNSET
    allowed_tools: list[str] | ResponsesToolMcpAllowedToolsMcpToolFilter | UnsetType | None = UNSET
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
    require_approval: Literal["always", "never"] | ResponsesToolMcpRequireApprovalMcpToolApprovalFilter | UnsetType | None = UNSET
    server_description: str | UnsetType = UNSET
    server_url: str | UnsetType = UNSET
    tunnel_id: str | UnsetType = UNSET


class ResponsesContainerNetworkPolicyDisabled(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="disabled"):
    pass


class ResponsesContainerNetworkPolicyDomainSecret(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    domain: str
    name: str
    value: str


class ResponsesContainerNetworkPolicyAllowlist(
    Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="allowlist"
):
    allowed_domains: list[str]
    domain_secrets: list[ResponsesContainerNetworkPolicyDomainSecret] | UnsetType = UNSET


class ResponsesToolCodeInterpreterContainerCodeInterpreterToolAuto(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    type: Literal["auto"]
    file_ids: list[str] | UnsetType = UNSET
    memory_limit: Literal["1g", "4g", "16g", "64g"] | UnsetType | None = UNSET
    network_policy: ResponsesContainerNetworkPolicyDisabled | ResponsesContainerNetworkPolicyAllowlist | UnsetType = UNSET


class ResponsesToolCodeInterpreter(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="code_interpreter"):
    container: str | ResponsesToolCodeInterpreterContainerCodeInterpreterToolAuto
    allowed_callers: list[Literal["direct", "programmatic"]] | UnsetType | None = UNSET


class ResponsesToolProgrammaticToolCalling(
    Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="programmatic_tool_calling"
):
    pass


class ResponsesToolImageGenerationInputImageMask(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    file_id: str | UnsetType = UNSET
    image_url: str | UnsetType = UNSET


class ResponsesToolImageGenerationSvgReasoning(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"] | UnsetType = UNSET


class ResponsesToolImageGenerationSvg(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    model: str | UnsetType = UNSET
    reasoning: ResponsesToolImageGenerationSvgReasoning | UnsetType | None = UNSET


class ResponsesToolImageGeneration(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="image_generation"):
    action: Literal["generate", "edit", "auto"] | UnsetType = UNSET
    background: Literal["transparent", "opaque", "auto"] | UnsetType = UNSET
    complexity: Literal["low", "medium", "high"] | UnsetType = UNSET
    frame_count: int | UnsetType = UNSET
    frame_duration_ms: int | UnsetType = UNSET
    input_fidelity: Literal["high", "low"] | UnsetType | None = UNSET
    input_image_mask: ResponsesToolImageGenerationInputImageMask | UnsetType = UNSET
    model: str | UnsetType = UNSET
    moderation: Literal["auto", "low"] | UnsetType = UNSET
    output_compression: int | UnsetType = UNSET
    output_format: Literal["png", "webp", "jpeg", "gif", "svg"] | UnsetType = UNSET
    partial_images: int | UnsetType = UNSET
    quality: Literal["low", "medium", "high", "xhigh", "max", "auto"] | UnsetType = UNSET
    size: str | UnsetType = UNSET
    svg: ResponsesToolImageGenerationSvg | UnsetType = UNSET


class ResponsesToolLocalShell(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="local_shell"):
    pass


class ResponsesSkillReference(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="skill_reference"):
    skill_id: str
    version: str | UnsetType = UNSET


class ResponsesInlineSkillSource(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    data: str
    media_type: Literal["application/zip"]
    type: Literal["base64"]


class ResponsesInlineSkill(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="inline"):
    description: str
    name: str
    source: ResponsesInlineSkillSource


class ResponsesContainerAuto(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="container_auto"):
    file_ids: list[str] | UnsetType = UNSET
    memory_limit: Literal["1g", "4g", "16g", "64g"] | UnsetType | None = UNSET
    network_policy: ResponsesContainerNetworkPolicyDisabled | ResponsesContainerNetworkPolicyAllowlist | UnsetType = UNSET
    skills: list[ResponsesSkillReference | ResponsesInlineSkill] | UnsetType = UNSET


class ResponsesLocalSkill(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
    description: str
    name: str
    path: str


class ResponsesLocalEnvironment(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="local"):
    skills: list[ResponsesLocalSkill] | UnsetType = UNSET


class ResponsesContainerReference(Struct, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="container_reference"):
    container_id: str


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
