"""``/v1/embeddings``: texts in, vectors out."""

from __future__ import annotations

from typing import Any, Final

from app.core.endpoints.spec import MAX_INPUTS, UNBOUNDED, EndpointSpec, FormField
from app.core.model.lanes import EMBEDDINGS

_RANGES: Final = {"dimensions": (1, UNBOUNDED)}


def _types() -> tuple[Any, ...]:
    from app.core.endpoints.request_types.embeddings import EmbeddingsBody

    return (EmbeddingsBody,)


def _fields() -> tuple[FormField, ...]:
    from app.core.endpoints import fields

    number = fields.Numbers(_RANGES)
    return (
        fields.MODEL,
        number("dimensions", "Dimensions", "Numbers of a vector; fewer than the model's own.", "integer", advanced=False),
        fields.choice("encoding_format", "Written as", ("float", "base64"), advanced=True),
        fields.USER,
    )


SPEC: Final = EndpointSpec(
    path=EMBEDDINGS,
    name="embeddings",
    title="Embeddings",
    about="A text in, a vector out. Many rows can share a request; a batch takes 50,000 inputs.",
    asked="input",
    needed=("input",),
    content=("input",),
    smallest={"input": "x"},
    model="text-embedding-3-small",
    types=_types,
    sdk=("openai.types.embedding_create_params", "EmbeddingCreateParams"),
    fields=_fields,
    models=r"^text-embedding|embedding|(^|-)embed(-|$)",
    models_anywhere=True,
    ranges=_RANGES,
    many=MAX_INPUTS,
    batch_inputs=50_000,
)
