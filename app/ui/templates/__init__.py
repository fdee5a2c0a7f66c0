"""The prompt of a table."""
