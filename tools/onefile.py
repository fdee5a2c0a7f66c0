"""The page as one file that a browser opens from the disk: nightshift.html, made from the folder that tools/dist.py wrote.

The shell comes first, so that it is painted while the rest is read; then the build's files, gzipped, seven bits a character, for
static/js/onefile.js to take in; every script and style sheet of the page stands inline and is named in the policy by its hash. The same
folder gives the same bytes. docs/offline.md says why it is made like this.
"""

import base64
import gzip
import hashlib
import io
import re
import zipfile
from html import escape
from operator import or_
from pathlib import Path

from tools.inlining import SCRIPTS, STYLES, Rewriter, inline, source

ROOT = Path(__file__).resolve().parents[1]
NAME = "nightshift.html"
LOADER = ROOT / "static" / "js" / "onefile.js"
TYPES = {
    ".mjs": "text/javascript",
    ".wasm": "application/wasm",
    ".gz": "application/gzip",
    ".zip": "application/zip",
    ".toml": "application/toml",
    ".py": "text/x-python",
    ".txt": "text/plain",
}
INLINE = (".js", ".css", ".svg", ".png", ".webmanifest")
"""Kinds of files that nothing fetches: the document has them as part of its text, or only an installed page asks for them."""
PIECE = 7 * 32 * 1024
"""Bytes in one piece, which make 256 kB of text: a file is decoded while the rest of it is still being read."""
ESCAPED = b"\x00\r<="
"""Characters that the parser of HTML does not return as they are, or that may end the element, and the one that escapes them: each is
written as ``=`` and the character 64 places further on."""
ARRIVED = "dispatchEvent(new Event('nightshift:piece'))"
STARTABLE = "dispatchEvent(new Event('nightshift:modules'))"
"""The scripts after each piece and after the last module. Their text, and so their hash, is always the same."""
IMPORT = re.compile(r"""import\((["'])(\.{1,2}/[^"']+)\1\)""")
STATIC_IMPORT = re.compile(r"""(?:^|[;}\n])\s*(?:import|export)\b[^;("'`]*?(?:\bfrom\s*)?["']\.{1,2}/""")


def module(path: Path, text: str) -> str:
    """A module's text for life in a blob, which has no folder: it asks ``nightshiftAddress`` (static/js/onefile.js) instead of
    ``import.meta.url`` and imports its neighbours by it. Raises ValueError for a static import, which cannot be led so."""
    if STATIC_IMPORT.search(text):
        raise ValueError(f"{path.name} imports a neighbour statically; bundle them.")

    def led(match: re.Match[str]) -> str:
        known = (path.parent / match[2]).resolve().is_file()
        return f"import(new URL({match[1]}{match[2]}{match[1]},nightshiftAddress).href)" if known else match[0]

    return IMPORT.sub(led, text.replace("import.meta.url", "nightshiftAddress"))


def stored(data: bytes) -> bytes:
    """A zip's files without compression of their own: gzip packs the whole better, and Python reads it faster."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as new:
        for info in old.infolist():
            plain = zipfile.ZipInfo(info.filename, info.date_time)
            plain.external_attr = info.external_attr
            new.writestr(plain, old.read(info))
    return out.getvalue()


def content(path: Path) -> bytes:
    """A file's bytes as the one file holds them."""
    data = path.read_bytes()
    if path.suffix == ".mjs":
        return module(path, data.decode()).encode()
    if path.suffix == ".gz":
        return gzip.decompress(data)  # everything is gzipped here again, and unpacked before it is asked for
    return stored(data) if path.suffix == ".zip" else data


def encoded(data: bytes) -> str:
    """Bytes as ASCII text, seven bits a character, the highest first: eight characters for seven bytes, and three in a hundred more for
    :data:`ESCAPED`. Base64 takes 17 in a hundred more than that."""
    padded = data + bytes(-len(data) % 7)
    out = bytearray(len(padded) // 7 * 8)
    before = bytes(len(padded) // 7)
    for n in range(8):
        column = padded[n::7] if n < 7 else bytes(len(before))
        high = bytes(((value << 7 - n) & 0x7F) for value in range(256))
        low = bytes(value >> (n + 1) for value in range(256))
        out[n::8] = bytes(map(or_, before.translate(high), column.translate(low)))
        before = column
    text = bytes(out[: -(-len(data) * 8 // 7)])
    for char in b"=" + ESCAPED.replace(b"=", b""):
        text = text.replace(bytes((char,)), bytes((ord("="), char + 64)))
    return text.decode("ascii")


def pieces(folder: Path, path: Path) -> str:
    """The elements that hold one file. Raises ValueError for one of an unknown kind: nothing may be left out in silence."""
    if path.suffix not in TYPES:
        raise ValueError(f"{path.name}: the one file does not know what type such a file has (TYPES in tools/onefile.py).")
    data = gzip.compress(content(path), 9, mtime=0)
    parts = [encoded(data[at : at + PIECE]) for at in range(0, len(data), PIECE)]
    head = f'<script type="text/plain" data-path="{escape(path.relative_to(folder).as_posix())}" data-type="{TYPES[path.suffix]}"'
    ends = [*[""] * (len(parts) - 1), " data-last"]
    return "".join(f"{head}{end}>{part}</script>{inline('script', ARRIVED)}\n" for part, end in zip(parts, ends, strict=True))


def rank(path: Path) -> tuple[int, str]:
    """The order in the file: what takes longest to get ready comes first."""
    order = [".wasm", ".mjs", ".toml", ".py", ".zip", ".gz"]
    return (order.index(path.suffix) if path.suffix in order else len(order), path.as_posix())


class Page(Rewriter):
    """Puts the loader and the build's files into index.html as tools/dist.py wrote it, whose scripts and styles are inline already."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self.scripts = {source(ARRIVED), source(STARTABLE)}
        self.entry = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.entry = given.pop("data-entry")  # the loader brings it in, when all modules are there
            self.out.append("<html" + "".join(f' {name}="{escape(value)}"' for name, value in given.items()) + ">")
        elif "data-scripts" in given:
            self.scripts |= set(given["data-scripts"].split())
            self.styles |= set(given["data-styles"].split())
            self.out.append(f"<script data-file{SCRIPTS}{STYLES}>")
        elif tag == "link":
            self._link(given.get("rel", "").split(), given["href"], given.get("type", ""))
        else:
            super().handle_starttag(tag, attrs)

    def _link(self, kinds: list[str], address: str, type: str) -> None:
        if "icon" in kinds:  # the manifest has no sense here
            image = base64.b64encode((self.folder / address).read_bytes()).decode()
            self.out.append(f'<link rel="icon" href="data:{type};base64,{image}" type="{type}">')

    def handle_endtag(self, tag: str) -> None:
        if tag == "head":
            self._loader()
        elif tag == "body":
            self._files()
        super().handle_endtag(tag)

    def _loader(self) -> None:
        text = LOADER.read_text().strip()
        self.scripts.add(source(text))
        self.out.append(inline("script", text, f' data-entry="{escape(self.entry)}" data-pieces=PIECES') + "\n")

    def _files(self) -> None:
        found = sorted((path for path in self.folder.rglob("*/**/*") if path.is_file() and path.suffix not in INLINE), key=rank)
        last = max(n for n, path in enumerate(found) if path.suffix == ".mjs")
        for n, path in enumerate(found):
            self.out.append(pieces(self.folder, path))
            if n == last:
                self.out.append(inline("script", STARTABLE) + "\n")

    def text(self) -> str:
        """The whole file."""
        whole = super().text()
        return whole.replace(" data-pieces=PIECES", f' data-pieces="{whole.count(ARRIVED)}"', 1)


def write(folder: Path, target: Path | None = None) -> Path:
    """Write the one file of ``folder``, which holds index.html and the build: nightshift.html beside them, or ``target``; its path."""
    page = Page(folder)
    page.feed((folder / "index.html").read_text())
    page.close()
    target = target or folder / NAME
    target.write_text(page.text(), encoding="utf-8", newline="\n")
    return target


def told(path: Path) -> str:
    """A sentence about the file: its size and its SHA-256."""
    data = path.read_bytes()
    return f"{path.name}: {len(data) / 1e6:.2f} MB ({len(data):,} bytes), sha256 {hashlib.sha256(data).hexdigest()}"
