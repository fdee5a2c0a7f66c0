"""The practice provider over HTTP."""
