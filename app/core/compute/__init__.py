"""The messages between the page and its compute workers."""
