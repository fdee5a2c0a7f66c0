"""The calls of the official SDK under /v1."""
