"""The guide is read beside the page."""
