"""Providers: their profiles, keys, models and limits."""
