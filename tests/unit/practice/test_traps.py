"""Every trap of the practice provider has a test with its name."""

from typing import Any

import msgspec
import pytest

from app.core.openai.wire import NetworkError
from app.practice.traps import Call, Rule, Scenario, Trap
from tests.unit.practice.desk import Desk, custom_ids, several


def code(body: bytes) -> Any:
    return msgspec.json.decode(body)["error"]["code"]


@pytest.mark.parametrize(
    ("trap", "status", "error"),
    [
        (Trap.UNAUTHORIZED_401, 401, "invalid_api_key"),
        (Trap.FORBIDDEN_403, 403, "insufficient_permissions"),
        (Trap.NOT_FOUND_404, 404, "not_found"),
        (Trap.RATE_LIMIT_429, 429, "rate_limit_exceeded"),
        (Trap.INSUFFICIENT_QUOTA_429, 429, "insufficient_quota"),
        (Trap.SERVER_500, 500, "server_error"),
    ],
)
async def test_a_refused_call(trap: Trap, status: int, error: str) -> None:
    """unauthorized_401, forbidden_403, not_found_404, rate_limit_429, insufficient_quota_429 and server_500 answer any call so."""
    answer = await Desk(trap).send("GET", "/models")
    assert (answer.status, code(answer.body)) == (status, error)


async def test_too_large_413() -> None:
    """The answer is a proxy's HTML page, and nothing is stored."""
    desk = Desk(Rule(Trap.TOO_LARGE_413, Call.UPLOAD, 1))
    answer = await desk.post_file(several(1))
    assert (answer.status, answer.body[:6]) == (413, b"<html>")
    assert (await desk.get("/files"))["data"] == []


@pytest.mark.parametrize(("trap", "kind"), [(Trap.CONNECTION_BROKEN, "broken"), (Trap.TIMEOUT, "timeout"), (Trap.CORS_REFUSED, "blocked")])
async def test_a_call_without_answer_has_no_effect(trap: Trap, kind: str) -> None:
    """connection_broken, timeout and cors_refused are network errors of their kind, and no batch is made."""
    desk = Desk(Rule(trap, Call.CREATE, 1))
    file_id = await desk.upload(several(1))
    with pytest.raises(NetworkError) as caught:
        await desk.post_batch(file_id)
    assert caught.value.kind == kind
    assert (await desk.get("/batches"))["data"] == []


async def test_file_not_found_after_upload() -> None:
    """The first create says that it cannot find the file, the second finds it."""
    desk = Desk(Trap.FILE_NOT_FOUND_AFTER_UPLOAD)
    file_id = await desk.upload(several(1))
    first = await desk.post_batch(file_id)
    assert (first.status, f"Cannot find file {file_id}" in first.body.decode()) == (400, True)
    assert (await desk.post_batch(file_id)).status == 200


async def test_create_answer_lost() -> None:
    """The connection breaks, yet the batch is there with its metadata."""
    desk = Desk(Trap.CREATE_ANSWER_LOST)
    file_id = await desk.upload(several(1))
    with pytest.raises(NetworkError):
        await desk.post_batch(file_id, metadata={"nightshift": "b1"})
    listed = (await desk.get("/batches"))["data"]
    assert [one["metadata"] for one in listed] == [{"nightshift": "b1"}]


async def test_create_500_effect_done() -> None:
    """The answer is a 500, yet the batch is there; the next create is answered."""
    desk = Desk(Trap.CREATE_500_EFFECT_DONE)
    file_id = await desk.upload(several(1))
    assert (await desk.post_batch(file_id)).status == 500
    assert len((await desk.get("/batches"))["data"]) == 1
    assert (await desk.post_batch(file_id)).status == 200


async def test_upload_answer_lost() -> None:
    """The connection breaks, yet the file is there under its name."""
    desk = Desk(Trap.UPLOAD_ANSWER_LOST)
    with pytest.raises(NetworkError):
        await desk.post_file(several(1), "b1.jsonl")
    assert [one["filename"] for one in (await desk.get("/files?purpose=batch"))["data"]] == ["b1.jsonl"]


async def test_download_502() -> None:
    """The first download is a proxy's page with 502, the second is whole."""
    desk = Desk(Trap.DOWNLOAD_502)
    batch = await desk.poll(await desk.create(several(3)), after=20)
    assert (await desk.open(batch["output_file_id"])).status == 502
    assert len((await desk.content(batch["output_file_id"])).splitlines()) == 3


async def test_download_breaks_halfway() -> None:
    """The first download gives half of the bytes and breaks, the second is whole and begins with the same bytes."""
    desk = Desk(Trap.DOWNLOAD_BREAKS_HALFWAY)
    batch = await desk.poll(await desk.create(several(40)), after=20)
    stream, got = await desk.open(batch["output_file_id"]), bytearray()

    async def read() -> None:
        async for chunk in stream.chunks():
            got.extend(chunk)

    with pytest.raises(NetworkError):
        await read()
    whole = await desk.content(batch["output_file_id"])
    assert whole.startswith(bytes(got))
    assert len(got) == len(whole) // 2


async def test_download_ends_early() -> None:
    """The first download ends after half of the bytes as if that were all; only the file's size tells."""
    desk = Desk(Trap.DOWNLOAD_ENDS_EARLY)
    batch = await desk.poll(await desk.create(several(40)), after=20)
    half, whole = await desk.content(batch["output_file_id"]), await desk.content(batch["output_file_id"])
    assert len(half) == len(whole) // 2
    assert (await desk.get(f"/files/{batch['output_file_id']}"))["bytes"] == len(whole)


async def test_file_size_unknown() -> None:
    """The file object has no size."""
    desk = Desk(Trap.FILE_SIZE_UNKNOWN)
    batch = await desk.poll(await desk.create(several(4)), after=20)
    assert (await desk.get(f"/files/{batch['output_file_id']}"))["bytes"] is None


async def test_file_pending() -> None:
    """An upload is pending in its answer and at the first look, then processed."""
    desk = Desk(Trap.FILE_PENDING)
    uploaded = await desk.upload(several(2))
    looks = [(await desk.get(f"/files/{uploaded}"))["status"] for _ in range(3)]
    assert looks == ["pending", "processed", "processed"]


@pytest.mark.parametrize(
    ("trap", "error"),
    [
        (Trap.TOKEN_LIMIT_EXCEEDED, "token_limit_exceeded"),
        (Trap.BILLING_HARD_LIMIT_REACHED, "billing_hard_limit_reached"),
        (Trap.BATCH_FILE_NOT_FOUND, "invalid_request"),
    ],
)
async def test_a_batch_that_fails_at_validation(trap: Trap, error: str) -> None:
    """token_limit_exceeded, billing_hard_limit_reached and batch_file_not_found turn one batch failed, and the next one goes through."""
    desk = Desk(Rule(trap, times=1))
    failed = await desk.run(several(2))
    assert (failed.batch["status"], failed.batch["errors"]["data"][0]["code"]) == ("failed", error)
    assert failed.batch["request_counts"] == {"total": 0, "completed": 0, "failed": 0}
    assert (await desk.run(several(2))).batch["status"] == "completed"


async def test_enqueued_limit() -> None:
    """A batch that does not fit beside those of its model that have not ended fails, and names the limit; later it goes through."""
    desk = Desk()
    desk.brain.set_scenario(Scenario(traps=(Trap.ENQUEUED_LIMIT,), enqueued=20))
    first = await desk.create(several(2))
    second = await desk.finish(await desk.create(several(1)))
    assert second.batch["status"] == "failed"
    assert "Limit: 20 enqueued tokens." in second.batch["errors"]["data"][0]["message"]
    assert second.batch["errors"]["data"][0]["code"] == "token_limit_exceeded"
    assert (await desk.finish(first)).batch["status"] == "completed"
    assert (await desk.run(several(1))).batch["status"] == "completed"


@pytest.mark.parametrize(
    ("trap", "status"),
    [(Trap.HANG_VALIDATING, "validating"), (Trap.HANG_IN_PROGRESS, "in_progress"), (Trap.HANG_FINALIZING, "finalizing")],
)
async def test_a_batch_that_hangs(trap: Trap, status: str) -> None:
    """hang_validating, hang_in_progress and hang_finalizing hold for hours, can be cancelled, and expire after a day."""
    desk = Desk(trap)
    id, other = await desk.create(several(10)), await desk.create(several(10))
    assert (await desk.poll(id, after=20_000))["status"] == status
    await desk.send("POST", f"/batches/{other}/cancel")
    assert (await desk.poll(other, after=10))["status"] == "cancelled"
    run = await desk.finish(id, after=70_000)
    assert run.batch["status"] == "expired"
    assert len(run.outputs) == run.batch["request_counts"]["completed"]


async def test_unknown_status() -> None:
    """In the second half of its work the batch has a status of its own; then it completes."""
    desk = Desk(Trap.UNKNOWN_STATUS)
    id = await desk.create(several(1))
    assert (await desk.poll(id, after=6))["status"] == "reviewing"
    assert (await desk.poll(id, after=6))["status"] == "completed"


async def test_empty_error_file_id() -> None:
    """The error file's id is empty text instead of null."""
    assert (await Desk(Trap.EMPTY_ERROR_FILE_ID).run(several(2))).batch["error_file_id"] == ""


async def test_no_output_file() -> None:
    """A completed batch without an output file: all rows stand in the error file."""
    run = await Desk(Trap.NO_OUTPUT_FILE).run(several(5))
    assert (run.batch["status"], run.batch["output_file_id"], len(run.errors)) == ("completed", None, 5)
    assert run.batch["request_counts"] == {"total": 5, "completed": 0, "failed": 5}


async def test_no_usage() -> None:
    """Neither the batch nor the hit answers say their usage."""
    run = await Desk(Trap.NO_USAGE, share=1).run(several(3))
    assert "usage" not in run.batch
    assert all("usage" not in row["response"]["body"] for row in run.outputs)


async def test_null_model() -> None:
    """The batch's model is null, the hit answers have none."""
    run = await Desk(Trap.NULL_MODEL, share=1).run(several(3))
    assert run.batch["model"] is None
    assert all("model" not in row["response"]["body"] for row in run.outputs)


async def test_null_timestamps() -> None:
    """Every timestamp of the batch is null or missing."""
    batch = (await Desk(Trap.NULL_TIMESTAMPS).run(several(1))).batch
    assert [value for key, value in batch.items() if key.endswith("_at")] == [None] * 8


async def test_unknown_fields() -> None:
    """Batch, row and body carry fields that are in no document."""
    run = await Desk(Trap.UNKNOWN_FIELDS, share=1).run(several(1))
    assert "priority_lane" in run.batch
    assert "practice_extra" in run.outputs[0]
    assert "shadow_tier" in run.outputs[0]["response"]["body"]


async def test_zero_counts_until_done() -> None:
    """The counts are 0/0 in the middle of the work and right at the end."""
    desk = Desk(Trap.ZERO_COUNTS_UNTIL_DONE)
    id = await desk.create(several(4))
    assert (await desk.poll(id, after=7))["request_counts"]["total"] == 0
    assert (await desk.poll(id, after=7))["request_counts"] == {"total": 4, "completed": 4, "failed": 0}


async def test_zero_counts_while_validating() -> None:
    """Without any trap the counts are 0/0 while the batch is validated."""
    desk = Desk()
    assert (await desk.poll(await desk.create(several(4)), after=1))["request_counts"] == {"total": 0, "completed": 0, "failed": 0}


async def test_line_error_null_status_400() -> None:
    """The row stands in the error file with error null and status 400."""
    row = (await Desk(Trap.LINE_ERROR_NULL_STATUS_400).run(several(1))).errors[0]
    assert (row["error"], row["response"]["status_code"]) == (None, 400)


async def test_line_200_body_error() -> None:
    """The row stands in the output file with status 200 and an error in its body."""
    row = (await Desk(Trap.LINE_200_BODY_ERROR).run(several(1))).outputs[0]
    assert row["response"]["status_code"] == 200
    assert row["response"]["body"]["error"]["code"] == "server_error"


async def test_line_status_0() -> None:
    """The row stands in the error file with status 0 and no body."""
    row = (await Desk(Trap.LINE_STATUS_0).run(several(1))).errors[0]
    assert row["response"] == {"status_code": 0, "request_id": "", "body": None}


async def test_line_no_credit() -> None:
    """The row stands in the error file with status 429 and insufficient_quota."""
    row = (await Desk(Trap.LINE_NO_CREDIT).run(several(1))).errors[0]
    assert (row["response"]["status_code"], row["response"]["body"]["error"]["code"]) == (429, "insufficient_quota")


async def test_line_server_error() -> None:
    """The row stands in the error file with status 500."""
    row = (await Desk(Trap.LINE_SERVER_ERROR).run(several(1))).errors[0]
    assert (row["response"]["status_code"], row["response"]["body"]["error"]["code"]) == (500, "server_error")


async def test_line_rate_limit() -> None:
    """The row stands in the error file with status 429."""
    row = (await Desk(Trap.LINE_RATE_LIMIT).run(several(1))).errors[0]
    assert (row["response"]["status_code"], row["response"]["body"]["error"]["code"]) == (429, "rate_limit_exceeded")


async def test_expired_in_error_file() -> None:
    """The batch expires; unfinished rows stand in the error file with the provider's code and words."""
    run = await Desk(Trap.EXPIRED_IN_ERROR_FILE, share=0.5).run(several(40))
    assert run.batch["status"] == "expired"
    assert run.errors[0]["response"] is None
    assert {row["error"]["code"] for row in run.errors} == {"batch_expired"}
    assert len(run.outputs) + len(run.errors) == 40


async def test_expired_in_neither() -> None:
    """The batch expires; unfinished rows stand in neither file."""
    run = await Desk(Trap.EXPIRED_IN_NEITHER, share=0.5).run(several(40))
    assert (run.batch["status"], run.errors) == ("expired", [])
    assert 0 < len(run.outputs) < 40
    assert run.batch["request_counts"]["completed"] == len(run.outputs)


async def test_refusal() -> None:
    """The answer has a refusal and no content."""
    message = (await Desk(Trap.REFUSAL).run(several(1))).outputs[0]["response"]["body"]["choices"][0]["message"]
    assert message["content"] is None
    assert message["refusal"].startswith("[simulated]")


async def test_content_filter() -> None:
    """The answer ends by the content filter."""
    choice = (await Desk(Trap.CONTENT_FILTER).run(several(1))).outputs[0]["response"]["body"]["choices"][0]
    assert choice["finish_reason"] == "content_filter"


async def test_damaged_output_line() -> None:
    """One line of the output file is no JSON, the others are."""
    run = await Desk(Trap.DAMAGED_OUTPUT_LINE, share=0).run(several(5))
    good = 0
    for line in run.output.splitlines():
        try:
            good += isinstance(msgspec.json.decode(line), dict)
        except msgspec.DecodeError:
            assert line.startswith(b'{"id"')
    assert (len(run.output.splitlines()), good) == (5, 4)


@pytest.mark.parametrize("seed", range(20))
async def test_one_line_is_spared(seed: int) -> None:
    """Two traps hit the first two of three lines, and the third is answered, whatever the draw: who tries the traps sees both ends."""
    run = await Desk(Trap.LINE_SERVER_ERROR, Trap.LINE_NO_CREDIT, seed=seed).run(several(3))
    assert custom_ids(run.outputs) == ["r2"]
    assert sorted(custom_ids(run.errors)) == ["r0", "r1"]


async def test_no_trailing_newline() -> None:
    """The file ends without a newline; otherwise with one."""
    assert not (await Desk(Trap.NO_TRAILING_NEWLINE).run(several(3))).output.endswith(b"\n")
    assert (await Desk().run(several(3))).output.endswith(b"}\n")


async def test_missing_rows() -> None:
    """The batch says that all are completed, yet rows stand in neither file."""
    run = await Desk(Trap.MISSING_ROWS, share=0.3).run(several(40))
    assert run.batch["request_counts"] == {"total": 40, "completed": 40, "failed": 0}
    assert (len(run.outputs) < 40, run.errors) == (True, [])


async def test_duplicate_rows() -> None:
    """A row stands in the output file twice, equal."""
    run = await Desk(Trap.DUPLICATE_ROWS, share=0).run(several(5))
    assert sorted(custom_ids(run.outputs)) == ["r0", "r0", "r1", "r2", "r3", "r4"]


async def test_unexpected_row() -> None:
    """The last row has an id that nobody sent."""
    run = await Desk(Trap.UNEXPECTED_ROW).run(several(3))
    assert custom_ids(run.outputs)[-1].startswith("unexpected-")


async def test_a_scenario_for_one_key() -> None:
    """Another key than the one with the scenario sees the default behaviour."""
    desk = Desk()
    desk.brain.set_scenario(Scenario(traps=(Trap.SERVER_500,)), "practice-bad-day")
    assert (await desk.send("GET", "/models", key="practice-bad-day")).status == 500
    assert (await desk.send("GET", "/models")).status == 200


async def test_a_rule_with_times() -> None:
    """A rule springs for its own call, as often as it says."""
    desk = Desk(Rule(Trap.RATE_LIMIT_429, Call.LIST, 2))
    assert (await desk.send("GET", "/models")).status == 200
    assert [(await desk.send("GET", "/batches")).status for _ in range(3)] == [429, 429, 200]


def test_every_trap_has_a_test() -> None:
    """Each trap's name is that of a test here or of those of streams, or stands in a test's docstring or parameters."""
    from pathlib import Path

    text = Path(__file__).read_text() + Path(__file__).with_name("test_streaming.py").read_text()
    assert [trap for trap in Trap if f"test_{trap}(" not in text and f"Trap.{trap.name}," not in text] == []
