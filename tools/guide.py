"""The guide's pages as the page carries them: ``nightshift_guide.zip`` beside the libraries that it fetches when it needs them.

``python -m tools.guide`` writes it into static/vendor, for pages that are served from the sources; a build has its own (tools/dist.py).
The pages are those of docs/guide and docs/reference, in the order of docs/README.md's links. The same pages give the same bytes.
"""

import re
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NAME = "nightshift_guide"
PARTS = ("guide", "reference")
_LINK = re.compile(rf"\]\(({'|'.join(PARTS)})/([\w-]+)\.md\)")


def pages(root: Path = ROOT) -> dict[str, tuple[str, str]]:
    """Part and Markdown of each page, by its name. Raises ValueError for a page that the index does not name, or that is not there."""
    named = list(dict.fromkeys(_LINK.findall((root / "docs" / "README.md").read_text())))
    there = {(part, path.stem) for part in PARTS for path in (root / "docs" / part).glob("*.md")}
    if set(named) != there:
        raise ValueError(f"docs/README.md and the pages differ: {sorted(set(named) ^ there)}")
    return {name: (part, (root / "docs" / part / f"{name}.md").read_text()) for part, name in named}


def sources(root: Path = ROOT) -> list[Path]:
    """Every file that the archive is made of."""
    return [root / "docs" / "README.md", *(path for part in PARTS for path in sorted((root / "docs" / part).glob("*.md")))]


def write(folder: Path) -> Path:
    """Write the archive into ``folder``; its path."""
    target = folder / f"{NAME}.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as out:
        out.writestr(zipfile.ZipInfo(f"{NAME}.py"), f"PAGES = {pages()!r}\n", zipfile.ZIP_DEFLATED)
    return target


if __name__ == "__main__":
    write(ROOT / "static" / "vendor")
    sys.exit(0)
