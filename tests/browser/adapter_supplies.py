"""What the adapters' cases ask for, in the page."""

from typing import Any

import js
from pyodide.ffi import to_js

from app.adapters.blobs import BrowserBlob
from app.adapters.http import BrowserHttp
from app.adapters.page import BrowserPage


def page() -> BrowserPage:
    """The page."""
    root()
    return BrowserPage()


def root() -> Any:
    """The element that is drawn in."""
    found = js.document.querySelector("#app")
    if not found:
        found = js.document.createElement("main")
        found.id = "app"
        js.document.body.append(found)
    return found


def blob() -> BrowserBlob:
    """A blob that Python has never seen."""
    return BrowserBlob(js.Blob.new(to_js(["from ", "browser"])))


def http() -> BrowserHttp:
    """The page's."""
    return BrowserHttp()


def upload_address() -> str:
    """Somewhere on the site."""
    return f"{js.location.origin}/nothing"
