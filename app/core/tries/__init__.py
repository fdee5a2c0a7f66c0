"""Tries: their cost, their effect on the estimate, and their failures in words."""
