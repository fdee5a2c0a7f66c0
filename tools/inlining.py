"""The page's own small scripts and its style sheet, written into the page itself, each named in the policy by its hash.

A page for which a browser has to ask for six more files is painted later: after 200 ms in place of 100 on a quiet machine. Nor does the
document ask for the large modules: their compiling would come before the first picture. static/js/watch.js brings the entry in when the
shell is painted; ``<html data-entry>`` says which it is.
"""

import base64
import hashlib
import re
from html import escape
from html.parser import HTMLParser
from pathlib import Path

POLICY = "policy.js"
SCRIPTS, STYLES = " data-scripts=SCRIPTS", " data-styles=STYLES"
"""Where the hashes will stand, as attributes of the script that writes the policy."""


def source(text: str) -> str:
    """The hash of an inline script or style sheet, as a policy names it."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def inline(name: str, text: str, attributes: str = "") -> str:
    """An element of which the parser returns exactly ``text``. Raises ValueError when no such element can be written."""
    if "\r" in text or re.search(rf"</{name}|<!--", text, re.IGNORECASE):
        raise ValueError(f"This cannot stand in a <{name}> element: {text[:80]!r} …")
    return f"<{name}{attributes}>{text}</{name}>"


class Rewriter(HTMLParser):
    """Gives a page back as it was, but for what a subclass changes. ``scripts`` and ``styles`` gather the hashes for the policy."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.out: list[str] = []
        self.scripts: set[str] = set()
        self.styles: set[str] = set()
        self.dropping = False
        """Whether the element that is open is left out, with its end."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.out.append(self.get_starttag_text() or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.out.append(self.get_starttag_text() or "")

    def handle_endtag(self, tag: str) -> None:
        if not self.dropping:
            self.out.append(f"</{tag}>")
        self.dropping = False

    def handle_data(self, data: str) -> None:
        if not self.dropping:
            self.out.append(data)

    def handle_entityref(self, name: str) -> None:
        self.out.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.out.append(f"&#{name};")

    def handle_comment(self, data: str) -> None:
        self.out.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self.out.append(f"<!{decl}>")

    def text(self) -> str:
        """The whole page, with the hashes in their places."""
        whole = "".join(self.out)
        for place, hashes in ((SCRIPTS, self.scripts), (STYLES, self.styles)):
            whole = whole.replace(place, f'{place.partition("=")[0]}="{" ".join(sorted(hashes))}"', 1)
        return whole


class _Inliner(Rewriter):
    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self.entry = ""

    def _text(self, address: str) -> str:
        return (self.folder / address).read_bytes().decode().strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "link" and given.get("rel") == "stylesheet":
            text = self._text(given["href"])
            self.styles.add(source(text))
            self.out.append(inline("style", text))
        elif tag == "link" and given.get("rel") == "modulepreload":
            pass
        elif tag == "script" and given.get("src") and given.get("type") in (None, "module"):
            self.dropping = True
            self._script(given["src"], module="type" in given)
        else:
            super().handle_starttag(tag, attrs)

    def _script(self, address: str, *, module: bool) -> None:
        if module:
            self.entry = address
        elif address.endswith(f"/{POLICY}"):  # it runs before there is a policy, and writes it
            self.out.append(inline("script", self._text(address), f"{SCRIPTS}{STYLES}"))
        else:
            text = self._text(address)
            self.scripts.add(source(text))
            self.out.append(inline("script", text))


def inlined(folder: Path, html: str) -> str:
    """``html`` with its scripts and style sheets inline; addresses are relative to ``folder``. Only the entry module is left, and named.
    Raises ValueError where it has no entry module."""
    page = _Inliner(folder)
    page.feed(html)
    page.close()
    if not page.entry:
        raise ValueError("The page has no <script type=module src=…>.")
    return page.text().replace("<html", f'<html data-entry="{escape(page.entry)}"', 1)
