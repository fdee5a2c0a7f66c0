"""An empty page on the site's origin, under the site's policy, for tests of the scripts alone."""

from playwright.sync_api import BrowserContext, Page

BLANK = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>blank</title><script src="static/js/policy.js"></script>
<link rel="icon" href="data:,"></head><body><div id="app"></div></body></html>"""


def open_blank(context: BrowserContext, site: str) -> Page:
    """A new tab with the empty page. Playwright answers it; the server knows nothing of it."""
    page = context.new_page()
    page.route(f"{site}/blank.html", lambda route: route.fulfill(body=BLANK, content_type="text/html"))
    page.goto("blank.html")
    return page
