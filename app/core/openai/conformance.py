"""Whether an answer has the form that its request asked for: structured output is asked for and ignored by some models and servers.

Only what is certain is told: text that is no JSON, a value of another type, a property that is required and missing, one that is not
allowed, a value that is not among those listed. Keywords that are not looked at say nothing. Subset: OpenAI structured outputs guide.
"""

from __future__ import annotations

from typing import Any, Final

from app.core.json import jsonread
from app.core.json.jsonread import Unreadable

MARK: Final = b"json_schema"
"""Stands in every request that asks for a schema; what lacks it needs no look."""
DEPTH: Final = 20
"""Levels of a schema that are looked at."""
_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "string": (str,),
    "number": (int, float),
    "integer": (int, float),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
    "null": (type(None),),
}


def schema_of(body: Any) -> dict[str, Any] | None:
    """The JSON schema that a request's body asks for; None where it asks for none."""
    if not isinstance(body, dict):
        return None
    chat, text = body.get("response_format"), body.get("text")
    form = chat if isinstance(chat, dict) else text.get("format") if isinstance(text, dict) else None
    if not isinstance(form, dict) or form.get("type") != "json_schema":
        return None
    holder = form.get("json_schema") if isinstance(form.get("json_schema"), dict) else form
    found = holder.get("schema") if isinstance(holder, dict) else None
    return found if isinstance(found, dict) else None


def follows(text: str, schema: dict[str, Any]) -> bool:
    """Whether an answer's text is JSON of this schema, as far as can be said."""
    try:
        value = jsonread.value(text)
    except Unreadable as error:
        return error.kind in ("too_deep", "too_large")  # not read, so nothing is said
    return fits(value, schema, schema, 0)


def fits(value: Any, schema: Any, root: dict[str, Any], depth: int) -> bool:
    """Whether a value fits a part of the schema ``root``, as far as can be said; ``depth``: of this part."""
    if not isinstance(schema, dict) or depth > DEPTH:
        return True
    if isinstance(name := schema.get("$ref"), str):
        return fits(value, resolved(name, root), root, depth + 1)
    options = schema.get("anyOf")
    if isinstance(options, list) and not any(fits(value, option, root, depth + 1) for option in options):
        return False
    if not has_type(value, schema.get("type")):
        return False
    if isinstance(schema.get("enum"), list) and value not in schema["enum"]:
        return False
    if isinstance(value, dict):
        return _fits_object(value, schema, root, depth)
    if isinstance(value, list) and isinstance(schema.get("items"), dict):
        return all(fits(item, schema["items"], root, depth + 1) for item in value)
    return True


def _fits_object(value: dict[str, Any], schema: dict[str, Any], root: dict[str, Any], depth: int) -> bool:
    known = schema.get("properties")
    known = known if isinstance(known, dict) else {}
    required = schema.get("required")
    if isinstance(required, list) and any(isinstance(name, str) and name not in value for name in required):
        return False
    if schema.get("additionalProperties") is False and "patternProperties" not in schema and value.keys() - known.keys():
        return False
    return all(fits(each, known[name], root, depth + 1) for name, each in value.items() if name in known)


def has_type(value: Any, wanted: Any) -> bool:
    """Whether a value is of a type, or of one of these, by the names that schemas have for them."""
    names = [wanted] if isinstance(wanted, str) else wanted
    if not isinstance(names, list) or not all(isinstance(name, str) and name in _TYPES for name in names):
        return True
    return any(_is(value, name) for name in names)


def _is(value: Any, name: str) -> bool:
    if isinstance(value, bool):
        return name == "boolean"
    if name == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES[name])


def resolved(name: str, root: dict[str, Any]) -> Any:
    """What a reference within the schema names; None, which all values fit, where it names nothing."""
    found: Any = root
    for step in name.removeprefix("#").strip("/").split("/") if name.startswith("#") else ["?"]:
        if step:
            found = found.get(step) if isinstance(found, dict) else None
    return found
