"""The OpenAPI document as one page of plain HTML: no script, nothing from another host, under a policy that allows neither."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from html import escape
from typing import Any, Final

import msgspec

from app.core.json import jsonread

Schema = dict[str, Any]

STYLE: Final = """
:root { color-scheme: light dark; --page: light-dark(#f6f5f2, #0d111c); --card: light-dark(#fff, #141a29);
  --line: light-dark(#e2dfd8, #263046); --ink: light-dark(#1b2030, #e7eaf3); --dim: light-dark(#535a6d, #a5afc6);
  --accent: light-dark(#2f3a8f, #f2b45a); }
body { margin: 0; background: var(--page); color: var(--ink); font: .9375rem/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.375rem; } h2 { font-size: 1.0625rem; margin: 2.5rem 0 .5rem; }
section { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .75rem 1rem; margin: .75rem 0; }
h3 { font-size: .9375rem; margin: 0 0 .25rem; overflow-wrap: anywhere; } h3 code { color: var(--accent); }
code, pre { font-family: ui-monospace, Menlo, Consolas, monospace; font-size: .8125rem; }
pre { overflow-x: auto; background: var(--page); border: 1px solid var(--line); border-radius: .375rem; padding: .5rem .75rem; }
p, td { color: var(--dim); } p { margin: .25rem 0; } a { color: var(--accent); }
table { border-collapse: collapse; width: 100%; margin: .5rem 0; } th { text-align: left; font-weight: 600; }
td, th { border-top: 1px solid var(--line); padding: .25rem .75rem .25rem 0; vertical-align: top; }
.scroll { overflow-x: auto; }
"""


def policy() -> str:
    """The page's content security policy: its own style, and nothing else."""
    digest = b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def rendered(document: Schema) -> tuple[str, bytes]:
    """``(policy, page)``."""
    info = document["info"]
    calls = "".join(
        _call(method, path, entry, item.get("parameters", []))
        for path, item in document["paths"].items()
        for method, entry in item.items()
        if method != "parameters"
    )
    shapes = "".join(_shape(name, schema) for name, schema in document["components"]["schemas"].items())
    body = (
        f"<h1>{escape(info['title'])}: what programs can call</h1><p>{escape(info['description'])}</p>"
        f'<p>The same for machines: <a href="/api/openapi">/api/openapi</a></p><h2>Calls</h2>{calls}<h2>Shapes</h2>{shapes}'
    )
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
    page = f'<!doctype html><html lang="en"><head>{head}<title>Nightshift: calls</title><style>{STYLE}</style></head>'
    return policy(), f"{page}<body><main>{body}</main></body></html>".encode()


def _call(method: str, path: str, entry: Schema, shared: list[Schema]) -> str:
    parameters = [*shared, *entry.get("parameters", [])]
    rows = [(given["name"], f"in {given['in']}", _kind(given["schema"]), given.get("description", "")) for given in parameters]
    sent = entry.get("requestBody", {}).get("content", {})
    bodies = [("body", kind, _kind(body["schema"]), body["schema"].get("description", "")) for kind, body in sent.items()]
    answers = [(status, answer["description"], _content(answer)) for status, answer in entry["responses"].items()]
    example = next((body["example"] for body in sent.values() if "example" in body), None)
    shown = f"<pre>{escape(jsonread.indented(msgspec.json.encode(example)).decode())}</pre>" if example else ""
    text = f"<p>{escape(entry['description'])}</p>" if "description" in entry else ""
    title = f"<h3><code>{method.upper()} {escape(path)}</code> · {escape(entry['summary'])}</h3>"
    takes = _table(("takes", "where", "type", ""), [*rows, *bodies])
    return f"<section>{title}{text}{takes}{shown}{_table(('answers', 'when', 'type'), answers)}</section>"


def _content(answer: Schema) -> str:
    return ", ".join(f"{_kind(body['schema'])} ({kind})" for kind, body in answer.get("content", {}).items())


def _shape(name: str, schema: Schema) -> str:
    needed = set(schema.get("required", ()))
    rows = [
        (key, _kind(field), "needed" if key in needed else "", field.get("description", ""))
        for key, field in schema.get("properties", {}).items()
    ]
    about = f"<p>{escape(schema['description'])}</p>" if "description" in schema else ""
    return f'<section id="{escape(name)}"><h3><code>{escape(name)}</code></h3>{about}{_table(("field", "type", "", ""), rows)}</section>'


def _table(head: tuple[str, ...], rows: list[Any]) -> str:
    if not rows:
        return ""
    lines = "".join("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="scroll"><table><tr>{"".join(f"<th>{escape(cell)}</th>" for cell in head)}</tr>{lines}</table></div>'


def _kind(schema: Schema) -> str:
    """A schema in a few words."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " or ".join(_kind(option) for option in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"])
    kind = schema.get("type", "any")
    if kind == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    words = " or ".join(kind) if isinstance(kind, list) else str(kind)
    if "maximum" in schema:
        words += f", {schema.get('minimum', 0)} to {schema['maximum']}"
    if "default" in schema:
        words += f", {schema['default']} if not given"
    return words
