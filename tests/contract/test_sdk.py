"""The official Python SDK, with strict response validation, against the practice provider: so the fake can't drift from the real thing."""

from collections.abc import Iterator
from typing import Any, Final

import httpx
import msgspec
import openai
import pydantic
import pytest
from openai.types import Batch, Completion, CreateEmbeddingResponse, FileObject, ModerationCreateResponse
from openai.types.chat import ChatCompletion
from openai.types.responses import Response

from tests.contract.local_server import small_site
from tests.kit.site import serving

CHAT: Final = "/v1/chat/completions"


class Note(pydantic.BaseModel):
    """What a structured answer should look like."""

    title: str
    stars: int
    tags: list[str]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(small_site(tmp_path_factory.mktemp("site"))) as found:
        yield found


@pytest.fixture
def control(address: str) -> Iterator[httpx.Client]:
    """The practice provider's control, after a reset to instant batches."""
    with httpx.Client(base_url=f"{address}/practice") as client:
        client.post("/control", json={"reset": True})
        client.put("/control", json={"speed": 0})
        yield client


@pytest.fixture
def sdk(address: str, control: httpx.Client) -> Iterator[openai.OpenAI]:
    """The SDK as a strict reader that does not retry."""
    with openai.OpenAI(
        api_key="practice", base_url=f"{address}/practice/v1", _strict_response_validation=True, max_retries=0, timeout=20
    ) as client:
        yield client


def no_extra(found: pydantic.BaseModel) -> bool:
    """Whether the answer has only fields that the SDK knows, all the way down."""
    children: list[Any] = [getattr(found, name) for name in type(found).model_fields]
    flat = [one for child in children for one in (child if isinstance(child, list) else [child])]
    return not found.model_extra and all(no_extra(one) for one in flat if isinstance(one, pydantic.BaseModel))


def upload(sdk: openai.OpenAI, requests: list[dict[str, Any]]) -> FileObject:
    data = b"".join(msgspec.json.encode(one) + b"\n" for one in requests)
    return sdk.files.create(file=("in.jsonl", data), purpose="batch")


def line(custom_id: str, url: str, **body: Any) -> dict[str, Any]:
    return {"custom_id": custom_id, "method": "POST", "url": url, "body": body}


def chat(custom_id: str, **body: Any) -> dict[str, Any]:
    return line(custom_id, CHAT, model="gpt-4o-mini", messages=[{"role": "user", "content": "Hello"}], **body)


def test_files(sdk: openai.OpenAI) -> None:
    """Create with an expiry, retrieve, list, read and delete."""
    created = sdk.files.create(file=("in.jsonl", b"{}\n"), purpose="batch", expires_after={"anchor": "created_at", "seconds": 3600})
    assert no_extra(created)
    assert created.expires_at == created.created_at + 3600
    assert sdk.files.retrieve(created.id) == created
    assert list(sdk.files.list(purpose="batch", order="asc", limit=1)) == [created]
    assert sdk.files.content(created.id).content == b"{}\n"
    assert sdk.files.delete(created.id).deleted is True
    assert list(sdk.files.list()) == []


def test_batches(sdk: openai.OpenAI) -> None:
    """Create with metadata, retrieve, and read the answers."""
    source = upload(sdk, [chat("a"), chat("b")])
    created = sdk.batches.create(
        input_file_id=source.id,
        endpoint="/v1/chat/completions",
        completion_window="24h",
        metadata={"nightshift": "b1"},
        output_expires_after={"anchor": "created_at", "seconds": 7200},
    )
    batch = sdk.batches.retrieve(created.id)
    assert no_extra(batch)
    assert (batch.status, batch.metadata, batch.model) == ("completed", {"nightshift": "b1"}, "gpt-4o-mini")
    assert batch.output_file_id is not None
    output = sdk.files.retrieve(batch.output_file_id)
    assert (output.purpose, output.expires_at) == ("batch_output", output.created_at + 7200)
    assert len(sdk.files.content(output.id).content) == output.bytes


def test_batches_are_listed_by_pages(sdk: openai.OpenAI) -> None:
    """The SDK's own paging finds every batch once."""
    source = upload(sdk, [chat("a")])
    made = [sdk.batches.create(input_file_id=source.id, endpoint=CHAT, completion_window="24h").id for _ in range(5)]
    assert [batch.id for batch in sdk.batches.list(limit=2)] == made[::-1]


def test_cancel(sdk: openai.OpenAI, control: httpx.Client) -> None:
    """A batch in progress is cancelling, then cancelled; one that has ended is a conflict."""
    control.put("/control", json={"speed": {"validating": 0, "in_progress": 100, "cancelling": 10}})
    source = upload(sdk, [chat(str(number)) for number in range(10)])
    batch = sdk.batches.create(input_file_id=source.id, endpoint=CHAT, completion_window="24h")
    control.post("/control", json={"advance": 50})
    assert sdk.batches.cancel(batch.id).status == "cancelling"
    control.post("/control", json={"advance": 10})
    cancelled = sdk.batches.retrieve(batch.id)
    assert cancelled.request_counts is not None
    assert (cancelled.status, cancelled.request_counts.completed, cancelled.request_counts.total) == ("cancelled", 5, 10)
    with pytest.raises(openai.ConflictError):
        sdk.batches.cancel(batch.id)


def test_a_failed_batch(sdk: openai.OpenAI) -> None:
    """The SDK reads the errors with code, parameter and line."""
    source = upload(sdk, [chat("a"), chat("a")])
    batch = sdk.batches.create(input_file_id=source.id, endpoint=CHAT, completion_window="24h")
    assert batch.errors is not None
    assert batch.errors.data is not None
    assert no_extra(batch)
    assert [(one.code, one.param, one.line) for one in batch.errors.data] == [("duplicate_custom_id", "custom_id", 2)]


def test_models(sdk: openai.OpenAI) -> None:
    """The list holds models for every endpoint, and each can be retrieved."""
    found = {model.id for model in sdk.models.list()}
    assert {"gpt-5", "gpt-4o-mini", "text-embedding-3-small", "omni-moderation-latest"} <= found
    assert no_extra(sdk.models.retrieve("gpt-5"))


def test_synchronous_answers(sdk: openai.OpenAI) -> None:
    """The endpoints answer in shapes that the SDK takes strictly, with no field it does not know."""
    answers = [
        sdk.chat.completions.create(model="gpt-5", messages=[{"role": "user", "content": "Hello"}], max_completion_tokens=500),
        sdk.responses.create(model="gpt-5", input="Hello", max_output_tokens=500, metadata={"a": "b"}),
        sdk.embeddings.create(model="text-embedding-3-small", input=["a", "b"], encoding_format="float"),
        sdk.moderations.create(model="omni-moderation-latest", input="Hello"),
        sdk.completions.create(model="gpt-3.5-turbo-instruct", prompt="Hello"),
        sdk.images.generate(model="gpt-image-1", prompt="Hello", n=2),
    ]
    assert [no_extra(answer) for answer in answers] == [True] * 6


def test_streamed_answers(sdk: openai.OpenAI) -> None:
    """Chunks and events are what the SDK takes strictly, with no field it does not know, and their text is that of the whole answer."""
    messages: Any = [{"role": "user", "content": "Hello"}]
    chunks = list(sdk.chat.completions.create(model="gpt-4o", messages=messages, stream=True, stream_options={"include_usage": True}))
    assert all(map(no_extra, chunks))
    said = "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)
    assert said.startswith("[simulated]")
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens > 0
    events = list(sdk.responses.create(model="gpt-5", input="Hello", stream=True))
    assert all(map(no_extra, events))
    last = events[-1]
    assert last.type == "response.completed"
    assert "".join(event.delta for event in events if event.type == "response.output_text.delta") == last.response.output_text


@pytest.mark.parametrize("trap", ["stream_breaks_halfway", "stream_error_event", "answer_lost"])
def test_a_stream_that_breaks(sdk: openai.OpenAI, control: httpx.Client, trap: str) -> None:
    """A connection that closes in the middle, and a fault that is told there, are failures to the SDK as well."""
    control.put("/control", json={"traps": [trap]})
    with pytest.raises((openai.APIError, httpx.HTTPError)):
        list(sdk.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "Hello"}], stream=True))
    assert list(sdk.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "Hello"}], stream=True))


def test_embeddings_in_base64(address: str, control: httpx.Client) -> None:
    """The SDK's own default asks for base64 and unpacks it. (Its strict mode refuses any base64, the real one's too.)"""
    with openai.OpenAI(api_key="practice", base_url=f"{address}/practice/v1") as client:
        vector = client.embeddings.create(model="text-embedding-3-large", input="a").data[0].embedding
    assert len(vector) == 3072
    assert isinstance(vector[0], float)


def test_structured_output(sdk: openai.OpenAI) -> None:
    """The SDK parses structured answers of both endpoints into a model."""
    message = (
        sdk.chat.completions.parse(model="gpt-4o", messages=[{"role": "user", "content": "x"}], response_format=Note).choices[0].message
    )
    assert isinstance(message.parsed, Note)
    assert isinstance(sdk.responses.parse(model="gpt-4o", input="x", text_format=Note).output_parsed, Note)


@pytest.mark.parametrize(
    ("endpoint", "bodies", "type"),
    [
        (
            CHAT,
            [
                {"model": "o4-mini", "messages": [{"role": "user", "content": "Hello"}], "max_completion_tokens": limit}
                for limit in (1, 40, 900)
            ],
            ChatCompletion,
        ),
        ("/v1/responses", [{"model": "gpt-5", "input": "Hello", "max_output_tokens": limit} for limit in (16, 90, 900)], Response),
        ("/v1/embeddings", [{"model": "text-embedding-3-small", "input": text} for text in ("a", ["a", "b"])], CreateEmbeddingResponse),
        (
            "/v1/moderations",
            [{"model": "omni-moderation-latest", "input": text} for text in ("a", ["kill", "b"])],
            ModerationCreateResponse,
        ),
        (
            "/v1/completions",
            [{"model": "gpt-3.5-turbo-instruct", "prompt": "Hello", "max_tokens": limit} for limit in (1, 900)],
            Completion,
        ),
    ],
)
@pytest.mark.parametrize("trap", [None, "refusal", "content_filter"])
def test_rows_of_an_output_file(
    sdk: openai.OpenAI, control: httpx.Client, endpoint: Any, bodies: list[dict[str, Any]], type: Any, trap: str | None
) -> None:
    """Every body of an output file is, read strictly, the SDK's type, also refused and filtered ones."""
    control.put("/control", json={"speed": 0, "share": 1, "traps": [trap] if trap else []})
    source = upload(sdk, [line(str(number), endpoint, **body) for number, body in enumerate(bodies)])
    batch = sdk.batches.create(input_file_id=source.id, endpoint=endpoint, completion_window="24h")
    assert batch.output_file_id is not None
    rows = [msgspec.json.decode(one, type=dict[str, Any]) for one in sdk.files.content(batch.output_file_id).content.splitlines()]
    assert len(rows) == len(bodies)
    for row in rows:
        assert set(row) == {"id", "custom_id", "response", "error"}
        assert set(row["response"]) == {"status_code", "request_id", "body"}
        found = pydantic.TypeAdapter(type).validate_json(msgspec.json.encode(row["response"]["body"]), strict=True)
        assert no_extra(found)


@pytest.mark.parametrize(
    ("trap", "error"),
    [
        ("unauthorized_401", openai.AuthenticationError),
        ("forbidden_403", openai.PermissionDeniedError),
        ("not_found_404", openai.NotFoundError),
        ("too_large_413", openai.APIStatusError),
        ("rate_limit_429", openai.RateLimitError),
        ("insufficient_quota_429", openai.RateLimitError),
        ("server_500", openai.InternalServerError),
        ("connection_broken", openai.APIConnectionError),
        ("timeout", openai.APITimeoutError),
    ],
)
def test_errors(sdk: openai.OpenAI, control: httpx.Client, trap: str, error: type[openai.APIError]) -> None:
    """Each trap is the SDK's own kind of error."""
    control.put("/control", json={"traps": [{"trap": trap, "call": "models"}]})
    with pytest.raises(error):
        sdk.with_options(timeout=0.5 if trap == "timeout" else 20).models.list()


def test_a_wrong_key(address: str, control: httpx.Client) -> None:
    """A key that is not for practice is an authentication error with the provider's code."""
    with (
        openai.OpenAI(api_key="sk-real", base_url=f"{address}/practice/v1", max_retries=0) as client,
        pytest.raises(openai.AuthenticationError) as caught,
    ):
        client.models.list()
    assert caught.value.code == "invalid_api_key"


def test_a_refused_body(sdk: openai.OpenAI) -> None:
    """A bad parameter is a bad request with its name."""
    with pytest.raises(openai.BadRequestError) as caught:
        sdk.chat.completions.create(model="o3", messages=[{"role": "user", "content": "x"}], temperature=0)
    assert caught.value.param == "temperature"


def test_request_ids(sdk: openai.OpenAI) -> None:
    """The SDK finds the request id of an answer."""
    answer = sdk.models.with_raw_response.list()
    assert (answer.request_id or "").startswith("req_")


def test_a_batch_object_read_strictly(sdk: openai.OpenAI, control: httpx.Client) -> None:
    """At every step of its life the batch is, read strictly, the SDK's type."""
    control.put("/control", json={"speed": 10})
    source = upload(sdk, [chat("a")])
    id = sdk.batches.create(input_file_id=source.id, endpoint=CHAT, completion_window="24h").id
    seen = []
    for seconds in (0, 25, 60, 20):
        control.post("/control", json={"advance": seconds})
        raw = sdk.batches.with_raw_response.retrieve(id).content
        seen.append(pydantic.TypeAdapter(Batch).validate_json(raw, strict=True).status)
    assert seen == ["validating", "in_progress", "finalizing", "completed"]
