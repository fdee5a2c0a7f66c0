"""Stored records that cannot be read."""
