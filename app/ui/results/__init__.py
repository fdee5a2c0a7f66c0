"""Answers beside their requests, and those that were not found."""
