"""The lines that are stored and answered: of the size and shape of real ones, the same in each run."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

MODEL = "gpt-5-nano"
ENDPOINT = "/v1/chat/completions"
_WORDS = (
    *("night", "shift", "batch", "answer", "model", "request", "letter", "review", "price", "morning", "table", "column", "thread", "lane"),
    *("ledger", "segment", "queue", "upload", "token", "reason", "evidence", "summary", "customer", "sentence", "paragraph", "quarter"),
    *("delivery", "harbour", "weather", "engine", "signal", "“quoted”", "naïve", "Zürich", "東京", "emoji🙂"),
)
_SYSTEM = "You read one customer letter at a time. Say in one sentence what the customer wants, and name the product if there is one."


def _texts(length: int, count: int = 64) -> list[str]:
    """Prose of about ``length`` bytes."""
    dice = random.Random(length)
    found = []
    for _ in range(count):
        words: list[str] = []
        size = 0
        while size < length:
            words.append(dice.choice(_WORDS))
            size += len(words[-1].encode()) + 1
        found.append(" ".join(words))
    return found


_LETTERS = _texts(830)
RARE = "quokka"
_FEW = ("pleased", "content", "neither", "unsure", "displeased")
_SAID = [text.replace('"', '\\"') for text in _texts(700)]


def bodies(count: int) -> Iterator[dict[str, Any]]:
    """Bodies that make lines of about 1.2 kB."""
    for n in range(count):
        yield {
            "model": MODEL,
            "messages": [
                {"role": "system", "content": _SYSTEM},
                {"role": "user", "content": f"Letter {n}: {_LETTERS[n % len(_LETTERS)]}"},
            ],
            "max_completion_tokens": 256,
            "temperature": 0.2,
        }


def short_bodies(count: int) -> Iterator[dict[str, Any]]:
    """Bodies that make lines of about 0.25 kB."""
    for n in range(count):
        yield {
            "model": MODEL,
            "messages": [{"role": "user", "content": f"Letter {n}: say in one word whether the customer is pleased with the harbour."}],
            "max_completion_tokens": 16,
        }


def answers(ids: list[str]) -> Iterator[bytes]:
    """Output lines of about 1.5 kB, in another order than the requests. The last one alone says :data:`RARE`."""
    order = list(ids)
    random.Random(7).shuffle(order)
    for n, id in enumerate(order):
        spent, said_now = 90 + n % 90, _SAID[n % len(_SAID)]
        if n == len(order) - 1:
            said_now = f"{RARE} {said_now}"
        yield (
            f'{{"id": "batch_req_{n:024x}", "custom_id": "{id}", "response": {{"status_code": 200, "request_id": "{n:032x}", "body": '
            f'{{"id": "chatcmpl-{n:029x}", "object": "chat.completion", "created": 1763000000, "model": "{MODEL}-2025-08-07", "choices": '
            f'[{{"index": 0, "message": {{"role": "assistant", "content": "{said_now}", "refusal": null, "annotations": []}}, '
            f'"logprobs": null, "finish_reason": "stop"}}], "usage": {{"prompt_tokens": 210, "completion_tokens": {spent}, '
            f'"total_tokens": {210 + spent}, "prompt_tokens_details": {{"cached_tokens": 0, "audio_tokens": 0}}, '
            f'"completion_tokens_details": {{"reasoning_tokens": 64, "audio_tokens": 0, "accepted_prediction_tokens": 0, '
            f'"rejected_prediction_tokens": 0}}}}, "service_tier": "default", "system_fingerprint": "fp_{n:010x}"}}}}, "error": null}}\n'
        ).encode()


def short_answers(ids: list[str]) -> Iterator[bytes]:
    """Output lines of about 0.3 kB that say one of five words, in another order than the requests."""
    order = list(ids)
    random.Random(11).shuffle(order)
    for n, id in enumerate(order):
        yield (
            f'{{"id": "batch_req_{n}", "custom_id": "{id}", "response": {{"status_code": 200, "request_id": "{n:x}", "body": '
            f'{{"object": "chat.completion", "model": "{MODEL}-2025-08-07", "choices": [{{"index": 0, "message": {{"role": "assistant", '
            f'"content": "{_FEW[n % len(_FEW)]}"}}, "finish_reason": "stop"}}], "usage": {{"prompt_tokens": 24, '
            f'"completion_tokens": {1 + n % 97}}}}}}}, "error": null}}\n'
        ).encode()
