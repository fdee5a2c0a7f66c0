"""Large images stand apart from their threads."""

from __future__ import annotations

import pytest

from app.core import bodies, pipeline
from app.core.records import STORED, Image, Message, Options, Thread
from app.services.images import INLINE, ImageLost, Images
from tests.fakes.memory_store import MemoryStore
from tests.fakes.platform import FakeClock, SeededRandom

LARGE = "data:image/png;base64," + "A" * INLINE
SMALL = "data:image/png;base64,AAAA"


@pytest.fixture
def images() -> Images:
    return Images(MemoryStore(pipeline.MOVES), FakeClock(), SeededRandom())


def thread(*urls: str, id: str = "t") -> Thread:
    message = Message(id="m", role="user", text="What is this?", images=tuple(Image(url) for url in urls))
    return Thread(id=id, messages=(message,), options=Options(model="gpt-4o"))


async def test_a_large_image_leaves_its_thread_and_a_small_one_stays(images: Images) -> None:
    """Only what a key stroke should not save again is kept apart; its size in bytes is remembered."""
    kept = await images.keep_all(thread(LARGE, SMALL, "https://example.org/a.png"))
    large, small, far = kept.messages[0].images
    assert large.url.startswith(STORED)
    assert large.size == len(LARGE) * 3 // 4
    assert (small.url, far.url) == (SMALL, "https://example.org/a.png")


@pytest.mark.parametrize("endpoint", ["/v1/chat/completions", "/v1/responses"])
async def test_it_takes_its_place_when_the_request_is_made(images: Images, endpoint: str) -> None:
    """The body that is sent is the one of a thread that holds the image itself."""
    whole = thread(LARGE, SMALL)
    whole = Thread(id="t", messages=whole.messages, options=Options(model="gpt-4o", endpoint=endpoint))
    kept = await images.keep_all(whole)
    assert await images.filled(bodies.body_of(kept)) == bodies.body_of(whole)


async def test_a_stored_image_stands_against_nothing(images: Images) -> None:
    """The checks take a stored image for one that is there."""
    assert not [one for one in bodies.problems(await images.keep_all(thread(LARGE))) if one.severity == "error"]


async def test_an_image_that_is_gone_is_said(images: Images) -> None:
    """A request is never made with a hole in it."""
    with pytest.raises(ImageLost, match="add it again"):
        await images.filled(bodies.body_of(thread(f"{STORED}i-nowhere")))


async def test_deleting_for_good_drops_only_images_that_no_other_thread_shows(images: Images) -> None:
    """A copy of a thread keeps its images when the first is deleted, also in a body typed by hand."""
    first, other = await images.keep_all(thread(LARGE)), await images.keep_all(thread(LARGE, id="o"))
    copy = Thread(id="c", messages=(), raw=bodies.raw_text(first))
    await images.sweep([first, other], [copy])
    await images.filled(bodies.body_of(first))
    with pytest.raises(ImageLost):
        await images.filled(bodies.body_of(other))
