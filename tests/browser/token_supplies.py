"""What token_cases asks for, in the page."""

from app.adapters.tokens import BrowserTokenizers


def tokenizers() -> BrowserTokenizers:
    """The page's."""
    return BrowserTokenizers()
