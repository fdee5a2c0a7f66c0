"""How a program sends its first request: what to paste, with the address of this page's server in it."""

from __future__ import annotations

from typing import Final

from simple_html import code, div, h2, h3, header, p, pre, section

from app.core.base import urls
from app.ui.base.markup import Node, at
from app.ui.base.parts import tool
from app.ui.base.programs_state import ProgramsState
from app.ui.base.reading_actions import CopyPiece

CURL: Final = """curl -X POST {site}/api/requests -H 'content-type: application/json' -d '{{
  "custom_id": "order-1041", "method": "POST", "url": "/v1/responses",
  "body": {{"model": "gpt-5-mini", "input": "Say hello."}}}}'

curl '{site}/api/requests/order-1041?wait=60'"""
SDK: Final = """from openai import OpenAI

client = OpenAI(base_url="{site}/v1", api_key="any")
file = client.files.create(file=open("requests.jsonl", "rb"), purpose="batch")
batch = client.batches.create(input_file_id=file.id, endpoint="/v1/responses", completion_window="24h")
print(client.batches.retrieve(batch.id).status)"""

_HTTP: Final = (
    "The request is queued, and submitted with others after the time below, or as soon as you submit the queue. "
    "The second call returns the answer, and waits up to a minute for it."
)


def first_request(substate: ProgramsState) -> Node:
    """What stands in the room until a program has sent something. The server is there."""
    site = urls.origin(substate.address)
    return section(
        at("card", aria_label="First request"),
        header({}, h2({}, "Send a first request")),
        div(
            at("pad stack"),
            p(at("dim"), "No requests from programs yet. They are listed here, with every attempt to deliver their results."),
            _example("OpenAI SDK", SDK.format(site=site), "Files and batches as at OpenAI: only the base URL is another one."),
            _example("HTTP", CURL.format(site=site), _HTTP),
            p(
                at("dim"),
                ["Where the server was started with ", code({}, "NIGHTSHIFT_TOKEN"), ", the token is the SDK’s ", code({}, "api_key")],
                [", and over HTTP it goes into the header ", code({}, "Authorization: Bearer …"), "."],
            ),
        ),
    )


def _example(title: str, said: str, words: str) -> Node:
    return div(
        at("stack tight"),
        div(at("row"), h3({}, title), tool("copy", f"Copy the example: {title}", CopyPiece(said))),
        pre(at("code", tabindex="0", role="region", aria_label=f"Example: {title}"), said),
        p(at("dim"), words),
    )
