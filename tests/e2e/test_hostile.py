"""What comes from outside, and what people type, is shown as text: it can neither run nor call anybody.

The page's watch fails each test on any dialog, script error, policy complaint or request to a host that nobody named.
"""

from __future__ import annotations

from tests.hostile.corpus import SAMPLE
from tests.kit.journey import Journey

HOSTILE = [
    '<img src="https://evil.example/x.png" onerror="alert(1)">',
    "</textarea><script>alert(1)</script>",
    "\"'><svg onload=alert(1)> & &lt;b&gt; {{x}} ${y} `z`",
    "rtl \u202e gnp.exe, zero\u200bwidth, U+2028\u2028end, 😀👩‍👩‍👧, \u0301accents, 漢字",
    "\n\n  leading lines and spaces\n\ttab\n",
]


def test_hostile_text_stays_text_all_the_way(desk: Journey) -> None:
    """As a message, a thread's name, a model's name, a queued request, a batch's name, and in the answer that repeats it."""
    for text in HOSTILE:
        desk.write(text, model=f"gpt-4o-mini {text}".replace("\n", " "))
        desk.name().fill(text)
        desk.saved()
        assert desk.texts() == [text]
        desk.reload()
        assert desk.texts() == [text]
        desk.option("model").fill("gpt-4o-mini")
        desk.saved()
        desk.enqueue()
    desk.go("Prompts")
    desk.main.get_by_text(HOSTILE[0]).first.wait_for()
    desk.waiting(len(HOSTILE))
    for n in range(len(HOSTILE)):
        desk.rows.nth(n).get_by_role("button", name="Edit").last.click()
        desk.dialog.locator("#request-text").wait_for()
        close(desk)
    desk.submit_lane()
    desk.wait_for_state("completed")
    for n, text in enumerate(HOSTILE):
        asked = desk.open_as_text(n).locator(".turn").first.locator(".prose")
        assert asked.evaluate("(one) => one.textContent") == text
        assert asked.locator("*").count() == 0
        close(desk)


def close(desk: Journey) -> None:
    desk.page.keyboard.press("Escape")
    desk.dialog.wait_for(state="detached")


def test_a_hostile_answer_from_the_provider_stays_text(desk: Journey) -> None:
    """What the provider says about a model that it does not know holds the model's name; it is shown as text, everywhere."""
    name = '<img src=x onerror="alert(1)">'
    desk.write("Hello", model=name)
    desk.submit_at_once()
    desk.wait_for_state("failed")
    desk.main.get_by_text(name, exact=False).first.wait_for()
    assert desk.page.locator("main img").count() == 0


def test_a_sample_of_the_hostile_corpus_is_kept_as_it_was_typed(desk: Journey) -> None:
    """Some texts of every kind (tests/hostile/corpus.py) as the messages of one thread: shown, stored and there again after a reload."""
    texts = [one for one in SAMPLE if "\ud83d" not in one and one.encode("utf-8", "ignore").decode() == one][:16]
    desk.write(texts[0])
    for n, text in enumerate(texts[1:], 2):
        desk.main.get_by_role("button", name="Add message").click()
        desk.main.get_by_label(f"Text of message {n}", exact=True).fill(text)
    desk.saved()
    assert desk.texts() == texts
    desk.reload()
    assert desk.texts() == texts
