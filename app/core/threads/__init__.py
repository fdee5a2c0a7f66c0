"""Threads: edits as pure functions, and what a person pastes."""
