"""Answers as people read, judge, compare and download them."""
