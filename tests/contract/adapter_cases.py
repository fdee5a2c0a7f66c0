"""What the adapters add to the page's scripts on the way to Python. These cases run in the page only."""

from __future__ import annotations

import gzip
import json
from itertools import pairwise
from typing import Any

from app.core.openai.wire import BytesBlob
from app.ports import FileDamaged, FileStrange


async def case_events_reach_python(page: Any, root: Any) -> None:
    """An event comes as one JSON text; what the handler raises comes to the boundary, and the next event is heard all the same."""
    heard: list[str] = []
    failed: list[BaseException] = []

    def handler(text: str) -> None:
        heard.append(text)
        if len(heard) == 1:
            raise ValueError("out of the handler")

    page.listen(handler, failed.append)
    page.patch('<button id=x data-click=\'{"type":"Do"}\' value="é😀">x</button>', "drawn")
    for _ in range(2):
        root.querySelector("#x").click()
    assert [json.loads(text)["action"] for text in heard] == [{"type": "Do"}] * 2
    assert json.loads(heard[0])["value"] == "é😀"
    assert [str(error) for error in failed] == ["out of the handler"]
    assert root.ownerDocument.title == "drawn"


async def case_patch_without_a_title_keeps_it(page: Any, root: Any) -> None:
    """The title changes only when one is given."""
    page.patch("<p>1</p>", "one")
    page.patch("<p>2</p>")
    assert root.ownerDocument.title == "one"
    assert root.innerHTML == "<p>2</p>"


async def case_page_knows_itself(page: Any) -> None:
    """On a server, online, without a route; its own origin and the provider may be called."""
    assert (page.setting, page.online, page.visible, page.route) == ("served", True, True, "")
    assert page.allow_hosts(["https://api.openai.com"]) is True
    assert page.allow_hosts(["https://llm.example"]) is False
    page.mark("case")
    page.theme("dark")
    page.theme("system")


async def case_files_are_saved(page: Any, blob: Any) -> None:
    """Blobs of the browser and bytes of Python are both handed to the person (test_adapters.py looks at the files)."""
    page.save_file("browser.txt", blob, "text/plain")
    page.save_file("python.txt", BytesBlob(b"from Python"), "text/plain")


async def case_unknown_blobs_are_refused(page: Any) -> None:
    """A blob of another making is a mistake of ours, told at once."""

    class Strange:
        size = 1

    told = ""
    try:
        page.save_file("x", Strange(), "text/plain")
    except TypeError as error:
        told = str(error)
    assert "Strange" in told


async def case_blob_is_read_in_full(blob: Any) -> None:
    """A blob of the browser tells its size and gives its bytes."""
    assert blob.size == 12
    assert await blob.read() == b"from browser"


async def case_blob_goes_up(http: Any, blob: Any, upload_address: str) -> None:
    """A blob of the browser is sent in a form as it is, and progress is told as whole numbers."""
    from app.core.openai.wire import FilePart, Request

    told: list[tuple[int, int]] = []
    request = Request("POST", upload_address, fields=(("a", "b"),), file=FilePart("file", "x.jsonl", blob))
    answer = await http.send(request, progress=lambda sent, total: told.append((sent, total)))
    assert answer.status in (404, 405)  # the site takes no uploads, and says so after the whole form
    assert told
    assert all(type(number) is int for pair in told for number in pair)


# --- files -----------------------------------------------------------------------------------------------------------------------


def _nothing(_done: int, _total: int) -> None:
    """Progress that nobody looks at."""


async def _unpacked(page: Any, blob: Any, moved: Any = _nothing) -> bytes:
    return b"".join([piece async for piece in page.unpack(blob, moved)])


async def case_what_is_packed_is_gzip(page: Any) -> None:
    """Any bytes in pieces of any size become a gzip file that Python's own reader reads, and come back in pieces; how far it is, is
    told."""
    pieces = [b"", b"x", bytes(range(256)) * 3_000, bytes(3_000_000), "é😀\n".encode() * 50_000]
    packing = page.pack()
    for piece in pieces:
        await packing.write(piece)
    blob = await packing.finish()
    packing.abort()
    assert blob.size < 100_000
    assert gzip.decompress(await blob.read()) == b"".join(pieces)
    told: list[tuple[int, int]] = []
    assert await _unpacked(page, blob, lambda done, total: told.append((done, total))) == b"".join(pieces)
    assert told[-1] == (blob.size, blob.size)
    assert all(one <= other for one, other in pairwise(told))


async def case_nothing_can_be_packed(page: Any) -> None:
    """A file of nothing is a file."""
    blob = await page.pack().finish()
    assert await _unpacked(page, blob) == b""


async def case_a_broken_file_is_named_so(page: Any) -> None:
    """A gzip file that was cut or changed raises FileDamaged, and one that is none FileStrange; what came before has come."""
    packing = page.pack()
    await packing.write(json.dumps(list(range(20_000))).encode())
    data = await (await packing.finish()).read()
    flipped = bytearray(data)
    flipped[len(data) // 2] ^= 255
    damaged = (data[:-1], data[: len(data) // 2], bytes(flipped), data + b"x", data[:12], b"\x1f\x8b")
    for broken, expected in (*((one, FileDamaged) for one in damaged), (b"no gzip at all", FileStrange), (b"", FileStrange)):
        told: type[Exception] | None = None
        try:
            await _unpacked(page, BytesBlob(broken))
        except FileDamaged as error:
            told = type(error)
        assert told is expected, broken[:20]


async def case_packing_can_be_given_up(page: Any) -> None:
    """Given up in the middle, nothing is left that waits; leaving the pieces of a file early does no harm either."""
    packing = page.pack()
    await packing.write(bytes(1_000_000))
    packing.abort()
    packing.abort()
    whole = page.pack()
    await whole.write(bytes(5_000_000))
    async for piece in page.unpack(await whole.finish(), _nothing):
        assert piece
        break


async def case_unknown_files_are_not_there(page: Any) -> None:
    """A token that names no file gives nothing."""
    assert page.picked("file-0") is None
    assert page.picked("") is None
