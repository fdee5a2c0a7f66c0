"""Trying rows of a table at once."""
