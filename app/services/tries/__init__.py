"""Tries: rows of a table that are answered at once."""
