"""Hypothesis strategies for the records of threads and for JSON."""

from __future__ import annotations

from hypothesis import strategies as st

from app.core.json import jsontext
from app.core.model.threads import Image, Options, Thread, ThreadMessage

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts
values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4), max_leaves=12)
objects = st.dictionaries(texts, values, max_size=5)

images = st.builds(Image, url=texts, detail=st.sampled_from(["auto", "low", "high"]))
messages = st.builds(
    ThreadMessage,
    id=st.uuids().map(str),
    role=st.sampled_from(["system", "developer", "user", "assistant"]),
    text=texts,
    images=st.lists(images, max_size=3).map(tuple),
)
typed = st.sampled_from(["", "1", "0.3", "-4", "1e3", "1.50", "12a", "9" * 30, "1,000", "٣", " 7 "]) | texts
options = st.builds(
    Options,
    endpoint=st.sampled_from(["/v1/chat/completions", "/v1/responses"]),
    model=texts,
    max_output_tokens=typed,
    temperature=typed,
    reasoning_effort=texts,
    verbosity=texts,
    schema_on=st.booleans(),
    schema_name=texts,
    schema_text=objects.map(jsontext.dumps) | texts,
    schema_strict=st.booleans(),
)
threads = st.builds(Thread, id=st.just("t-1"), name=texts, messages=st.lists(messages, max_size=4).map(tuple), options=options)
