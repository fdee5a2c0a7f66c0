"""The JSON schema of structured output, checked as it is typed: its JSON first, then what OpenAI's strict mode takes.

Rules and limits are those of OpenAI's structured outputs guide (supported schemas); «is not permitted» keywords are those that the API
refuses with that message.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec.structs import replace

from app.core.base.findings import Finding, Severity
from app.core.base.patterns import pattern
from app.core.base.text import count, number
from app.core.json import jsontext
from app.core.json.jsontext import pointer

MAX_FINDINGS = 100
NAME = pattern(r"[a-zA-Z0-9_-]{1,64}")
MAX_DEPTH = 10
MAX_PROPERTIES = 5_000
MAX_ENUM_VALUES = 1_000
MAX_NAMES_LENGTH = 120_000
MAX_LONG_ENUM = (250, 15_000)  # an enum of more than 250 texts may hold 15,000 characters

_TYPES = frozenset({"string", "number", "boolean", "integer", "object", "array", "null"})
_USE_ANYOF = "Use anyOf."
_REFUSED: dict[str, str] = {
    "allOf": "Write out the merged schema.",
    "oneOf": _USE_ANYOF,
    "not": "Describe what is excluded in the description, or use an enum.",
    "if": _USE_ANYOF,
    "then": _USE_ANYOF,
    "else": _USE_ANYOF,
    "dependentRequired": _USE_ANYOF,
    "dependentSchemas": _USE_ANYOF,
    "default": "Remove it; the model always writes every property.",
    "patternProperties": "Name each property, or use an array of objects with name and value.",
    "unevaluatedProperties": "Use additionalProperties: false.",
    "propertyNames": "Name each property.",
    "minProperties": "Name each property.",
    "maxProperties": "Name each property.",
    "prefixItems": "Use an object with one property for each place.",
    "unevaluatedItems": "Use items.",
    "contains": "Say it in the description.",
    "minContains": "Say it in the description.",
    "maxContains": "Say it in the description.",
    "uniqueItems": "Say it in the description, and remove duplicates from the answers.",
}
_DOUBTFUL = {
    "minLength": "Not every model takes it; say the length in the description.",
    "maxLength": "Not every model takes it; say the length in the description.",
    "examples": "Put examples into the description.",
    "nullable": 'It has no effect: write "type": ["string", "null"] or the like.',
    "definitions": "Use $defs.",
}
_NESTED_MAPS = ("properties", "$defs", "definitions")

Path = tuple[str | int, ...]


class SchemaCheck(msgspec.Struct, frozen=True):
    """The schema (None if there is none to send) and what was found, errors and advice, in the order of the text."""

    schema: dict[str, Any] | None
    findings: tuple[Finding, ...] = ()


def check_name(name: str) -> Finding | None:
    """A schema's name: 1 to 64 characters of a-z, A-Z, 0-9, _ and -."""
    if NAME.fullmatch(name):
        return None
    what = (
        "The schema has no name." if not name else f"The schema's name “{name[:70]}” has characters that are not allowed, or is too long."
    )
    return Finding("schema_name", what, "Use 1 to 64 letters, digits, _ or -.")


def check(text: str, *, strict: bool = True) -> SchemaCheck:
    """Check a schema as typed. Findings carry a JSON pointer and its line and column in ``text``."""
    parsed = jsontext.parse(text)
    warnings = tuple(
        Finding("schema_text", warning.sentence, "", "advice", line=warning.line, column=warning.column) for warning in parsed.warnings
    )
    if parsed.fault:
        fault = parsed.fault
        return SchemaCheck(None, (*warnings, Finding("schema_text", fault.sentence, line=fault.line, column=fault.column)))
    if not isinstance(parsed.value, dict):
        return SchemaCheck(None, (_finding((), "A schema is a JSON object.", 'Begin with {"type": "object", …}.'),))
    found = tuple(check_value(parsed.value)) if strict else tuple(_root(parsed.value))
    if len(found) > MAX_FINDINGS:
        more = _finding((), f"There are {number(len(found) - MAX_FINDINGS)} findings more.", "Fix these first.", "advice")
        found = (*found[:MAX_FINDINGS], more)
    return SchemaCheck(parsed.value, warnings + placed(text, found))


def placed(text: str, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The findings with line and column, by their JSON pointers into ``text``."""
    if not findings:
        return ()
    places = jsontext.Places(text)
    where = [(finding, places.of(finding.path, key=True)) for finding in findings]
    return tuple(replace(finding, line=line, column=column) for finding, (line, column) in where)


def _finding(path: Path, sentence: str, remedy: str = "", severity: Severity = "error") -> Finding:
    return Finding("schema_text", sentence, remedy, severity, path=pointer(path))


def check_value(schema: dict[str, Any]) -> Iterator[Finding]:
    """What strict mode refuses in a schema that was read already."""
    yield from _root(schema)
    walk = _Walk(schema)
    yield from walk.visit(schema, (), 0)
    yield from walk.totals()


def _root(schema: dict[str, Any]) -> Iterator[Finding]:
    if "anyOf" in schema:
        yield _finding(("anyOf",), "The outermost schema can't be an anyOf.", "Put it into a property of an object.")
    elif schema.get("type") != "object":
        yield _finding(
            ("type",) if "type" in schema else (), "The outermost schema must be an object.", 'Write "type": "object" with properties.'
        )


class _Walk:
    """Visits every schema inside a schema and keeps the totals."""

    def __init__(self, root: dict[str, Any]) -> None:
        self.root = root
        self.properties = self.enum_values = self.length = 0
        self.deep = False

    def totals(self) -> Iterator[Finding]:
        if self.properties > MAX_PROPERTIES:
            yield _finding((), f"The schema has {number(self.properties)} properties; the maximum is {number(MAX_PROPERTIES)}.")
        if self.enum_values > MAX_ENUM_VALUES:
            yield _finding((), f"The schema lists {number(self.enum_values)} enum values; the maximum is {number(MAX_ENUM_VALUES)}.")
        if self.length > MAX_NAMES_LENGTH:
            limit = number(MAX_NAMES_LENGTH)
            yield _finding((), f"Names, enum and const values have {number(self.length)} characters together; the maximum is {limit}.")

    def visit(self, schema: Any, path: Path, depth: int) -> Iterator[Finding]:
        if not isinstance(schema, dict):
            yield _finding(path, "A schema is expected here, in { }.")
            return
        kinds = self._kinds(schema)
        depth += bool(kinds & {"object", "array"})
        if depth > MAX_DEPTH:
            if not self.deep:
                self.deep = True
                yield _finding(path, f"Objects and arrays are nested more than {MAX_DEPTH} deep here.", "Flatten the schema.")
            return
        yield from self._keywords(schema, path)
        yield from self._type(schema, path)
        if "object" in kinds or (not kinds and "properties" in schema):
            yield from self._object(schema, path)
        if "array" in kinds and "items" not in schema:
            yield _finding(path, "An array needs items: the schema of its elements.")
        yield from self._values(schema, path)
        yield from self._inside(schema, path, depth)

    @staticmethod
    def _kinds(schema: dict[str, Any]) -> set[str]:
        given = schema.get("type")
        return {name for name in (given if isinstance(given, list) else [given]) if isinstance(name, str)}

    def _keywords(self, schema: dict[str, Any], path: Path) -> Iterator[Finding]:
        for name in schema:
            if name in _REFUSED:
                yield _finding((*path, name), f"{name} is not supported in strict mode.", _REFUSED[name])
            elif name in _DOUBTFUL:
                yield _finding((*path, name), f"{name} may be refused or ignored.", _DOUBTFUL[name], "advice")

    def _type(self, schema: dict[str, Any], path: Path) -> Iterator[Finding]:
        if "$ref" in schema:
            yield from self._reference(schema, path)
        elif "type" not in schema:
            if not schema.keys() & {"anyOf", "enum", "const", "oneOf", "allOf"}:
                yield _finding(path, "A type is missing here.", "Write a type, such as string, number, boolean, object or array.")
            return
        given = schema.get("type")
        for name in given if isinstance(given, list) else [given] if "type" in schema else []:
            if name not in _TYPES if isinstance(name, str) else True:
                yield _finding(
                    (*path, "type"), f"There is no type {jsontext.dumps(name)[:40]}.", f"Use one of {', '.join(sorted(_TYPES))}."
                )

    def _reference(self, schema: dict[str, Any], path: Path) -> Iterator[Finding]:
        target = schema["$ref"]
        if not isinstance(target, str) or not _resolves(self.root, target):
            yield _finding(
                (*path, "$ref"), f"{str(target)[:60]} does not exist in this schema.", "Refer to #/$defs/name, or # for the whole."
            )
        if len(schema) > 1:
            others = ", ".join(name for name in schema if name != "$ref")[:60]
            yield _finding((*path, "$ref"), f"Beside $ref stands {others}, which may be refused.", "Move it into the definition.", "advice")

    def _object(self, schema: dict[str, Any], path: Path) -> Iterator[Finding]:
        properties = schema.get("properties", {})
        if not isinstance(properties, dict):
            yield _finding((*path, "properties"), "properties is an object of names and schemas.")
            properties = {}
        self.properties += len(properties)
        if schema.get("additionalProperties") is not False:
            at = (*path, "additionalProperties") if "additionalProperties" in schema else path
            yield _finding(at, "An object must say additionalProperties: false.", 'Add "additionalProperties": false.')
        required = schema.get("required", [])
        if not isinstance(required, list):
            yield _finding((*path, "required"), "required is a list of names.")
            required = []
        names = {name for name in required if isinstance(name, str)}
        missing = [name for name in properties if name not in names]
        if missing:
            shown = ", ".join(missing[:5]) + (f" and {len(missing) - 5} more" if len(missing) > 5 else "")
            remedy = 'Add to required. For a value that may be absent, allow null in its type: ["string", "null"].'
            yield _finding(
                (*path, "required") if "required" in schema else path, f"Every property must be required; missing: {shown}.", remedy
            )
        if unknown := [name for name in names if name not in properties]:
            yield _finding((*path, "required"), f"required names {', '.join(sorted(unknown)[:5])}, which properties doesn't have.")

    def _values(self, schema: dict[str, Any], path: Path) -> Iterator[Finding]:
        values = schema.get("enum")
        if "enum" in schema and (not isinstance(values, list) or not values):
            yield _finding((*path, "enum"), "enum is a list of at least one value.")
        elif isinstance(values, list):
            length = sum(len(value) for value in values if isinstance(value, str))
            self.enum_values += len(values)
            self.length += length
            if len(values) > MAX_LONG_ENUM[0] and length > MAX_LONG_ENUM[1]:
                many, limit = count(len(values), "value"), number(MAX_LONG_ENUM[1])
                yield _finding((*path, "enum"), f"This enum of {many} has {number(length)} characters; the maximum is {limit}.")
        if isinstance(schema.get("const"), str):
            self.length += len(schema["const"])

    def _inside(self, schema: dict[str, Any], path: Path, depth: int) -> Iterator[Finding]:
        for name in _NESTED_MAPS:
            if isinstance(schema.get(name), dict):
                for key, inner in schema[name].items():
                    self.length += len(key)
                    yield from self.visit(inner, (*path, name, key), depth if name == "properties" else 0)
            elif name in schema and name != "properties":
                yield _finding((*path, name), f"{name} is an object of names and schemas.")
        if "items" in schema:
            yield from self.visit(schema["items"], (*path, "items"), depth)
        choices = schema.get("anyOf")
        if isinstance(choices, list) and choices:
            for index, inner in enumerate(choices):
                yield from self.visit(inner, (*path, "anyOf", index), depth)
        elif "anyOf" in schema:
            yield _finding((*path, "anyOf"), "anyOf is a list of schemas.")


def _resolves(root: dict[str, Any], target: str) -> bool:
    """Whether a local reference leads to a schema."""
    if not target.startswith("#"):
        return False
    here: Any = root
    for step in target[1:].split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(here, list):
            here = here[int(name)] if name.isdigit() and int(name) < len(here) else None
        else:
            here = here.get(name) if isinstance(here, dict) else None
    return isinstance(here, dict)
