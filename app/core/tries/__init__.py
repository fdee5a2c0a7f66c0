"""Tries: what they cost, what they mean for the estimate, and what can go wrong with one, in words."""
