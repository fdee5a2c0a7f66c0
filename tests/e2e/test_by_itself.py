"""Requests that go out by themselves."""

from tests.kit.database import OPEN
from tests.kit.journey import AT_ONCE, MODEL, Journey

HURRY = f"""async () => {{ {OPEN}
  const db = await opened('nightshift');
  const settings = db.transaction('settings', 'readwrite').objectStore('settings');
  const row = await done(settings.get('automatic:practice'));
  await done(settings.put({{ ...row, rev: row.rev + 1, doc: JSON.stringify({{ ...JSON.parse(row.doc), own: 1 }}) }}));
  db.close();
}}"""
"""Has requests made by hand for the practice provider wait for one second; people cannot choose less than a minute."""


def test_held_requests_stay_and_released_ones_go_out_by_themselves(tab: Journey) -> None:
    """Requests made by hand go by themselves where that was chosen, and the queue says when. A hold outlives a reload; once it is released,
    the batch is made, run and answered without a press."""
    tab.practise(AT_ONCE)
    tab.write("Goes by itself.")
    tab.enqueue()
    tab.waiting(1)
    lane = tab.lane(MODEL)
    lane.get_by_text("Waits until you submit it.").wait_for()
    tab.go("Settings")
    tab.main.get_by_role("region", name="Practice provider").get_by_label("Auto-submit requests added by hand").select_option("3600")
    tab.go("Queue")
    lane.get_by_text("Submits automatically at").wait_for()
    lane.get_by_text("1 of 50,000 requests").wait_for()
    tab.press("Pause", within=lane)
    lane.get_by_text("Paused").wait_for()
    tab.page.evaluate(HURRY)
    tab.reload()
    tab.waiting(1)
    lane.get_by_text("Paused").wait_for()
    tab.press("Resume", within=lane)
    tab.toasts.get_by_text(f"1 request of {MODEL} was submitted automatically.").wait_for()
    tab.waiting(0)
    tab.go("Batches")
    tab.main.get_by_role("link", name="Goes by itself.").first.click()
    tab.wait_for_state("completed")
    assert tab.open_answer(0).is_visible()
