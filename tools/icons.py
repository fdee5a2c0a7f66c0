"""Draw the PNG icons from static/icons/nightshift.svg with Chromium: ``python -m tools.icons``, needed only when the drawing changes.

The files are kept in the repository: another version of Chromium may draw other bytes.
"""

import sys
from pathlib import Path

from tools import browser

ICONS = Path(__file__).resolve().parents[1] / "static" / "icons"
FLAGS = ["--no-sandbox", "--disable-gpu"]
DRAWN = {"nightshift-192.png": (192, 1.0), "nightshift-512.png": (512, 1.0), "nightshift-maskable.png": (512, 0.7)}
"""File -> edge in pixels, and which part of it the drawing fills.

A maskable icon may be cut to a circle of 80 % (W3C manifest, «maskable»)."""
PAGE = """<!doctype html><style>html,body{{margin:0;background:{ground}}}img{{position:absolute;inset:0;margin:auto}}</style>
<img width="{size}" height="{size}" src="{source}" alt="">"""


def main() -> int:
    """Write every file of ``DRAWN``."""
    from playwright.sync_api import sync_playwright

    source = (ICONS / "nightshift.svg").as_uri()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser.find(), args=FLAGS)
        for name, (edge, share) in DRAWN.items():
            page = chromium.new_page(viewport={"width": edge, "height": edge})
            html = PAGE.format(ground="#141a29" if share < 1 else "transparent", size=round(edge * share), source=source)
            part = ICONS / "part.html"
            part.write_text(html)
            page.goto(part.as_uri())
            page.locator("img").evaluate("(image) => image.decode()")
            page.screenshot(path=ICONS / name, omit_background=True)
            part.unlink()
        chromium.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
