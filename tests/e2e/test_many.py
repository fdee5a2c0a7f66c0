"""Fifty thousand requests. Peer A needed 13 to 19 s until it answered with so many, drew 1.15 million elements, and took 4 to 6 s to
delete one.

Nothing here is timed (``make bench`` does that); what is tested is that only a screenful is ever drawn, and that everything still works.
"""

from __future__ import annotations

import pytest

from tests.kit.journey import Journey

MANY = 50_000
DRAWN = 3_000

# Writes the queue as schema version 1 keeps it: 50 segments of 1,000 lines.
SEED = """async ([count, model]) => {
    const db = await new Promise((resolve, reject) => {
        const request = indexedDB.open('nightshift');
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
    });
    const tx = db.transaction(['segments', 'bytes'], 'readwrite');
    const utf8 = new TextEncoder();
    const owner = `queue:practice|/v1/chat/completions|${model}`;
    for (let s = 0; s * 1000 < count; s++) {
        const ids = [], ends = [], lines = [];
        let size = 0;
        for (let i = s * 1000; i < Math.min(count, (s + 1) * 1000); i++) {
            const id = `r-many-${String(i).padStart(5, '0')}`;
            const body = {model, messages: [{role: 'user', content: `Question number ${i}`}]};
            const line = JSON.stringify({custom_id: id, method: 'POST', url: '/v1/chat/completions', body}) + '\\n';
            size += line.length;
            ids.push(id); ends.push(size); lines.push(line);
        }
        const id = `s-many-${s}`;
        const doc = JSON.stringify({id, owner, seq: 1000 + s, bytes_id: `lines:${id}`, ids, ends, created: 1});
        tx.objectStore('bytes').put({id: `lines:${id}`, data: utf8.encode(lines.join(''))});
        tx.objectStore('segments').put({id, rev: 1, doc, owner, state: '', order: 1000 + s});
    }
    await new Promise((resolve, reject) => { tx.oncomplete = resolve; tx.onabort = () => reject(tx.error); });
    db.close();
}"""


@pytest.fixture
def full(tab: Journey) -> Journey:
    """A newcomer's page with a full queue, and a practice provider that answers at once."""
    tab.practise()
    tab.measure(SEED, [MANY, "gpt-4o-mini"])
    tab.reload()
    tab.waiting(MANY)
    return tab


def test_a_full_queue_is_drawn_by_window_and_submitted_whole(full: Journey) -> None:
    """Open, scroll to the end, delete one and bring it back, edit all and undo that, submit all, and read the last answer."""
    assert full.nodes() < DRAWN
    full.page.locator(".window").evaluate("(list) => { list.scrollTop = list.scrollHeight }")
    last = full.page.locator(f"#row-r-many-{MANY - 1:05}")
    last.wait_for()
    assert full.nodes() < DRAWN
    last.get_by_role("button", name="Delete request").click()
    last.wait_for(state="detached")
    full.undo("Deleted 1 request")
    full.page.locator(".window").evaluate("(list) => { list.scrollTop = list.scrollHeight }")
    last.wait_for()

    full.main.get_by_label("Select all in this group").click()
    full.press(f"Edit {MANY:,} …")
    full.dialog.get_by_label("Change").select_option("temperature")
    full.dialog.get_by_label("Value").fill("0.5")
    full.press(f"Change {MANY:,} requests")
    full.press("Undo the change")
    full.toasts.filter(has_text=f"{MANY:,} requests are as before.").wait_for()
    full.submit_lane()
    full.wait_for_state("completed")
    full.main.get_by_role("button", name=f"Answered {MANY:,}").wait_for()
    assert full.nodes() < DRAWN
    full.page.locator("#window-answers").evaluate("(list) => { list.scrollTop = list.scrollHeight }")
    full.page.locator(f"#answer-{MANY - 1}").wait_for()
    shown = full.open_answer(MANY - 1)
    assert f"Question number {MANY - 1}" in shown.inner_text()
    assert "[simulated]" in shown.inner_text()
    assert full.nodes() < DRAWN
