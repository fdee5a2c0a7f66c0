"""Providers, keys, limits and how the page looks."""
