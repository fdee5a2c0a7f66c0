"""Large images stand apart from their threads."""

from __future__ import annotations

import pytest

from app.core.bodies import bodies
from app.core.model.threads import STORED, Image, Options, Thread, ThreadMessage
from app.services.runtime.moves import STORED_MOVES
from app.services.threads.images import INLINE, ImageLost, Images
from tests.fakes.memory_store import MemoryStore
from tests.fakes.platform import FakeClock, SeededRandom

LARGE = "data:image/png;base64," + "A" * INLINE
SMALL = "data:image/png;base64,AAAA"


@pytest.fixture
def images() -> Images:
    return Images(MemoryStore(STORED_MOVES), FakeClock(), SeededRandom())


def thread(*urls: str, id: str = "t") -> Thread:
    message = ThreadMessage(id="m", role="user", text="What is this?", images=tuple(Image(url) for url in urls))
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


async def test_a_text_that_begins_like_a_stored_image_stays_text(images: Images) -> None:
    """Only a whole name in an image's place stands for an image."""
    kept = await images.keep_all(thread(LARGE))
    name = kept.messages[0].images[0].url
    for text in (f"{STORED} in the cellar", f"{STORED}i-", name):
        said = Thread(id="s", messages=(ThreadMessage(id="m", role="user", text=text),), options=Options(model="gpt-4o"))
        assert await images.filled(bodies.body_of(said)) == bodies.body_of(said)
    odd = {"image_url": {"url": f"{STORED}i-x/../y"}}
    assert await images.filled(odd) == odd


@pytest.mark.parametrize("endpoint", ["/v1/chat/completions", "/v1/responses"])
async def test_a_large_image_in_a_body_typed_by_hand_is_put_aside(images: Images, endpoint: str) -> None:
    """A key stroke in the JSON never saves it again; the request is the same; half-typed JSON keeps everything else."""
    whole = thread(LARGE, SMALL)
    whole = Thread(id="t", messages=whole.messages, options=Options(model="gpt-4o", endpoint=endpoint))
    raw = bodies.raw_text(whole)
    kept = await images.keep_all(Thread(id="r", raw=raw, options=whole.options))
    assert kept.raw is not None
    assert len(kept.raw) < 1_000
    assert await images.filled(bodies.body_of(kept)) == bodies.body_of(whole)
    broken = await images.keep_all(Thread(id="b", raw=raw[:-2] + ",,,"))
    assert broken.raw is not None
    assert len(broken.raw) < 1_000
    assert broken.raw.endswith(",,,")


async def test_the_size_of_a_thread_counts_its_stored_images(images: Images) -> None:
    """As they go into the request; also after a reload, when the sizes have to be read, and in a body typed by hand."""
    whole = thread(LARGE, SMALL)
    kept = await images.keep_all(whole)
    extra = len(LARGE) - len(kept.messages[0].images[0].url)
    assert await images.size_of(kept) == extra
    fresh = Images(images._store, FakeClock(), SeededRandom())
    assert await fresh.size_of(kept) == extra
    assert await fresh.size_of(Thread(id="r", raw=bodies.raw_text(kept))) == extra
    assert await fresh.size_of(thread(SMALL)) == 0
