"""The browser is closed and opened again: everything is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.conftest import STEP_MILLISECONDS
from tests.kit.browser import Watch
from tests.kit.journey import AT_ONCE, Journey
from tests.kit.setting import Setting


@pytest.mark.also("file", "firefox")
def test_everything_outlives_closing_the_browser(setting: Setting, watch: Watch, tmp_path: Path) -> None:
    """What was written, what waits, and a batch with its answers, in a profile on the disk and a browser that was started anew."""

    with setting.profile(tmp_path) as context:
        context.set_default_timeout(STEP_MILLISECONDS)
        watch.attach(context)
        first = Journey(context.new_page(), setting.address).open()
        first.practise(AT_ONCE)
        first.write("What outlives the night?")
        id = first.submit_at_once()
        first.wait_for_state("completed")
        first.write("Still a draft.")
        first.enqueue()
        first.waiting(1)
    with setting.profile(tmp_path) as context:
        context.set_default_timeout(STEP_MILLISECONDS)
        watch.attach(context)
        second = Journey(context.new_page(), setting.address).open()
        second.go("Compose")
        assert second.texts() == ["Still a draft."]
        second.waiting(1)
        second.open_batch(id)
        second.wait_for_state("completed")
        assert "What outlives the night?" in second.open_answer(0).inner_text()
    assert not watch.unexpected(), "\n".join(watch.unexpected())
