"""Many programs at once: nothing is lost, and commits are shared (10,000 posts: ``make posts``)."""

import pytest

from tests.bench import posts


@pytest.mark.slow
def test_posts_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    """1,500 posts at concurrency 32 all reach the page."""
    with capsys.disabled():
        print(f"\n{posts.run(1_500)}")
