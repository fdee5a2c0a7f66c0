"""What is particular to an endpoint of the batch API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Literal

import msgspec

from app.core.model.lanes import Endpoint

Asked = Literal["messages", "input", "prompt"]
EFFORTS: Final = ("none", "minimal", "low", "medium", "high", "xhigh")
VERBOSITIES: Final = ("low", "medium", "high")
MAX_INPUTS: Final = 2_048
"""Inputs of one request of embeddings or moderations."""
UNBOUNDED: Final = 10**9
"""Stands for «no upper limit» in ``EndpointSpec.ranges``: nobody reaches it."""


FormFieldKind = Literal["model", "text", "integer", "number", "boolean", "choice", "list", "json"]
"""``list``: texts, one a line; ``json``: any JSON value; ``choice``: one of ``choices``, though others can be typed."""


class FormField(msgspec.Struct, frozen=True):
    """One parameter. ``path`` is where it is in a body; ``least`` and ``most`` bound a number."""

    name: str
    label: str
    kind: FormFieldKind
    path: tuple[str, ...]
    help: str = ""
    choices: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    advanced: bool = False
    """Few need it: it is folded away."""


class EndpointSpec(msgspec.Struct, frozen=True, kw_only=True):
    """One endpoint. Sources: OpenAI's API reference and model pages, November 2026."""

    path: Endpoint
    name: str
    """Its module here and in ``request_types``."""
    title: str
    about: str
    asked: Asked
    """What a template's form asks: messages, or texts that are under this name."""
    needed: tuple[str, ...]
    """Fields of a body of which one must be there; the first is the usual one."""
    content: tuple[str, ...]
    """Fields that differ from row to row; all others are parameters."""
    smallest: Mapping[str, Any]
    """A body that is right, without its model."""
    model: str
    """A model that it takes; the practice provider has it."""
    types: Callable[[], tuple[Any, ...]]
    """Loads the struct of a body, and behind it one that is faster to decode and takes the usual bodies, if there is one."""
    sdk: tuple[str, str]
    """Module and name of the SDK's type that the structs are made from (``tools/request_types.py``)."""
    fields: Callable[[], tuple[FormField, ...]]
    """The parameters, in the order of the form."""
    models: str = ""
    """A pattern of OpenAI's model names that only this endpoint takes."""
    models_also: tuple[Endpoint, ...] = ()
    """Endpoints outside of the table that take them as well."""
    models_anywhere: bool = False
    """Names of other providers' models follow that pattern too."""
    takes_text_models: bool = False
    """It takes every model of OpenAI whose name follows no endpoint's pattern."""
    ranges: Mapping[str, tuple[float, float]] = {}
    """Least and most of a number, by name."""
    places: Mapping[str, tuple[str, ...]] = {}
    """Where the values that the editor's form checks are in a body, by the form's field."""
    instead: Mapping[str, str] = {}
    """Parameters of other endpoints, and in words what to write here."""
    renames: Mapping[str, str] = {}
    """Parameters that are repaired by another name; with points between the steps."""
    many: int = 1
    """Inputs that a request takes at most."""
    batch_inputs: int = 0
    """Inputs that all requests of a batch may have together; 0: not limited."""
    prompt_length: int = 0
    """Characters of ``prompt`` at most; 0: not limited."""
    schema: bool = False
    """Answers may follow a JSON schema."""
    metadata: bool = False
    files: bool = False
    """Messages may hold images and files."""
    programs: bool = True
    """Programs may hand in requests for it."""
    sample: Mapping[str, Any] = {}
    """An answer's own fields as the reference shows them: what the practice provider answers where it has no code for this endpoint."""
