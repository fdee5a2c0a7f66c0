"""What the provider checks in an input file before a batch starts. One bad line fails the whole batch; line numbers count from 1.

Codes and wording follow OpenAI's batch guide and reported runs.
"""

from __future__ import annotations

from typing import Any

import msgspec

from app.core.endpoints.table import ENDPOINTS
from app.core.json import jsonread
from app.core.model.lanes import EMBEDDINGS
from app.practice.bodies import UNREADABLE, Body, Line, loosely, model_not_found, read_body, read_line
from app.practice.models import known
from app.practice.plans import prompt_size, tokens
from app.practice.records import Problem

MAX_REQUESTS = 50_000
"""Requests in a batch (OpenAI batch guide)."""
MAX_EMBEDDING_INPUTS = 50_000
"""Embedding inputs over all requests of a batch (OpenAI batch guide)."""
MAX_PROBLEMS = 100
"""A batch lists no more problems than this."""

_REQUIRED = ("custom_id", "method", "url", "body")


class Validator:
    """Reads the lines of one file in order; afterwards ``problems``, ``total``, ``model`` and ``prompt_tokens`` are the verdict."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self.problems: list[Problem] = []
        self.total = 0
        self.model: str | None = None
        self.prompt_tokens = 0
        self._ids: set[str] = set()
        self._number = 0
        self._blanks: list[int] = []
        self._inputs = 0

    @property
    def full(self) -> bool:
        """Whether reading on would say nothing new: so many problems, or too many requests."""
        return len(self.problems) >= MAX_PROBLEMS or self.total > MAX_REQUESTS

    def read(self, raw: bytes) -> None:
        """Check the next line. Empty lines are fine at the end of the file only."""
        self._number += 1
        if not raw or raw.isspace():
            self._blanks.append(self._number)
            return
        for number in self._blanks:
            self.problems.append(Problem("invalid_json_line", "This line is empty.", None, number))
        self._blanks.clear()
        self.total += 1
        if self.total > MAX_REQUESTS:
            return
        if self._number == 1 and raw.startswith(b"\xef\xbb\xbf"):
            self._say("invalid_json_line", "This line is not parseable as valid JSON: the file begins with a byte order mark.")
            return
        try:
            raw.decode()  # parts that are kept raw are not checked for UTF-8 otherwise
            line = read_line(raw)
        except UNREADABLE:
            self._diagnose(raw)
            return
        self.prompt_tokens += tokens(prompt_size(line.body))
        self._check(line)

    def finish(self) -> tuple[Problem, ...]:
        """The problems of the whole file."""
        if self.total > MAX_REQUESTS:
            text = f"The batch input file contains more than the maximum of {MAX_REQUESTS} requests."
            self.problems.insert(0, Problem("too_many_tasks", text))
        elif self.total == 0:
            text = "The batch input file is empty. Please ensure that the batch contains at least one request."
            self.problems.append(Problem("empty_file", text))
        elif self._inputs > MAX_EMBEDDING_INPUTS:
            text = f"The batch contains {self._inputs} embedding inputs. The maximum over all requests is {MAX_EMBEDDING_INPUTS}."
            self.problems.append(Problem("too_many_tasks", text))
        return tuple(self.problems[:MAX_PROBLEMS])

    def _say(self, code: str, message: str, param: str | None = None) -> None:
        self.problems.append(Problem(code, message, param, self._number))

    def _check(self, line: Line) -> None:
        if line.custom_id in self._ids:
            text = f"The custom_id '{line.custom_id}' for this request is a duplicate of another request. It must be unique within a batch."
            self._say("duplicate_custom_id", text, "custom_id")
        self._ids.add(line.custom_id)
        if line.method != "POST":
            self._say("invalid_method", f"Invalid method '{line.method}'. Only POST is supported.", "method")
        if line.url not in ENDPOINTS:
            self._say("invalid_url", f"The URL '{line.url}' is not supported by the Batch API.", "url")
        elif line.url != self.endpoint:
            self._say("url_mismatch", f"The URL '{line.url}' does not match the batch's endpoint '{self.endpoint}'.", "url")
        self._check_body(line.body)

    def _check_body(self, body: Body) -> None:
        if body.stream:
            self._say("unsupported_parameter", "Streaming is not supported in the Batch API.", "body.stream")
        model = body.model
        if not isinstance(model, str) or not model:
            self._say("missing_required_parameter", "Missing required parameter: 'body.model'.", "body.model")
        elif self.model is None:
            self.model = model
            if not known(model):
                self._say("model_not_found", model_not_found(model).message, "body.model")
        elif model != self.model:
            text = f"The model '{model}' does not match the batch's model '{self.model}'. All requests in a batch must use the same model."
            self._say("mismatched_model", text, "body.model")
        if self.endpoint == EMBEDDINGS:
            self._inputs += inputs(body.input)

    def _diagnose(self, raw: bytes) -> None:
        """Say what is wrong with a line that is not a request."""
        try:
            found: Any = jsonread.value(raw, depth=jsonread.OWN_DEPTH)
        except UNREADABLE:
            self._say("invalid_json_line", "This line is not parseable as valid JSON.")
            return
        if not isinstance(found, dict):
            self._say("invalid_json_line", "This line is not a JSON object.")
            return
        for name in _REQUIRED:
            if found.get(name) is None:
                self._say("missing_required_parameter", f"Missing required parameter: '{name}'.", name)
        for name, kind in zip(_REQUIRED, (str, str, str, dict), strict=True):
            if found.get(name) is not None and not isinstance(found[name], kind):
                wanted = "an object" if kind is dict else "a string"
                self._say("invalid_type", f"Invalid type for '{name}': expected {wanted}.", name)
        body = found.get("body")
        if isinstance(body, dict):
            self._check_body(read_body(msgspec.json.encode(body)))


def inputs(raw: msgspec.Raw) -> int:
    """How many texts an embedding request asks for: a list of strings or of token lists counts each, everything else is one."""
    if bytes(raw).lstrip()[:1] != b"[":
        return 1
    found = loosely(raw)
    return len(found) if found and isinstance(found[0], str | list) else 1
