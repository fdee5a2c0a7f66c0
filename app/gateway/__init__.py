"""The local server (CPython only): static files and the practice provider over HTTP."""
