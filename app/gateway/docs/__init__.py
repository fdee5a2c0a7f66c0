"""The OpenAPI document, its page, and /health."""
