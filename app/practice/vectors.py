"""Embeddings and moderations: numbers instead of text, made so that 50,000 of them stay quick."""

from __future__ import annotations

import binascii
import math
from array import array
from functools import cache
from typing import Any

from app.practice.bodies import Body, loosely
from app.practice.dice import draw, name
from app.practice.plans import tokens

CATEGORIES = (
    "harassment",
    "harassment/threatening",
    "hate",
    "hate/threatening",
    "illicit",
    "illicit/violent",
    "self-harm",
    "self-harm/instructions",
    "self-harm/intent",
    "sexual",
    "sexual/minors",
    "violence",
    "violence/graphic",
)


@cache
def _wave(size: int) -> list[float]:
    """One vector of length 1. Every embedding is a rotation of it: different, deterministic, cheap."""
    raw = [math.sin(0.7 * index * index + index) for index in range(size)]
    length = math.sqrt(sum(number * number for number in raw)) or 1.0
    return [round(number / length, 6) for number in raw]


def _texts(body: Body) -> list[Any]:
    given = loosely(body.input)
    return given if isinstance(given, list) and given and isinstance(given[0], str | list) else [given]


def embedding_tokens(body: Body) -> int:
    """The tokens that an embeddings request uses."""
    return sum(len(text) if isinstance(text, list) else tokens(len(str(text))) for text in _texts(body))


def embeddings(body: Body, seed: int) -> dict[str, Any]:
    """An embeddings body."""
    size = body.dimensions if isinstance(body.dimensions, int) and 1 <= body.dimensions <= 3072 else 3072 if "large" in body.model else 1536
    used = embedding_tokens(body)
    data = []
    for index, text in enumerate(_texts(body)):
        turn = draw(seed, str(text)) % size
        vector = _wave(size)
        vector = vector[turn:] + vector[:turn]
        data.append({"object": "embedding", "index": index, "embedding": _packed(vector) if body.encoding_format == "base64" else vector})
    return {"object": "list", "data": data, "model": body.model, "usage": {"prompt_tokens": used, "total_tokens": used}}


def _packed(vector: list[float]) -> str:
    """Little-endian 32-bit floats in base64, what the official SDK asks for."""
    return binascii.b2a_base64(array("f", vector).tobytes(), newline=False).decode()


def moderations(body: Body, seed: int) -> dict[str, Any]:
    """A moderations body. A text with the word «kill» is flagged as violence, so that both cases can be tried."""
    given = loosely(body.input)
    several = isinstance(given, list) and bool(given) and isinstance(given[0], str)
    results = []
    for text in given if several else [given]:
        flagged = "kill" in str(text).lower()
        scores = {category: round((draw(seed, category) & 0xFFFF) / 0xFFFF / 100, 6) for category in CATEGORIES}
        if flagged:
            scores["violence"] = 0.9
        results.append(
            {
                "flagged": flagged,
                "categories": {category: flagged and category == "violence" for category in CATEGORIES},
                "category_scores": scores,
                "category_applied_input_types": {category: ["text"] for category in CATEGORIES},
            }
        )
    return {"id": f"modr-{name(seed)}", "model": body.model, "results": results}
