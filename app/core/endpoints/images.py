"""``/v1/images/generations``: a description in, images out."""

from __future__ import annotations

from typing import Any, Final

from app.core.endpoints.spec import EndpointSpec, FormField
from app.core.model.lanes import IMAGES

_RANGES: Final = {"n": (1, 10), "output_compression": (0, 100), "partial_images": (0, 3)}


def _types() -> tuple[Any, ...]:
    from app.core.endpoints.request_types.images import ImagesBody

    return (ImagesBody,)


def _fields() -> tuple[FormField, ...]:
    from app.core.endpoints import fields

    number = fields.Numbers(_RANGES)
    return (
        fields.MODEL,
        fields.choice("size", "Size", ("auto", "1024x1024", "1536x1024", "1024x1536")),
        fields.choice("quality", "Quality", ("auto", "low", "medium", "high")),
        fields.choice("background", "Background", ("auto", "transparent", "opaque")),
        number("n", "Images per request", "Each is billed.", "integer", advanced=False),
        fields.choice("output_format", "Format", ("png", "jpeg", "webp")),
        number("output_compression", "Compression", "Percent, for JPEG and WebP.", "integer"),
        fields.choice("moderation", "Moderation", ("auto", "low"), advanced=True),
        fields.USER,
    )


SPEC: Final = EndpointSpec(
    path=IMAGES,
    name="images",
    title="Image generations",
    about="A description in, images out.",
    asked="prompt",
    needed=("prompt",),
    content=("prompt",),
    smallest={"prompt": "x"},
    model="gpt-image-1",
    types=_types,
    sdk=("openai.types.image_generate_params", "ImageGenerateParamsNonStreaming"),
    fields=_fields,
    models=r"^(dall-e|gpt-image|chatgpt-image)",
    models_also=("/v1/images/edits",),
    ranges=_RANGES,
    prompt_length=32_000,  # the GPT image models; older ones take fewer
    programs=False,
)
