"""What the Http cases ask for, in the page. Addresses lie where test_http.py put them."""

import js

from app.adapters.http import BrowserHttp


def http() -> BrowserHttp:
    """The page's."""
    return BrowserHttp()


def far() -> str:
    """Origin of tests/browser/far.py."""
    return str(js.localStorage.getItem("test:far"))


def other() -> str:
    """Origin of a second such host, which the page may call as well."""
    return str(js.localStorage.getItem("test:other"))


def nobody() -> str:
    """An allowed origin where nobody listens."""
    return str(js.localStorage.getItem("test:nobody"))


def unlisted() -> str:
    """An origin that the policy does not list."""
    return "http://unlisted.invalid"


def abroad() -> str:
    """An allowed origin that is not this machine."""
    return "https://api.openai.com"
