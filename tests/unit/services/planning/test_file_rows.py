"""Files as rows of a table: what their requests hold."""

from __future__ import annotations

from msgspec.structs import replace

from app.core.datasets.filerows import GivenFile
from app.core.model.datasets import Dialect
from app.core.model.templates import PromptFile, PromptMessage
from app.core.model.threads import Image
from app.core.openai.wire import BytesBlob
from app.services.datasets.datasets import Source
from tests.fakes.memory_store import MemoryDisk
from tests.unit.services.planning.test_planning import ASK, OPENAI, Tab, template


async def test_files_as_rows_become_parts_of_requests() -> None:
    """A picture or a PDF is sent as it is, where the prompt names the column; a text in the words around it."""
    tab = Tab(MemoryDisk())
    content = [("shop/a.png", b"\x89PNG\r\n\x1a\nx"), ("shop/b.pdf", b"%PDF-1.7"), ("shop/c.txt", "Größe".encode())]
    places = [sum(len(data) for _, data in content[:n]) for n in range(3)]
    files = tuple(GivenFile(path, len(data), at) for (path, data), at in zip(content, places, strict=True))
    source = Source(BytesBlob(b"".join(data for _, data in content)), "shop", files=files)
    dataset = (await tab.datasets.bring(source, Dialect(format="files"), key="path")).dataset
    ask = replace(ASK, messages=(PromptMessage("m", "user", "{{name}} {{text}}", images=(Image("{{file}}"),)),))
    await tab.planning.add(tab.planning.order(dataset, ask, OPENAI), template(ask))
    bodies = [body["messages"][0]["content"] for _, body in await tab.lines()]
    assert bodies[0][1]["image_url"]["url"] == "data:image/png;base64,iVBORw0KGgp4"
    assert bodies[1] == [{"type": "text", "text": "c.txt Größe"}]  # it has no picture; the PDF is none, so its row is left out
    assert len(bodies) == 2
    read = replace(ASK, messages=(PromptMessage("m", "user", "{{name}}", files=(PromptFile("{{file}}", "{{name}}"),)),))
    await tab.planning.add(tab.planning.order(dataset, read, OPENAI), template(read))
    asked = [body["messages"][0]["content"] for _, body in await tab.lines()][2:]
    pdf = next(one[1]["file"] for one in asked if one[0]["text"] == "b.pdf")
    assert pdf == {"filename": "b.pdf", "file_data": "data:application/pdf;base64,JVBERi0xLjc="}
