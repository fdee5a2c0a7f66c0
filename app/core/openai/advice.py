"""What the error codes of batches and of single lines mean, and what to do about each.

The codes are those of the OpenAI batch guide and of public reports of real runs; other providers use them too.
"""

from __future__ import annotations

from typing import Final

import msgspec

from app.core.base.patterns import pattern


class Advice(msgspec.Struct, frozen=True):
    """What an error code means, and the remedy. ``again``: sending the same request later can succeed."""

    code: str
    sentence: str
    remedy: str
    again: bool = False


def _advice(code: str, sentence: str, remedy: str, *, again: bool = False) -> Advice:
    return Advice(code=code, sentence=sentence, remedy=remedy, again=again)


_EDIT: Final = "Edit the request and send it again."
_UNFOUND: Final = (
    "Download the answers again, which is free, or check the files. It is not resent automatically; you can send it again, and it "
    "may then be paid for twice."
)
IMAGE_TIMEOUT: Final = "image_timeout"
"""Nightshift's own code for an image that the provider waited for too long: providers give the codes of a bad request."""

ADVICE: Final[dict[str, Advice]] = {
    advice.code: advice
    for advice in (
        # the batch as a whole
        _advice(
            "token_limit_exceeded",
            "More prompt tokens are enqueued for this model than the account allows.",
            "Wait until other batches of this model have ended, or send fewer requests at once.",
            again=True,
        ),
        _advice("invalid_json_line", "A line of the input file is not valid JSON.", "Fix the request on that line and submit again."),
        _advice(
            "missing_required_parameter",
            "A request is missing something that this endpoint needs.",
            "Add what the provider names to the request on that line and submit again.",
        ),
        _advice("mismatched_model", "The requests of the batch name different models.", "Send each model in a separate batch."),
        _advice("model_mismatch", "The requests of the batch name different models.", "Send each model in a separate batch."),
        _advice("url_mismatch", "A request is for another endpoint than the batch.", "Send each endpoint in a separate batch."),
        _advice("mismatched_url", "A request is for another endpoint than the batch.", "Send each endpoint in a separate batch."),
        _advice("invalid_url", "A request names an endpoint that batches do not have.", "Choose another endpoint for the request."),
        _advice("duplicate_custom_id", "Two requests of the batch have the same id.", "Give one of them another id and submit again."),
        _advice(
            "model_not_found",
            "The model does not exist, the key may not use it, or it does not support batches.",
            "Choose another model, or use a key of a project that may use this one.",
        ),
        _advice("empty_file", "The input file is empty.", "Add a request and submit again."),
        _advice("empty_batch", "The batch has no requests.", "Add a request and submit again."),
        _advice(
            "too_many_tasks", "The batch has more requests than the provider accepts.", "Lower the requests per batch in the settings."
        ),
        _advice(
            "invalid_request",
            "The provider could not use the request. “Cannot find file” happens for a moment right after an upload.",
            "Read the provider's message. If it is about the file, submit again; otherwise fix the request.",
        ),
        _advice(
            "billing_hard_limit_reached",
            "The account's spending limit is reached.",
            "Raise the limit in the provider's billing settings, or wait for the next month, then submit again.",
        ),
        _advice("insufficient_quota", "The account has no credit left.", "Add credit at the provider, then submit again."),
        # single lines
        _advice("batch_expired", "The completion window ended before this request ran. It is not billed.", "Send it again.", again=True),
        _advice("batch_cancelled", "The batch was cancelled before this request ran. It is not billed.", "Send it again.", again=True),
        _advice("rate_limit_exceeded", "The provider was too busy with requests from this account.", "Send it again.", again=True),
        _advice("server_error", "The provider had a server error.", "Send it again.", again=True),
        _advice("internal_error", "The provider had a server error.", "Send it again.", again=True),
        _advice("timeout", "The provider took too long to answer this request.", "Send it again.", again=True),
        _advice(
            "context_length_exceeded",
            "The request and its answer are too long for the model.",
            "Shorten it or choose another model.",
        ),
        _advice("invalid_request_error", "The provider refused the request as it is written.", _EDIT),
        _advice(
            "unsupported_parameter", "The model does not support one of the request's options.", "Remove it and send the request again."
        ),
        _advice("unsupported_value", "The model does not support the value of one of the options.", "Change the value and send it again."),
        _advice(
            "invalid_prompt",
            "The provider refused the text under its usage policies.",
            "Change the text: sending the same again will not help.",
        ),
        _advice(
            "content_filter",
            "The provider refused the text under its usage policies.",
            "Change the text: sending the same again will not help.",
        ),
        _advice(
            "invalid_image_url",
            "The provider could not load an image.",
            "Check its address, or attach the image as a file.",
        ),
        _advice(
            "invalid_image",
            "The provider could not use an image: it is too large, or of a type that it does not support.",
            "Make it smaller, convert it, or attach it as a file.",
        ),
        _advice(
            IMAGE_TIMEOUT,
            "The provider waited too long for an image from the address in the request.",
            "This is temporary: send it again, or attach the image as a file.",
            again=True,
        ),
        _advice("invalid_api_key", "The provider did not accept the key.", "Enter a valid key, then send it again.", again=True),
        # answers that are no good ones: billed like any other
        _advice(
            "cut_off",
            "The answer was cut off at the max output tokens. It is billed.",
            "Raise the max output tokens (reasoning counts too) and send the request again; that is billed again.",
        ),
        _advice(
            "empty_answer",
            "The answer is empty: it holds neither text nor a call. It is billed.",
            "Raise the max output tokens or lower the reasoning effort, then send the request again; that is billed again.",
        ),
        _advice(
            "filtered",
            "The answer was cut off by the provider's content filter. It is billed.",
            "Change the request: sending the same again will not help, and is billed again.",
        ),
        _advice(
            "refused",
            "The model refused to answer. It is billed.",
            "Change the request: sending the same again will probably not help, and is billed again.",
        ),
        _advice(
            "schema_ignored",
            "The answer does not follow the JSON schema that the request asks for. It is billed.",
            "Use it as it is, choose a model that supports schemas, or send the request again; that is billed again.",
        ),
        _advice(
            "embedding_gap",
            "The answer lacks the embedding of at least one input. It is billed.",
            "Find out which input it is, and send that one alone; sending all again is billed again.",
        ),
        # what may have been answered (core.batches.doubts)
        _advice(
            "answered_not_found",
            "The provider counts more answers than its files hold. A request without an answer here may be among them.",
            _UNFOUND,
        ),
        _advice(
            "ids_unknown",
            "The files hold answers under ids that this batch does not have. One of them may belong to this request.",
            "If the ids can be told apart, match them to the requests. " + _UNFOUND,
        ),
        _advice(
            "line_unreadable",
            "The files hold something that cannot be read. It may be the answer to this request.",
            _UNFOUND,
        ),
        _advice(
            "file_missing",
            "A file of answers is missing here, or incomplete. The answer to this request may be in it.",
            _UNFOUND,
        ),
        _advice(
            "not_counted",
            "The files do not mention this request, and the provider does not count its answers. It may have been answered.",
            _UNFOUND,
        ),
        _advice(
            "not_followed",
            "You stopped following the batch before it ended at the provider. This request may have been answered since.",
            _UNFOUND,
        ),
        _advice("no_response", "The line of this request holds neither an answer nor an error. It may have been answered.", _UNFOUND),
        _advice("unknown_line", "The line of this request holds something that Nightshift cannot read as an answer.", _UNFOUND),
        _advice("failure_with_answer", "The line of this request says that it failed, and holds an answer.", _UNFOUND),
        _advice(
            "field_twice", "The line of this request has one field twice, with different values: which one counts is not known.", _UNFOUND
        ),
        _advice(
            "unrun_with_tokens",
            "The line of this request calls it expired or cancelled and counts tokens of it: it may have been answered and billed.",
            _UNFOUND,
        ),
        _advice(
            "damaged_line",
            "It was answered and billed; its line is damaged, and kept.",
            "Check the line, download the answers again, or send the request again: that is billed again.",
        ),
        # what Nightshift finds itself
        _advice(
            "missing",
            "The provider's files do not mention this request, and nothing suggests that it was answered.",
            "Send it again.",
            again=True,
        ),
        _advice(
            "damaged",
            "A line of the provider's file cannot be read.",
            "Check the line, or send its request again.",
            again=True,
        ),
        _advice(
            "batch_failed",
            "The whole batch failed at the provider, and its files say nothing about this request.",
            "Read why it failed, fix that and submit again.",
        ),
        _advice("status_0", "The provider could not reach its model for this request.", "Send it again.", again=True),
    )
}

_STATUS: Final = pattern(r"status_(\d{3})")


def explain(code: str) -> Advice:
    """Advice for an error code of a batch or of a line; ``status_NNN`` stands for a line's status without a code. Never fails."""
    code = code.strip()
    found = ADVICE.get(code) or ADVICE.get(code.lower())
    if found:
        return found
    match = _STATUS.fullmatch(code)
    status = int(match[1]) if match else 0
    if status == 429:
        return msgspec.structs.replace(ADVICE["rate_limit_exceeded"], code=code)
    if status >= 500 or status == 408:
        return msgspec.structs.replace(ADVICE["server_error"], code=code)
    if status >= 400:
        return msgspec.structs.replace(ADVICE["invalid_request_error"], code=code)
    if not code:
        return _advice("", "The provider gave no reason.", "Try again; if it keeps happening, ask the provider.", again=True)
    return _advice(code, f"The provider calls it “{code[:80]}”.", "Read the provider's message and decide whether to send it again.")
