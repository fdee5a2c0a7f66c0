"""Bodies and lines of requests: built, checked, read back, counted, and converted from other services' files."""
