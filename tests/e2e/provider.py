"""The practice provider over HTTP, on an origin of its own, as the tests see it from behind."""

from __future__ import annotations

import json
from typing import Any

import httpx

KEY = "practice-e2e"


class Provider:
    """Steers and asks the provider. A fresh one has instant batches and has seen nothing."""

    def __init__(self, origin: str, client: httpx.Client) -> None:
        self.origin = origin
        self.base_url = f"{origin}/practice/v1"
        self._client = client

    def reset(self) -> None:
        """Forget everything; batches are instant."""
        self._client.post(f"{self.origin}/practice/control", json={"reset": True}).raise_for_status()
        self.behave()

    def behave(self, *traps: Any, speed: Any = 0, share: float = 0.2) -> None:
        """Traps by name or as {trap, call, times}; a speed factor or the seconds of each step."""
        scenario = {"speed": speed, "traps": traps, "share": share}
        self._client.put(f"{self.origin}/practice/control", json=scenario).raise_for_status()

    def advance(self, seconds: float) -> None:
        """Let so much of the provider's time pass at once."""
        self._client.post(f"{self.origin}/practice/control", json={"advance": seconds}).raise_for_status()

    def report(self) -> dict[str, Any]:
        """What it has seen: calls, uploads, batches, log."""
        found: dict[str, Any] = self._client.get(f"{self.origin}/practice/control").json()
        return found

    def make(self, texts: list[str], name: str = "Elsewhere") -> str:
        """A batch of these questions, made by another program with the same key; its id."""
        headers, url = {"Authorization": f"Bearer {KEY}"}, "/v1/chat/completions"
        bodies = [{"model": "gpt-4o-mini", "messages": [{"role": "user", "content": text}]} for text in texts]
        rows = [{"custom_id": f"row-{n}", "method": "POST", "url": url, "body": body} for n, body in enumerate(bodies)]
        content = "\n".join(map(json.dumps, rows)).encode()
        form = {"file": ("rows.jsonl", content, "application/jsonl")}
        file = self._client.post(f"{self.base_url}/files", headers=headers, data={"purpose": "batch"}, files=form).json()
        order = {"input_file_id": file["id"], "endpoint": url, "completion_window": "24h", "metadata": {"name": name}}
        return str(self._client.post(f"{self.base_url}/batches", headers=headers, json=order).json()["id"])

    @property
    def batches(self) -> int:
        """How many batches were ever made: each of them would be paid for."""
        return int(self.report()["batches"])

    def states(self) -> list[str]:
        """The status of every batch, newest first."""
        headers = {"Authorization": f"Bearer {KEY}"}
        return [batch["status"] for batch in self._client.get(f"{self.base_url}/batches", headers=headers).json()["data"]]

    def content(self, which: str) -> bytes:
        """The bytes of the only batch's ``input``, ``output`` or ``error`` file, as the provider has them."""
        headers = {"Authorization": f"Bearer {KEY}"}
        (batch,) = self._client.get(f"{self.base_url}/batches", headers=headers).json()["data"]
        return self._client.get(f"{self.base_url}/files/{batch[f'{which}_file_id']}/content", headers=headers).content


def lines(data: bytes) -> list[dict[str, Any]]:
    """The objects of a JSONL file."""
    return [json.loads(line) for line in data.splitlines()]
