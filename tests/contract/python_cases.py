"""What must hold of the Python that the program finds, in CPython and in the page."""

import asyncio
import importlib
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal

import msgspec

from app.core.bodies import bodies, bodycheck, forms, requests
from app.core.bodies.bodychecker import BodyChecker
from app.core.endpoints.table import ENDPOINTS
from app.core.json import jsontext
from app.core.model import entries, quoting
from app.core.model.providers import Profile
from app.core.model.templates import PromptContent, PromptMessage
from app.core.model.threads import Image, Thread
from app.core.openai import api, outcomes, problems
from app.core.openai.wire import Response
from app.core.programs import intake, protocol
from app.core.results import answers
from app.core.templates.lines import RequestMaker
from app.core.threads import paste
from app.core.workspace import archive
from app.services.runtime.tasks import Tasks


async def case_promised_modules_can_be_imported(promised: tuple[str, ...]) -> None:
    """Every module that the program may use is there."""
    missing = []
    for name in promised:
        try:
            importlib.import_module(name)
        except ImportError as error:
            missing.append(f"{name}: {error}")
    assert not missing, missing


async def case_json_goes_both_ways() -> None:
    """msgspec encodes and decodes, also what is beyond the basic plane."""
    value = {"text": "\u2028 😀 é", "number": 0.1, "large": 2**53}
    assert msgspec.json.decode(msgspec.json.encode(value)) == value


async def case_decimals_are_exact() -> None:
    """The compiled decimal module answers, since its Python twin is left out."""
    assert str(Decimal("0.1") + Decimal("0.2")) == "0.3"


async def case_work_begins_at_once() -> None:
    """What is begun has run to its first wait before anything else does, in a task of its own with its own time limits, and can be
    cancelled at that wait. The page's Python takes the first step by other means than ours does."""
    failures: list[str] = []
    tasks, seen = Tasks(lambda name, error: failures.append(f"{name}: {error!r}")), list[object]()

    async def work(name: str) -> None:
        seen.append(f"{name} begins")
        current = asyncio.current_task()
        try:
            async with asyncio.timeout(0.001):
                await asyncio.Event().wait()
        except TimeoutError:
            assert asyncio.current_task() is current
            seen.append(f"{name} goes on")
        except asyncio.CancelledError:
            seen.append(f"{name} is cancelled")
            raise

    outer = asyncio.current_task()
    tasks.begin("a", work("a"))
    tasks.begin("b", work("b")).cancel()
    assert asyncio.current_task() is outer
    assert seen == ["a begins", "b begins"]
    await tasks.settled()
    assert seen == ["a begins", "b begins", "b is cancelled", "a goes on"]
    assert failures == []


async def case_deep_json_is_refused_and_python_lives() -> None:
    """What foreign bytes can reach is given JSON of 3,000 and of 20,000 levels, whole and cut off: each says no, or passes over it, and
    Python goes on. In the page a decoder that goes too deep ends it for good."""
    for opening, closing, times in (("[", "]", 3_000), ('{"a":', "}", 3_000), ('{"data":[', "]}", 3_000), ("[", "]", 20_000)):
        for text in (opening * times, opening * times + "1" + closing * times):
            deep = b'{"custom_id": "a", "response": {"status_code": 200, "body": {"choices": [{"message": ' + text.encode() + b"}]}}}"
            told = {"custom_id": "a", "response": {"status_code": 200, "body": {"choices": [{"message": {"content": text}}]}}}
            for line in (text.encode(), deep, msgspec.json.encode(told)):
                _read_as_lines(line)
                _read_as_answers(line)
            _read_as_typed(text)


async def case_what_is_just_deep_enough_goes_all_the_way() -> None:
    """200 levels are read, checked, written and compared: nothing between the reader and the page's text needs more stack than that."""
    for opening, closing in (("[", "]"), ('{"a":', "}")):
        text = opening * 199 + "1" + closing * 199
        parsed = jsontext.parse(f'{{"model": {text}}}')
        assert parsed.fault is None
        assert parsed.value == jsontext.parse(f'{{"model": {text}}}').value
        assert jsontext.indent(text).count("\n") > 300
        bodies.body_problems("/v1/chat/completions", parsed.value)
        line = requests.line("r", "/v1/chat/completions", parsed.value)
        assert requests.preview(line).custom_id == "r"
        assert str(parsed.value)


async def case_a_table_becomes_checked_requests() -> None:
    """A template over a row passes the check by the SDK's types, for every endpoint, and what is wrong is said; the structs are read by
    this Python as by any."""
    asked = {"/v1/chat/completions": "gpt-4o-mini", "/v1/responses": "gpt-4o-mini", "/v1/embeddings": "text-embedding-3-small"}
    asked |= {"/v1/moderations": "omni-moderation-latest", "/v1/completions": "babbage-002", "/v1/images/generations": "gpt-image-1"}
    assert asked.keys() == set(ENDPOINTS) == set(forms.FORMS)
    for endpoint, model in asked.items():
        message = PromptMessage("m", "user", "Rate {{text | trim}}", (Image("{{picture}}"),))
        content = PromptContent(endpoint, {"model": model}, (message,), ("{{text}}",))
        made = RequestMaker(content, ("text", "picture")).make((' a "b" ', "https://example.org/a.png"), "r")
        checker = BodyChecker(endpoint)
        assert checker.check(made.body) == ()
        assert requests.decode(made.line).custom_id == "r"
        body = jsontext.parse(made.body.decode()).value | {"model": 3, "nonsense": 1}
        assert [(one.path, one.severity) for one in checker.check_value(body)] == [("/model", "error"), ("/nonsense", "advice")]
    deep = '{"model":"m","messages":[{"role":"user","content":' + "[" * 3_000 + "]" * 3_000 + "}]}"
    assert BodyChecker("/v1/chat/completions").check(deep.encode())[0].severity == "error"


def _quietly(refusals: tuple[type[Exception], ...], work: Callable[..., object], *given: object) -> None:
    with suppress(*refusals):
        work(*given)


def _read_as_lines(line: bytes) -> None:
    outcomes.read_line(line, "output")
    answers.answer_of("/v1/chat/completions", line)
    _quietly((requests.LineFault,), requests.decode, line)
    requests.preview(line)
    intake.decode(line)
    _quietly((protocol.UnreadableFrame,), protocol.from_server, line)
    _quietly((protocol.UnreadableFrame,), protocol.from_page, line)
    _quietly((archive.InvalidArchive,), archive.read_head, line)
    entries.decoded(Thread, entries.RecordEntry("threads", "t", 1, line.decode(), "", "", 0.0))


def _read_as_answers(body: bytes) -> None:
    profile = Profile(id="p", name="P", base_url="https://example.org/v1")
    quoting.said_by(body)
    for read in (api.read_models, api.read_upload, api.read_created, api.read_batch, api.read_batches, api.read_files):
        _quietly((problems.Refused,), read, Response(200, body=body), profile)
        _quietly((problems.Refused,), read, Response(400, body=body), profile)


def _read_as_typed(text: str) -> None:
    assert jsontext.parse(text).fault
    jsontext.indent(text)
    jsontext.Places(text)
    paste.read(text, 1.0, "t")
    bodycheck.problems(Thread(id="t", raw=text))
