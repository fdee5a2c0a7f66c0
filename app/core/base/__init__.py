"""Helpers without knowledge of any capability: ids, patterns, numbers and times as text, findings, waits."""
