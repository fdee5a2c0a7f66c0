"""The page as one file that a browser opens from the disk: nightshift.html, made from the folder that tools/dist.py wrote.

The shell comes first, so that it is painted while the rest is read; then the build's files, gzipped and in base64, for static/js/onefile.js
to take in; every script and style sheet of the page stands inline and is named in the policy by its hash. The same folder gives the same
bytes. docs/offline.md says why it is made like this.
"""

import base64
import gzip
import hashlib
import io
import re
import zipfile
from html import escape
from html.parser import HTMLParser
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NAME = "nightshift.html"
LOADER = ROOT / "static" / "js" / "onefile.js"
POLICY = "policy.js"
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
PIECE = 256 * 1024
"""Characters in one piece: a file is decoded while the rest of it is still being read."""
ARRIVED = "dispatchEvent(new Event('nightshift:piece'))"
STARTABLE = "dispatchEvent(new Event('nightshift:modules'))"
"""The scripts after each piece and after the last module. Their text, and so their hash, is always the same."""
IMPORT = re.compile(r"""import\((["'])(\.{1,2}/[^"']+)\1\)""")
STATIC_IMPORT = re.compile(r"""(?:^|[;}\n])\s*(?:import|export)\b[^;("'`]*?(?:\bfrom\s*)?["']\.{1,2}/""")


def source(text: str) -> str:
    """The hash of an inline script or style sheet, as a policy names it."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def inline(name: str, text: str, attributes: str = "") -> str:
    """An element of which the parser gives back exactly ``text``. Raises ValueError when no such element can be written."""
    if "\r" in text or re.search(rf"</{name}|<!--", text, re.IGNORECASE):
        raise ValueError(f"This cannot stand in a <{name}> element: {text[:80]!r} …")
    return f"<{name}{attributes}>{text}</{name}>"


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
        return gzip.decompress(data)  # everything is gzipped here once more, and unpacked before it is asked for
    return stored(data) if path.suffix == ".zip" else data


def pieces(folder: Path, path: Path) -> str:
    """The elements that hold one file. Raises ValueError for one of an unknown kind: nothing may be left out in silence."""
    if path.suffix not in TYPES:
        raise ValueError(f"{path.name}: the one file does not know what type such a file has (TYPES in tools/onefile.py).")
    text = base64.b64encode(gzip.compress(content(path), 9, mtime=0)).decode()
    parts = [text[at : at + PIECE] for at in range(0, len(text), PIECE)]
    head = f'<script type="text/plain" data-path="{escape(path.relative_to(folder).as_posix())}" data-type="{TYPES[path.suffix]}"'
    ends = [*[""] * (len(parts) - 1), " data-last"]
    return "".join(f"{head}{end}>{part}</script>{inline('script', ARRIVED)}\n" for part, end in zip(parts, ends, strict=True))


def rank(path: Path) -> tuple[int, str]:
    """The order in the file: what takes longest to get ready comes first."""
    order = [".wasm", ".mjs", ".toml", ".py", ".zip", ".gz"]
    return (order.index(path.suffix) if path.suffix in order else len(order), path.as_posix())


class Page(HTMLParser):
    """Rewrites index.html: every script and style sheet inline. Anything else stays as it was."""

    def __init__(self, folder: Path) -> None:
        super().__init__(convert_charrefs=False)
        self.folder = folder
        self.out: list[str] = []
        self.scripts = [source(ARRIVED), source(STARTABLE)]
        self.styles: list[str] = []
        self.entry = ""
        self._dropping = False

    def _text(self, address: str) -> str:
        return (self.folder / address).read_bytes().decode().strip()

    def _script(self, address: str) -> None:
        text = self._text(address)
        if address.endswith(f"/{POLICY}"):  # it runs before there is a policy, and writes it
            self.out.append(inline("script", text, " data-scripts=SCRIPTS data-styles=STYLES"))
        else:
            self.scripts.append(source(text))
            self.out.append(inline("script", text))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        address = given.get("src") or given.get("href") or ""
        if tag == "link":
            self._link((given.get("rel") or "").split(), address, given.get("type") or "")
        elif tag == "script" and given.get("type") == "module" and address:
            self.entry = address
            self._dropping = True
        elif tag == "script" and not given.get("type") and address:
            self._script(address)
            self._dropping = True
        else:
            self.out.append(self.get_starttag_text() or "")

    def _link(self, kinds: list[str], address: str, type: str) -> None:
        if "stylesheet" in kinds:
            text = self._text(address)
            self.styles.append(source(text))
            self.out.append(inline("style", text))
        elif "icon" in kinds:
            image = base64.b64encode((self.folder / address).read_bytes()).decode()
            self.out.append(f'<link rel="icon" href="data:{type};base64,{image}" type="{type}">')
        # Preloads and the manifest have no sense here.

    def handle_endtag(self, tag: str) -> None:
        if self._dropping:
            self._dropping = False
            return
        if tag == "head":
            self._loader()
        elif tag == "body":
            self._files()
        self.out.append(f"</{tag}>")

    def _loader(self) -> None:
        text = LOADER.read_text().strip()
        self.scripts.append(source(text))
        self.out.append(inline("script", text, f' data-entry="{escape(self.entry)}" data-pieces=PIECES') + "\n")

    def _files(self) -> None:
        found = sorted((path for path in self.folder.rglob("*/**/*") if path.is_file() and path.suffix not in INLINE), key=rank)
        last = max(n for n, path in enumerate(found) if path.suffix == ".mjs")
        for n, path in enumerate(found):
            self.out.append(pieces(self.folder, path))
            if n == last:
                self.out.append(inline("script", STARTABLE) + "\n")

    def handle_data(self, data: str) -> None:
        if not self._dropping:
            self.out.append(data)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.out.append(self.get_starttag_text() or "")

    def handle_entityref(self, name: str) -> None:
        self.out.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.out.append(f"&#{name};")

    def handle_comment(self, data: str) -> None:
        self.out.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self.out.append(f"<!{decl}>")

    def text(self) -> str:
        """The whole file."""
        whole = "".join(self.out)
        return (
            whole.replace(" data-pieces=PIECES", f' data-pieces="{whole.count(ARRIVED)}"', 1)
            .replace(" data-scripts=SCRIPTS", f' data-scripts="{" ".join(sorted(self.scripts))}"', 1)
            .replace(" data-styles=STYLES", f' data-styles="{" ".join(sorted(self.styles))}"', 1)
        )


def write(folder: Path) -> Path:
    """Write nightshift.html into ``folder``, which holds index.html and the build; its path."""
    page = Page(folder)
    page.feed((folder / "index.html").read_text())
    page.close()
    target = folder / NAME
    target.write_text(page.text())
    return target


def told(path: Path) -> str:
    """A sentence about the file: its size and its SHA-256."""
    data = path.read_bytes()
    return f"{path.name}: {len(data) / 1e6:.2f} MB ({len(data):,} bytes), sha256 {hashlib.sha256(data).hexdigest()}"
