"""The log and desktop notices."""
