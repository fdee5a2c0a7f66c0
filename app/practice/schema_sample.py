"""A value that satisfies a JSON schema: what a model with structured output would have written, plainly marked as simulated.

Covers what structured output allows (OpenAI structured outputs guide): object, array, string, number, integer, boolean, null, enum,
const, anyOf, allOf, local ``$ref``, bounds, common formats, and a ``pattern`` as far as :mod:`app.practice.pattern_sample` goes. A plain
text says of which property it is, so that answers in a table are distinguished.
"""

from __future__ import annotations

import math
from typing import Any

from app.core.base.patterns import pattern as compiled
from app.practice.dice import mix

_DEPTH = 6
"""Below this depth optional things are left out and the shortest alternative is taken, so that recursive schemas end."""

_FORMATS = {
    "date-time": "2026-01-02T03:04:05Z",
    "date": "2026-01-02",
    "time": "03:04:05Z",
    "duration": "P1D",
    "email": "simulated@example.com",
    "hostname": "simulated.example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "uri": "https://example.com/simulated",
}
_PLAIN_TYPES = ("null", "boolean", "integer", "number", "string")
_PLAIN_TEXTS = (
    "simulated",
    "Simulated",
    "SIMULATED",
    "a",
    "A",
    "0",
    "1",
    "00",
    "000",
    "0000",
    "00000",
    "2026-01-02",
    "simulated@example.com",
    "",
)


_NOT_WORDS = compiled(r"[\W_]+")
_MOST_NAME = 40
"""Characters of a property's name that its text says."""
_MOST_ITEMS, _MOST_CHARACTERS = 1_000, 10_000
"""Whatever a schema asks for: a billion items would be all the memory there is."""


def sample(schema: Any, seed: int) -> Any:
    """A value for ``schema``; the same seed gives the same value. Anything that is no schema gives a marked string."""
    try:
        return _Sampler(schema if isinstance(schema, dict) else {}, seed).value(schema, 0)
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError):
        return "simulated"  # a schema with values of the wrong kind, which the real provider would refuse


class _Sampler:
    def __init__(self, root: dict[str, Any], seed: int) -> None:
        self._root, self._seed = root, seed

    def _draw(self, count: int) -> int:
        self._seed = mix(self._seed)
        return self._seed % count

    def value(self, schema: Any, depth: int, called: str = "") -> Any:
        """``called``: the property whose value it is."""
        if not isinstance(schema, dict) or depth > 4 * _DEPTH:
            return "simulated"
        schema = self._resolved(schema)
        if "const" in schema:
            return schema["const"]
        if isinstance(schema.get("enum"), list) and schema["enum"]:
            return schema["enum"][self._draw(len(schema["enum"]))]
        for key in ("anyOf", "oneOf"):
            if isinstance(schema.get(key), list) and schema[key]:
                rest = {name: part for name, part in schema.items() if name != key}
                options = [{**rest, **self._resolved(one)} for one in schema[key] if isinstance(one, dict)]
                return self.value(self._choose(options, depth), depth + 1, called)
        kind = schema.get("type")
        if isinstance(kind, list):
            kinds = [one for one in kind if one != "null"] or ["null"]
            kind = "null" if depth >= _DEPTH and "null" in kind else kinds[self._draw(len(kinds))]
        if kind == "object" or (kind is None and "properties" in schema):
            return self._object(schema, depth)
        if kind == "array" or (kind is None and "items" in schema):
            return self._array(schema, depth)
        if kind in ("integer", "number"):
            return self._number(schema, whole=kind == "integer")
        if kind == "boolean":
            return bool(self._draw(2))
        return None if kind == "null" else self._string(schema, called)

    def _choose(self, options: list[dict[str, Any]], depth: int) -> dict[str, Any]:
        plain = [one for one in options if one.get("type") in _PLAIN_TYPES or "enum" in one or "const" in one]
        if depth >= _DEPTH and plain:
            return plain[0]
        return options[self._draw(len(options))] if options else {}

    def _resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        """``schema`` with its local ``$ref`` followed and ``allOf`` merged in."""
        for _ in range(16):
            reference = schema.get("$ref")
            if not isinstance(reference, str) or not reference.startswith("#"):
                break
            target: Any = self._root
            for part in reference.removeprefix("#").strip("/").split("/") if reference != "#" else ():
                part = part.replace("~1", "/").replace("~0", "~")
                target = target.get(part) if isinstance(target, dict) else None
            schema = {**(target if isinstance(target, dict) else {}), **{k: v for k, v in schema.items() if k != "$ref"}}
        for part in schema.get("allOf", ()) if isinstance(schema.get("allOf"), list) else ():
            merged = self._resolved(part) if isinstance(part, dict) else {}
            properties = {**schema.get("properties", {}), **merged.get("properties", {})}
            required = [*schema.get("required", ()), *merged.get("required", ())]
            schema = {**schema, **merged}
            if properties:
                schema["properties"], schema["required"] = properties, required
        return schema

    def _object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        properties = schema.get("properties") or {}
        required = set(schema.get("required") or ())
        found = {key: self.value(part, depth + 1, str(key)) for key, part in properties.items() if depth < _DEPTH or key in required}
        extra = schema.get("additionalProperties")
        for key in required - set(found):
            found[key] = self.value(extra if isinstance(extra, dict) else {}, depth + 1)
        return found

    def _array(self, schema: dict[str, Any], depth: int) -> list[Any]:
        least, most = int(schema.get("minItems", 0)), schema.get("maxItems")
        count = max(least, 0 if depth >= _DEPTH else 1 + self._draw(3))
        count = min(count, int(most) if most is not None else count, _MOST_ITEMS)
        items = [self.value(schema.get("items", {}), depth + 1) for _ in range(count)]
        if schema.get("uniqueItems"):
            kept: list[Any] = []
            items = [item for item in items if item not in kept and not kept.append(item)]  # type: ignore[func-returns-value]
        return items

    def _number(self, schema: dict[str, Any], *, whole: bool) -> int | float:
        low, high = schema.get("minimum"), schema.get("maximum")
        step = schema.get("multipleOf") or (1 if whole else 0.5)
        if "exclusiveMinimum" in schema:
            low = max(low if low is not None else -math.inf, schema["exclusiveMinimum"] + (step if whole or low is None else 0))
            if not whole and schema.get("exclusiveMaximum", schema.get("maximum")) is not None:
                low = schema["exclusiveMinimum"]
        if "exclusiveMaximum" in schema:
            high = min(high if high is not None else math.inf, schema["exclusiveMaximum"])
        if low is not None and high is not None and not whole and not schema.get("multipleOf"):
            return float((low + high) / 2)
        start = low if low is not None else (high - 8 * step if high is not None else 0)
        first = math.ceil(start / step)
        count = 8 if high is None else max(1, math.floor(high / step) - first + (0 if "exclusiveMaximum" in schema else 1))
        number = (first + self._draw(min(count, 100))) * step
        return int(number) if whole else float(number)

    def _string(self, schema: dict[str, Any], called: str) -> str:
        text = _FORMATS.get(schema.get("format", ""), "")
        if text:
            return text
        pattern = schema.get("pattern")
        if isinstance(pattern, str):
            from app.practice.pattern_sample import matching  # few schemas have one

            plain = matching(pattern, _PLAIN_TEXTS)
            return "simulated" if plain is None else plain
        text = f"simulated {_NOT_WORDS.sub(' ', called[:_MOST_NAME]).strip() or 'text'} {1 + self._draw(99)}"
        least, most = int(schema.get("minLength", 0)), schema.get("maxLength")
        text = text.ljust(min(least, _MOST_CHARACTERS), ".")
        return text[: int(most)] if most is not None else text
