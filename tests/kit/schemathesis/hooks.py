"""What schemathesis cannot make by itself: addresses, names of queues, and JSONL."""

import json

import schemathesis
from hypothesis import strategies as st

WORDS = st.text(st.characters(codec="ascii", categories=("Ll", "Nd")), min_size=1, max_size=12)
ADDRESSES = st.builds("https://{}.example/{}".format, WORDS, WORDS)
ODD_HOSTS = st.sampled_from(["ü.example", "a..b", ".a", "a" * 64, "[::1]", "a:65536", "a:" + "9" * 4_400, "例え.テスト", "a。b"])
schemathesis.openapi.format("webhook", ADDRESSES | st.builds("https://{}/{}".format, ODD_HOSTS, WORDS))
schemathesis.openapi.format("queue", WORDS)


def line(custom_id: str, text: str) -> str:
    """A message on one line."""
    return json.dumps({"custom_id": custom_id, "url": "/v1/responses", "method": "POST", "body": {"model": "m", "input": text}})


LINES = st.lists(st.builds(line, st.uuids().map(str), st.text()), max_size=5)
schemathesis.openapi.media_type("application/jsonl", LINES.map(lambda lines: "\n".join(lines).encode()))
